"""Upkeep: small files become one, old nights go by policy, a roll-back goes on from an older one; a kill leaves readers whole."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from little_world import WORLD, notes, totals

from flows.cli import main
from tests.nights import ask, run
from tests.test_night import STORY, article
from warehouse import history, rewrite
from warehouse.compact import CompactSettings, compact
from warehouse.lock import LockedError
from warehouse.publish import Warehouse
from warehouse.rollback import leave_behind, roll_back
from warehouse.snapshot import DamagedError, Snapshot
from warehouse.store import MANIFEST
from warehouse.vacuum import VacuumSettings, kept, reading, vacuum

FIRST = date(2026, 2, 1)
_PROCESSES = multiprocessing.get_context("forkserver")


def published(house: Warehouse, day: date, number: int) -> Snapshot:
    """Publish a night that adds one note, and return its snapshot."""
    outcome = house.publish(
        facts={"notes": notes(f"n{number}")},
        derived={"totals": totals(a=number)},
        run={"run_id": f"r_{number}", "night": day},
    )
    assert isinstance(outcome, Snapshot)
    return outcome


def nights(root: Path, count: int) -> Warehouse:
    house = Warehouse(root, WORLD)
    for number in range(1, count + 1):
        published(house, FIRST + timedelta(days=number - 1), number)
    return house


def rows(each: Snapshot, name: str = "notes") -> list[dict[str, Any]]:
    return each.read(name, tables=WORLD).to_pylist()


def current(house: Warehouse) -> Snapshot:
    found = house.current()
    assert found is not None
    return found


# Compaction


def test_the_small_files_of_a_month_become_one(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 9)
    before = current(house)
    with house.lock("upkeep"):
        done = compact(house)
    after = current(house)
    assert done is not None and (done.n_before, done.n_after) == (9, 1) and done.snapshot == after
    assert len(after.paths("notes")) == 1
    assert rows(after) == rows(before) and after.verify() == []
    assert [f.sha256 for f in after.files if f.table != "notes"] == [
        f.sha256 for f in before.files if f.table != "notes"
    ]


def test_few_files_and_large_ones_are_left_alone(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 7)
    with house.lock("upkeep"):
        assert compact(house) is None
        assert compact(house, CompactSettings(merge_at=2, small_bytes=10)) is None


def test_two_houses_compact_to_the_same_bytes(tmp_path: Path) -> None:
    hashes = set()
    for name in ("one", "two"):
        house = nights(tmp_path / name, 8)
        with house.lock("upkeep"):
            compact(house)
        hashes.add(current(house).data_hash)
    assert len(hashes) == 1


def test_the_night_after_a_compaction_goes_on_from_it(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 8)
    with house.lock("upkeep"):
        compact(house)
    later = published(house, FIRST + timedelta(days=8), 9)
    assert (later.number, later.manifest["parent"]) == (10, 9)
    assert [row["note_id"] for row in rows(later)] == [f"n{n}" for n in range(1, 10)]
    assert [each.number for each in history.line(house)] == [1, 2, 3, 4, 5, 6, 7, 9, 10]
    assert history.as_of(house, FIRST + timedelta(days=7)).number == 9


# Vacuum


def test_a_week_of_nights_stays_and_then_one_a_week(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 30)
    with house.lock("upkeep"):
        done = vacuum(house)
    left = [str(night) for night in history.names(house) if night.startswith("2026")]
    assert left == [
        "2026-02-01", "2026-02-08", "2026-02-15", "2026-02-22",
        *(f"2026-02-{n}" for n in range(24, 29)), "2026-03-01", "2026-03-02",
    ]  # fmt: skip
    assert len(done.removed) == 30 - len(left)
    assert all(each.verify() == [] for each in house.snapshots())
    with pytest.raises(history.NotKeptError, match="the nearest that is: 2026-02-22"):
        history.as_of(house, "2026-02-20")


def test_vacuum_twice_removes_nothing_more(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 12)
    with house.lock("upkeep"):
        vacuum(house)
        assert vacuum(house).removed == ()


@given(days=st.lists(st.integers(0, 400), min_size=1, max_size=60, unique=True).map(sorted), keep=st.integers(0, 30))
def test_whatever_the_nights_the_latest_and_every_week_stay(days: list[int], keep: int) -> None:
    class Line:
        """A house of which only manifests matter."""

        def __init__(self) -> None:
            self.tables = WORLD
            self.every = [
                FakeSnapshot(
                    n,
                    {
                        "parent": n - 1 or None,
                        "line": list(range(1, n)),
                        "run": {"night": str(FIRST + timedelta(days=d))},
                    },
                )
                for n, d in enumerate(days, start=1)
            ]

        def snapshots(self) -> list[Any]:
            return self.every

        def current(self) -> Any:
            return self.every[-1]

    house: Any = Line()
    stays = kept(house, VacuumSettings(keep_days=keep))
    weeks = {(FIRST + timedelta(days=d)).isocalendar()[:2] for d in days}
    assert len(days) in stays
    assert {(FIRST + timedelta(days=days[n - 1])).isocalendar()[:2] for n in stays} == weeks
    assert {n for n, d in enumerate(days, start=1) if d > days[-1] - keep} <= stays


class FakeSnapshot:
    is_readable = True

    def __init__(self, number: int, manifest: dict[str, Any]) -> None:
        self.number, self.manifest = number, manifest


def test_what_another_replaced_goes(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 8)
    with house.lock("upkeep"):
        compact(house)
        assert vacuum(house).removed == (8,)
    assert 8 not in [each.number for each in house.snapshots()]


def test_a_snapshot_that_is_read_stays(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 12)
    with reading(history.as_of(house, "2")) as held, house.lock("upkeep"):
        done = vacuum(house)
        assert done.in_use == (2,) and held.verify() == []
    with house.lock("upkeep"):
        assert vacuum(house).removed == (2,)


def test_a_catalog_open_elsewhere_holds_its_snapshot(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 12)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); sys.stdin.read()"
    catalog = house.root / "snapshots" / "3" / "catalog.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(catalog)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None and reader.stdout.readline() == b"open\n"
        with house.lock("upkeep"):
            assert 3 in vacuum(house).in_use
        reader.communicate()


# Roll-back


def test_readers_see_the_older_night_and_the_next_goes_on_from_it(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 3)
    with house.lock("rollback"):
        left, now = roll_back(house, "2026-02-02")
    assert (left.number, now.number, current(house).number) == (3, 2, 2)
    later = published(house, date(2026, 2, 3), 5)
    assert (later.number, later.manifest["parent"], later.manifest["line"]) == (4, 2, [1, 2])
    assert [row["note_id"] for row in rows(later)] == ["n1", "n2", "n5"]
    assert history.as_of(house, "2026-02-03").number == 4
    assert history.as_of(house, "3").number == 3


def test_a_roll_back_can_be_rolled_back(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 3)
    with house.lock("rollback"):
        roll_back(house, "2026-02-01")
        roll_back(house, "3")
    assert current(house).number == 3
    assert [each.number for each in history.line(house)] == [1, 2, 3]


def test_a_number_is_never_used_again(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 12)
    with house.lock("rollback"):
        roll_back(house, "2026-02-01")
        vacuum(house, VacuumSettings(keep_days=0))
    assert published(house, date(2026, 3, 9), 20).number == 13


def test_a_night_that_is_not_kept_is_not_rolled_back_to(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 2)
    with house.lock("rollback"), pytest.raises(history.NotKeptError, match="the nearest that is: 2026-02-02"):
        roll_back(house, "2026-02-09")
    assert current(house).number == 2


def _spoil(house: Warehouse, number: int) -> None:
    manifest = house.store.folder(number) / MANIFEST
    manifest.chmod(0o644)
    manifest.write_bytes(manifest.read_bytes()[:-2] + b"!\n")


def test_a_night_without_a_manifest_is_left_behind_and_its_number_never_used_again(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 3)
    _spoil(house, 3)
    with pytest.raises(DamagedError, match="or leave it behind: newsfold rollback NIGHT"):
        published(house, date(2026, 2, 4), 4)
    with house.lock("rollback"):
        left, now = roll_back(house, "2026-02-02")
        assert (left.number, now.number, leave_behind(house)) == (3, 2, [3])
    seen = current(house)
    assert (seen.number, rows(seen)) == (4, rows(now))
    assert history.as_of(house, "2026-02-02").number == history.as_of(house, "2").number == 4
    assert published(house, date(2026, 2, 3), 5).manifest["line"] == [1, 4]


def test_an_older_night_without_a_manifest_stops_no_reader_and_can_be_left_behind(tmp_path: Path) -> None:
    house = nights(tmp_path / "house", 3)
    _spoil(house, 1)
    assert [each.number for each in history.line(house)] == [2, 3]
    with house.lock("rollback"):
        assert roll_back(house, "2026-02-03")[1].number == 3
        assert (leave_behind(house), leave_behind(house)) == ([1], [])
    assert [each.number for each in house.snapshots()] == [2, 3]


# Stopped anywhere


class Stopped(Exception):
    pass


def stopped_at(step: str) -> Callable[[str], None]:
    def after(reached: str) -> None:
        if reached == step:
            raise Stopped

    return after


@pytest.mark.parametrize("step", rewrite.STEPS)
def test_a_compaction_stopped_at_any_step_leaves_readers_whole(tmp_path: Path, step: str) -> None:
    house = nights(tmp_path / "house", 8)
    before = rows(current(house))
    with house.lock("upkeep"), pytest.raises(Stopped):
        compact(house, after=stopped_at(step))
    assert rows(current(house)) == before and current(house).verify() == []
    with house.lock("upkeep"):
        compact(house)
    assert len(current(house).paths("notes")) == 1
    assert rows(current(house)) == before
    assert not list((house.root / "snapshots").glob(".*"))


@pytest.mark.slow
@pytest.mark.parametrize("step", rewrite.STEPS)
def test_a_compaction_killed_at_any_step_leaves_readers_whole(tmp_path: Path, step: str) -> None:
    house = nights(tmp_path / "house", 8)
    before = rows(current(house))
    child = _PROCESSES.Process(target=_compact_and_die, args=(house.root, step))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert rows(current(house)) == before and current(house).verify() == []
    with house.lock("upkeep"):
        compact(house)
    assert len(current(house).paths("notes")) == 1 and rows(current(house)) == before
    assert not list((house.root / "snapshots").glob(".*"))


def _compact_and_die(root: Path, step: str) -> None:
    def after(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    house = Warehouse(root, WORLD)
    with house.lock("upkeep"):
        compact(house, after=after)


# The commands, on a warehouse of news


@pytest.mark.slow
def test_roll_back_and_upkeep_leave_their_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, night in enumerate(("2026-03-02", "2026-03-12"), start=1):
        (tmp_path / f"{night}.jsonl").write_text(article(number, date=night, text=f"{STORY} Day {number}."))
        run([tmp_path / f"{night}.jsonl"], tmp_path / "w", night)
    where = ["--warehouse", str(tmp_path / "w")]
    assert main(["rollback", "2026-03-02", *where]) == 0
    assert "newsfold rollback 2 undoes this" in capsys.readouterr().out
    assert ask(tmp_path / "w", "SELECT count(*) AS n FROM articles") == [{"n": 1}]
    assert main(["rollback", "2026-03-12", *where]) == 1
    assert capsys.readouterr().err == "newsfold: Night 2026-03-12 is not kept; the nearest that is: 2026-03-02.\n"
    assert main(["rollback", "2", *where]) == 0
    (tmp_path / "s.toml").write_text("keep_days = 1\nkeep_weekly = false\n")
    assert main(["upkeep", "--settings", str(tmp_path / "s.toml"), *where]) == 0
    assert "1 old snapshot removed." in capsys.readouterr().out
    rows = ask(tmp_path / "w", "SELECT action, snapshot_before, snapshot FROM upkeep ORDER BY started_at")
    assert [tuple(row.values()) for row in rows] == [("rolled_back", 2, 1), ("rolled_back", 1, 2), ("vacuumed", 2, 2)]
    assert main(["upkeep", *where]) == 0
    assert "Nothing is due." in capsys.readouterr().out


@pytest.mark.slow
def test_a_night_that_gives_way_is_in_the_log_and_in_the_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_text(article(1))
    with Warehouse(tmp_path / "w").lock("another night"), pytest.raises(LockedError):
        run([tmp_path / "a.jsonl"], tmp_path / "w", "2026-03-02")
    assert main(["status", "--warehouse", str(tmp_path / "w")]) == 0
    said = capsys.readouterr()
    assert "Nothing is published" in said.err
    assert "is being written by another night" in said.out and "2026-03-02" in said.out
