"""`newsfold rollback NIGHT`: readers see an older night again, and the log says so."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from flows.audit import note
from warehouse.history import NotKeptError
from warehouse.lock import LockedError
from warehouse.publish import Warehouse
from warehouse.rollback import leave_behind, roll_back


def rollback(root: Path, name: str) -> int:
    """Roll back to a night, run or snapshot number, say how to undo it, and return 0; or 1 with a sentence."""
    house, started = Warehouse(root), datetime.now(UTC)
    try:
        with house.lock("rollback"):
            seen, now = roll_back(house, name)
            lost = leave_behind(house)
            removed = f" Removed, as nobody could read its manifest: {', '.join(map(str, lost))}." if lost else ""
            if seen.number == now.number and not lost:
                print(f"Readers see {name} already: snapshot {now.number}.")
                return 0
            night = now.manifest["run"].get("night")
            moved = seen.number != now.number
            detail = (
                f"From snapshot {seen.number} back to {now.number}" if moved else f"Readers keep snapshot {now.number}"
            )
            detail += f", the night of {night}.{removed}"
            note(house, "rolled_back", started, seen, len(lost), 0, 0, detail)
    except (NotKeptError, LockedError) as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return 1
    back = (
        f"; until the next vacuum, newsfold rollback {seen.number} undoes this"
        if seen.number not in (now.number, *lost)
        else ""
    )
    print(f"{detail} The next night goes on from there{back}.")
    return 0
