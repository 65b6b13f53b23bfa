"""`newsfold verify` and `newsfold rebuild`: is every byte as it was published, and how to get a derived table back."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from flows.contracts import Blocked
from flows.nightly import run_night
from flows.progress import Progress
from flows.resources import Resources
from flows.settings import Settings
from warehouse import catalog
from warehouse.lock import LockedError
from warehouse.publish import Warehouse
from warehouse.schema import TABLES
from warehouse.snapshot import DamagedError, Snapshot
from warehouse.store import Place, StoreError, is_remote

CATALOG = "catalog"


def verify(place: Place, every: bool) -> int:
    """Print what is not as it was published, in the current snapshot or in every one kept; returns 1 where anything is."""
    try:
        house = Warehouse(place)
        current = house.current()
        found = house.snapshots() if every else [current] if current else []
    except (StoreError, OSError) as error:
        return _failed(error)
    if not found:
        print(f"newsfold: nothing is published in {place} yet.", file=sys.stderr)
        return 1
    n_faults = 0
    for each in found:
        faults = _faults(each, place)
        n_faults += len(faults)
        for fault in faults:
            print(f"snapshot {each.number}: {fault}")
        if not faults:
            size = sum(file.bytes for file in each.files)
            print(f"snapshot {each.number}: {len(each.files):,} files, {size:,} bytes, all as published")
    faults = house.log_faults()
    print("\n".join(faults) or "log: all as written")
    return 1 if n_faults or faults else 0


def rebuild(place: Place, tables: Sequence[str], settings_file: Path | None) -> int:
    """Make derived tables (or the catalog) anew from the facts; returns 0, or 1 where that can't be done."""
    known = [name for name, table in TABLES.items() if table.kind == "derived"]
    if wrong := [name for name in tables if name not in (*known, CATALOG)]:
        if strange := [name for name in wrong if name not in TABLES]:
            return _failed(
                f"there is no table {', '.join(strange)}; what can be made anew: {', '.join(known)}, {CATALOG}."
            )
        named = ", ".join(wrong)
        return _failed(
            f"{named} can't be made from facts: restore it from a copy. These can: {', '.join(known)}, {CATALOG}."
        )
    settings = Settings.load(settings_file)
    try:
        house = Warehouse(place, settings=settings.store)
        current = house.current()
        if current is None:
            return _failed(f"nothing is published in {place} yet.")
        if CATALOG in tables:
            house.rebuild_catalog(Resources.load(settings).views)
        wanted = [name for name in tables if name != CATALOG]
        if wanted:
            night = date.fromisoformat(current.manifest["run"]["night"])
            run_night([], place, night, settings, Progress(), rebuild=wanted)
    except (Blocked, LockedError, StoreError, DamagedError, OSError, ValueError) as error:
        return _failed(error)
    left = [
        fault for name in wanted for fault in Warehouse(place, settings=settings.store).snapshots()[-1].verify(name)
    ]
    print("\n".join(left) or f"{', '.join(tables)}: as published, or made anew")
    return 1 if left else 0


def _faults(snapshot: Snapshot, place: Place) -> list[str]:
    try:
        return snapshot.verify() + ([] if is_remote(place) else catalog.faults(snapshot.path))
    except DamagedError as error:
        return [str(error)]


def _failed(why: object) -> int:
    print(f"newsfold: {why}", file=sys.stderr)
    return 1
