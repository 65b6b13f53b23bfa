"""A month with other rows is written as if it had been made whole, and no more of its file is looked at than is written next."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse import merge, storage
from warehouse.merge import Difference, Merged
from warehouse.schema import BOOL, DATE, STR, Column, Table
from warehouse.storage import DeclarationError, ParquetSettings

TABLE = Table(
    "rows",
    "",
    "derived",
    (Column("name", STR, ""), Column("day", DATE, ""), Column("words", STR, ""), Column("old", BOOL, "")),
    key=("name",),
    sort=("day", "name"),
    partition="day",
)
GROUPS = ParquetSettings(row_group_rows=3, dictionary_sample_rows=2)
NAMES = "abcdefghijklmnop"
Row = dict[str, object]


def _rows(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=TABLE.schema)


def _row(name: str, day: int | None, old: bool = True) -> Row:
    return {"name": name, "day": day and date(2026, 3, day), "words": None if day == 1 else f"{name} {day}", "old": old}


def _written(rows: pa.Table | storage.Rows, path: Path) -> bytes:
    storage.write_parquet(rows, path, GROUPS)
    return path.read_bytes()


def _watched(monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], list[int]]:
    """Return the row groups that are read from now on, and how many are at hand each time rows are asked for."""
    read: list[int] = []
    held: list[int] = []
    read_row_group, look_at = pq.ParquetFile.read_row_group, Merged._look_at

    def reads(self: pq.ParquetFile, number: int, **options: bool) -> pa.Table:
        read.append(number)
        return read_row_group(self, number, **options)

    def looks_at(self: Merged, groups: list[int]) -> None:
        look_at(self, groups)
        held.append(len(self._at_hand))

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", reads)
    monkeypatch.setattr(Merged, "_look_at", looks_at)
    return read, held


DAY = st.none() | st.integers(1, 3)


@settings(max_examples=60)
@given(
    stood=st.dictionaries(st.sampled_from(NAMES), DAY, min_size=1),
    gone=st.sets(st.sampled_from(NAMES)),
    came=st.dictionaries(st.sampled_from(NAMES), DAY),
    is_in_order=st.booleans(),
)
def test_it_is_written_as_if_made_whole(
    tmp_path_factory: pytest.TempPathFactory,
    stood: dict[str, int | None],
    gone: set[str],
    came: dict[str, int | None],
    is_in_order: bool,
) -> None:
    """Of a file in another order too: what an older release wrote is merged as well."""
    folder = tmp_path_factory.mktemp("merge")
    gone = gone | set(came)
    before = _rows([_row(name, day) for name, day in stood.items()])
    if is_in_order:
        before = storage.enforce(before, TABLE)
    _written(before, folder / "before.parquet")
    goes = np.array([name in gone for name in before["name"].to_pylist()])
    comes = _rows([_row(name, day, old=False) for name, day in came.items()])
    stays = _rows([_row(name, day) for name, day in stood.items() if name not in gone])
    expected = storage.enforce(pa.concat_tables([stays, comes]), TABLE)
    found = merge.merged(folder / "before.parquet", Difference(goes, comes), TABLE)
    assert found.num_rows == expected.num_rows
    assert found.narrow(TABLE.order).rows().equals(expected.select(TABLE.order))
    assert _written(found, folder / "a.parquet") == _written(expected, folder / "b.parquet")


def test_each_row_group_is_read_once_and_two_are_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = storage.enforce(_rows([_row(name, 2) for name in NAMES]), TABLE)
    _written(before, tmp_path / "before.parquet")
    read, held = _watched(monkeypatch)
    goes = np.array([name == "b" for name in NAMES])
    _written(merge.merged(tmp_path / "before.parquet", Difference(goes, _rows([])), TABLE), tmp_path / "after.parquet")
    assert read == [0, 1, 2, 3, 4, 5]
    assert max(held) == 2


def test_a_row_group_that_goes_whole_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = storage.enforce(_rows([_row(name, 2) for name in NAMES]), TABLE)
    _written(before, tmp_path / "before.parquet")
    read, _ = _watched(monkeypatch)
    goes = np.array([name in "defghi" for name in NAMES])
    merged = merge.merged(tmp_path / "before.parquet", Difference(goes, _rows([])), TABLE)
    _written(merged, tmp_path / "after.parquet")
    assert read == [0, 3, 4, 5]


def test_what_comes_must_be_of_the_declared_columns(tmp_path: Path) -> None:
    _written(_rows([_row("a", 1)]), tmp_path / "before.parquet")
    comes = _rows([_row("b", 1)]).drop_columns("old")
    with pytest.raises(DeclarationError, match="lacks columns"):
        merge.merged(tmp_path / "before.parquet", Difference(np.array([False]), comes), TABLE)


def test_a_column_that_the_file_does_not_have_is_null(tmp_path: Path) -> None:
    _written(_rows([_row("a", 1)]).drop_columns("words"), tmp_path / "before.parquet")
    found = merge.merged(tmp_path / "before.parquet", Difference(np.array([False]), _rows([_row("b", 2)])), TABLE)
    assert found.slice(0, 2).rows().to_pylist() == [_row("a", 1) | {"words": None}, _row("b", 2)]
