"""Computes expressions of Flink SQL, most of them in a few jobs, and writes what each of them is on windrow's wire.

    $WINDROW_FLINK_PYTHON tests/flink/functions.py JAR JOB IN OUT

JAR has the classes of a bundle, and JOB, its job.json, the names of functions in it. IN is a JSON list of expressions; OUT becomes a JSON list of [row, error]: a row as it is on the wire, or what Flink
said when it was to plan or to compute it.
"""

import json
import pathlib
import sys

from pyflink.common import Configuration
from pyflink.table import EnvironmentSettings, TableEnvironment

STEP = 40

jar, job, given, out = map(pathlib.Path, sys.argv[1:])
config = Configuration()
# As the bundles' driver sets it.
for key, value in {"table.local-time-zone": "UTC", "parallelism.default": "1", "pipeline.jars": jar.resolve().as_uri(), "rest.port": "0"}.items():
    config.set_string(key, value)
table = TableEnvironment.create(EnvironmentSettings.new_instance().in_batch_mode().with_configuration(config).build())
for function in json.loads(job.read_text(encoding="utf-8"))["functions"]:
    table.execute_sql(f"CREATE TEMPORARY SYSTEM FUNCTION `{function['name']}` AS '{function['class']}' LANGUAGE JAVA")

results = []
columns = []
for position, sql in enumerate(json.loads(given.read_text(encoding="utf-8"))):
    column = f"`wr_line`('v', {sql})"
    results.append([None, None])
    try:
        table.sql_query(f"SELECT {column} AS c FROM (VALUES (1)) AS t(v)")
        columns.append((position, column))
    except Exception as error:  # noqa: BLE001 whatever Flink says is the answer
        reason = [line for line in str(error).splitlines() if "Exception: " in line][-1:]
        results[position] = [None, (reason or [str(error)])[0][:300]]


def compute(part):
    """One job for all; where it fails, each half on its own, down to the one that fails."""
    select = ", ".join(f"{column} AS c{position}" for position, column in part)
    try:
        with table.execute_sql(f"SELECT {select} FROM (VALUES (1)) AS t(v)").collect() as rows:
            (row,) = list(rows)
    except Exception as error:  # noqa: BLE001 whatever Flink says is the answer
        if len(part) == 1:
            reasons = [line for line in str(error).splitlines() if line.startswith("Caused by: ")]
            results[part[0][0]] = [None, (reasons or [str(error)])[-1][:300]]
            return
        compute(part[: len(part) // 2])
        compute(part[len(part) // 2 :])
        return
    for (position, _), value in zip(part, row):
        results[position] = [value, None]


for start in range(0, len(columns), STEP):
    compute(columns[start : start + STEP])
out.write_text(json.dumps(results), encoding="utf-8")
