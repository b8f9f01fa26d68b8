"""Opens a floe lake with pyiceberg and counts patients by gender. Usage: open_lake.py LAKE"""

import sys
from pathlib import Path

from pyiceberg.catalog.sql import SqlCatalog

lake = Path(sys.argv[1]).resolve()
catalog = SqlCatalog("floe", uri=f"sqlite:///{lake}/catalog.db", warehouse=f"file://{lake}/warehouse")

patients = catalog.load_table("gold.patient").scan(selected_fields=("id", "gender"))
print(patients.to_pandas().groupby("gender").size())

conditions = catalog.load_table("gold.condition").scan().to_duckdb("condition")
print(conditions.sql("select code_display, count(*) as n from condition group by all order by n desc limit 10"))
