"""Files, snapshots, checks and the catalog: how tables are declared, kept and read; of news only `schema` speaks."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.snapshot import Snapshot
    from warehouse.store import StoreSettings


def open(place: str | Path, settings: "StoreSettings | None" = None) -> "Snapshot":
    """Return what readers see at a folder or s3://bucket/prefix now, resolved once: it stays the same while nights publish.

    `snapshot.paths(table)` are local files, `snapshot.urls(table)` where other readers find them, `snapshot.read(table)` an
    Arrow table. Raises FileNotFoundError where nothing is published.
    """
    # Imported here, so that a module of this package can be had without all of them.
    from warehouse.publish import open_store
    from warehouse.snapshot import Snapshot
    from warehouse.store import SETTINGS

    store = open_store(place, settings or SETTINGS)
    pointer = store.current()
    if pointer is None:
        raise FileNotFoundError(f"Nothing is published in {place} yet.")
    return Snapshot(store.folder(pointer.number), store)
