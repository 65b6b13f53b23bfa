"""What must hold before anything is published: checks generated from the declarations, and any others given as SQL."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.schema import TABLES, Reference, Table


@dataclass(frozen=True)
class CheckSettings:
    """How much a finding shows, and what the checks may use."""

    # Enough to see the pattern of a fault, few enough to read in a log line.
    sample_rows: int = 5


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


def check(
    connection: duckdb.DuckDBPyConnection,
    declared: Mapping[str, Table] = TABLES,
    before_each: Callable[[], None] = lambda: None,
) -> list[Finding]:
    """Return one finding per contract of every snapshot table, in declared order; all are blocking.

    `connection` shows, for each table, `added_<table>` (the rows about to come), `removed_<table>` (those about to go; not for
    facts) and `previous_<table>` (the rows that stand); what stood was checked when it came, so each contract is asked of what
    changes, against all that will stand. Contracts: `conforms` (columns as declared), `not_null`, `key_unique` (a NULL in a key
    equals a NULL), `references <column>` (every non-NULL value, or list element, stands in the target; of rows that come, and
    of rows that stay where what they name goes). A table that does not conform is not checked further, nor are references into
    it. References into log tables, which lie outside the snapshot, are not checked. `before_each` is called before each contract: it looks at other rows than the one before.
    """
    tables = [table for table in declared.values() if table.kind != "log"]
    there = {name for (name,) in connection.execute("SELECT name FROM (SHOW TABLES)").fetchall()}
    findings = [_conforms(connection, table, there) for table in tables]
    sound = {finding.table for finding in findings if finding.passed}
    moved = _not_empty(connection, [table for table in tables if table.name in sound])
    for table in tables:
        if table.name in sound:
            before_each()
            comes = f"added_{table.name}" in moved
            findings.append(_not_null(connection, table) if comes else _none_broken("not_null", table))
            before_each()
            findings.append(_key_unique(connection, table) if comes else _none_broken("key_unique", table))
            for each in table.references:
                if each.table in sound:
                    before_each()
                    findings.append(_resolves(connection, table, each, declared[each.table], moved))
    return findings


def _not_empty(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> Set[str]:
    """Return the relations of rows that come and of rows that go which hold any: where nothing moves, nothing breaks."""
    names = [f"added_{table.name}" for table in tables]
    names += [f"removed_{table.name}" for table in tables if table.kind == "derived"]
    asked = " UNION ALL ".join(f"(SELECT {_text(name)} FROM {name} LIMIT 1)" for name in names)
    return {name for (name,) in connection.execute(asked).fetchall()} if names else set()


def _none_broken(metric: str, table: Table) -> Finding:
    return _finding("contract", metric, table.name, 0, ())


def check_sql(
    connection: duckdb.DuckDBPyConnection, queries: Mapping[str, str], suite: str = "news", blocking: bool = True
) -> list[Finding]:
    """Return one finding per query: it passes where the query returns no row; what it returns are the rows that offend.

    A query that cannot run raises duckdb.Error: a broken check is no pass.
    """
    return [_finding(suite, metric, None, *_offending(connection, sql), blocking) for metric, sql in queries.items()]


def failures(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that block a publish."""
    return [finding for finding in findings if finding.blocking and not finding.passed]


def _conforms(connection: duckdb.DuckDBPyConnection, table: Table, there: Set[str]) -> Finding:
    if f"added_{table.name}" not in there:
        return _finding("contract", "conforms", table.name, 1, ({"fault": "the table is missing"},))
    schema = connection.sql(f"FROM added_{table.name} LIMIT 0").to_arrow_table().schema
    faults = tuple(_schema_faults(schema, table))
    return _finding("contract", "conforms", table.name, len(faults), faults)


def _schema_faults(schema: pa.Schema, table: Table) -> Iterator[Row]:
    types = dict(zip(schema.names, schema.types, strict=True))
    for column in table.columns:
        if column.name not in types:
            yield {"column": column.name, "fault": "missing"}
        elif not _alike(types[column.name], column.type):
            yield {"column": column.name, "fault": f"is {types[column.name]}, declared {column.type}"}
    for name in types.keys() - {column.name for column in table.columns}:
        yield {"column": name, "fault": "not declared"}


def _alike(found: pa.DataType, declared: pa.DataType) -> bool:
    # How wide a number is, the writer settles, and refuses one that does not fit.
    number = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return found.equals(declared) or (any(is_(found) for is_ in number) and any(is_(declared) for is_ in number))


def _not_null(connection: duckdb.DuckDBPyConnection, table: Table) -> Finding:
    needed = [column.name for column in table.columns if not column.nullable]
    counts = ", ".join(f"count(*) - count({_name(name)})" for name in needed)
    nulls = connection.execute(f"SELECT {counts} FROM added_{table.name}").fetchall()[0]
    rows = tuple({"column": name, "nulls": count} for name, count in zip(needed, nulls, strict=True) if count)
    return _finding("contract", "not_null", table.name, sum(nulls), rows)


def _key_unique(connection: duckdb.DuckDBPyConnection, table: Table) -> Finding:
    key = ", ".join(_name(column) for column in table.key)
    came = f"SELECT {key} FROM added_{table.name}"
    if _all_differ(connection, came, key) and _comes_with_its_key(table):
        return _finding("contract", "key_unique", table.name, 0, ())
    staying = f"SELECT {key} FROM {_staying(table, table.key, _span(connection, table))} AS kept"
    met = f"{staying} WHERE EXISTS (FROM added_{table.name} AS came WHERE {_same(table, 'kept', 'came')})"
    if _all_differ(connection, came, key) and not connection.execute(f"SELECT 1 FROM ({met}) LIMIT 1").fetchall():
        return _finding("contract", "key_unique", table.name, 0, ())
    sql = (
        f"SELECT {key}, count(*) AS n_rows FROM ({came} UNION ALL {met}) "
        f"GROUP BY {key} HAVING count(*) > 1 ORDER BY {key}"
    )
    return _finding("contract", "key_unique", table.name, *_offending(connection, sql))


def _all_differ(connection: duckdb.DuckDBPyConnection, query: str, key: str) -> bool:
    """Return whether no two keys are equal, by their hashes: true is certain, false asks for a closer and dearer look."""
    return bool(connection.execute(f"SELECT count(*) = count(DISTINCT hash({key})) FROM ({query})").fetchall()[0][0])


def _comes_with_its_key(table: Table) -> bool:
    """Return whether the key names a row that comes in the same run, so that it can meet no older one."""
    return any(reference.comes_along and reference.column in table.key for reference in table.references)


def _span(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Return the condition on rows that stand which a row that comes can meet, by the days of its partition, where these are part of the key."""
    if table.partition not in table.key:
        return "true"
    day = _name(table.partition)
    low, high, undated = connection.execute(
        f"SELECT min({day})::DATE, max({day})::DATE, count(*) - count({day}) FROM added_{table.name}"
    ).fetchall()[0]
    between = f"{day} BETWEEN DATE '{low}' AND DATE '{high}'" if low else "false"
    return f"({between} OR {day} IS NULL)" if undated else between


def _resolves(
    connection: duckdb.DuckDBPyConnection, table: Table, reference: Reference, target: Table, moved: Set[str]
) -> Finding:
    column, named = _name(reference.column), _name(reference.target)
    came = _values(table, reference, f"added_{table.name}")
    there = f"SELECT {named} FROM added_{target.name}"
    if not reference.comes_along:
        there += f" UNION ALL SELECT {named} FROM {_staying(target, (reference.target,))}"
    wanted = f"SELECT DISTINCT {column} AS {named} FROM ({came}) WHERE {column} IS NOT NULL"
    # Which values lead nowhere is asked before which rows have them: mostly there are none, and rows are many.
    astray = []
    if f"added_{table.name}" in moved:
        astray.append((came, f"FROM ({wanted}) AS wanted ANTI JOIN ({there}) AS target USING ({named})"))
    if table.kind == "derived" and f"removed_{target.name}" in moved:
        needed = [reference.column, *filter(None, [reference.while_null])]
        stay = _values(table, reference, _staying(table, (*table.key, *needed)))
        astray.append(
            (stay, f"SELECT {named} FROM removed_{target.name} EXCEPT SELECT {named} FROM added_{target.name}")
        )
    queries = [
        f"FROM ({rows}) AS referring SEMI JOIN ({lost}) AS lost ON referring.{column} = lost.{named}"
        for rows, lost in astray
        if connection.execute(f"SELECT 1 FROM ({lost}) LIMIT 1").fetchall()
    ]
    offending = _offending(connection, " UNION ALL ".join(queries) + " ORDER BY ALL") if queries else (0, ())
    return _finding("contract", f"references {reference.column}", table.name, *offending)


def _values(table: Table, reference: Reference, relation: str) -> str:
    """Return a query for a table's keys with each value that refers, out of its list where it is one."""
    declared = next(column for column in table.columns if column.name == reference.column)
    value = f"unnest({_name(reference.column)})" if pa.types.is_list(declared.type) else _name(reference.column)
    others = [_name(name) for name in table.key if name != reference.column]
    where = f" WHERE {_name(reference.while_null)} IS NULL" if reference.while_null else ""
    return f"SELECT {', '.join([*others, f'{value} AS {_name(reference.column)}'])} FROM {relation}{where}"


def _staying(table: Table, columns: Sequence[str], where: str = "true") -> str:
    """Return a relation of these columns of the rows that stand and stay, those of them that fulfil a condition."""
    wanted = ", ".join(_name(name) for name in dict.fromkeys([*columns, *table.key]))
    stood = f"(SELECT {wanted} FROM previous_{table.name} WHERE {where})"
    if table.kind == "fact":
        return stood
    return f"(FROM {stood} AS stood WHERE NOT EXISTS (FROM removed_{table.name} AS went WHERE {_same(table, 'stood', 'went')}))"


def _same(table: Table, left: str, right: str) -> str:
    return " AND ".join(f"{left}.{_name(name)} IS NOT DISTINCT FROM {right}.{_name(name)}" for name in table.key)


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


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
