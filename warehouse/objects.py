"""A warehouse in a bucket: immutable keys, a manifest that is only ever created, a pointer moved by comparison.

Layout under s3://bucket/prefix:
    current                                  {"snapshot": n}; replaced only where it is what the writer had read (If-Match)
    snapshots/<n>/manifest.json              created, never replaced (If-None-Match); names the key of every file
    snapshots/<n>/views.sql                  what the catalog shows beside the tables
    snapshots/<n>/published                  readers have seen it
    data/<table>/[<YYYY-MM>/]<sha256>.parquet  named by its content, so that equal files are one and a retry does no harm
    log/<table>/<name>.parquet               the nights tried
    lease.json, clock                        the one writer, and the store's time
A crash leaves objects that no published manifest names: readers never meet them, and `sweep` removes them when they are old.
Readers and nights work on local copies under `home`, each checked against its hash when it is fetched.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from warehouse import lease, lock
from warehouse.bucket import ABSENT, Bucket, ConflictError, Entry, connect
from warehouse.snapshot import DamagedError, DataFile, parse_manifest
from warehouse.store import MANIFEST, VIEWS, LostRaceError, Pointer, StoreSettings

# A day: longer than a reader keeps to an older snapshot.
COPY_SECONDS = 86_400.0

_CURRENT, _SEEN = "current", "published"


class ObjectStore:
    """Snapshots in a bucket; see warehouse.store.Store."""

    def __init__(self, url: str, settings: StoreSettings, bucket: Bucket | None = None) -> None:
        self.location = url.rstrip("/")
        self.home = Path(settings.home).resolve() if settings.home else _home_of(self.location)
        self.settings = settings
        self.bucket = bucket or connect(self.location, settings)
        self._lease: lease.Lease | None = None

    @contextmanager
    def lock(self, owner: str) -> Iterator[None]:
        """Hold this machine's lock file, then the bucket's lease; raises LockedError."""
        with (
            lock.hold(self.home / "lock", owner, self.settings.wait_seconds),
            lease.hold(self.bucket, self.location, owner, self.settings) as self._lease,
        ):
            for left in (self.home / "mirror").glob(".staging-*"):
                shutil.rmtree(left)
            newest = self.current()
            if newest is not None:
                if not self.numbers().get(newest.number):
                    self.mark(newest.number)
                self._drop_copies(newest.number)
            yield

    def current(self) -> Pointer | None:
        """Return what the pointer says; None before the first publish."""
        try:
            text, entry = self.bucket.read(_CURRENT)
        except FileNotFoundError:
            return None
        return Pointer(int(json.loads(text)["snapshot"]), entry.etag)

    def numbers(self) -> dict[int, bool]:
        """Return the number of every sealed snapshot, and whether readers have ever seen it."""
        names: dict[int, set[str]] = {}
        for entry in self.bucket.list("snapshots"):
            _, number, name = entry.key.split("/")
            names.setdefault(int(number), set()).add(name)
        return {number: _SEEN in found for number, found in names.items() if MANIFEST in found}

    def folder(self, number: int) -> Path:
        """Return the local folder for what is fetched of a snapshot."""
        return self.home / "mirror" / "snapshots" / str(number)

    def place_of(self, number: int) -> str:
        """Return the URL under which a snapshot's manifest is."""
        return f"{self.location}/snapshots/{number}"

    def fetch(self, number: int, name: str) -> Path:
        """Fetch a file of a snapshot, anew each time, as numbers of abandoned snapshots come again."""
        return self._download(f"snapshots/{number}/{name}")

    def fetch_data(self, number: int, file: DataFile) -> Path:
        """Return a local copy of a data file, fetched once; raises DamagedError where it is not what was published."""
        path = self.home / "mirror" / _key(file)
        if not path.is_file() or path.stat().st_size != file.bytes:
            self._download(_key(file), file)
        return path

    def digest(self, number: int, file: DataFile) -> str | None:
        """Read a data file from the bucket and return its SHA-256; None where it is gone."""
        hashed = hashlib.sha256()
        try:
            for piece in self.bucket.stream(_key(file)):
                hashed.update(piece)
        except FileNotFoundError:
            return None
        return hashed.hexdigest()

    def stage(self, name: str) -> Path:
        """Return an empty local folder."""
        staged = self.home / "mirror" / f".staging-{name}"
        if staged.exists():
            shutil.rmtree(staged)
        staged.mkdir(parents=True)
        return staged

    def place(self, staged: Path, file: DataFile, before: tuple[int, DataFile] | None) -> DataFile:
        """Upload the file under the key of its content, also where it lies there already: what was damaged is whole again."""
        written, placed = staged / file.path, replace(file, key=_key(file))
        self.bucket.write(_key(placed), written)
        path = self.home / "mirror" / _key(placed)
        path.parent.mkdir(parents=True, exist_ok=True)
        written.replace(path)
        if before is not None and before[1].sha256 == file.sha256:
            return replace(placed, run_id=before[1].run_id)
        return placed

    def keep(self, staged: Path, file: DataFile, number: int) -> DataFile:
        """Name an earlier snapshot's file again."""
        return file

    def seal(self, staged: Path, number: int) -> None:
        """Create the manifest; raises LostRaceError where another writer has created that number."""
        self.bucket.write(f"snapshots/{number}/{VIEWS}", staged / VIEWS)
        key, text = f"snapshots/{number}/{MANIFEST}", (staged / MANIFEST).read_bytes()
        try:
            self.bucket.write(key, text, ABSENT)
        except ConflictError:
            # A put that was repeated after its answer got lost finds itself there.
            if self.bucket.read(key)[0] != text:
                raise self._lost_race() from None

    def swap(self, number: int, expected: Pointer | None) -> None:
        """Move the pointer by comparison: before it readers see one night, after it the other."""
        if self._lease is not None:
            self._lease.check()
        text = json.dumps({"snapshot": number}).encode()
        try:
            self.bucket.write(_CURRENT, text, expected.token if expected else ABSENT)
        except ConflictError:
            found = self.current()
            if found is None or found.number != number:
                raise self._lost_race() from None
        self.mark(number)

    def abandon(self, number: int) -> None:
        """Leave it to the sweep: a pointer put whose answer got lost may arrive after this."""

    def remove(self, number: int) -> None:
        """Remove a snapshot, its manifest first; data that no other names goes with the sweep."""
        self.bucket.delete(f"snapshots/{number}/{MANIFEST}")
        for entry in self.bucket.list(f"snapshots/{number}"):
            self.bucket.delete(entry.key)

    def put(self, written: Path, key: str) -> None:
        """Upload a file under its key, then forget it here."""
        self.bucket.write(key, written)
        written.unlink()

    def log_urls(self, table: str) -> list[str]:
        """Return where the files of a log table are, by name."""
        return [
            f"{self.location}/{each.key}" for each in self.bucket.list(f"log/{table}") if each.key.endswith(".parquet")
        ]

    def log(self, table: str) -> list[Path]:
        """Fetch the files of a log table that are new or were replaced."""
        return [self._newest(entry) for entry in self.bucket.list(f"log/{table}") if entry.key.endswith(".parquet")]

    def sweep(self, grace_seconds: float) -> list[str]:
        """Remove what no published snapshot names and was put longer ago than the grace; return the keys.

        The grace must be longer than any publish takes, since a night uploads its files before anything names them.
        """
        newest, now = self.current(), lease.now(self.bucket)
        numbers = self.numbers()
        kept = {number for number, seen in numbers.items() if seen or (newest and number == newest.number)}
        objects = self.bucket.list("snapshots") + self.bucket.list("data")
        old = [entry for entry in objects if (now - entry.modified).total_seconds() > grace_seconds]
        young = {int(entry.key.split("/")[1]) for entry in objects if entry.key.endswith(MANIFEST) and entry not in old}
        named = {key for number in kept | (young & set(numbers)) for key in self._keys(number)}
        gone = [entry.key for entry in old if entry.key not in named]
        for key in gone:
            self.bucket.delete(key)
        return gone

    def _drop_copies(self, number: int) -> None:
        """Remove local copies that the current snapshot does not name, unless a reader may have asked for them of late."""
        mirror, named = self.home / "mirror", set(self._keys(number))
        for path in (mirror / "data").rglob("*.parquet"):
            old = time.time() - path.stat().st_mtime > COPY_SECONDS
            if old and path.relative_to(mirror).as_posix() not in named:
                path.unlink()

    def _keys(self, number: int) -> Iterator[str]:
        text = self.bucket.read(f"snapshots/{number}/{MANIFEST}")[0]
        yield from (f"snapshots/{number}/{name}" for name in (MANIFEST, VIEWS, _SEEN))
        yield from (file["key"] for file in parse_manifest(text, f"{number}/{MANIFEST}")["files"])

    def mark(self, number: int) -> None:
        """Leave the sign that readers have seen a snapshot, or may."""
        self.bucket.write(f"snapshots/{number}/{_SEEN}", b"")

    def _lost_race(self) -> LostRaceError:
        return LostRaceError(
            f"Another night published to {self.location} while this one ran; nothing of this one is visible, run it again."
        )

    def _newest(self, entry: Entry) -> Path:
        path = self.home / "mirror" / entry.key
        stamp = entry.modified.timestamp()
        if not path.is_file() or (path.stat().st_size, path.stat().st_mtime) != (entry.bytes, stamp):
            self._download(entry.key)
            os.utime(path, (stamp, stamp))
        return path

    def _download(self, key: str, file: DataFile | None = None) -> Path:
        path = self.home / "mirror" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary, hashed = path.with_name(f".{path.name}.{os.getpid()}.tmp"), hashlib.sha256()
        with temporary.open("wb") as sink:
            for piece in self.bucket.stream(key):
                sink.write(piece)
                hashed.update(piece)
        if file is not None and hashed.hexdigest() != file.sha256:
            temporary.unlink()
            raise DamagedError(
                f"{self.location}/{key} is not what was published; newsfold rebuild {file.table} restores it."
            )
        temporary.replace(path)
        return path


def _key(file: DataFile) -> str:
    if file.key is not None:
        return file.key
    folder = file.path.rpartition("/")[0]
    return f"data/{folder}/{file.sha256}.parquet"


def _home_of(url: str) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "newsfold" / hashlib.sha256(url.encode()).hexdigest()[:16]
