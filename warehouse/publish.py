"""One atomic step from a night's tables to what readers see: stage, fsync, rename, catalog, swap of one link.

Layout under the warehouse's folder:
    current -> snapshots/<n>                 the only thing that ever changes for a reader
    snapshots/<n>/manifest.json              what is in it, with hashes; views.sql and catalog.duckdb are outside the data hash
    snapshots/<n>/<table>/data.parquet                 a derived table
    snapshots/<n>/<table>/<YYYY-MM>/data.parquet       the same by month of its partition column ("undated" for NULL)
    snapshots/<n>/<table>/[<YYYY-MM>/]<run>.parquet    what one run added to a fact table
    snapshots/<n>/<table>/empty.parquet                stands for a table without a row, so that a glob finds its columns
    log/<table>/<name>.parquet               the nights tried, outside every snapshot
    work/                                    partial state of a running night, its owner's affair
    lock                                     held by the one writer
Files of a snapshot are read-only and shared between snapshots by hard links; nobody may write into one.
"""

import errno
import filecmp
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from warehouse import catalog, history, lock, snapshot, storage
from warehouse.schema import SCHEMA_VERSION, TABLES, Table
from warehouse.snapshot import DataFile, Snapshot

# The steps of a publish, in order, as the `after` hook is told of them; "swapped" is the commit.
STEPS = (
    "cleaned",
    "derived",
    "facts",
    "carried",
    "manifest",
    "synced",
    "renamed",
    "catalog",
    "linked",
    "swapped",
    "marked",
)

# A table by month: ("YYYY-MM", or "undated" for rows without a day; its rows), each month once.
Months = Iterable[tuple[str, pa.Table]]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])|undated")
# Above every month's number, so that the undated come last, as they do in the sort.
_UNDATED = 2**62
# What a file system says that has no hard links, or no more of them for this file.
_NO_LINK = {errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV}


class PublishError(RuntimeError):
    """What was handed over cannot be published, or the warehouse is not in a state to publish; the message says why."""


@dataclass(frozen=True)
class NoChange:
    """Nothing new: every data file equals the one readers have, in this snapshot."""

    snapshot: Snapshot


class Warehouse:
    """A warehouse folder: what is current, and the only ways to change it."""

    def __init__(
        self, root: Path | str, tables: Mapping[str, Table] = TABLES, schema_version: str = SCHEMA_VERSION
    ) -> None:
        self.root = Path(root).resolve()
        self.tables = dict(tables)
        self.schema_version = schema_version
        self._locked = False

    @property
    def work(self) -> Path:
        """Folder for the partial state of a running night; made when first asked for."""
        return _made(self.root / "work")

    def current(self) -> Snapshot | None:
        """Return what readers see, resolved once; None before the first publish.

        Raises FileNotFoundError where the link leads nowhere: that is damage, not an empty warehouse.
        """
        link = self.root / "current"
        return Snapshot(link.resolve(strict=True)) if link.is_symlink() else None

    def snapshots(self) -> list[Snapshot]:
        """Return every published snapshot, oldest first; those being staged are not among them."""
        newest = self.current()
        return [each for each in self._whole() if _was_current(each) or (newest and each.path == newest.path)]

    @contextmanager
    def lock(self, owner: str) -> Iterator[None]:
        """Be the one writer for the block; clears first what a dead run left.

        Raises LockedError where another run holds it, PublishError where `current` is missing though snapshots exist.
        """
        with lock.hold(self.root / "lock", owner):
            self._locked = True
            try:
                self._clear_leftovers()
                newest = self.current()
                if newest is not None:
                    _mark(newest)
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
        partition, as (month, rows) pairs: they are consumed one at a time, so that one month is in memory; a month without
        rows goes. Both in declared columns. Every table and month not named stays as it is, by hard link. `run` goes into the manifest and names the files (`run_id`); `views_sql` is run on the catalog. `after` is told of every
        step in STEPS, for tests that die there. Takes the lock where this object does not hold it yet.
        Raises PublishError or DeclarationError before anything is visible; the disk is then as it was.
        """
        run_id = _safe(str(run["run_id"]))
        self._refuse_wrong_tables(facts, derived)
        with nullcontext() if self._locked else self.lock(run_id):
            after("cleaned")
            try:
                return self._publish(facts, derived, run, views_sql, run_id, after)
            except BaseException:
                self._clear_leftovers()
                raise

    def append_log(self, table: str, rows: pa.Table, name: str) -> Path:
        """Put rows of a log table under a file name (the run's id, with the attempt where it has several); again replaces it."""
        declared = self.tables[table]
        if declared.kind != "log":
            raise PublishError(f"Table {table} is {declared.kind}, not a log table; it changes by publishing only.")
        path = _made(self.root / "log" / table) / f"{_safe(name)}.parquet"
        temporary = path.with_name(f".{path.name}.tmp")
        storage.write_parquet(storage.enforce(rows, declared), temporary)
        storage.put_in_place(temporary, path)
        return path

    def read_log(self, table: str) -> pa.Table:
        """Return every row of a log table, in declared order."""
        declared = self.tables[table]
        parts = [storage.empty(declared)]
        for path in sorted((self.root / "log" / table).glob("[!.]*.parquet")):
            parts.append(storage.conform_older(storage.read_parquet(path), declared))
        return storage.enforce(pa.concat_tables(parts), declared)

    def rebuild_catalog(self) -> None:
        """Build the current catalog anew where it is missing, or made for another place, with the views it had."""
        with nullcontext() if self._locked else self.lock("rebuild_catalog"):
            newest = self.current()
            if newest is not None:
                self._build_catalog(newest, (newest.path / catalog.VIEWS).read_text(encoding="utf-8"))

    def _publish(
        self,
        facts: Mapping[str, pa.Table],
        derived: Mapping[str, pa.Table | Months],
        run: Mapping[str, Any],
        views_sql: str,
        run_id: str,
        after: Callable[[str], None],
    ) -> Snapshot | NoChange:
        parent = self.current()
        stage = _Stage(_made(self.root / "snapshots") / f".staging-{run_id}", parent, self.tables, run_id)
        for name in sorted(derived):
            rows = derived[name]
            stage.add_derived(name, rows) if isinstance(rows, pa.Table) else stage.add_months(name, rows)
        after("derived")
        for name in sorted(facts):
            stage.add_facts(name, facts[name])
        after("facts")
        for name, declared in self.tables.items():
            if declared.kind == "fact" or (declared.kind == "derived" and name not in derived):
                stage.carry(name)
        after("carried")
        if parent is not None and snapshot.hash_of(stage.files) == parent.data_hash:
            shutil.rmtree(stage.root)
            self._build_catalog(parent, views_sql)
            return NoChange(parent)
        number = max((each.number for each in self._whole()), default=0) + 1
        stage.finish(number, self.schema_version, run, [each.number for each in history.line(self)])
        after("manifest")
        storage.fsync_tree(stage.root)
        after("synced")
        return self._make_current(stage.root, number, views_sql, after)

    def _make_current(self, staged: Path, number: int, views_sql: str, after: Callable[[str], None]) -> Snapshot:
        new = Snapshot(self.root / "snapshots" / str(number))
        staged.rename(new.path)
        storage.fsync(new.path.parent)
        after("renamed")
        self._build_catalog(new, views_sql)
        after("catalog")
        link = self.root / ".current.tmp"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("snapshots") / str(number))
        after("linked")
        link.replace(self.root / "current")
        storage.fsync(self.root)
        after("swapped")
        _mark(new)
        after("marked")
        return new

    def _refuse_wrong_tables(self, facts: Iterable[str], derived: Iterable[str]) -> None:
        for kind, given in (("fact", facts), ("derived", derived)):
            if wrong := set(given) - {table.name for table in self.tables.values() if table.kind == kind}:
                raise PublishError(f"Not declared as {kind} tables: {sorted(wrong)}.")

    def _whole(self) -> list[Snapshot]:
        folders = (self.root / "snapshots").glob("*")
        return sorted((Snapshot(path) for path in folders if path.name.isdigit()), key=lambda each: each.number)

    def _build_catalog(self, of: Snapshot, views_sql: str) -> None:
        for declared in self.tables.values():
            if declared.kind == "log":
                self._seed_log(declared)
        storage.write_text(views_sql, of.path / catalog.VIEWS)
        catalog.build_if_stale(of.path, self.root / "log", history.macro(self, of) + views_sql, self.tables)

    def _seed_log(self, declared: Table) -> None:
        # A view needs one file to know its columns by, long before the first row.
        seed = self.root / "log" / declared.name / "empty.parquet"
        if not seed.exists() or storage.read_parquet(seed).schema != declared.schema:
            self.append_log(declared.name, storage.empty(declared), "empty")

    def _clear_leftovers(self) -> None:
        newest = self.current()
        if newest is None and any(_was_current(each) for each in self._whole()):
            raise PublishError(
                f"{self.root}/current is missing though snapshots exist; link it to the one readers should see."
            )
        for path in (self.root / "snapshots").glob(".staging-*"):
            shutil.rmtree(path)
        for each in self._whole():
            if not _was_current(each) and (newest is None or each.number > newest.number):
                shutil.rmtree(each.path)


class _Stage:
    """The folder in which the next snapshot takes shape, and the list of its files so far."""

    def __init__(self, root: Path, parent: Snapshot | None, tables: Mapping[str, Table], run_id: str) -> None:
        self.root = _made(root)
        self.parent = parent
        self.tables = tables
        self.run_id = run_id
        self.files: list[DataFile] = []
        self._known = {file.path: file for file in parent.files} if parent else {}

    def add_derived(self, name: str, rows: pa.Table) -> None:
        """Write a derived table, one file a month where it is partitioned; a file that did not change becomes a hard link."""
        declared = self.tables[name]
        whole = storage.enforce(rows, declared)
        for folder, part in _by_month(whole, declared):
            self._add(declared, part, folder / "data.parquet")
        if not whole.num_rows:
            self._add(declared, whole, Path("empty.parquet"))

    def add_months(self, name: str, months: Months) -> None:
        """Write the named months of a derived table, a month without rows away, and take over every other by hard link."""
        declared = self.tables[name]
        self._refuse_unless_by_month(declared)
        given: set[str] = set()
        for month, rows in months:
            if not _MONTH.fullmatch(month) or month in given:
                raise PublishError(f"Table {name}: {month!r} is no month (YYYY-MM or undated), or is named twice.")
            given.add(month)
            part = storage.enforce(rows, declared)
            if found := [folder.name for folder, _ in _by_month(part, declared) if folder.name != month]:
                raise PublishError(f"Table {name}, month {month}: there are rows of {', '.join(found)}.")
            if part.num_rows:
                self._add(declared, part, Path(month) / "data.parquet")
        self.carry(name, but=given)

    def add_facts(self, name: str, rows: pa.Table) -> None:
        """Write a run's new rows of a fact table; none, no file. Refuses other rows under a run already published."""
        declared = self.tables[name]
        for folder, part in _by_month(storage.enforce(rows, declared), declared):
            file = self._add(declared, part, folder / f"{self.run_id}.parquet")
            known = self._known.get(file.path)
            if known is not None and known.sha256 != file.sha256:
                raise PublishError(f"Run {self.run_id} has published other rows of {name} before.")

    def carry(self, name: str, but: Collection[str] = ()) -> None:
        """Take over what the parent has of a table, by hard link: all but files just written, and these months."""
        declared = self.tables[name]
        added = {file.path for file in self.files}
        for file in self._known.values():
            if file.table == name and file.rows and file.path not in added and file.month not in but:
                self._carry(file, declared)
        if not any(file.table == name for file in self.files):
            self._add(declared, storage.empty(declared), Path("empty.parquet"))

    def finish(self, number: int, schema_version: str, run: Mapping[str, Any], line: Sequence[int]) -> None:
        """Write the manifest, and take the write permission from every data file."""
        parent = self.parent.number if self.parent else None
        text = snapshot.manifest_text(number, parent, schema_version, run, self.files, line)
        storage.write_text(text, self.root / snapshot.MANIFEST)
        for file in self.files:
            (self.root / file.path).chmod(0o444)

    def _refuse_unless_by_month(self, declared: Table) -> None:
        if declared.partition is None:
            raise PublishError(f"Table {declared.name} is not kept by month: publish it whole.")
        if any(file.table == declared.name and file.rows and file.month is None for file in self._known.values()):
            raise PublishError(f"Table {declared.name} was not kept by month until now: publish it whole once.")

    def _add(self, declared: Table, rows: pa.Table, inside: Path) -> DataFile:
        path = self.root / declared.name / inside
        storage.write_parquet(rows, path)
        file = snapshot.describe(path, self.root, rows, declared)
        # Compared byte by byte and not by the manifest's hash, so that a damaged old file is replaced, not inherited.
        if self.parent is not None and file.path in self._known:
            old = self.parent.path / file.path
            if old.is_file() and filecmp.cmp(old, path, shallow=False):
                path.unlink()
                _link(old, path)
        self.files.append(file)
        return file

    def _carry(self, file: DataFile, declared: Table) -> None:
        if self.parent is None:
            raise PublishError(f"{file.path} has no snapshot to come from.")
        old, path = self.parent.path / file.path, self.root / file.path
        if old.stat().st_size != file.bytes:
            raise PublishError(
                f"{old} is not the file that was published: it has {old.stat().st_size} bytes, not {file.bytes}."
            )
        if file.schema_hash != storage.schema_hash(declared.schema):
            rows = storage.conform_older(storage.read_parquet(old), declared)
            storage.write_parquet(rows, path)
            file = snapshot.describe(path, self.root, rows, declared)
        else:
            _link(old, path)
        self.files.append(file)


def _by_month(table: pa.Table, declared: Table) -> Iterator[tuple[Path, pa.Table]]:
    if not table.num_rows:
        return
    if declared.partition is None:
        yield Path(), table
        return
    days = table.column(declared.partition)
    numbers = pc.fill_null(pc.add(pc.multiply(pc.year(days), 12), pc.month(days)), _UNDATED)
    # Where the partition leads the sort, a month is one slice, which copies nothing.
    for number in sorted(pc.unique(numbers).to_pylist()):
        month = "undated" if number == _UNDATED else f"{(number - 1) // 12:04}-{(number - 1) % 12 + 1:02}"
        if declared.sort[:1] == (declared.partition,):
            here = pc.equal(numbers, number)
            yield Path(month), table.slice(pc.index(here, True).as_py(), pc.sum(here).as_py())
        else:
            yield Path(month), table.filter(pc.equal(numbers, number))


def _link(old: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.hardlink_to(old)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copyfile(old, path)
        storage.fsync(path)


def _mark(published: Snapshot) -> None:
    # Tells a snapshot readers have seen, also after a roll-back, from one whose run died before the swap.
    marker = published.path / ".published"
    if not marker.exists():
        marker.touch()
        storage.fsync(published.path)


def _was_current(each: Snapshot) -> bool:
    return (each.path / ".published").exists()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _safe(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise PublishError(f"{name!r} cannot name a file: use letters, digits, dot, dash and underscore.")
    return name
