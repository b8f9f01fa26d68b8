"""An Iceberg REST catalog over the SQLite catalog of a lake, as far as DuckDB's extension asks for one. First answer: its port. Ends with its input."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import unquote, urlsplit

from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError
from pyiceberg.table import CommitTableRequest

catalog = load_catalog("floe", type="sql", uri=f"sqlite:///{sys.argv[1]}")


def loaded(name):
    table = catalog.load_table(name)
    with open(table.metadata_location.removeprefix("file://")) as file:
        return {"metadata-location": table.metadata_location, "metadata": json.load(file), "config": {}}


def commit(name, body):
    request = CommitTableRequest.model_validate({**body, "identifier": {"namespace": list(name[:-1]), "name": name[-1]}})
    catalog.commit_table(catalog.load_table(name), tuple(request.requirements), tuple(request.updates))


class Handler(BaseHTTPRequestHandler):
    def answer(self, status, body=None):
        payload = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def do_GET(self):
        self.respond()

    do_HEAD = do_POST = do_GET

    def respond(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")][1:]
        try:
            self.answer(*self.route(path, json.loads(body) if body else {}))
        except NoSuchTableError as error:
            self.answer(404, {"error": {"message": str(error), "type": "NoSuchTableException", "code": 404}})
        except CommitFailedException as error:
            self.answer(409, {"error": {"message": str(error), "type": "CommitFailedException", "code": 409}})

    def route(self, path, body):
        match path:
            case ["config"]:
                return 200, {"defaults": {}, "overrides": {}}
            case ["namespaces"]:
                return 200, {"namespaces": [list(each) for each in catalog.list_namespaces()]}
            case ["namespaces", namespace]:
                return 200, {"namespace": [namespace], "properties": {}}
            case ["namespaces", namespace, "tables"]:
                tables = [{"namespace": list(each[:-1]), "name": each[-1]} for each in catalog.list_tables(namespace)]
                return 200, {"identifiers": tables}
            case ["namespaces", namespace, "tables", name]:
                if self.command == "POST":
                    commit((namespace, name), body)
                return 200, loaded((namespace, name))
            case ["transactions", "commit"]:
                for change in body["table-changes"]:
                    commit((*change["identifier"]["namespace"], change["identifier"]["name"]), change)
                return 204, None
            case _:
                return 404, {"error": {"message": "unknown", "type": "NotFound", "code": 404}}

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
for _ in sys.stdin:
    print("answer " + json.dumps({"ok": server.server_port}), flush=True)
