"""One atomic step from a night's tables to what readers see: stage, take over what is unchanged, seal, catalog, swap.

A snapshot, in a folder as in a bucket:
    snapshots/<n>/manifest.json                        what is in it, with hashes; views.sql and catalog.duckdb are outside the data hash
    snapshots/<n>/<table>/data.parquet                 a derived table
    snapshots/<n>/<table>/<YYYY-MM>/data.parquet       the same by month of its partition column ("undated" for NULL)
    snapshots/<n>/<table>/[<YYYY-MM>/]<run>.parquet    what one run added to a fact table
    snapshots/<n>/<table>/empty.parquet                stands for a table without a row, so that a glob finds its columns
The protocol, in the steps of STEPS: the lock is held and what a dead run left is gone (cleaned); derived tables and facts are
written aside (derived, facts); what is not named is shared with the parent (carried); the manifest is written and all of it is
durable under its number, seen by nobody (sealed); the catalog is built (catalog); one pointer moves (swapped): the commit. What
each step means on a disk is told in warehouse.local (hard links, fsync, rename, replaced link), in a bucket in
warehouse.objects (immutable keys, conditional manifest, conditional pointer).
Files of a snapshot are read-only and shared between snapshots; nobody may write into one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from warehouse import catalog, history, snapshot, storage
from warehouse.disk import DISK, Disk
from warehouse.local import LocalStore
from warehouse.objects import ObjectStore
from warehouse.schema import SCHEMA_VERSION, TABLES, Table
from warehouse.snapshot import Snapshot, refuse_newer
from warehouse.stage import Months, PublishError, Stage
from warehouse.store import MANIFEST, SETTINGS, VIEWS, Place, Pointer, Store, StoreSettings, is_remote

__all__ = ["STEPS", "Months", "NoChange", "PublishError", "Warehouse"]

# The steps of a publish, in order, as the `after` hook is told of them; "swapped" is the commit.
STEPS = ("cleaned", "derived", "facts", "carried", "sealed", "catalog", "swapped")

# A day: longer than any publish takes, since a night's files lie in a bucket before a manifest names them.
SWEEP_GRACE_SECONDS = 86_400.0

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class NoChange:
    """Nothing new: every data file equals the one readers have, in this snapshot."""

    snapshot: Snapshot


class Warehouse:
    """A warehouse in a folder or at s3://bucket/prefix: what is current, and the only ways to change it.

    `root` is the local folder of its partial state: of a warehouse in a folder, that folder.
    """

    def __init__(
        self,
        root: Place,
        tables: Mapping[str, Table] = TABLES,
        schema_version: str = SCHEMA_VERSION,
        settings: StoreSettings = SETTINGS,
        store: Store | None = None,
        disk: Disk = DISK,
    ) -> None:
        self.store = store or open_store(root, settings, disk)
        self.disk = disk
        self.root = self.store.home
        self.tables = dict(tables)
        self.schema_version = schema_version
        self._locked = False

    @property
    def work(self) -> Path:
        """Folder for the partial state of a running night; made when first asked for."""
        return _made(self.root / "work")

    def current(self) -> Snapshot | None:
        """Return what readers see, resolved once; None before the first publish.

        Raises FileNotFoundError where the pointer leads nowhere: that is damage, not an empty warehouse; NewerSchemaError for
        one that a newer release wrote.
        """
        pointer = self.store.current()
        found = self._snapshot(pointer.number) if pointer else None
        if found is not None:
            refuse_newer(found.manifest["schema_version"], self.store.location, self.schema_version)
        return found

    def snapshots(self) -> list[Snapshot]:
        """Return every published snapshot, oldest first; those being staged are not among them."""
        pointer = self.store.current()
        seen = {number for number, seen in self.store.numbers().items() if seen}
        return [self._snapshot(number) for number in sorted(seen | ({pointer.number} if pointer else set()))]

    @contextmanager
    def lock(self, owner: str) -> Iterator[None]:
        """Be the one writer for the block; clears first what a dead run left.

        Raises LockedError where another run holds it, StoreError where `current` is missing though snapshots exist.
        """
        with self.store.lock(owner):
            self._locked = True
            try:
                yield
            finally:
                self._locked = False

    def publish(
        self,
        facts: Mapping[str, pa.Table],
        derived: Mapping[str, pa.Table | Months],
        run: Mapping[str, Any],
        views_sql: str = "",
        after: Callable[[str], None] = lambda step: None,
    ) -> Snapshot | NoChange:
        """Make tonight's state what readers see, whole; or change nothing.

        `facts` holds tonight's new rows of any fact tables; `derived` holds derived tables, each whole or, where it has a
        partition, as (month, rows) pairs, rows or a Difference: they are consumed one at a time; a month without
        rows goes. Both in declared columns. Every table and month not named stays as it is, shared with the parent. `run` goes
        into the manifest and names the files (`run_id`); `views_sql` is run on the catalog. `after` is told of every step in
        STEPS, for tests that die there. Takes the lock where this object does not hold it yet.
        Raises PublishError, DeclarationError, StoreError or LostRaceError with nothing new visible.
        """
        run_id = _safe(str(run["run_id"]))
        self._refuse_wrong_tables(facts, derived)
        with nullcontext() if self._locked else self.lock(run_id):
            after("cleaned")
            pointer = self.store.current()
            parent = self._snapshot(pointer.number) if pointer else None
            stage = Stage(self.store, self.disk, parent, self.tables, run_id)
            try:
                self._fill(stage, facts, derived, after)
                if parent is not None and snapshot.hash_of(stage.files) == parent.data_hash:
                    self.show(parent, views_sql)
                    return NoChange(parent)
                return self._publish(stage, pointer, run, views_sql, after)
            finally:
                self.disk.remove(stage.root)

    def sweep(self, grace_seconds: float = SWEEP_GRACE_SECONDS) -> list[str]:
        """Remove what crashed nights left in the store longer ago than the grace, and return what it was."""
        with nullcontext() if self._locked else self.lock("sweep"):
            return self.store.sweep(grace_seconds)

    def append_log(self, table: str, rows: pa.Table, name: str) -> None:
        """Put rows of a log table under a file name (the run's id, with the attempt where it has several); again replaces it."""
        declared = self.tables[table]
        if declared.kind != "log":
            raise PublishError(f"Table {table} is {declared.kind}, not a log table; it changes by publishing only.")
        key = f"log/{table}/{_safe(name)}.parquet"
        self.disk.folders(self.root, sync=False)
        written = self.root / f".{table}-{name}.tmp"
        with self.disk.create(written) as sink:
            storage.write_parquet(
                storage.ordered(rows, declared), sink, lookups=declared.lookups, searched=declared.searched
            )
        self.store.put(written, key)

    def read_log(self, table: str) -> pa.Table:
        """Return every row of a log table, in declared order."""
        declared = self.tables[table]
        parts = [storage.empty(declared)]
        for path in self.store.log(table):
            parts.append(storage.conform_older(storage.read_parquet(path), declared))
        return storage.enforce(pa.concat_tables(parts), declared)

    def log_faults(self) -> list[str]:
        """Re-read every log file; return a sentence for each that is not what was written."""
        return [
            f"log, {name}: {path.name} is not what was written; nothing can make its rows again, restore it from a copy."
            for name, declared in self.tables.items()
            if declared.kind == "log"
            for path in self.store.log(name)
            if not storage.is_as_written(path, declared)
        ]

    def rebuild_catalog(self, views_sql: str | None = None) -> None:
        """Build the current catalog anew where it is missing, damaged or made for another place; by default with the views it had."""
        with nullcontext() if self._locked else self.lock("rebuild_catalog"):
            newest = self.current()
            if newest is not None:
                views = self.store.fetch(newest.number, VIEWS).read_text("utf-8") if views_sql is None else views_sql
                self.show(newest, views)

    def _fill(
        self,
        stage: Stage,
        facts: Mapping[str, pa.Table],
        derived: Mapping[str, pa.Table | Months],
        after: Callable[[str], None],
    ) -> None:
        for name in sorted(derived):
            stage.add_derived(name, derived[name])
        after("derived")
        for name in sorted(facts):
            stage.add_facts(name, facts[name])
        after("facts")
        for name, declared in self.tables.items():
            if declared.kind == "fact" or (declared.kind == "derived" and name not in derived):
                stage.carry(name)
        after("carried")

    def _publish(
        self,
        stage: Stage,
        pointer: Pointer | None,
        run: Mapping[str, Any],
        views_sql: str,
        after: Callable[[str], None],
    ) -> Snapshot:
        number = max(self.store.numbers(), default=0) + 1
        parent = pointer.number if pointer else None
        line = [each.number for each in history.line(self)]
        manifest = snapshot.manifest_text(
            number, parent, self.schema_version, run, stage.files, line, snapshot.marks(self.current())
        )
        self.disk.write_text(manifest, stage.root / MANIFEST)
        self.disk.write_text(views_sql, stage.root / VIEWS)
        self.store.seal(stage.root, number)
        new = self._snapshot(number)
        try:
            after("sealed")
            self.show(new, views_sql)
            after("catalog")
            self.store.swap(number, pointer)
        except BaseException:
            self.store.abandon(number)
            raise
        after("swapped")
        return new

    def _refuse_wrong_tables(self, facts: Iterable[str], derived: Iterable[str]) -> None:
        for kind, given in (("fact", facts), ("derived", derived)):
            if wrong := set(given) - {table.name for table in self.tables.values() if table.kind == kind}:
                raise PublishError(f"Not declared as {kind} tables: {sorted(wrong)}.")

    def _snapshot(self, number: int) -> Snapshot:
        return Snapshot(self.store.folder(number), self.store)

    def show(self, of: Snapshot, views_sql: str) -> None:
        """Give readers a catalog of this snapshot with these views; of a remote one they build it themselves."""
        if self.store.fetch(of.number, VIEWS).read_bytes() != views_sql.encode():
            written = self.root / f".{VIEWS}.tmp"
            self.disk.write_text(views_sql, written)
            self.store.put(written, f"snapshots/{of.number}/{VIEWS}")
        if isinstance(self.store, LocalStore):
            for declared in self.tables.values():
                if declared.kind == "log":
                    self._seed_log(declared)
            views = history.macro(self, of) + views_sql
            catalog.build_if_stale(of.path, self.root / "log", views, self.tables, self.disk)

    def _seed_log(self, declared: Table) -> None:
        # A view needs one file to know its columns by, long before the first row.
        seed = next((path for path in self.store.log(declared.name) if path.stem == "empty"), None)
        if seed is None or storage.read_parquet(seed).schema != declared.schema:
            self.append_log(declared.name, storage.empty(declared), "empty")


def open_store(place: Place, settings: StoreSettings = SETTINGS, disk: Disk = DISK) -> Store:
    """Return the store at a folder or at s3://bucket/prefix."""
    return ObjectStore(str(place), settings) if is_remote(place) else LocalStore(place, settings, disk)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _safe(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise PublishError(f"{name!r} cannot name a file: use letters, digits, dot, dash and underscore.")
    return name
