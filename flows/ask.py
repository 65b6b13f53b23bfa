"""`newsfold sql`: one query answered as table, CSV or JSON, or a prompt; always read-only, on the snapshot current at the start."""

import csv
import json
import math
import sys
from collections.abc import Iterable

import duckdb
from rich.console import Console
from rich.table import Table

from warehouse.catalog import CatalogError, ReadOnlyError, ask, open_catalog
from warehouse.history import NotKeptError, as_of
from warehouse.publish import Warehouse
from warehouse.store import Place


def answer(root: Place, query: str, form: str, night: str | None = None) -> int:
    """Print the answer to a query, as of a past night where one is named; returns 0, or 1 where query or warehouse is wrong.

    `form` is table, csv or json. Blobs are shown in hexadecimal digits; columns of one name are told apart in JSON as name, name_1, ...
    """
    try:
        with _opened(root, night) as connection:
            result = ask(connection, query)
            names = [column[0] for column in result.description or []]
            _print(names, result.fetchall(), form)
    except (duckdb.Error, CatalogError, ReadOnlyError, NotKeptError) as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return 1
    return 0


def show(result: duckdb.DuckDBPyConnection) -> None:
    """Print what was answered, as a table."""
    _print([column[0] for column in result.description or []], result.fetchall(), "table")


def prompt(root: Place, night: str | None = None) -> int:
    """Read queries from the terminal until it closes; a query ends with a semicolon. `.tables` lists, `.quit` leaves."""
    try:
        connection = _opened(root, night)
    except (CatalogError, NotKeptError) as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return 1
    if sys.stdin.isatty():
        import readline  # noqa: F401 - gives input() a history

        print("Queries end with ;   .tables lists the tables   .quit leaves")
    with connection:
        waiting = ""
        while True:
            try:
                line = input("newsfold> " if not waiting else "     ...> ")
            except EOFError:
                return 0
            if line.strip() in (".quit", ".exit"):
                return 0
            waiting = _TABLES if line.strip() == ".tables" else f"{waiting}\n{line}".lstrip()
            if waiting.rstrip().endswith(";"):
                _try(connection, waiting)
                waiting = ""


_TABLES = "SELECT view_name AS name, comment FROM duckdb_views() WHERE NOT internal ORDER BY name;"


def _opened(root: Place, night: str | None) -> duckdb.DuckDBPyConnection:
    return open_catalog(root, as_of(Warehouse(root), night) if night else None)


def _try(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    try:
        show(ask(connection, query))
    except (duckdb.Error, ReadOnlyError) as error:
        print(error, file=sys.stderr)


def _in_json(value: object) -> object:
    """Return a value as JSON can say it: what is no number, or infinite, is null, as JSON has no word for it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _in_json(each) for key, each in value.items()}
    return [_in_json(each) for each in value] if isinstance(value, list | tuple) else value


def _in_hex(value: object) -> object:
    """Return a value with the blobs in it as hexadecimal digits."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {_in_hex(key): _in_hex(each) for key, each in value.items()}
    return [_in_hex(each) for each in value] if isinstance(value, list) else value


def _apart(names: list[str]) -> list[str]:
    """Return column names with a number behind those that came before: a, a_1."""
    found: list[str] = []
    for name in names:
        numbered = (f"{name}_{n}" for n in range(1, len(names) + 1))
        found.append(name if name not in found else next(each for each in numbered if each not in (*names, *found)))
    return found


def _print(names: list[str], rows: list[tuple[object, ...]], form: str) -> None:
    rows = [tuple(map(_in_hex, row)) for row in rows]
    if form == "json":
        names = _apart(names)
        print(
            json.dumps(
                [dict(zip(names, map(_in_json, row), strict=True)) for row in rows],
                default=str,
                ensure_ascii=False,
                indent=1,
                allow_nan=False,
            )
        )
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    elif sys.stdout.isatty():
        Console(highlight=False, markup=False).print(_table(names, rows))
    else:
        print(lines(names, rows), end="")


def lines(names: list[str], rows: list[tuple[object, ...]]) -> str:
    """Return rows as aligned lines under a head, each as long as it has to be."""
    # A pipe takes lines of any length; only a terminal has an edge to wrap at.
    console = Console(width=10_000, highlight=False, markup=False, color_system=None)
    with console.capture() as captured:
        console.print(_table(names, rows))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _table(names: list[str], rows: list[tuple[object, ...]]) -> Table:
    table = Table(*names, box=None, pad_edge=False, header_style="bold")
    places = [_places(row[k] for row in rows) for k in range(len(names))]
    for row in rows:
        table.add_row(*("NULL" if value is None else _plain(value, n) for value, n in zip(row, places, strict=True)))
    return table


def _places(column: Iterable[object]) -> int:
    """Return how many decimal places a column is shown with: as many as any of its numbers has, from 1 to 3."""
    shown = (f"{value:.3f}".rstrip("0") for value in column if isinstance(value, float))
    return max((len(text.partition(".")[2]) for text in shown), default=1) or 1


def _plain(value: object, places: int) -> str:
    # What a dump says may hold terminal control codes; nothing of it is interpreted.
    text = f"{value:.{places}f}" if isinstance(value, float) else str(value)
    return "".join(character if character.isprintable() else " " for character in text)
