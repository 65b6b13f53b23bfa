"""Macros and views of a catalog, made to hold wherever it is attached.

DuckDB resolves the tables of a view in the view's own database, and those of a macro wherever it is called from: a macro of an
attached catalog finds no table, or another catalog's. So a macro carries the definitions of the views it reads.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import duckdb

_HEAD = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*CREATE\s+(?:OR\s+REPLACE\s+)?MACRO\s+(\w+)\s*\(([^)]*)\)\s*AS\s+(TABLE\s)?", re.IGNORECASE
)
_COMMENT = re.compile(r"\s*(?:--[^\n]*\n\s*)*COMMENT\s", re.IGNORECASE)
_STRING = re.compile(r"'(?:[^']|'')*'")


def create(connection: duckdb.DuckDBPyConnection, statements: Iterable[str]) -> None:
    """Run statements in the current database; each CREATE MACRO among them is bound to the views that stand there in the end, and then described.

    Raises duckdb.Error, with the statement as a note, for what DuckDB refuses: among it a parameter named as a column of a view
    that the macro reads.
    """
    heads: dict[str, tuple[str, str | None, str]] = {}
    comments = []
    for statement in statements:
        if _COMMENT.match(statement):
            comments.append(statement)
            continue
        _run(connection, statement, statement)
        if (head := _HEAD.match(statement)) is not None:
            name, parameters, of_rows = head.groups()
            heads[name] = parameters, of_rows, statement
    views = dict(view_definitions(connection))
    # One look at all of them: DuckDB lists every function it has each time.
    bodies = connection.execute(
        "SELECT function_name, macro_definition FROM duckdb_functions() WHERE database_name = current_database() AND NOT internal"
    ).fetchall()
    for name, body in bodies:
        if name in heads:
            parameters, of_rows, statement = heads[name]
            select = body if of_rows else f"SELECT {body}"
            if read := list(_read_by(connection, select, views, set())):
                bound = f"TABLE {_with(read, select)}" if of_rows else f"({_with(read, select)})"
                _run(connection, f"CREATE OR REPLACE MACRO {name}({parameters}) AS {bound}", statement)
    for comment in comments:
        _run(connection, comment, comment)


def _run(connection: duckdb.DuckDBPyConnection, sql: str, given: str) -> None:
    try:
        connection.execute(sql)
    except duckdb.Error as error:
        error.add_note(f"In the caller's views: {given.strip()}")
        raise


def describe(connection: duckdb.DuckDBPyConnection) -> None:
    """Give every undescribed column of a view the description of the column of that name that it is made from."""
    described = {
        (view, column): comment
        for view, column, comment in connection.execute(
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE database_name = current_database() AND NOT internal"
        ).fetchall()
    }
    for view, sql in view_definitions(connection):
        sources = sorted(tables_of(connection, sql))
        for column in (column for known, column in described if known == view and described[known, column] is None):
            found = [described[source, column] for source in sources if described.get((source, column))]
            if found:
                described[view, column] = found[0]
                connection.execute(f'COMMENT ON COLUMN "{view}"."{column}" IS {_text(found[0])}')


def view_definitions(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Return the name and the SELECT of every view of the current database, in the order they were made."""
    rows = connection.execute(
        "SELECT view_name, sql FROM duckdb_views() WHERE database_name = current_database() AND NOT internal ORDER BY view_oid"
    ).fetchall()
    return [(name, sql.partition(" AS ")[2].rstrip(";\n ")) for name, sql in rows]


def tables_of(connection: duckdb.DuckDBPyConnection, select: str) -> set[str]:
    """Return the names of the tables, views and common table expressions that a SELECT reads."""
    ((tree,),) = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [select]).fetchall()
    return set(_base_tables(json.loads(tree)))


def _base_tables(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if node.get("type") == "BASE_TABLE":
            yield node["table_name"]
        node = node.values()
    if isinstance(node, Iterable) and not isinstance(node, str):
        for child in node:
            yield from _base_tables(child)


def _read_by(
    connection: duckdb.DuckDBPyConnection, select: str, views: Mapping[str, str], known: set[str]
) -> Iterator[tuple[str, str]]:
    """Yield the views a SELECT reads, each behind those that it reads itself."""
    for name in sorted(tables_of(connection, select)):
        if name in views and name not in known:
            known.add(name)
            yield from _read_by(connection, views[name], views, known)
            yield name, views[name]


def _with(read: list[tuple[str, str]], body: str) -> str:
    """Return the body with those views in front of its own common table expressions."""
    views = ", ".join(f'"{name}" AS NOT MATERIALIZED ({sql})' for name, sql in read)
    return f"WITH {views}, {body[5:]}" if body.startswith("WITH ") else f"WITH {views} {body}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
