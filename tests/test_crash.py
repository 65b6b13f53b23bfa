"""Crashed at every single operation: readers see the old night or the new one, whole, and the next run ends as if nothing had been."""

import errno
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from faults import FailingBucket, FailingDisk, FastDisk, RecordingDisk, copied, put_back
from little_world import WORLD, first_night, second_night
from obstore.store import MemoryStore

from warehouse import catalog
from warehouse.bucket import Bucket
from warehouse.disk import Disk
from warehouse.objects import ObjectStore
from warehouse.publish import Warehouse
from warehouse.store import LostRaceError, StoreSettings

Night = Callable[[], dict[str, Any]]


def _house(root: Path) -> Warehouse:
    return Warehouse(root, WORLD, disk=FastDisk())


@pytest.fixture(scope="module")
def hashes(tmp_path_factory: pytest.TempPathFactory) -> list[str | None]:
    """The data hashes before the first night, after it, and after the second, when nobody disturbs."""
    house = _house(tmp_path_factory.mktemp("undisturbed") / "house")
    return [None, *(house.publish(**night()).data_hash for night in (first_night, second_night))]  # type: ignore[union-attr]


def _seen(house: Warehouse) -> str | None:
    """What readers see, every file as published; None before the first night."""
    current = house.current()
    if current is None:
        return None
    assert current.verify() == []
    assert (house.root / "current" / "catalog.duckdb").exists()
    return current.data_hash


def _asked(house: Warehouse, known: set[bytes]) -> None:
    """Ask the catalog, unless these very bytes of one were asked before."""
    current = house.current()
    if current is None or (found := (current.path / "catalog.duckdb").read_bytes()) in known:
        return
    with duckdb.connect(current.path / "catalog.duckdb", read_only=True) as connection:
        assert connection.execute("SELECT data_hash FROM snapshot").fetchall() == [(current.data_hash,)]
        assert connection.execute("SELECT count(*) FROM notes").fetchall() == [(current.number + 1,)]
    known.add(found)


def _finish(house: Warehouse, night: Night, wanted: str | None) -> None:
    house.publish(**night())
    assert _seen(house) == wanted
    whole = [each.number for each in house.snapshots()]
    assert sorted(path.name for path in (house.root / "snapshots").iterdir()) == [str(number) for number in whole]


@pytest.fixture
def no_duckdb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catalogs of a few bytes, made by the same operations, where a thousand are made and none is asked."""

    def build(snapshot: Path, log: Path, views: str, tables: object, disk: Disk) -> None:
        if not (snapshot / "catalog.sql").exists():
            disk.remove(snapshot / ".catalog.duckdb.tmp")
            (snapshot / ".catalog.duckdb.tmp").write_text(views)
            disk.protect(snapshot / ".catalog.duckdb.tmp")
            disk.put_in_place(snapshot / ".catalog.duckdb.tmp", snapshot / "catalog.duckdb")
            disk.write_text(views, snapshot / "catalog.sql")

    monkeypatch.setattr(catalog, "build_if_stale", build)


@pytest.mark.parametrize(("night", "before"), [(first_night, []), (second_night, [first_night])])
def test_power_cut_or_killed_at_every_operation(
    tmp_path: Path,
    hashes: list[str | None],
    night: Night,
    before: list[Night],
    request: pytest.FixtureRequest,
) -> None:
    old, new = hashes[len(before)], hashes[len(before) + 1]
    root = tmp_path / "house"
    for each in before:
        _house(root).publish(**each())
    disk = RecordingDisk(root)
    Warehouse(root, WORLD, disk=disk).publish(**night())
    commit = len(disk.left)
    disk.record()
    disk.close()
    shutil.rmtree(root)

    request.getfixturevalue("no_duckdb")
    asked: set[bytes] = set()
    outcomes = list(dict.fromkeys(disk.left))
    assert len(outcomes) > 40
    after_it_said_done = set(disk.left[commit:])
    for left in outcomes:
        put_back(left, root)
        house = _house(root)
        assert _seen(house) in ({new} if left in after_it_said_done else {old, new})
        _asked(house, asked)
        _finish(house, night, new)
        shutil.rmtree(root, ignore_errors=True)


@pytest.mark.usefixtures("no_duckdb")
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_an_error_at_every_operation(tmp_path: Path, hashes: list[str | None], number: int) -> None:
    """EIO once, or a disk that is full from there on: the publish fails, or had already ended; the next one ends well."""
    _, old, new = hashes
    root, before = tmp_path / "house", tmp_path / "before"
    _house(root).publish(**first_night())
    shutil.copytree(root, before, symlinks=True)
    failed = at = 0
    while True:
        disk = FailingDisk(at, number)
        try:
            Warehouse(root, WORLD, disk=disk).publish(**second_night())
        except OSError as error:
            assert error.errno == number
            failed += 1
        if disk.count <= at:
            break
        house = _house(root)
        assert _seen(house) in {old, new}
        _finish(house, second_night, new)
        shutil.rmtree(root)
        shutil.copytree(before, root, symlinks=True)
        at += 1
    assert at > 40 and failed > 0.8 * at


@pytest.mark.parametrize("answer_lost", [False, True], ids=["request lost", "answer lost"])
@pytest.mark.parametrize("dead", [False, True], ids=["once", "for good"])
def test_a_bucket_that_fails_at_every_request(
    tmp_path: Path, hashes: list[str | None], answer_lost: bool, dead: bool
) -> None:
    _, old, new = hashes
    settings = StoreSettings(home=str(tmp_path / "home"))
    # The dead owner's lease has run out by the store's clock.
    later = replace(settings, lease_seconds=-1.0, home=str(tmp_path / "next"))

    def house(bucket: Bucket, settings: StoreSettings) -> Warehouse:
        return Warehouse("s3://b/p", WORLD, store=ObjectStore("s3://b/p", settings, bucket))

    before = MemoryStore()
    house(Bucket(before), settings).publish(**first_night())
    failed = at = 0
    while True:
        store = copied(before)
        bucket = FailingBucket(store, at, answer_lost, dead)
        try:
            house(bucket, settings).publish(**second_night())
        except (ConnectionError, LostRaceError):
            failed += 1
        if bucket.count <= at:
            break
        for reader in (house(Bucket(store), settings), house(Bucket(store), later)):
            current = reader.current()
            assert current is not None and current.verify() == []
            assert current.data_hash in {old, new}
        done = house(Bucket(store), later)
        done.publish(**second_night())
        current = done.current()
        assert current is not None and current.verify() == []
        assert current.data_hash == new
        assert {each.data_hash for each in done.snapshots()} == {old, new}
        at += 1
    assert at > 20 and failed > 0.8 * at
