"""What must hold before anything is published: checks generated from the declarations, and any others given as SQL."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.schema import TABLES, Reference, Table


@dataclass(frozen=True)
class CheckSettings:
    """How much a finding shows, and what the checks may use."""

    # Enough to see the pattern of a fault, few enough to read in a log line.
    sample_rows: int = 5
    # A quarter of the 4 GiB a night may use; what does not fit goes to the temporary folder.
    memory_limit: str = "1GB"


SETTINGS = CheckSettings()

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: `value` counts the rows that offend, `threshold` is how many may; `rows` samples them."""

    suite: str
    metric: str
    table: str | None
    value: float
    threshold: float
    passed: bool
    blocking: bool
    rows: tuple[Row, ...]
    sentence: str


def check(tables: Mapping[str, pa.Table], declared: Mapping[str, Table] = TABLES) -> list[Finding]:
    """Return one finding per contract of every snapshot table, in declared order; all are blocking.

    Contracts: `conforms` (present, columns and types as declared), `not_null`, `key_unique` (a NULL in a key equals a NULL),
    `references <column>` (every non-NULL value, or list element, stands in the target). A table that does not conform is not
    checked further, nor are references into it; references into log tables, which lie outside the snapshot, are not checked.
    """
    kept = {name: table for name, table in declared.items() if table.kind != "log"}
    findings = [_conforms(tables.get(name), table) for name, table in kept.items()]
    sound = {finding.table for finding in findings if finding.passed}
    with _connected() as connection:
        for name in sorted(name for name in sound if name is not None):
            connection.register(name, tables[name])
        for name, table in kept.items():
            if name in sound:
                findings.extend(_not_null(tables[name], table))
                findings.append(_key_unique(connection, table))
                findings.extend(_resolves(connection, table, ref) for ref in table.references if ref.table in sound)
    return findings


def check_sql(
    tables: Mapping[str, pa.Table], queries: Mapping[str, str], suite: str = "news", blocking: bool = True
) -> list[Finding]:
    """Return one finding per query: it passes where the query returns no row; what it returns are the rows that offend.

    `tables` are visible to the queries under their names. A query that cannot run raises duckdb.Error: a broken check is no pass.
    """
    with _connected() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return [
            _finding(suite, metric, None, *_offending(connection, sql), blocking) for metric, sql in queries.items()
        ]


def failures(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that block a publish."""
    return [finding for finding in findings if finding.blocking and not finding.passed]


def _connected() -> duckdb.DuckDBPyConnection:
    spill = Path(tempfile.gettempdir()) / f"newsfold-spill-{os.getpid()}"
    connection = duckdb.connect(config={"memory_limit": SETTINGS.memory_limit, "temp_directory": str(spill)})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _conforms(found: pa.Table | None, table: Table) -> Finding:
    faults: list[Row] = []
    if found is None:
        faults.append({"fault": "the table is missing"})
    else:
        faults.extend(_schema_faults(found.schema, table))
    return _finding("contract", "conforms", table.name, len(faults), tuple(faults))


def _schema_faults(schema: pa.Schema, table: Table) -> Iterator[Row]:
    types = dict(zip(schema.names, schema.types, strict=True))
    for column in table.columns:
        if column.name not in types:
            yield {"column": column.name, "fault": "missing"}
        elif types[column.name] != column.type:
            yield {"column": column.name, "fault": f"is {types[column.name]}, declared {column.type}"}
    for name in types.keys() - {column.name for column in table.columns}:
        yield {"column": name, "fault": "not declared"}


def _not_null(found: pa.Table, table: Table) -> Iterator[Finding]:
    nulls = {column.name: found.column(column.name).null_count for column in table.columns if not column.nullable}
    rows = tuple({"column": name, "nulls": count} for name, count in nulls.items() if count)
    yield _finding("contract", "not_null", table.name, sum(nulls.values()), rows)


def _key_unique(connection: duckdb.DuckDBPyConnection, table: Table) -> Finding:
    key = ", ".join(_name(column) for column in table.key)
    sql = f"SELECT {key}, count(*) AS n_rows FROM {_name(table.name)} GROUP BY {key} HAVING count(*) > 1 ORDER BY {key}"
    return _finding("contract", "key_unique", table.name, *_offending(connection, sql))


def _resolves(connection: duckdb.DuckDBPyConnection, table: Table, reference: Reference) -> Finding:
    declared = next(column for column in table.columns if column.name == reference.column)
    column, target = _name(reference.column), _name(reference.target)
    value = f"unnest({column})" if pa.types.is_list(declared.type) else column
    others = [_name(name) for name in table.key if name != reference.column]
    shown = ", ".join([*others, f"{value} AS {column}"])
    sql = (
        f"SELECT * FROM (SELECT {shown} FROM {_name(table.name)}) AS referring "
        f"WHERE {column} IS NOT NULL AND NOT EXISTS "
        f"(SELECT 1 FROM {_name(reference.table)} AS target WHERE target.{target} = referring.{column}) ORDER BY ALL"
    )
    return _finding("contract", f"references {reference.column}", table.name, *_offending(connection, sql))


def _offending(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, tuple[Row, ...]]:
    connection.execute(f"CREATE OR REPLACE TEMP VIEW offending_rows AS {sql}")
    counted = connection.execute("SELECT count(*) FROM offending_rows").fetchall()[0][0]
    if not counted:
        return 0, ()
    sample = connection.execute(f"FROM offending_rows LIMIT {SETTINGS.sample_rows}")
    names = [column[0] for column in sample.description or []]
    return int(counted), tuple(dict(zip(names, row, strict=True)) for row in sample.fetchall())


def _finding(
    suite: str, metric: str, table: str | None, value: int, rows: tuple[Row, ...], blocking: bool = True
) -> Finding:
    passed = value == 0
    where = f"{table}: {metric}" if table else metric
    shown = "; ".join(", ".join(f"{name}={item}" for name, item in row.items()) for row in rows)
    sentence = "" if passed else f"{where} is broken by {value} {'row' if value == 1 else 'rows'}, such as {shown}."
    return Finding(suite, metric, table, float(value), 0.0, passed, blocking, rows, sentence)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
