"""Putting another snapshot in the place of one: the same night with other bytes, for compaction, upgrades and forgetting.

The new one has a number of its own, says which it replaces, and takes its place in every line; nothing is written into the old
one, which stays until it is vacuumed. Replacing what readers see is a publish and has its commit; replacing an older one becomes
visible by the sign that readers may know it. A kill leaves the old one, and the next writer clears the rest away.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from warehouse import history, snapshot
from warehouse.publish import Warehouse
from warehouse.schema import Table
from warehouse.snapshot import DataFile, Snapshot
from warehouse.stage import Stage
from warehouse.store import MANIFEST, VIEWS


@dataclass(frozen=True)
class Taken:
    """A file of a snapshot (of which, by number) that is taken over as it is."""

    file: DataFile
    number: int


@dataclass(frozen=True)
class Rewritten:
    """A file written anew: its path inside the table's folder, its rows, and the run whose work it is."""

    inside: Path
    rows: pa.Table
    run_id: str


# Says for a table and its files what takes their place; nothing: the table has no rows.
Edit = Callable[[Table, Sequence[DataFile]], Iterable[Taken | Rewritten]]

# The steps of a rewrite, in order, as the `after` hook is told of them.
STEPS = ("staged", "sealed", "catalog", "swapped")


def rewrite(
    house: Warehouse,
    old: Snapshot,
    edit: Edit,
    also: Mapping[str, Any],
    run: Mapping[str, Any] | None = None,
    after: Callable[[str], None] = lambda step: None,
    views_sql: str | None = None,
    schema_version: str | None = None,
) -> Snapshot:
    """Put a snapshot in the place of `old` and return it; the caller holds the lock.

    `also` goes into its manifest beside what it replaces; `run` replaces what the manifest says of the run,
    `views_sql` its views and `schema_version` (of an upgrade) its schema. `after` is told of
    every step in STEPS. Raises what a publish raises, with nothing new visible.
    """
    name = f"rewrite-{old.number}"
    stage = Stage(house.store, house.disk, None, house.tables, name)
    try:
        _fill(stage, house, old, edit)
        after("staged")
        kept = {"run": run or old.manifest["run"], "schema_version": schema_version or old.manifest["schema_version"]}
        return _publish(house, stage, old, dict(also), kept, views_sql, after)
    finally:
        house.disk.remove(stage.root)


def _fill(stage: Stage, house: Warehouse, old: Snapshot, edit: Edit) -> None:
    for declared in house.tables.values():
        if declared.kind == "log":
            continue
        for item in edit(declared, [file for file in old.files if file.table == declared.name]):
            if isinstance(item, Taken):
                stage.take(item.file, item.number)
            else:
                stage.rewrite(declared.name, item.rows, item.inside, item.run_id)
    stage.fill_gaps()


def _publish(
    house: Warehouse,
    stage: Stage,
    old: Snapshot,
    also: dict[str, Any],
    kept: Mapping[str, Any],
    views_sql: str | None,
    after: Callable[[str], None],
) -> Snapshot:
    pointer = house.store.current()
    number = max(house.store.numbers()) + 1
    views = house.store.fetch(old.number, VIEWS).read_text(encoding="utf-8") if views_sql is None else views_sql
    also |= {"replaces": [*history.replaced(old), old.number]}
    line = history.ancestors(house, old)
    parent, version, run = old.manifest["parent"], kept["schema_version"], kept["run"]
    text = snapshot.manifest_text(number, parent, version, run, stage.files, line, snapshot.marks(old) | also)
    house.disk.write_text(text, stage.root / MANIFEST)
    house.disk.write_text(views, stage.root / VIEWS)
    house.store.seal(stage.root, number)
    new = Snapshot(house.store.folder(number), house.store)
    try:
        after("sealed")
        house.show(new, views)
        after("catalog")
        if pointer is not None and pointer.number == old.number:
            house.store.swap(number, pointer)
        else:
            house.store.mark(number)
    except BaseException:
        house.store.abandon(number)
        raise
    after("swapped")
    return new
