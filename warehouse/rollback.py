"""Rolling back: readers see an older night again, and the next night goes on from there."""

from collections.abc import Iterable

from warehouse import history
from warehouse.publish import Warehouse
from warehouse.rewrite import Taken, rewrite
from warehouse.snapshot import Snapshot
from warehouse.store import VIEWS


def roll_back(house: Warehouse, name: str) -> tuple[Snapshot, Snapshot]:
    """Make readers see a kept night, run or snapshot number; return what they saw and what they see.

    The caller holds the lock. What was rolled back stays until vacuum, under its number, but is on no line of what comes; the
    same call with its number brings it back. Raises NotKeptError, and DamagedError where no manifest at all can be read.
    """
    pointer, kept = house.store.current(), {each.number: each for each in house.snapshots()}
    if pointer is None:
        raise history.NotKeptError(f"{name} is not kept; nothing is published yet.")
    seen = kept[pointer.number]
    target = history.as_of(house, name, _tip(seen, kept.values()))
    if target.number != seen.number:
        # Its catalog may be of another place, or of before other nights were vacuumed.
        house.show(target, house.store.fetch(target.number, VIEWS).read_text(encoding="utf-8"))
        house.store.swap(target.number, pointer)
    return seen, target


def leave_behind(house: Warehouse) -> list[int]:
    """Remove the snapshots whose manifest is damaged, which nobody can read, and return their numbers; the caller holds the lock.

    What readers see is not among them once they were rolled back.
    """
    every = house.snapshots()
    lost = [each.number for each in every if not each.is_readable]
    seen = house.current()
    if lost and seen is not None and every[-1].number in lost:
        # No number is used again, so that what readers see gets one above those that go.
        rewrite(house, seen, lambda _, files: [Taken(file, seen.number) for file in files], {})
    for number in lost:
        house.store.remove(number)
    return lost


def _tip(seen: Snapshot, kept: Iterable[Snapshot]) -> Snapshot:
    """Return the snapshot whose line is gone back on: what readers see, or the newest that can be read where that can't be."""
    readable = [each for each in kept if each.is_readable]
    return seen if seen in readable or not readable else max(readable, key=lambda each: each.number)
