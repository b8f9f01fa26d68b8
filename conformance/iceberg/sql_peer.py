"""An SQL engine on the lake behind a pipe: `sql_peer.py spark LAKE` or `sql_peer.py duckdb LAKE [PORT]`, which writes through the REST
catalog on that port. Commands: {"sql": …}."""

import glob
import json
import os
import sqlite3
import sys
from datetime import date, datetime
from decimal import Decimal

engine, lake = sys.argv[1:3]
packages = ["org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.12.0", "org.xerial:sqlite-jdbc:3.54.1.0"]


def open_spark():
    from pyspark.sql import SparkSession

    catalog = "spark.sql.catalog.floe"
    settings = {
        "spark.driver.memory": "2g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        catalog: "org.apache.iceberg.spark.SparkCatalog",
        f"{catalog}.type": "jdbc",
        f"{catalog}.uri": f"jdbc:sqlite:{lake}/catalog.db",
        f"{catalog}.warehouse": f"file://{lake}/warehouse",
        f"{catalog}.cache-enabled": "false",
        f"{catalog}.jdbc.busy_timeout": "60000",
    }
    jars = os.environ.get("FLOE_SPARK_JARS")
    settings |= {"spark.jars": jars} if jars else {"spark.jars.packages": ",".join(packages)}
    builder = SparkSession.builder.master("local[2]")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return lambda sql: [row.asDict(recursive=True) for row in session.sql(sql).collect()]


def open_duckdb():
    import duckdb

    connection = duckdb.connect()
    home = os.path.dirname(os.path.dirname(duckdb.__file__))
    for name in ["avro", "httpfs", "iceberg"]:
        [file] = glob.glob(f"{home}/duckdb_extension_{name}/extensions/v*/{name}.duckdb_extension")
        connection.execute(f"load '{file}'")
    if len(sys.argv) > 3:
        connection.execute(f"attach '' as floe (type iceberg, endpoint 'http://127.0.0.1:{sys.argv[3]}', authorization_type 'none')")

    def run(sql):
        # A table is written {silver.t}: this engine takes the path of the metadata.
        for namespace, name, location in pointers():
            sql = sql.replace(f"{{{namespace}.{name}}}", f"iceberg_scan('{location}')")
        result = connection.execute(sql)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]

    return run


def pointers():
    with sqlite3.connect(f"{lake}/catalog.db") as catalog:
        return catalog.execute("select table_namespace, table_name, metadata_location from iceberg_tables").fetchall()


def plain(value):
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


run = open_spark() if engine == "spark" else open_duckdb()
for line in sys.stdin:
    try:
        answer = {"ok": [plain(row) for row in run(json.loads(line)["sql"])]}
    except Exception as error:  # noqa: BLE001: the test shows it
        answer = {"error": f"{type(error).__name__}: {str(error)[:1000]}"}
    print("answer " + json.dumps(answer), flush=True)
