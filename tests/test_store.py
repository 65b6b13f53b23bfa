"""A warehouse in a bucket: the same nights, the same data, seen whole; a lost race is one sentence, a crash leaves no trace."""

import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from little_world import NIGHTS, WORLD, first_night, notes, second_night
from pyarrow import dataset

import warehouse
from flows.cli import main
from flows.settings import Settings
from tests.nights import NIGHTS as EXAMPLE_NIGHTS
from tests.nights import run
from warehouse import lease, storage
from warehouse.bucket import ABSENT, Bucket, ConflictError, Entry, connect, filesystem
from warehouse.catalog import CatalogError, open_catalog
from warehouse.lock import LockedError
from warehouse.objects import ObjectStore
from warehouse.publish import NoChange, PublishError, Warehouse
from warehouse.snapshot import DamagedError, Snapshot
from warehouse.store import LostRaceError, StoreError, StoreSettings


@pytest.fixture
def house(bucket_url: str, at: StoreSettings) -> Warehouse:
    return Warehouse(bucket_url, WORLD, settings=at)


@pytest.fixture
def bucket(bucket_url: str, at: StoreSettings) -> Bucket:
    return connect(bucket_url, at)


def _elsewhere(bucket_url: str, at: StoreSettings, tmp_path: Path, **more: Any) -> Warehouse:
    """The same warehouse, from another machine."""
    return Warehouse(bucket_url, WORLD, settings=replace(at, home=str(tmp_path / "elsewhere"), **more))


def _published(house: Warehouse, night: dict[str, Any]) -> Snapshot:
    outcome = house.publish(**night)
    assert isinstance(outcome, Snapshot)
    return outcome


# What is relied on


def test_a_key_is_created_once(bucket: Bucket) -> None:
    bucket.write("k", b"one", ABSENT)
    with pytest.raises(ConflictError):
        bucket.write("k", b"two", ABSENT)
    assert bucket.read("k")[0] == b"one"


def test_a_key_is_replaced_by_comparison(bucket: Bucket) -> None:
    first = bucket.write("k", b"one")
    second = bucket.write("k", b"two", first)
    with pytest.raises(ConflictError):
        bucket.write("k", b"three", first)
    assert bucket.read("k")[0] == b"two"
    assert bucket.read("k")[1].etag == second
    with pytest.raises(ConflictError):
        bucket.write("nothing there", b"four", first)


# The same nights


def test_a_bucket_holds_what_a_folder_holds(house: Warehouse, tmp_path: Path) -> None:
    folder = Warehouse(tmp_path / "folder", WORLD)
    for night in (first_night(), second_night()):
        assert _published(house, night).data_hash == _published(folder, night).data_hash
    current, other = house.current(), folder.current()
    assert current is not None and other is not None
    assert (current.number, current.manifest["parent"]) == (2, 1)
    for table in ("notes", "days", "totals"):
        assert current.read(table, tables=WORLD).equals(other.read(table, tables=WORLD))
    assert current.verify() == []
    assert [each.number for each in house.snapshots()] == [1, 2]


def test_before_the_first_night_there_is_nothing(house: Warehouse) -> None:
    assert house.current() is None
    assert house.snapshots() == []


def test_the_same_night_twice_publishes_nothing_new(house: Warehouse, bucket: Bucket) -> None:
    _published(house, first_night())
    before = {entry.key for entry in bucket.list("data")}
    assert isinstance(house.publish(**first_night()), NoChange)
    assert {entry.key for entry in bucket.list("data")} == before
    assert [each.number for each in house.snapshots()] == [1]


def test_the_layout_is_what_other_readers_rely_on(house: Warehouse, bucket: Bucket) -> None:
    one = _published(house, first_night())
    two = _published(house, second_night())
    assert bucket.read("current")[0] == b'{"snapshot": 2}'
    keys = {entry.key for entry in bucket.list("data")}
    assert keys == {file.key for each in (one, two) for file in each.files}
    assert all(file.key == f"data/{file.path.rpartition('/')[0]}/{file.sha256}.parquet" for file in two.files)


def test_a_reader_elsewhere_fetches_only_what_it_reads(
    house: Warehouse, bucket_url: str, at: StoreSettings, tmp_path: Path
) -> None:
    _published(house, first_night())
    reader = _elsewhere(bucket_url, at, tmp_path)
    current = reader.current()
    assert current is not None
    assert current.read("days", ["note_id"], WORLD, months=["2026-02"])["note_id"].to_pylist() == ["n2"]
    (path,) = current.paths("days", ["2026-02"])
    assert list((tmp_path / "elsewhere").rglob("*.parquet")) == [path]
    assert storage.read_parquet(path).num_rows == 1


def test_a_reader_keeps_to_its_snapshot(house: Warehouse) -> None:
    _published(house, first_night())
    before = house.current()
    _published(house, second_night())
    assert before is not None
    assert before.read("notes", tables=WORLD).num_rows == 2


def test_the_log_grows_and_is_replaced_by_name(
    house: Warehouse, bucket_url: str, at: StoreSettings, tmp_path: Path
) -> None:
    rows = pa.Table.from_pylist([{"run_id": "r_1", "night": NIGHT, "reason": None}], schema=NIGHTS.schema)
    house.append_log("nights", rows, "r_1")
    reader = _elsewhere(bucket_url, at, tmp_path)
    assert reader.read_log("nights").equals(rows)
    again = rows.set_column(2, "reason", pa.array(["full disk"]))
    house.append_log("nights", again, "r_1")
    house.append_log("nights", rows.set_column(0, NIGHTS.schema.field("run_id"), pa.array(["r_2"])), "r_2")
    assert reader.read_log("nights")["reason"].to_pylist() == ["full disk", None]


NIGHT = datetime(2026, 2, 1, tzinfo=UTC).date()


def test_wrong_tables_leave_nothing_visible(house: Warehouse) -> None:
    with pytest.raises(PublishError):
        house.publish(**{**first_night(), "facts": {"totals": notes()}})
    assert house.current() is None


def test_a_place_that_is_neither_folder_nor_bucket_is_refused() -> None:
    with pytest.raises(StoreError, match="'ftp://here/there' is no place for a warehouse: give a folder or s3://"):
        Warehouse("ftp://here/there")


# Damage


def test_a_damaged_object_is_found_and_never_read(
    house: Warehouse, bucket_url: str, at: StoreSettings, tmp_path: Path, bucket: Bucket
) -> None:
    current = _published(house, first_night())
    file = next(file for file in current.files if file.month == "2026-01")
    data = bytearray(bucket.read(str(file.key))[0])
    data[len(data) // 2] ^= 4
    bucket.write(str(file.key), bytes(data))
    (fault,) = current.verify()
    assert fault.startswith("days, month 2026-01: ") and fault.endswith("newsfold rebuild days restores it.")
    elsewhere = _elsewhere(bucket_url, at, tmp_path).current()
    assert elsewhere is not None
    with pytest.raises(DamagedError, match="newsfold rebuild days restores it"):
        elsewhere.read("days", tables=WORLD)


def test_the_same_bytes_published_again_mend_a_damaged_object(house: Warehouse, bucket: Bucket) -> None:
    current = _published(house, first_night())
    for file in current.files:
        bucket.write(str(file.key), b"garbage")
    assert len(current.verify()) == len(current.files)
    house.publish(**first_night())
    assert current.verify() == []


# Races


def test_of_two_that_publish_at_once_one_gives_way(
    house: Warehouse, bucket_url: str, at: StoreSettings, tmp_path: Path
) -> None:
    """The lease keeps them apart; should it fail, the pointer still moves by comparison only."""
    _published(house, first_night())
    other = _elsewhere(bucket_url, at, tmp_path, lease_seconds=-1.0)
    third = {**second_night(), "run": {"run_id": "r_3"}, "facts": {"notes": notes("n9")}}

    def overtake(step: str) -> None:
        if step == "carried":
            _published(other, third)

    with pytest.raises(LostRaceError, match="run it again"):
        house.publish(**second_night(), after=overtake)
    current = house.current()
    assert current is not None
    assert current.read("notes", ["note_id"], WORLD)["note_id"].to_pylist() == ["n1", "n2", "n9"]
    assert current.verify() == []


def test_the_pointer_moves_by_comparison_also_without_a_lease(house: Warehouse) -> None:
    _published(house, first_night())
    stale = house.store.current()
    _published(house, second_night())
    with pytest.raises(LostRaceError, match="nothing of this one is visible, run it again"):
        house.store.swap(1, stale)
    with pytest.raises(LostRaceError):
        house.store.swap(1, None)
    current = house.current()
    assert current is not None and current.number == 2


def test_a_number_is_sealed_once(house: Warehouse, tmp_path: Path) -> None:
    _published(house, first_night())
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "views.sql").write_text("")
    with pytest.raises(LostRaceError):
        house.store.seal(tmp_path, 1)


def test_a_second_night_is_told_who_writes(
    house: Warehouse, bucket_url: str, at: StoreSettings, tmp_path: Path
) -> None:
    other = _elsewhere(bucket_url, at, tmp_path)
    with house.lock("the night of 1 February"):
        with (
            pytest.raises(LockedError, match=f"{bucket_url} is being written by the night of 1 February"),
            other.lock("me"),
        ):
            pass
        with pytest.raises(LockedError), Warehouse(bucket_url, WORLD, settings=at).lock("a third, on this machine"):
            pass
    with other.lock("me"):
        pass


def test_a_second_night_may_wait(house: Warehouse, bucket_url: str, at: StoreSettings, tmp_path: Path) -> None:
    other = _elsewhere(bucket_url, at, tmp_path, wait_seconds=60.0)
    held, go = threading.Event(), threading.Event()

    def first() -> None:
        with house.lock("the first"):
            held.set()
            go.wait()

    holding = threading.Thread(target=first)
    holding.start()
    held.wait()
    threading.Timer(0.1, go.set).start()
    with other.lock("the second"):
        assert go.is_set()
    holding.join()


def test_a_dead_owners_lease_is_taken_over_when_the_stores_clock_says_so(bucket: Bucket, at: StoreSettings) -> None:
    bucket.write("lease.json", b'{"owner": "the dead", "pid": 1, "host": "gone"}')
    with pytest.raises(LockedError, match="the dead"), lease.hold(bucket, "here", "next", at):
        pass
    later = _Later(bucket, timedelta(seconds=at.lease_seconds + 1))
    with lease.hold(later, "here", "next", at) as held:
        held.check()


def test_an_owner_thought_dead_finds_out_before_it_publishes(house: Warehouse, bucket: Bucket) -> None:
    def steal(step: str) -> None:
        if step == "sealed":
            bucket.write("lease.json", b'{"owner": "the heir", "pid": 1, "host": "there"}')

    with pytest.raises(LostRaceError, match=r"took over .* while this one could not be heard of"):
        house.publish(**first_night(), after=steal)
    assert house.current() is None
    assert b"the heir" in bucket.read("lease.json")[0]


class _Later(Bucket):
    """A bucket whose clock, as told by objects put from now on, is ahead."""

    def __init__(self, bucket: Bucket, ahead: timedelta) -> None:
        super().__init__(bucket._store)
        self._ahead = ahead

    def read(self, key: str) -> tuple[bytes, Entry]:
        data, entry = super().read(key)
        return data, replace(entry, modified=entry.modified + self._ahead) if key == "clock" else entry


def test_copies_nobody_needs_any_more_go_after_a_day(house: Warehouse, at: StoreSettings) -> None:
    _published(house, first_night())
    _published(house, second_night())
    copies = set((Path(at.home) / "mirror").rglob("*.parquet"))
    current = house.current()
    assert current is not None
    needed = {path for table in ("notes", "days", "totals") for path in current.paths(table)}
    with house.lock("next"):
        assert set((Path(at.home) / "mirror").rglob("*.parquet")) == copies > needed
    for path in copies:
        os.utime(path, (0, 0))
    with house.lock("next"):
        assert set((Path(at.home) / "mirror").rglob("*.parquet")) == needed


# What a crash leaves


def test_what_a_crash_left_is_seen_by_nobody_and_swept_when_it_is_old(
    house: Warehouse, bucket: Bucket, bucket_url: str, at: StoreSettings
) -> None:
    one = _published(house, first_night())
    before = {entry.key for entry in bucket.list("data") + bucket.list("snapshots")}
    for step in ("facts", "sealed"):
        with pytest.raises(KeyboardInterrupt):
            house.publish(**second_night(), after=_interrupt_at(step))
    assert [each.number for each in house.snapshots()] == [1]
    left = {entry.key for entry in bucket.list("data") + bucket.list("snapshots")} - before
    assert left
    assert house.sweep() == []
    old = Warehouse(bucket_url, WORLD, store=ObjectStore(bucket_url, at, _Later(bucket, timedelta(days=2))))
    assert set(old.sweep()) == left
    assert {entry.key for entry in bucket.list("data") + bucket.list("snapshots")} == before
    assert one.verify() == []


def test_the_sweep_spares_every_published_snapshot(
    house: Warehouse, bucket: Bucket, bucket_url: str, at: StoreSettings
) -> None:
    published = [_published(house, night) for night in (first_night(), second_night())]
    old = Warehouse(bucket_url, WORLD, store=ObjectStore(bucket_url, at, _Later(bucket, timedelta(days=2))))
    assert old.sweep() == []
    assert [each.verify() for each in published] == [[], []]
    old.store.remove(1)
    gone = old.sweep()
    assert gone and not {file.key for file in published[1].files} & set(gone)


def _interrupt_at(step: str) -> Any:
    def after(reached: str) -> None:
        if reached == step:
            raise KeyboardInterrupt

    return after


# Readers without a copy


def test_the_catalog_of_a_bucket_answers_and_reaches_nothing_else(
    house: Warehouse, bucket_url: str, at: StoreSettings
) -> None:
    with pytest.raises(CatalogError, match=f"Nothing is published in {bucket_url} yet"):
        open_catalog(bucket_url, settings=at, tables=WORLD)
    _published(house, first_night())
    with open_catalog(bucket_url, settings=at, tables=WORLD) as before:
        _published(house, second_night())
        assert before.execute("SELECT count(*) FROM notes JOIN days USING (note_id)").fetchall() == [(3,)]
        assert before.execute("FROM busy").fetchall() == [("a",)]
        assert before.execute("SELECT number, location FROM snapshot").fetchall() == [(1, f"{bucket_url}/snapshots/1")]
        with pytest.raises(duckdb.PermissionException):
            before.execute("SELECT * FROM read_text('/etc/passwd')")
    with open_catalog(bucket_url, settings=at, tables=WORLD) as after:
        assert after.execute("SELECT count(*) FROM notes").fetchall() == [(3,)]
        then = "SELECT count(*) FROM as_of('{}', '{}')"
        assert [
            after.execute(then.format(table, night)).fetchall()[0][0]
            for night in ("2026-02-01", "r_2")
            for table in ("notes", "totals")
        ] == [2, 2, 3, 2]
        with pytest.raises(duckdb.Error, match="Night 2026-01-07 is not kept; the nearest that is: 2026-02-01"):
            after.execute(then.format("notes", "2026-01-07"))
        with pytest.raises(duckdb.Error, match="The warehouse of 2026-02-01 has no table nothing"):
            after.execute(then.format("nothing", "2026-02-01"))


def test_other_readers_take_the_urls(house: Warehouse, bucket_url: str, at: StoreSettings, tmp_path: Path) -> None:
    _published(house, first_night())
    now = warehouse.open(bucket_url, replace(at, home=str(tmp_path / "elsewhere")))
    files = now.urls("days")
    assert all(url.startswith(f"{bucket_url}/data/days/") for url in files)
    s3 = filesystem(at)
    with duckdb.connect() as connection:
        connection.register_filesystem(s3)
        assert connection.execute("SELECT count(*) FROM read_parquet($files)", {"files": files}).fetchall() == [(3,)]
    paths = [url.removeprefix("s3://") for url in files]
    assert dataset.dataset(paths, filesystem=s3).count_rows() == 3
    assert list((tmp_path / "elsewhere").rglob("*.parquet")) == []


def test_a_place_without_a_warehouse_is_said_to_be(bucket_url: str, at: StoreSettings) -> None:
    with pytest.raises(FileNotFoundError, match=f"Nothing is published in {bucket_url} yet"):
        warehouse.open(bucket_url, at)


@pytest.mark.slow
def test_a_night_publishes_to_a_bucket_by_settings_alone(
    bucket_url: str, endpoint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same dumps, in a folder and in a bucket, give the same data; the command's readers reach it too."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    monkeypatch.setenv("AWS_REGION", "")
    file = tmp_path / "settings.toml"
    file.write_text(f'endpoint = "{endpoint}"\nregion = "us-east-1"\nhome = "{tmp_path / "home"}"\n')
    settings = Settings.load(file)
    for night in EXAMPLE_NIGHTS[:2]:
        row = run([night], bucket_url, night.name, settings)
        assert row["status"] == "published"
        assert row["data_hash"] == run([night], tmp_path / "folder", night.name, Settings())["data_hash"]
    there = ["--warehouse", bucket_url, "--settings", str(file)]
    assert main(["sql", "SELECT count(*) AS n FROM articles", "--format", "csv", *there]) == 0
    assert main(["sql", "SELECT count(*) AS n FROM articles", "--as-of", EXAMPLE_NIGHTS[0].name, *there]) == 0
    assert main(["status", *there]) == 0
    assert main(["verify", "--all", *there]) == 0
    assert capsys.readouterr().out.count("all as published") == 2
