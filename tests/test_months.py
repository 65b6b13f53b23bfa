"""The months that a night changes: of what stood less what goes, and what comes, whatever the keys and days."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as dataset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.months import differing
from warehouse.merge import Difference
from warehouse.schema import DATE, INT, STR, Column, Table

# As many days as make whole ones go, in two months.
DAYS = [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
Row = tuple[str, int | None, date | None]


def _table() -> Table:
    columns = (Column("name", STR, ""), Column("place", INT, ""), Column("day", DATE, ""))
    return Table("rows", "", "derived", columns, key=("name", "place"), sort=("day", "name"), partition="day")


class _Night:
    """As much of a night as months are made of."""

    restate, parent = False, None

    def __init__(self, table: Table, stood: list[Row], comes: list[Row], goes: list[Row], by_days: bool) -> None:
        self.connection, self._stood, self._schema = duckdb.connect(), stood, table.schema
        kind = "VIEW" if by_days else "TABLE"
        for name, rows in (("added", comes), ("removed", goes)):
            self.connection.register(name, _arrow(rows, table.schema))
            self.connection.execute(f"CREATE {kind} {name}_rows AS FROM {name}")

    def standing(self, table: str, months: list[str]) -> dataset.Dataset:
        return dataset.dataset(_arrow([row for row in self._stood if _month(row) in months], self._schema))

    def months_of(self, table: str) -> list[str]:
        return [_month(row) for row in self._stood]

    def query(self, sql: str, **inputs: pa.Table) -> pa.Table:
        for name, rows in inputs.items():
            self.connection.register(name, rows)
        return self.connection.sql(sql).to_arrow_table()


def _arrow(rows: list[Row], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


def _month(row: Row) -> str:
    return row[2].strftime("%Y-%m") if row[2] else "undated"


def _keyed(rows: list[Row]) -> list[Row]:
    return list({row[:2]: row for row in rows}.values())


ROWS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from([None, 1, 2]), st.sampled_from([*DAYS, None])), max_size=12
).map(_keyed)


@pytest.mark.parametrize("by_days", [False, True])
@settings(max_examples=30)
@given(data=st.data())
def test_a_month_is_what_stood_less_what_goes_and_what_comes(by_days: bool, data: Any) -> None:
    stood, comes = data.draw(ROWS), data.draw(ROWS)
    if by_days:
        days = data.draw(st.sets(st.sampled_from([*DAYS, None])))
        goes = [row for row in stood if row[2] in days]
    else:
        goes = [row for row in stood if data.draw(st.booleans())]
    stays = [row for row in stood if row not in goes]
    table = _table()
    night: Any = _Night(table, stood, comes, goes, by_days)
    found = dict(_rows(differing(night, table, by_days), stood))
    assert set(found) == {_month(row) for row in [*goes, *comes]}
    for month, rows in found.items():
        expected = [row for row in [*stays, *comes] if _month(row) == month]
        assert sorted(rows, key=repr) == sorted(expected, key=repr)


def _rows(months: Iterator[tuple[str, pa.Table | Difference]], stood: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    for month, rows in months:
        if isinstance(rows, Difference):
            here = [row for row in stood if _month(row) == month]
            kept = [row for row, goes in zip(here, rows.goes, strict=True) if not goes]
            yield month, kept + _tuples(rows.comes)
        else:
            yield month, _tuples(rows)


def _tuples(rows: pa.Table) -> list[Row]:
    return [tuple(row.values()) for row in rows.to_pylist()]
