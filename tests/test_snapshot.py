"""A snapshot vouches for itself: one flipped bit anywhere is found, and said to be of which table and month."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as dataset
import pytest
from little_world import DAYS, NOTES, VIEWS, WORLD, totals

from warehouse import catalog
from warehouse.publish import Warehouse
from warehouse.scan import Scanned
from warehouse.snapshot import DamagedError, Snapshot, parse_manifest

# As many as the comparison of formats flipped, of which readers that check nothing missed 110.
FLIPS = 120


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Two months and one table of enough rows to have pages, dictionaries and footers."""
    ids = [f"n{number:04}" for number in range(3000)]
    words = random.Random(7)
    notes = [{"note_id": each, "words": f"{words.random()}", "tags": ["a"], "extra": [("k", each)]} for each in ids]
    days = [
        {"note_id": each, "day": date(2026, 1, 15) + timedelta(days=i % 30), "seen_at": datetime(2026, 1, 1, tzinfo=UTC), "share": 0.5}
        for i, each in enumerate(ids)
    ]  # fmt: skip
    published = Warehouse(tmp_path_factory.mktemp("house"), WORLD).publish(
        {"notes": pa.Table.from_pylist(notes, schema=NOTES.schema)},
        {"days": pa.Table.from_pylist(days, schema=DAYS.schema), "totals": totals(a=3000)},
        {"run_id": "r_1"},
        VIEWS,
    )
    assert isinstance(published, Snapshot)
    return published


def test_sql_that_looks_through_months_asks_for_the_scanner_that_reads_little_ahead(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    scanner = Scanned.scanner

    def noted(self: Scanned, **how: Any) -> dataset.Scanner:
        asked.append(how)
        return scanner(self, **how)

    months = snapshot.scan("days", tables=WORLD)
    monkeypatch.setattr(Scanned, "scanner", noted)
    with duckdb.connect() as connection:
        connection.register("months", months)
        assert connection.execute("SELECT count(*) FROM months WHERE day > DATE '2026-02-01'").fetchall() == [(1200,)]
    assert asked, "DuckDB has another way to read a dataset now"


def _faults(path: Path) -> list[str]:
    try:
        return Snapshot(path).verify() + catalog.faults(path)
    except DamagedError as error:
        return [str(error)]


def _bits(size: int, chance: random.Random) -> Iterator[int]:
    """The first and last bit, the magic, the footer and its length, and bits anywhere."""
    yield from (0, 8 * size - 1, 8 * 3, 8 * (size - 6))
    yield from (8 * size - 1 - chance.randrange(min(8 * size, 4000)) for _ in range(FLIPS // 20))
    yield from (chance.randrange(8 * size) for _ in range(FLIPS // 10))


def test_every_flipped_bit_of_every_file_is_found(snapshot: Snapshot) -> None:
    chance, flips = random.Random(1), 0
    assert _faults(snapshot.path) == []
    for path in sorted(each for each in snapshot.path.rglob("*") if each.is_file() and each.stat().st_size):
        sound = path.read_bytes()
        path.chmod(0o644)
        for bit in _bits(len(sound), chance):
            damaged = bytearray(sound)
            damaged[bit // 8] ^= 1 << bit % 8
            path.write_bytes(damaged)
            assert _faults(snapshot.path) != [], f"bit {bit} of {path.name}"
            flips += 1
        path.write_bytes(sound)
    assert _faults(snapshot.path) == []
    assert flips >= FLIPS


def test_rows_are_picked_by_a_value_from_files_that_are_as_published(snapshot: Snapshot) -> None:
    wanted = pa.array(["n0007", "n2999", "nowhere"])
    found = snapshot.pick("days", "note_id", wanted, ["note_id"], {"2026-01", "2026-02"}, WORLD)
    assert sorted(found["note_id"].to_pylist()) == ["n0007", "n2999"]
    assert snapshot.pick("days", "note_id", wanted, ["note_id"], set(), WORLD).num_rows == 0
    path = snapshot.paths("days")[0]
    sound = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(sound[:100] + bytes([sound[100] ^ 1]) + sound[101:])
    with pytest.raises(DamagedError, match="2026-01"):
        snapshot.pick("days", "note_id", wanted, ["note_id"], None, WORLD)
    path.write_bytes(sound)


def test_every_single_bit_of_the_manifest_is_vouched_for(snapshot: Snapshot) -> None:
    sound = (snapshot.path / "manifest.json").read_bytes()
    parse_manifest(sound, "it")
    for bit in range(8 * len(sound)):
        damaged = bytearray(sound)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DamagedError, match="it is not the manifest that was published"):
            parse_manifest(bytes(damaged), "it")


@pytest.mark.parametrize("cut", [0, 1, 40, 500])
def test_a_manifest_cut_short_is_found(snapshot: Snapshot, cut: int) -> None:
    with pytest.raises(DamagedError):
        parse_manifest((snapshot.path / "manifest.json").read_bytes()[:cut], "it")


def test_the_fault_says_which_table_and_month_to_rebuild(snapshot: Snapshot) -> None:
    path = snapshot.path / "days/2026-02/data.parquet"
    sound = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(sound[:100] + bytes([sound[100] ^ 1]) + sound[101:])
    (fault,) = snapshot.verify()
    assert fault.startswith("days, month 2026-02: ")
    assert fault.endswith("newsfold rebuild days restores it.")
    path.write_bytes(sound)


def test_the_manifest_bounds_every_file_by_its_sort_key(snapshot: Snapshot) -> None:
    bounds = {file.path: (file.low, file.high) for file in snapshot.files}
    assert bounds["days/2026-02/data.parquet"] == (["2026-02-01", "n0017"], ["2026-02-13", "n2999"])
    assert bounds["notes/r_1.parquet"] == (["n0000"], ["n2999"])
    assert {file.run_id for file in snapshot.files} == {"r_1"}
