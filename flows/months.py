"""The months of a table that a night changes: what stood, less what goes, and what comes, each month when it is asked for."""

from collections.abc import Iterator, Set
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as dataset

from flows.beside import trim
from flows.night import Night
from warehouse.schema import Table


def differing(night: Night, table: Table, by_days: bool) -> Iterator[tuple[str, pa.Table]]:
    """Yield the months of a table that differ from last night's, whole, rows in no particular order.

    `added_<table>` and `removed_<table>` say what comes and what goes, `by_days` that whole days do; all of it is let go of at the end.
    """
    come, gone = (_days(night, table, f"{state}_{table.name}") for state in ("added", "removed"))
    months = {day.strftime("%Y-%m") if day else "undated" for day in come | gone}
    if night.restate and night.parent:
        months.update(night.parent.months(table.name))
    stood = night.months_of(table.name)
    for month in sorted(months):
        if month not in stood:
            kept = table.schema.empty_table()
        else:
            kept = _other_days(night, table, month, gone) if by_days else _rows_that_stay(night, table, month)
        added = f"SELECT {columns_of(table)} FROM added_{table.name} WHERE {within(table, month)}"
        yield month, pa.concat_tables([kept, in_declared_form(night, added, table)])
        del kept
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


def _other_days(night: Night, table: Table, month: str, gone: Set[date | None]) -> pa.Table:
    """Return the rows of a month's days but for these; of a month that goes whole nothing but the days is read."""
    stood = night.standing(table.name, [month])
    days = pc.unique(stood.to_table([table.partition]).column(0))
    stay = days.filter(pc.invert(pc.is_in(days, value_set=pa.array(list(gone), days.type))))
    if not len(stay):
        return table.schema.empty_table()
    return stood.to_table(filter=dataset.field(table.partition).isin(stay))


def _rows_that_stay(night: Night, table: Table, month: str) -> pa.Table:
    """Return the rows of a month that do not go, found by their key alone: SQL that carries fifty columns along takes thrice as long."""
    stood = night.standing(table.name, [month])
    keys = stood.to_table(list(table.key))
    keys = keys.append_column("row", pa.array(np.arange(keys.num_rows)))
    same = " AND ".join(f"gone.{name} IS NOT DISTINCT FROM keys.{name}" for name in table.key)
    gone = night.query(f"SELECT row FROM keys WHERE EXISTS (FROM removed_{table.name} AS gone WHERE {same})", keys=keys)
    stays = np.ones(keys.num_rows, bool)
    stays[gone["row"].to_numpy()] = False
    kept, seen = [], 0
    # Piece by piece, in the order of the keys: a month and what is left of it side by side would be half a gigabyte.
    for rows in stood.to_batches():
        kept.append(rows.filter(pa.array(stays[seen : seen + rows.num_rows])))
        seen += rows.num_rows
    return pa.Table.from_batches(kept, table.schema)


def _drop(night: Night, table: Table, kind: str) -> None:
    """Let go of what is published: it takes memory that the next tables need."""
    for name in (f"added_{table.name}", f"removed_{table.name}"):
        night.connection.execute(f"DROP {kind} {name}")
    night.connection.execute(f"DROP TABLE IF EXISTS {table.name}")
