"""Rolling back: readers see an older night again, and the next night goes on from there."""

from warehouse import history
from warehouse.publish import Warehouse
from warehouse.snapshot import Snapshot
from warehouse.store import VIEWS


def roll_back(house: Warehouse, name: str) -> tuple[Snapshot, Snapshot]:
    """Make readers see a kept night, run or snapshot number; return what they saw and what they see.

    The caller holds the lock. What was rolled back stays until vacuum, under its number, but is on no line of what comes; the
    same call with its number brings it back. Raises NotKeptError.
    """
    pointer = house.store.current()
    seen = house.current()
    target = history.as_of(house, name)
    if pointer is None or seen is None:
        raise history.NotKeptError(f"{name} is not kept; nothing is published yet.")
    if target.number != seen.number:
        # Its catalog may be of another place, or of before other nights were vacuumed.
        house.show(target, house.store.fetch(target.number, VIEWS).read_text(encoding="utf-8"))
        house.store.swap(target.number, pointer)
    return seen, target
