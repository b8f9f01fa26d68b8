"""Spark SQL behind a pipe: one JSON command {"sql": …} per line in, one line beginning with `answer ` out."""

import json
import sys
from datetime import date, datetime
from decimal import Decimal

from pyspark.sql import SparkSession

settings = {
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
}
builder = SparkSession.builder.master("local[1]")
for key, value in settings.items():
    builder = builder.config(key, value)
session = builder.getOrCreate()
session.sparkContext.setLogLevel("OFF")


def plain(value):
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


for line in sys.stdin:
    try:
        rows = session.sql(json.loads(line)["sql"]).collect()
        answer = {"ok": [plain(row.asDict(recursive=True)) for row in rows]}
    except Exception as error:  # noqa: BLE001: the test shows it
        answer = {"error": f"{type(error).__name__}: {str(error)[:2000]}"}
    print("answer " + json.dumps(answer), flush=True)
