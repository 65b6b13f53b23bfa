"""A warehouse in a folder: staged beside the others, hard-linked where unchanged, synced, renamed, and seen by one swap of a link.

Layout:
    current -> snapshots/<n>                 the only thing that ever changes for a reader
    catalog.duckdb -> current/catalog.duckdb never changes, and leads to the newest
    snapshots/<n>/manifest.json              what is in it; beside it views.sql and catalog.duckdb
    snapshots/<n>/.published                 readers have seen it
    snapshots/.staging-<run>/                one in the making
    log/<table>/<name>.parquet               the nights tried, outside every snapshot
    work/                                    partial state of a running night, its owner's affair
    lock                                     held by the one writer
"""

import filecmp
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from warehouse import lock, storage
from warehouse.disk import DISK, Disk
from warehouse.snapshot import DataFile, Snapshot
from warehouse.store import SETTINGS, LostRaceError, Pointer, StoreError, StoreSettings

_CATALOG = "catalog.duckdb"


class LocalStore:
    """Snapshots in a folder of a local disk; see warehouse.store.Store."""

    def __init__(self, root: Path | str, settings: StoreSettings = SETTINGS, disk: Disk = DISK) -> None:
        self.home = Path(root).resolve()
        self.location = str(self.home)
        self.wait_seconds = settings.wait_seconds
        self.disk = disk

    @contextmanager
    def lock(self, owner: str) -> Iterator[None]:
        """Hold the warehouse's lock file; raises LockedError, or StoreError where `current` was lost."""
        self.disk.folders(self.home)
        with lock.hold(self.home / "lock", owner, self.wait_seconds):
            self._clear()
            yield

    def current(self) -> Pointer | None:
        """Return where the link leads; raises FileNotFoundError where it leads nowhere: that is damage, not an empty house."""
        link = self.home / "current"
        return Pointer(int(link.resolve(strict=True).name)) if link.is_symlink() else None

    def numbers(self) -> dict[int, bool]:
        """Return the number of every whole snapshot, and whether readers have ever seen it."""
        folders = (path for path in (self.home / "snapshots").glob("*") if path.name.isdigit())
        return {int(path.name): (path / ".published").exists() for path in folders}

    def folder(self, number: int) -> Path:
        """Return a snapshot's folder."""
        return self.home / "snapshots" / str(number)

    def place_of(self, number: int) -> str:
        """Return a snapshot's folder, as text."""
        return str(self.folder(number))

    def fetch(self, number: int, name: str) -> Path:
        """Return the path of a file of a snapshot."""
        return self.folder(number) / name

    def fetch_data(self, number: int, file: DataFile) -> Path:
        """Return the path of a data file."""
        return self.folder(number) / file.path

    def digest(self, number: int, file: DataFile) -> str | None:
        """Return the SHA-256 of a data file as it is on the disk; None where it is gone."""
        path = self.folder(number) / file.path
        return storage.sha256(path) if path.is_file() else None

    def stage(self, name: str) -> Path:
        """Return an empty folder beside the snapshots."""
        staged = self.home / "snapshots" / f".staging-{name}"
        self.disk.folders(staged.parent)
        self.disk.remove(staged)
        self.disk.folder(staged)
        return staged

    def place(self, staged: Path, file: DataFile, before: tuple[int, DataFile] | None) -> DataFile:
        """Share the file where it is an old one's bytes, else sync it; an old one that is no longer what it was is mended."""
        path = staged / file.path
        if before is not None and before[1].sha256 == file.sha256:
            old = self.folder(before[0]) / before[1].path
            # Compared byte by byte, so that a damaged old file is replaced, not inherited.
            if old.is_file() and filecmp.cmp(old, path, shallow=False):
                self.disk.remove(path)
                self.disk.share(old, path)
                return replace(file, run_id=before[1].run_id)
        self.disk.protect(path)
        self.disk.sync(path)
        if before is not None and before[1].sha256 == file.sha256:
            self._mend(before[1], path)
        return file

    def keep(self, staged: Path, file: DataFile, number: int) -> DataFile:
        """Give an old file a second name in staging."""
        old, new = self.folder(number) / file.path, staged / file.path
        if old.stat().st_size != file.bytes:
            raise StoreError(
                f"{old} is not the file that was published: it has {old.stat().st_size} bytes, not {file.bytes}."
            )
        self.disk.folders(new.parent, sync=False)
        self.disk.share(old, new)
        return file

    def seal(self, staged: Path, number: int) -> None:
        """Sync what is staged and give it its number."""
        self.disk.sync_folders(staged)
        self.disk.move(staged, self.folder(number))
        self.disk.sync(self.home / "snapshots")

    def swap(self, number: int, expected: Pointer | None) -> None:
        """Replace the link: before it readers see one night, after it the other."""
        if self.current() != expected:
            raise LostRaceError(
                f"{self.home}/current was moved while this night ran; nothing was published, run it again."
            )
        link = self.home / ".current.tmp"
        self.disk.remove(link)
        self.disk.symlink(Path("snapshots") / str(number), link)
        self.disk.move(link, self.home / "current")
        self.disk.sync(self.home)
        self.mark(number)

    def abandon(self, number: int) -> None:
        """Remove a sealed snapshot whose publish failed, unless the link was replaced before it did."""
        if self.current() != Pointer(number) and self.folder(number).is_dir():
            self.remove(number)

    def remove(self, number: int) -> None:
        """Remove a snapshot's folder, first from the numbers, so that no half of it is ever taken for a snapshot."""
        gone = self.home / "snapshots" / f".staging-removed-{number}"
        self.disk.move(self.folder(number), gone)
        self.disk.sync(gone.parent)
        self.disk.remove(gone)

    def sweep(self, grace_seconds: float) -> list[str]:
        """Find nothing to do: whoever takes the lock has cleared what a dead writer left, as only one can hold it."""
        return []

    def put(self, written: Path, key: str) -> None:
        """Sync a file and rename it into place."""
        path = self.home / key
        self.disk.folders(path.parent)
        temporary = path.with_name(f".{path.name}.tmp")
        self.disk.move(written, temporary)
        self.disk.put_in_place(temporary, path)

    def log(self, table: str) -> list[Path]:
        """Return the files of a log table."""
        return sorted((self.home / "log" / table).glob("[!.]*.parquet"))

    def _clear(self) -> None:
        newest = self.current()
        numbers = self.numbers()
        if newest is None and any(numbers.values()):
            raise StoreError(
                f"{self.home}/current is missing though snapshots exist; link it to the one readers should see."
            )
        for path in (self.home / "snapshots").glob(".staging-*"):
            self.disk.remove(path)
        if newest is not None:
            self.mark(newest.number)
        for number, seen in numbers.items():
            if not seen and (newest is None or number > newest.number):
                self.remove(number)

    def mark(self, number: int) -> None:
        """Leave the sign that readers have seen a snapshot, or may."""
        # Tells a snapshot readers have seen, also after a roll-back, from one whose run died before the swap.
        marker = self.folder(number) / ".published"
        if not marker.exists():
            self.disk.create(marker).close()
            self.disk.sync(marker.parent)
        stable = self.home / _CATALOG
        if not stable.is_symlink():
            self.disk.symlink(Path("current") / _CATALOG, stable)
            self.disk.sync(self.home)

    def _mend(self, file: DataFile, good: Path) -> None:
        """Put good bytes in the place of a damaged file, in every snapshot that shares it."""
        for number in self.numbers():
            damaged = self.folder(number) / file.path
            named = {each.path: each.sha256 for each in Snapshot(self.folder(number)).files}
            if named.get(file.path) != file.sha256 or (damaged.is_file() and storage.sha256(damaged) == file.sha256):
                continue
            self.disk.folders(damaged.parent)
            temporary = damaged.with_name(f".{damaged.name}.tmp")
            self.disk.remove(temporary)
            self.disk.share(good, temporary)
            self.disk.put_in_place(temporary, damaged)
