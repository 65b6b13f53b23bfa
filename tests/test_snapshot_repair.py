"""`newsfold verify` finds damage and says where; `newsfold rebuild` makes a derived table anew from the facts, to the same bytes."""

import shutil
from pathlib import Path

import pytest

from flows.cli import main
from warehouse.publish import Warehouse
from warehouse.snapshot import Snapshot

pytestmark = pytest.mark.slow


@pytest.fixture
def house(three_nights: Path, tmp_path: Path) -> Path:
    """A copy of the warehouse of the example's three nights."""
    root = tmp_path / "warehouse"
    shutil.copytree(three_nights, root, symlinks=True)
    Warehouse(root).rebuild_catalog()
    return root


def _current(root: Path) -> Snapshot:
    current = Warehouse(root).current()
    assert current is not None
    return current


def _damage(root: Path, table: str) -> None:
    path = _current(root).paths(table)[-1]
    path.chmod(0o644)
    sound = path.read_bytes()
    path.write_bytes(sound[:50] + bytes([sound[50] ^ 16]) + sound[51:])


def test_a_sound_warehouse_is_said_to_be(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--warehouse", str(house)]) == 0
    assert "all as published" in capsys.readouterr().out


@pytest.mark.parametrize("table", ["articles", "source_daily", "stories", "sources", "actor_pairs"])
def test_a_damaged_derived_table_is_restored_to_the_same_bytes(
    house: Path, capsys: pytest.CaptureFixture[str], table: str
) -> None:
    before = _current(house)
    _damage(house, table)
    assert main(["verify", "--warehouse", str(house)]) == 1
    assert f"newsfold rebuild {table} restores it" in capsys.readouterr().out
    assert main(["rebuild", table, "--warehouse", str(house)]) == 0
    assert main(["verify", "--warehouse", str(house)]) == 0
    after = _current(house)
    assert (after.number, after.data_hash) == (before.number, before.data_hash)


@pytest.mark.parametrize("table", ["articles", "stories"])
def test_a_missing_file_of_a_derived_table_is_made_again(
    house: Path, capsys: pytest.CaptureFixture[str], table: str
) -> None:
    before = _current(house)
    before.paths(table)[-1].unlink()
    # What waits to be forgotten can't be gone through while a file is missing, and must not be in the way of mending it.
    assert main(["forget", "--url", "https://nowhere.example/x", "--warehouse", str(house)]) == 1
    assert "; newsfold verify" in capsys.readouterr().err
    assert main(["rebuild", table, "--warehouse", str(house)]) == 0
    assert main(["verify", "--warehouse", str(house)]) == 0
    after = _current(house)
    assert (after.number, after.data_hash) == (before.number, before.data_hash)


@pytest.mark.parametrize("table", ["story_articles", "merge_evidence"])
def test_a_table_that_remembers_nights_is_restored_from_what_is_left(house: Path, table: str) -> None:
    """Who joined in which night is not in the facts; the rest is."""
    rows = _current(house).read(table).num_rows
    _damage(house, table)
    assert main(["rebuild", table, "--warehouse", str(house)]) == 0
    assert main(["verify", "--warehouse", str(house)]) == 0
    assert _current(house).read(table).num_rows >= rows


def test_a_damaged_catalog_is_built_anew(house: Path) -> None:
    path = _current(house).path / "catalog.duckdb"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])
    assert main(["verify", "--warehouse", str(house)]) == 1
    assert main(["rebuild", "catalog", "--warehouse", str(house)]) == 0
    assert main(["verify", "--warehouse", str(house)]) == 0


def test_facts_are_not_made_up(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rebuild", "texts", "--warehouse", str(house)]) == 1
    assert "texts can't be made from facts: restore it from a copy" in capsys.readouterr().err


def test_a_table_that_does_not_exist_is_not_one_to_restore(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rebuild", "artcles", "texts", "--warehouse", str(house)]) == 1
    told = capsys.readouterr().err
    assert "there is no table artcles" in told and "restore" not in told
