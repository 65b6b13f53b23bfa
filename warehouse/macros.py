"""Macros and views of a catalog, made to hold wherever it is attached.

DuckDB resolves the tables of a view in the view's own database, and those of a macro wherever it is called from: a macro of an
attached catalog finds no table, or another catalog's. So a macro carries the definitions of the views it reads.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    reads = dict(zip(views, tables_of(connection, list(views.values())), strict=True))
    # One look at all of them: DuckDB lists every function it has each time.
    bodies = connection.execute(
        "SELECT function_name, macro_definition FROM duckdb_functions() WHERE database_name = current_database() AND NOT internal"
    ).fetchall()
    for name, body in bodies:
        if name in heads:
            parameters, of_rows, statement = heads[name]
            select = body if of_rows else f"SELECT {body}"
            (first,) = tables_of(connection, [select])
            if read := [(view, views[view]) for view in _views_behind(first, reads, set())]:
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
    views = dict(view_definitions(connection))
    for view, read in zip(views, tables_of(connection, list(views.values())), strict=True):
        sources = sorted(read)
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


def tables_of(connection: duckdb.DuckDBPyConnection, selects: Sequence[str]) -> list[set[str]]:
    """Return for each SELECT the names of the tables, views and common table expressions that it reads."""
    ((trees,),) = connection.execute(
        "SELECT list_transform(?::VARCHAR[], lambda sql: json_serialize_sql(sql)::VARCHAR)", [list(selects)]
    ).fetchall()
    return [_base_tables(tree) for tree in trees]


def _base_tables(tree: str) -> set[str]:
    found: set[str] = set()

    def look(node: dict[str, Any]) -> None:
        if node.get("type") == "BASE_TABLE":
            found.add(node["table_name"])

    json.loads(tree, object_hook=look)
    return found


def _views_behind(names: Iterable[str], reads: Mapping[str, set[str]], known: set[str]) -> Iterator[str]:
    """Yield those of these names that are views, each behind the views that it reads itself."""
    for name in sorted(names):
        if name in reads and name not in known:
            known.add(name)
            yield from _views_behind(reads[name], reads, known)
            yield name


def _with(read: list[tuple[str, str]], body: str) -> str:
    """Return the body with those views in front of its own common table expressions."""
    views = ", ".join(f'"{name}" AS NOT MATERIALIZED ({sql})' for name, sql in read)
    return f"WITH {views}, {body[5:]}" if body.startswith("WITH ") else f"WITH {views} {body}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
