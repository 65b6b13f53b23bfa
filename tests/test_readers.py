"""Four readers query while nights publish and are killed, over and over: never two nights at once, never an error."""

import multiprocessing
import random
from collections.abc import Callable
from datetime import date
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from little_world import DAYS, WORLD, notes, totals

import warehouse
from warehouse.publish import Warehouse

# Readers and writers share nothing but the disk.
_PROCESSES = multiprocessing.get_context("spawn")
KILLS = 15
# What a reader finds of a night: its number in each of three tables.
Found = tuple[float, float, float, float]

_SQL = """
SELECT (SELECT n_notes FROM totals), (SELECT min(share) FROM days), (SELECT max(share) FROM days), (SELECT count(*) FROM notes)
"""


def _publish_for_ever(root: Path, begun: Event) -> None:
    house = Warehouse(root, WORLD)
    begun.set()
    while True:
        with house.lock("tonight"):
            current = house.current()
            number = current.manifest["run"]["number"] + 1 if current else 1
            rows = [{"note_id": f"n{i:03}", "day": date(2026, 1 + i % 3, 1), "seen_at": None, "share": float(number)} for i in range(60)]  # fmt: skip
            house.publish(
                {"notes": notes(f"n{number:05}")},
                {"days": pa.Table.from_pylist(rows, schema=DAYS.schema), "totals": totals(a=number)},
                {"run_id": f"r_{number}", "number": number},
            )


def by_catalog(root: Path) -> Found:
    """Through the catalog that never changes its path."""
    with duckdb.connect(root / "catalog.duckdb", read_only=True) as catalog:
        (found,) = catalog.execute(_SQL).fetchall()
    return found


def by_paths(root: Path) -> Found:
    """Over plain Parquet files of a snapshot that is resolved once."""
    now = warehouse.open(root)
    share = now.scan("days", tables=WORLD).to_table(["share"])["share"]
    (count,) = now.read("totals", ["n_notes"], WORLD)["n_notes"].to_pylist()
    return count, pc.min(share).as_py(), pc.max(share).as_py(), now.read("notes", ["note_id"], WORLD).num_rows


def by_pandas(root: Path) -> Found:
    """With pandas, over folders."""
    now = (root / "current").resolve()
    share = pd.read_parquet(now / "days")["share"]
    return (
        int(pd.read_parquet(now / "totals")["n_notes"][0]),
        share.min(),
        share.max(),
        len(pd.read_parquet(now / "notes")),
    )


def by_polars(root: Path) -> Found:
    """With Polars, over patterns."""
    now = (root / "current").resolve()
    share = pl.read_parquet(f"{now}/days/**/*.parquet")["share"]
    count = pl.read_parquet(f"{now}/totals/*.parquet")["n_notes"].item()
    return count, float(share.min()), float(share.max()), pl.read_parquet(f"{now}/notes/*.parquet").height  # type: ignore[arg-type]


def _read_until(
    over: Event, read: Callable[[Path], Found], root: Path, results: "multiprocessing.Queue[object]"
) -> None:
    nights: list[float] = []
    faults: list[str] = []
    while not over.is_set():
        try:
            found = read(root)
        except Exception as error:  # noqa: BLE001 - whatever a reader meets is what this test is about
            faults.append(repr(error))
            continue
        if len(set(found)) > 1:
            faults.append(f"torn: {found}")
        nights.append(found[0])
    results.put((read.__name__, nights, faults))


@pytest.mark.slow
def test_no_reader_ever_sees_half_a_night(tmp_path: Path) -> None:
    root, over, results = tmp_path / "house", _PROCESSES.Event(), _PROCESSES.Queue()
    _kill_a_writer(root, nights=1)
    reads = (by_catalog, by_paths, by_pandas, by_polars)
    readers = [_PROCESSES.Process(target=_read_until, args=(over, read, root, results)) for read in reads]
    for reader in readers:
        reader.start()
    for kill in range(KILLS):
        _kill_a_writer(root, nights=kill % 3)
    over.set()
    outcomes = [results.get() for _ in readers]
    for reader in readers:
        reader.join()
    for name, nights, faults in outcomes:
        print(f"{name}: {len(nights)} reads of {len(set(nights))} nights, {len(faults)} faults")
        assert faults == [], name
        assert len(set(nights)) > 1, f"{name} saw no night change"
        assert nights == sorted(nights), f"{name} went back in time"
    current = Warehouse(root, WORLD).current()
    assert current is not None and current.verify() == []


def _kill_a_writer(root: Path, nights: int = 0) -> None:
    """Let a writer publish some nights, and kill it wherever it is then."""
    begun = _PROCESSES.Event()
    writer = _PROCESSES.Process(target=_publish_for_ever, args=(root, begun))
    before = Warehouse(root, WORLD).current()
    writer.start()
    begun.wait()
    while nights and Warehouse(root, WORLD).current() == before and writer.exitcode is None:
        writer.join(0.02)
    writer.join(random.uniform(0.0, 1.5))
    assert writer.exitcode is None, "the writer ended by itself"
    writer.kill()
    writer.join()
