"""The months of a table that a night changes: what goes of what stood, and what comes, each month when it is asked for."""

from collections.abc import Iterator, Set
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from flows.beside import trim
from flows.night import Night
from warehouse.merge import Difference
from warehouse.schema import Table

# Of each row of a month as it stands, whether it goes.
Goes = npt.NDArray[np.bool_]


def differing(night: Night, table: Table, by_days: bool) -> Iterator[tuple[str, pa.Table | Difference]]:
    """Yield the months of a table that differ from last night's: what goes of one that stood and what comes, of another its rows.

    `added_<table>` and `removed_<table>` say what comes and what goes, `by_days` that whole days do; all of it is let go of at the end.
    """
    come, gone = (_days(night, table, f"{state}_{table.name}") for state in ("added", "removed"))
    months = {day.strftime("%Y-%m") if day else "undated" for day in come | gone}
    if night.restate and night.parent:
        months.update(night.parent.months(table.name))
    stood = night.months_of(table.name)
    for month in sorted(months):
        added = f"SELECT {columns_of(table)} FROM added_{table.name} WHERE {within(table, month)}"
        comes = in_declared_form(night, added, table)
        if month not in stood:
            yield month, comes
        else:
            yield (
                month,
                Difference(_of_days(night, table, month, gone) if by_days else _of_keys(night, table, month), comes),
            )
        del comes
        # What SQL answers is freed in pieces, of which the C library would keep up to 1.7 GB.
        trim()
    _drop(night, table, "VIEW" if by_days else "TABLE")


def in_declared_form(night: Night, sql: str, table: Table) -> pa.Table:
    """Return the answer to a query under the declared columns of a table."""
    return night.query(sql).select(table.schema.names).cast(table.schema)


def columns_of(table: Table) -> str:
    """Return the columns of a table as SQL lists them."""
    return ", ".join(f'"{column.name}"' for column in table.columns)


def within(table: Table, month: str) -> str:
    """Return the condition of the rows of a month (`2026-11`, or `undated`).

    It is of bounds, as a name made of every day would cost more than reading the row.
    """
    if month == "undated":
        return f"{table.partition} IS NULL"
    first = f"DATE '{month}-01'"
    return f"{table.partition} >= {first} AND {table.partition} < {first} + INTERVAL 1 MONTH"


def _days(night: Night, table: Table, name: str) -> set[date | None]:
    return set(night.query(f"SELECT DISTINCT {table.partition} FROM {name}").column(0).to_pylist())


def _of_days(night: Night, table: Table, month: str, gone: Set[date | None]) -> Goes:
    """Return which rows of a month are of these days."""
    days = night.standing(table.name, [month]).to_table([table.partition]).column(0)
    goes: Goes = pc.is_in(days, value_set=pa.array(list(gone), days.type)).to_numpy()
    return goes


def _of_keys(night: Night, table: Table, month: str) -> Goes:
    """Return which rows of a month go, found by their key alone: SQL that carries fifty columns along takes thrice as long."""
    keys = night.standing(table.name, [month]).to_table(list(table.key))
    keys = keys.append_column("row", pa.array(np.arange(keys.num_rows)))
    same = " AND ".join(f"gone.{name} IS NOT DISTINCT FROM keys.{name}" for name in table.key)
    gone = night.query(f"SELECT row FROM keys WHERE EXISTS (FROM removed_{table.name} AS gone WHERE {same})", keys=keys)
    goes = np.zeros(keys.num_rows, bool)
    goes[gone["row"].to_numpy()] = True
    return goes


def _drop(night: Night, table: Table, kind: str) -> None:
    """Let go of what is published: it takes memory that the next tables need."""
    for name in (f"added_{table.name}", f"removed_{table.name}"):
        night.connection.execute(f"DROP {kind} {name}")
    night.connection.execute(f"DROP TABLE IF EXISTS {table.name}")
