"""`newsfold rollback NIGHT`: readers see an older night again, and the log says so."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from flows.audit import note
from warehouse.history import NotKeptError
from warehouse.lock import LockedError
from warehouse.publish import Warehouse
from warehouse.rollback import roll_back


def rollback(root: Path, name: str) -> int:
    """Roll back to a night, run or snapshot number, say how to undo it, and return 0; or 1 with a sentence."""
    house, started = Warehouse(root), datetime.now(UTC)
    try:
        with house.lock("rollback"):
            seen, now = roll_back(house, name)
            if seen.number == now.number:
                print(f"Readers see {name} already: snapshot {now.number}.")
                return 0
            night = now.manifest["run"].get("night")
            detail = f"From snapshot {seen.number} back to {now.number}, the night of {night}."
            note(house, "rolled_back", started, seen, 0, 0, 0, detail)
    except (NotKeptError, LockedError) as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return 1
    print(
        f"{detail} The next night goes on from there; until the next vacuum, newsfold rollback {seen.number} undoes this."
    )
    return 0
