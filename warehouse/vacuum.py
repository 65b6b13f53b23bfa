"""Vacuum: old snapshots go by policy, never the one readers see, one that a reader holds, or one that a kept night needs."""

import fcntl
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from warehouse import history
from warehouse.publish import Warehouse
from warehouse.snapshot import Snapshot
from warehouse.store import MANIFEST

_CATALOG = "catalog.duckdb"
# struct flock of 64-bit Linux: type, whence, start, length, owner.
_FLOCK = "hhqqi4x"


@dataclass(frozen=True)
class VacuumSettings:
    """Which past nights are kept; days are counted back from the latest night, not from a clock."""

    # A week of single nights: what an operator rolls back to and an analyst compares; older, one a week shows every trend.
    keep_days: int = 7
    # Then the last night of each ISO week is kept; False: none older than keep_days.
    keep_weekly: bool = True


@dataclass(frozen=True)
class Vacuumed:
    """What a vacuum did: the numbers removed, and those that would have gone but are being read."""

    removed: tuple[int, ...]
    in_use: tuple[int, ...]


def vacuum(house: Warehouse, settings: VacuumSettings = VacuumSettings()) -> Vacuumed:
    """Remove the snapshots the policy does not keep; the caller holds the lock.

    Gone are nights past the policy, snapshots that another replaced, and rolled back ones older than keep_days; the one with
    the highest number stays, so that no number is used again. A kill leaves whole snapshots only.
    """
    goes = [each for each in house.snapshots() if each.number not in kept(house, settings)]
    in_use = tuple(each.number for each in goes if is_read(each))
    removed = tuple(each.number for each in goes if each.number not in in_use)
    for number in removed:
        house.store.remove(number)
    return Vacuumed(removed, in_use)


def kept(house: Warehouse, settings: VacuumSettings = VacuumSettings()) -> set[int]:
    """Return the numbers of the snapshots the policy keeps."""
    every = house.snapshots()
    line = history.line(house)
    if not line:
        return set()
    latest = _night(line[-1])
    recent = {each.number for each in every if not _before(each, latest, settings.keep_days)}
    replaced = {number for each in every for number in history.replaced(each)}
    weekly = _last_of_each_week(line) if settings.keep_weekly else set()
    return (recent - replaced) | weekly | {line[-1].number, every[-1].number}


def is_read(each: Snapshot) -> bool:
    """Return whether a reader of this machine holds the snapshot: through `reading`, or with its catalog open."""
    return _held(each.path / MANIFEST, _is_flocked) or _held(each.path / _CATALOG, _is_locked)


@contextmanager
def reading(each: Snapshot) -> Iterator[Snapshot]:
    """Hold a snapshot for the block, so that vacuum leaves it; the hold ends with the process, whatever becomes of it.

    A connection to its catalog is such a hold by itself. Of a remote store a reader has copies, and needs none.
    """
    handle = os.open(each.path / MANIFEST, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield each
    finally:
        os.close(handle)


def _held(path: Path, by: Callable[[int], bool]) -> bool:
    if not path.is_file():
        return False
    handle = os.open(path, os.O_RDONLY)
    try:
        return by(handle)
    finally:
        os.close(handle)


def _is_flocked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _is_locked(handle: int) -> bool:
    # DuckDB's own lock is asked for and not taken: taking it needs write permission, which a published file grants to nobody.
    asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    found = struct.unpack(_FLOCK, fcntl.fcntl(handle, fcntl.F_GETLK, asked))
    return bool(found[0] != fcntl.F_UNLCK)


def _last_of_each_week(line: Iterable[Snapshot]) -> set[int]:
    weeks: dict[tuple[int, int], int] = {}
    for each in line:
        night = _night(each)
        if night is not None:
            year, week, _ = night.isocalendar()
            weeks[year, week] = each.number
    return set(weeks.values())


def _before(each: Snapshot, latest: date | None, days: int) -> bool:
    night = _night(each)
    return night is not None and latest is not None and night <= latest - timedelta(days=days)


def _night(each: Snapshot) -> date | None:
    night = each.manifest["run"].get("night")
    return date.fromisoformat(night) if night else None
