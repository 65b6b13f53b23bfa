"""Publishing: readers see one night or the other, whole; unchanged files are shared; whoever dies leaves nothing behind."""

import errno
import json
import multiprocessing
import os
import signal
import stat
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from little_world import NIGHTS, WORLD, days, first_night, notes, second_night, totals

from warehouse import storage
from warehouse.lock import LockedError
from warehouse.merge import Difference
from warehouse.publish import STEPS, NoChange, PublishError, Warehouse
from warehouse.schema import TABLES, Column, Table
from warehouse.snapshot import Snapshot
from warehouse.store import StoreError

# Children are forked from a server that has imported pyarrow and DuckDB already, and run nothing else.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["warehouse.publish"])

# Every step, and on every run of the suite those around the rename and the swap.
_ALWAYS = {"carried", "sealed", "swapped"}
KILLS = [step if step in _ALWAYS else pytest.param(step, marks=pytest.mark.slow) for step in STEPS]


def _published(house: Warehouse, night: dict[str, Any]) -> Snapshot:
    outcome = house.publish(**night)
    assert isinstance(outcome, Snapshot)
    return outcome


def _nothing_new(house: Warehouse, night: dict[str, Any]) -> Snapshot:
    outcome = house.publish(**night)
    assert isinstance(outcome, NoChange)
    return outcome.snapshot


@pytest.fixture
def house(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "house", WORLD)


def test_before_the_first_night_there_is_nothing(house: Warehouse) -> None:
    assert house.current() is None
    assert house.snapshots() == []


def test_what_is_published_is_read_back(house: Warehouse) -> None:
    night = first_night()
    _published(house, night)
    current = house.current()
    assert current is not None
    assert current.read("notes", tables=WORLD).equals(night["facts"]["notes"])
    assert current.read("days", tables=WORLD).equals(storage.enforce(night["derived"]["days"], WORLD["days"]))
    assert current.read("totals", ["n_notes"], tables=WORLD).to_pydict() == {"n_notes": [2, 1]}
    assert current.verify() == []


def test_the_layout_is_what_other_readers_rely_on(house: Warehouse) -> None:
    _published(house, first_night())
    assert (house.root / "current").readlink() == Path("snapshots/1")
    found = sorted(
        path.relative_to(house.root / "current").as_posix() for path in (house.root / "current").rglob("*.parquet")
    )
    assert found == [
        "days/2026-01/data.parquet",
        "days/2026-02/data.parquet",
        "days/undated/data.parquet",
        "notes/r_1.parquet",
        "totals/data.parquet",
    ]


def test_the_manifest_names_every_file(house: Warehouse) -> None:
    current = _published(house, first_night())
    manifest = json.loads((current.path / "manifest.json").read_text())
    assert (manifest["snapshot"], manifest["parent"]) == (1, None)
    assert manifest["run"] == {"run_id": "r_1", "night": "2026-02-01"}
    entry = next(file for file in manifest["files"] if file["path"] == "days/2026-02/data.parquet")
    path = current.path / entry["path"]
    assert (entry["table"], entry["rows"], entry["bytes"]) == ("days", 1, path.stat().st_size)
    assert entry["sha256"] == storage.sha256(path)
    assert (entry["low"], entry["high"]) == (["2026-02-01", "n2"], ["2026-02-01", "n2"])
    assert entry["run_id"] == "r_1"


def test_a_table_without_a_row_is_one_empty_file(house: Warehouse) -> None:
    nothing = {"facts": {}, "derived": {"days": days(), "totals": totals()}, "run": {"run_id": "r_0"}}
    current = _published(house, nothing)
    assert [file.path for file in current.files] == [
        "days/empty.parquet",
        "notes/empty.parquet",
        "totals/empty.parquet",
    ]
    assert current.read("notes", tables=WORLD).num_rows == 0


def test_the_empty_file_goes_with_the_first_row(house: Warehouse) -> None:
    _published(house, {"facts": {}, "derived": {"days": days(), "totals": totals()}, "run": {"run_id": "r_0"}})
    later = _published(house, first_night())
    assert not [file.path for file in later.files if "empty" in file.path]
    assert later.data_hash == _published(Warehouse(house.root / "other", WORLD), first_night()).data_hash


def test_the_next_night_adds_facts_and_rewrites_only_what_it_touches(house: Warehouse) -> None:
    one = _published(house, first_night())
    two = _published(house, second_night())
    assert (two.number, two.manifest["parent"]) == (2, 1)
    assert two.read("notes", ["note_id"], tables=WORLD).to_pydict() == {"note_id": ["n1", "n2", "n3"]}
    same = {
        file.path
        for file in two.files
        if (one.path / file.path).exists() and _inode(one, file.path) == _inode(two, file.path)
    }
    assert same == {"notes/r_1.parquet", "days/2026-01/data.parquet", "days/undated/data.parquet"}
    assert one.read("notes", tables=WORLD).num_rows == 2


def test_the_same_night_twice_publishes_nothing_new(house: Warehouse) -> None:
    one = _published(house, first_night())
    assert _nothing_new(house, first_night()).path == one.path
    assert [each.number for each in house.snapshots()] == [1]
    assert sorted(path.name for path in (house.root / "snapshots").iterdir()) == ["1"]


def test_a_night_without_new_facts_publishes_nothing_new(house: Warehouse) -> None:
    _published(house, first_night())
    _nothing_new(house, {**first_night(), "facts": {"notes": notes()}, "run": {"run_id": "r_9"}})


def test_new_views_reach_readers_also_without_new_data(house: Warehouse) -> None:
    _published(house, first_night())
    same = _nothing_new(house, {**first_night(), "views_sql": "CREATE VIEW other AS SELECT 1 AS one"})
    assert "CREATE VIEW other" in (same.path / "catalog.sql").read_text()


def test_published_files_are_read_only(house: Warehouse) -> None:
    current = _published(house, first_night())
    for file in current.files:
        assert stat.S_IMODE((current.path / file.path).stat().st_mode) == 0o444


def test_a_run_cannot_publish_other_rows_under_its_name(house: Warehouse) -> None:
    _published(house, first_night())
    with pytest.raises(PublishError, match="r_1 has published other rows of notes"):
        house.publish(**{**first_night(), "facts": {"notes": notes("n1", "n9")}})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"derived": {"days": days(), "totals": totals(), "notes": notes()}},
            r"Not declared as derived tables: \['notes'\]",
        ),
        ({"facts": {"totals": totals()}}, r"Not declared as fact tables: \['totals'\]"),
        ({"run": {"run_id": "../up"}}, "cannot name a file"),
    ],
)
def test_wrong_tables_and_names_are_refused(house: Warehouse, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PublishError, match=sentence):
        house.publish(**{**first_night(), **change})
    assert house.current() is None


def test_a_publish_that_fails_leaves_the_disk_as_it_was(house: Warehouse) -> None:
    one = _published(house, first_night())
    with pytest.raises(duckdb.CatalogException, match="no_such_table") as failure:
        house.publish(**{**second_night(), "views_sql": "CREATE VIEW v AS SELECT * FROM no_such_table"})
    assert failure.value.__notes__ == ["In the caller's views: CREATE VIEW v AS SELECT * FROM no_such_table"]
    assert house.current() == one
    assert [path.name for path in (house.root / "snapshots").iterdir()] == ["1"]


@pytest.mark.parametrize("step", STEPS)
def test_an_error_anywhere_leaves_one_night_whole_and_nothing_beside_it(house: Warehouse, step: str) -> None:
    """A full disk, say: unlike a kill it can be cleaned up after at once."""
    _published(house, first_night())
    with pytest.raises(OSError, match="No space left"):
        house.publish(**second_night(), after=_full_disk_at(step))
    seen = house.current()
    assert seen is not None
    assert seen.verify() == []
    assert {path.name for path in (house.root / "snapshots").iterdir()} == {
        each.path.name for each in house.snapshots()
    }
    assert (seen.number == 2) == (STEPS.index(step) >= STEPS.index("swapped"))


@settings(max_examples=12, deadline=None)
@given(order=st.permutations(range(4)))
def test_the_order_of_rows_is_nothing_new(order: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    house = Warehouse(tmp_path_factory.mktemp("house"), WORLD)
    night = second_night()
    _published(house, night)
    derived = {"totals": night["derived"]["totals"], "days": night["derived"]["days"].take(order)}
    _nothing_new(house, {**night, "derived": derived})


def test_a_damaged_old_file_is_replaced_not_inherited(house: Warehouse) -> None:
    one = _published(house, first_night())
    _damage(one.path / "days/2026-01/data.parquet")
    assert one.verify() == [
        "days, month 2026-01: days/2026-01/data.parquet is not what was published (its hash differs from the manifest's); "
        "newsfold rebuild days restores it."
    ]
    assert _published(house, second_night()).verify() == []


def test_a_missing_file_is_named(house: Warehouse) -> None:
    one = _published(house, first_night())
    (one.path / "totals/data.parquet").unlink()
    assert one.verify() == ["totals: totals/data.parquet is missing; newsfold rebuild totals restores it."]


def test_a_fact_file_cut_short_is_not_carried(house: Warehouse) -> None:
    one = _published(house, first_night())
    path = one.path / "notes/r_1.parquet"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(StoreError, match="not the file that was published: it has 100 bytes"):
        house.publish(**second_night())


def test_old_facts_take_a_new_column_with_the_next_night(house: Warehouse) -> None:
    _published(house, first_night())
    wider = Table(**{**vars(WORLD["notes"]), "columns": (*WORLD["notes"].columns, Column("mood", pa.string(), "mood"))})
    newer = Warehouse(house.root, {**WORLD, "notes": wider})
    two = _published(newer, {**second_night(), "facts": {}})
    assert storage.read_parquet(two.path / "notes/r_1.parquet").schema == wider.schema
    assert two.read("notes", ["mood"], tables=newer.tables).to_pydict() == {"mood": [None, None]}


def test_rolling_back_the_link_loses_no_published_snapshot(house: Warehouse) -> None:
    for night in (first_night(), second_night()):
        _published(house, night)
    (house.root / "current").unlink()
    (house.root / "current").symlink_to("snapshots/1")
    third = _published(house, {**second_night(), "run": {"run_id": "r_3"}, "facts": {"notes": notes("n4")}})
    assert third.number == 3
    assert third.manifest["parent"] == 1
    assert [each.number for each in house.snapshots()] == [1, 2, 3]


def test_a_lost_link_stops_the_night_rather_than_the_history(house: Warehouse) -> None:
    one = _published(house, first_night())
    (house.root / "current").unlink()
    with pytest.raises(StoreError, match="current is missing though snapshots exist"):
        house.publish(**second_night())
    assert one.verify() == []


def test_every_declared_table_can_be_published_and_read(tmp_path: Path) -> None:
    house = Warehouse(tmp_path)
    empty = {name: storage.empty(table) for name, table in TABLES.items() if table.kind == "derived"}
    current = _published(house, {"facts": {}, "derived": empty, "run": {"run_id": "r_1"}})
    for name, table in TABLES.items():
        if table.kind != "log":
            assert current.read(name).schema == table.schema


# Some tables, some months


JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 1)


def test_a_table_that_is_not_named_stays_as_it_is(house: Warehouse) -> None:
    one = _published(house, first_night())
    two = _published(house, {**second_night(), "derived": {"totals": totals(a=3)}})
    assert two.read("totals", tables=WORLD).to_pylist() == [{"tag": "a", "n_notes": 3}]
    kept = [file.path for file in two.files if file.table == "days"]
    assert kept == [file.path for file in one.files if file.table == "days"]
    assert all(_inode(one, path) == _inode(two, path) for path in kept)


def test_a_table_not_named_on_the_first_night_is_empty(house: Warehouse) -> None:
    one = _published(house, {**first_night(), "derived": {"totals": totals(a=3)}})
    assert [file.path for file in one.files if file.table == "days"] == ["days/empty.parquet"]
    two = _published(house, {**second_night(), "derived": {"days": [("2026-01", days(("n1", JANUARY)))]}})
    assert [file.path for file in two.files if file.table == "days"] == ["days/2026-01/data.parquet"]


def test_months_named_are_rewritten_and_the_others_stay(house: Warehouse) -> None:
    one = _published(house, first_night())
    february = days(("n3", FEBRUARY), ("n2", FEBRUARY))
    two = _published(house, {**second_night(), "derived": {"days": iter([("2026-02", february)])}})
    assert two.months("days") == ["2026-01", "2026-02", "undated"]
    assert two.read("days", ["note_id"], WORLD, months=["2026-02"])["note_id"].to_pylist() == ["n2", "n3"]
    kept = ("days/2026-01/data.parquet", "days/undated/data.parquet", "totals/data.parquet")
    assert all(_inode(one, path) == _inode(two, path) for path in kept)


def test_month_by_month_or_whole_is_the_same_snapshot(house: Warehouse, tmp_path: Path) -> None:
    night = second_night()
    by_month = {
        "2026-02": days(("n2", FEBRUARY), ("n3", FEBRUARY)),
        "undated": days(("n2", None)),
        "2026-01": days(("n1", JANUARY)),
    }
    one = _published(house, night)
    other = Warehouse(tmp_path / "other", WORLD)
    two = _published(other, {**night, "derived": {**night["derived"], "days": by_month.items()}})
    assert one.data_hash == two.data_hash


def test_a_month_may_be_given_as_what_goes_of_it_and_what_comes(house: Warehouse, tmp_path: Path) -> None:
    _published(house, first_night())
    differs = {
        "2026-02": _differs([True], ("n4", FEBRUARY), ("n3", FEBRUARY)),
        "undated": _differs([False], ("n1", None)),
        "2026-01": _differs([True]),
        "2025-12": _differs([], ("n5", date(2025, 12, 31))),
    }
    whole = days(("n4", FEBRUARY), ("n3", FEBRUARY), ("n2", None), ("n1", None), ("n5", date(2025, 12, 31)))
    one = _published(house, {**second_night(), "derived": {"days": differs.items()}})
    other = Warehouse(tmp_path / "other", WORLD)
    _published(other, first_night())
    assert one.data_hash == _published(other, {**second_night(), "derived": {"days": whole}}).data_hash
    assert one.months("days") == ["2025-12", "2026-02", "undated"]


def _differs(goes: list[bool], *comes: tuple[str, date | None]) -> Difference:
    return Difference(np.array(goes, bool), days(*comes))


def test_a_month_is_let_go_of_before_the_next_is_made(house: Warehouse) -> None:
    held: list[weakref.ref[pa.Table]] = []

    def months() -> Iterator[tuple[str, pa.Table]]:
        for month, day in (("2026-01", JANUARY), ("2026-02", FEBRUARY), ("undated", None)):
            assert not [table for table in held if table() is not None]
            # In no order, so that what is written is not what was handed over.
            rows = days(("n2", day), ("n1", day))
            held.append(weakref.ref(rows))
            yield month, rows
            del rows

    _published(house, {**first_night(), "derived": {"days": months()}})
    assert len(held) == 3


def test_a_month_without_rows_goes_and_the_last_one_leaves_an_empty_file(house: Warehouse) -> None:
    _published(house, first_night())
    gone = [("2026-01", days()), ("2025-07", days())]
    two = _published(house, {**second_night(), "derived": {"days": gone}})
    assert two.months("days") == ["2026-02", "undated"]
    gone = [("2026-02", days()), ("undated", days())]
    three = _published(house, {"facts": {}, "derived": {"days": gone}, "run": {"run_id": "r_3"}})
    assert [path.name for path in three.paths("days")] == ["empty.parquet"]


def test_one_month_at_a_time_is_asked_for(house: Warehouse) -> None:
    """The next month is made when the one before is on the disk: memory holds one."""
    asked: list[list[str]] = []

    def months() -> Iterator[tuple[str, pa.Table]]:
        for month, day in (("2026-01", JANUARY), ("2026-02", FEBRUARY)):
            staged = (house.root / "snapshots" / ".staging-r_1" / "days").glob("*/data.parquet")
            asked.append(sorted(path.parent.name for path in staged))
            yield month, days(("n1", day))

    _published(house, {**first_night(), "derived": {"days": months()}})
    assert asked == [[], ["2026-01"]]


@pytest.mark.parametrize(
    ("months", "sentence"),
    [
        ([("2026-02", days(("n1", JANUARY)))], "days, month 2026-02: there are rows of 2026-01"),
        ([("2026-01", days(("n1", JANUARY), ("n2", None)))], "days, month 2026-01: there are rows of undated"),
        ([("undated", days(("n1", JANUARY)))], "days, month undated: there are rows of 2026-01"),
        ([("2026-13", days())], "'2026-13' is no month"),
        ([("../days", days())], "is no month"),
        ([("2026-01", days()), ("2026-01", days())], "named twice"),
        ([("2026-02", _differs([False], ("n1", JANUARY)))], "days, month 2026-02: there are rows of 2026-01"),
        ([("2026-01", _differs([]))], "days, month 2026-01: it is said of 0 rows whether they go, and 1 stand"),
        ([("2026-03", _differs([True]))], "days, month 2026-03: it is said of 1 rows whether they go, and 0 stand"),
    ],
)
def test_rows_filed_under_the_wrong_month_are_refused(
    house: Warehouse, months: list[tuple[str, pa.Table | Difference]], sentence: str
) -> None:
    one = _published(house, first_night())
    with pytest.raises(PublishError, match=sentence):
        house.publish(**{**second_night(), "derived": {"days": months}})
    assert house.current() == one


def test_a_table_without_months_is_published_whole(house: Warehouse) -> None:
    with pytest.raises(PublishError, match="totals is not kept by month"):
        house.publish(**{**first_night(), "derived": {"totals": [("2026-01", totals(a=1))]}})


def test_a_table_that_was_whole_until_now_is_not_mixed_with_months(house: Warehouse) -> None:
    whole = Warehouse(house.root, {**WORLD, "days": replace(WORLD["days"], partition=None)})
    _published(whole, first_night())
    with pytest.raises(PublishError, match="days was not kept by month until now: publish it whole once"):
        house.publish(**{**second_night(), "derived": {"days": [("2026-01", days(("n1", JANUARY)))]}})


def test_facts_may_lie_by_month_too(house: Warehouse) -> None:
    facts = Warehouse(house.root, {**WORLD, "days": replace(WORLD["days"], kind="fact")})
    for run, day in (("r_1", JANUARY), ("r_2", FEBRUARY), ("r_3", FEBRUARY)):
        new = days((run, day), (run, None)) if run == "r_1" else days((run, day))
        current = _published(facts, {"facts": {"days": new}, "derived": {}, "run": {"run_id": run}})
    assert [file.path for file in current.files if file.table == "days"] == [
        "days/2026-01/r_1.parquet",
        "days/2026-02/r_2.parquet",
        "days/2026-02/r_3.parquet",
        "days/undated/r_1.parquet",
    ]
    assert current.read("days", ["note_id"], facts.tables, ["2026-02"])["note_id"].to_pylist() == ["r_2", "r_3"]


def test_the_files_of_some_months(house: Warehouse) -> None:
    one = _published(house, first_night())
    assert one.paths("days", ["2026-02", "2031-01"]) == [one.path / "days/2026-02/data.parquet"]
    assert one.paths("days", []) == []
    assert one.read("days", tables=WORLD, months=[]).num_rows == 0
    assert one.paths("totals", ["2026-02"]) == one.paths("totals") == [one.path / "totals/data.parquet"]
    with pytest.raises(FileNotFoundError, match="no table nothing"):
        one.paths("nothing")


# The log


def test_the_log_grows_outside_the_snapshots(house: Warehouse) -> None:
    one = _published(house, first_night())
    for number in (2, 1):
        house.append_log("nights", _night(f"r_{number}", number), f"r_{number}")
    assert house.read_log("nights").column("run_id").to_pylist() == ["r_1", "r_2"]
    assert _nothing_new(house, first_night()).data_hash == one.data_hash


def test_the_same_night_replaces_its_rows_of_the_log(house: Warehouse) -> None:
    house.append_log("nights", _night("r_1", 1), "r_1")
    house.append_log("nights", _night("r_1", 2), "r_1")
    assert house.read_log("nights").column("night").to_pylist() == [date(2026, 1, 2)]


def test_only_log_tables_are_appended_to(house: Warehouse) -> None:
    with pytest.raises(PublishError, match="notes is fact, not a log table"):
        house.append_log("notes", notes("n1"), "r_1")


# One writer


def test_a_second_writer_is_told_who_writes(house: Warehouse) -> None:
    with house.lock("the night of 1 February"), pytest.raises(LockedError, match="the night of 1 February"):
        Warehouse(house.root, WORLD).publish(**first_night())
    _published(house, first_night())


def test_a_night_holds_the_lock_over_its_publish(house: Warehouse) -> None:
    with house.lock("tonight"):
        _published(house, first_night())
        with pytest.raises(LockedError), Warehouse(house.root, WORLD).lock("another"):
            pass


def test_the_lock_of_a_killed_owner_is_free(house: Warehouse) -> None:
    _dies(_hold_and_die, house.root)
    with house.lock("next"):
        pass


def test_a_worker_that_outlives_its_killed_parent_does_not_keep_the_lock(house: Warehouse) -> None:
    here, there = _PROCESSES.Pipe()
    parent = _PROCESSES.Process(target=_hold_with_a_worker, args=(house.root, there))
    parent.start()
    assert here.recv() == "the worker is up"
    with pytest.raises(LockedError, match="the parent"), house.lock("too early"):
        pass
    parent.kill()
    parent.join()
    with house.lock("next"):
        pass
    here.send("the worker may go")


# Killed at every step


@pytest.mark.parametrize("step", KILLS)
def test_killed_anywhere_readers_see_one_night_whole_and_the_next_run_finishes(
    house: Warehouse, tmp_path: Path, step: str
) -> None:
    undisturbed = Warehouse(tmp_path / "undisturbed", WORLD)
    hashes = [_published(undisturbed, night).data_hash for night in (first_night(), second_night())]
    _published(house, first_night())

    _dies(_publish_and_die, house.root, step)

    seen = house.current()
    assert seen is not None
    assert seen.data_hash == hashes[1 if STEPS.index(step) >= STEPS.index("swapped") else 0]
    assert seen.verify() == []
    house.publish(**second_night())
    done = house.current()
    assert done is not None
    assert done.data_hash == hashes[1]
    assert done.verify() == []
    assert [each.number for each in house.snapshots()] == [1, 2]
    assert sorted(path.name for path in (house.root / "snapshots").iterdir()) == ["1", "2"]


@pytest.mark.parametrize("step", KILLS)
def test_killed_in_the_first_night_there_is_nothing_or_all_of_it(house: Warehouse, step: str) -> None:
    _dies(_publish_first_and_die, house.root, step)
    assert (house.current() is not None) == (STEPS.index(step) >= STEPS.index("swapped"))
    house.publish(**first_night())
    assert [each.number for each in house.snapshots()] == [1]
    assert house.snapshots()[0].verify() == []


def _dies(target: Callable[..., None], *arguments: object) -> None:
    child = _PROCESSES.Process(target=target, args=arguments)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at(step: str) -> Callable[[str], None]:
    return lambda reached: _die() if reached == step else None


def _full_disk_at(step: str) -> Callable[[str], None]:
    def after(reached: str) -> None:
        if reached == step:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return after


def _publish_and_die(root: Path, step: str) -> None:
    Warehouse(root, WORLD).publish(**second_night(), after=_die_at(step))


def _publish_first_and_die(root: Path, step: str) -> None:
    Warehouse(root, WORLD).publish(**first_night(), after=_die_at(step))


def _hold_and_die(root: Path) -> None:
    with Warehouse(root, WORLD).lock("the dead"):
        _die()


def _hold_with_a_worker(root: Path, there: Connection) -> None:
    with Warehouse(root, WORLD).lock("the parent"):
        if os.fork() == 0:
            there.send("the worker is up")
            there.recv()
            os._exit(0)
        signal.pause()


def _inode(each: Snapshot, path: str) -> int:
    return (each.path / path).stat().st_ino


def _damage(path: Path) -> None:
    path.chmod(0o644)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)


def _night(run_id: str, day: int) -> pa.Table:
    return pa.Table.from_pylist([{"run_id": run_id, "night": date(2026, 1, day), "reason": None}], schema=NIGHTS.schema)
