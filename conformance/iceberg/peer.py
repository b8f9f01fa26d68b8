"""pyiceberg behind a pipe: one JSON command per line in, one JSON answer per line out. Every command loads the table anew."""

import json
import sys
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
from pyiceberg.catalog import load_catalog


def plain(value):
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def rows(table, command):
    ref = command.get("tag")
    scan = table.scan(row_filter=command.get("filter", "true"))
    if ref:
        scan = scan.use_ref(ref)
    return [plain(row) for row in scan.to_arrow().to_pylist()]


def append(table, command):
    # The arrow schema comes from the table, so that structs and instants are what the table says.
    schema = table.schema().as_arrow()
    parsed = [{**row, **{key: datetime.fromisoformat(row[key]) for key in command.get("instants", [])}} for row in command["rows"]]
    table.append(pa.Table.from_pylist(parsed, schema=schema))


def delete(table, command):
    table.delete(command["filter"])


def fields(table, _command):
    return {name: table.schema().find_field(name).field_id for name in _command["names"]}


def add_column(table, command):
    from pyiceberg.types import StringType

    with table.update_schema() as update:
        update.add_column(tuple(command["path"]), StringType())


def main():
    catalog = load_catalog("floe", type="sql", uri=f"sqlite:///{sys.argv[1]}")
    commands = {"rows": rows, "append": append, "delete": delete, "fields": fields, "add_column": add_column}
    for line in sys.stdin:
        command = json.loads(line)
        try:
            if command["do"] == "tables":
                answer = {"ok": [".".join(each) for each in catalog.list_tables(command["namespace"])]}
            else:
                table = catalog.load_table(command["table"])
                answer = {"ok": commands[command["do"]](table, command)}
        except Exception as error:  # noqa: BLE001: the test shows it
            answer = {"error": f"{type(error).__name__}: {error}"}
        print("answer " + json.dumps(answer), flush=True)


main()
