"""Which files a night reads: files, folders, globs and addresses, each with its feed, the hash of its bytes, and what is known of it."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from flows.places import Look, files, is_remote, look, names_something, open_file
from flows.raw_files import NAMED_AFTER_FILE, RawFiles, Seen
from transforms.read.saved import is_asset, is_furniture, page_stems
from transforms.text import content_hash

__all__ = ["DumpFile", "Scan", "feed_of", "find_dumps", "names_something"]

# The night in a folder's name: 2026-03-02, 20260302, 2026_03_02T0400, with what joins it to the rest.
_NIGHT = re.compile(r"[-_. ]*(?:19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d(?:[T_ -]?\d{2,6})?[-_. ]*")
# What a writer that has not finished leaves behind.
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".swp", "~")
_NOTHING = hashlib.sha256(b"").hexdigest()
_CHUNK = 1 << 20
# Formats that grow by records put behind the others, or by members that hold such records.
_GROWING = frozenset({"jsonl", "warc", "gzip", "zstd", "bzip2", "xz"})


@dataclass(frozen=True)
class DumpFile:
    """One file to read: its path or address, the feed it belongs to, its size and SHA-256; `problem` where it can't be read.

    `change` says what it is to the nights before: new, grown (its first `read_from` bytes, decompressed, were read then), replaced (other bytes under
    a known path), again (known, and read anew), alias (known under another path, with `n_known`
    records of a `format`).
    """

    path: str
    feed: str
    bytes: int
    modified_at: datetime
    content_hash: str
    problem: str | None = None
    etag: str | None = None
    change: str = "new"
    read_from: int = 0
    n_known: int = 0
    format: str = "not read"

    @property
    def name(self) -> str:
        """The name without its folders."""
        return self.path.rpartition("/")[2]

    @property
    def raw_file_id(self) -> str:
        """The id of the file: of its feed, name and bytes; moved within its feed it is the same file."""
        return content_hash("f_", self.feed, self.name, self.content_hash)

    @property
    def look(self) -> Look:
        """What it looked like when it was hashed."""
        return Look(self.path, self.bytes, self.modified_at, self.etag, self.problem)

    def open(self) -> BinaryIO:
        """Open it to read its bytes. Raises OSError."""
        return open_file(self.path)


@dataclass
class Scan:
    """What a night found: files to read, in the order of their bytes' hashes, and those it passes over, with the reason."""

    to_read: list[DumpFile] = field(default_factory=list)
    known: list[DumpFile] = field(default_factory=list)
    aliases: list[DumpFile] = field(default_factory=list)
    waiting: list[DumpFile] = field(default_factory=list)
    n_assets: int = 0

    def notes(self) -> list[str]:
        """Return a sentence for each kind of file that is not read."""
        sentences = (
            (self.known, "as an earlier night read them; not read again"),
            (self.aliases, "of bytes that are known under another path; their records are exact repeats"),
            (self.waiting, "still being written; left for another night"),
        )
        notes = [f"{len(held):,} files are {said}" for held, said in sentences if held]
        return notes + ([f"{self.n_assets:,} files belong to saved pages, or to the file system"] * bool(self.n_assets))


def find_dumps(
    dumps: Sequence[str], not_in: Path, feed: str | None = None, known: RawFiles | None = None, reread: bool = False
) -> Scan:
    """Return the files of every dump (a file, a folder, a glob, an address), each once.

    What lies in `not_in`, the warehouse itself, is no dump. `feed` names the feed of all files where the folder's name should not.
    A file that looks as it did when a night of `known` read it is not opened; one whose bytes are known is an alias; `reread`
    reads both. A file that changes between two looks, or whose name says that it is unfinished, waits.
    Raises FileNotFoundError for a dump that names nothing.
    """
    scan = Scan()
    found = _found(dumps, not_in, scan)
    seen = known.by_path(list(found)) if known else {}
    fresh: list[DumpFile] = []
    for path, first in found.items():
        feed_name = feed or feed_of(path)
        before = seen.get(path)
        if path.endswith(_UNFINISHED):
            scan.waiting.append(_described(first, feed_name))
        elif before and not reread and before.is_settled and _is_same(before, first, feed_name):
            scan.known.append(_described(first, feed_name, before.content_hash))
        else:
            fresh.append(_hashed(first, feed_name, before))
    _settle(fresh, scan, known, reread)
    scan.to_read.sort(key=lambda file: (file.content_hash, file.feed, file.name, file.path))
    return scan


def feed_of(path: Path | str) -> str:
    """Return the feed of a file: the nearest folder above it whose name says more than a night."""
    for folder in str(path).split("/")[-2::-1]:
        if name := _NIGHT.sub("", folder).strip("/"):
            return name
    return "dump"


def _found(dumps: Sequence[str], not_in: Path, scan: Scan) -> dict[str, Look]:
    """Take a first look at every file; count what lies beside saved pages."""
    found: dict[str, Look] = {}
    for dump in dumps:
        if not names_something(dump):
            raise FileNotFoundError(
                f"there is no dump at {dump!r}: give a file, a folder, an address or a pattern that matches one"
            )
        paths = [path for path in files(dump) if path not in found and _is_input(path, dump, not_in)]
        stems = page_stems(paths)
        for path in paths:
            if is_asset(path, stems) or is_furniture(path.rpartition("/")[2]):
                scan.n_assets += 1
            else:
                found[path] = look(path)
    return found


def _is_input(path: str, dump: str, not_in: Path) -> bool:
    if is_remote(path):
        return not path.rpartition("/")[2].startswith(".")
    named = Path(dump).absolute() == Path(path)
    return (named or not Path(path).name.startswith(".")) and not Path(path).is_relative_to(not_in)


def _is_same(before: Seen, found: Look, feed: str) -> bool:
    file = _described(found, feed, before.content_hash)
    return not found.problem and before.looks_like(found) and before.raw_file_id == file.raw_file_id


def _described(found: Look, feed: str, digest: str = _NOTHING) -> DumpFile:
    return DumpFile(found.path, feed, found.bytes, found.modified_at, digest, found.problem, found.etag)


def _hashed(found: Look, feed: str, before: Seen | None) -> DumpFile:
    """Read a file's bytes for their hash, and say what it is to its earlier self."""
    file = _described(found, feed)
    if found.problem:
        return file
    try:
        with file.open() as stream:
            digest, prefix = _digests(stream, before.look.bytes if before else -1)
    except OSError as error:
        return replace(file, problem=error.strerror or str(error) or type(error).__name__)
    file = replace(file, content_hash=digest)
    if before is None:
        return file
    if digest == before.content_hash:
        return replace(file, change="again")
    grown = before.format in _GROWING and before.feed == feed and prefix == before.content_hash
    if grown and before.stopped_at is not None:
        return replace(file, change="grown", read_from=before.stopped_at)
    return replace(file, change="replaced")


def _digests(stream: BinaryIO, size: int) -> tuple[str, str | None]:
    """Return the SHA-256 of a stream, and that of its first `size` bytes where it has more."""
    whole, prefix, position = hashlib.sha256(), None, 0
    while piece := stream.read(_CHUNK):
        if position <= size < position + len(piece):
            head = whole.copy()
            head.update(piece[: size - position])
            prefix = head.hexdigest()
        whole.update(piece)
        position += len(piece)
    return whole.hexdigest(), prefix


def _settle(fresh: Iterable[DumpFile], scan: Scan, known: RawFiles | None, reread: bool) -> None:
    """Sort the files that were hashed into those to read, aliases, and those that changed while they were looked at."""
    fresh = sorted(fresh, key=lambda file: (file.raw_file_id, file.path))
    readings = known.by_content([file.content_hash for file in fresh]) if known and not reread else {}
    for file in fresh:
        if file.problem:
            scan.to_read.append(file)
        elif look(file.path) != file.look:
            scan.waiting.append(file)
        elif (seen := _same(file, readings.get(file.content_hash, ()))) is not None:
            scan.aliases.append(replace(file, change="alias", n_known=seen.n_held or 0, format=seen.format))
        else:
            scan.to_read.append(file)


def _same(file: DumpFile, readings: Iterable[Seen]) -> Seen | None:
    """Return an earlier reading of the very records of a file, None where it has to be read.

    They are those of the same bytes in the same feed, under the same name where that is the record's key.
    """
    for seen in readings:
        is_same = seen.raw_file_id == file.raw_file_id or (
            seen.feed == file.feed and seen.format not in NAMED_AFTER_FILE
        )
        if is_same and seen.is_settled and seen.n_held is not None:
            return seen
    return None
