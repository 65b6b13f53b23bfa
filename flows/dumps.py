"""Which files a night reads: files, folders and globs, each with the feed it belongs to and the hash of its bytes."""

import glob
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from transforms.text import content_hash

# The night in a folder's name: 2026-03-02, 20260302, 2026_03_02T0400, with what joins it to the rest.
_NIGHT = re.compile(r"[-_. ]*(?:19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d(?:[T_ -]?\d{2,6})?[-_. ]*")
# What a writer that has not finished leaves behind, and what an editor or a file system keeps for itself.
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".swp", "~")


@dataclass(frozen=True)
class DumpFile:
    """One file to read: where it is, the feed it belongs to, its size and SHA-256; `problem` where it can't be read."""

    path: Path
    feed: str
    bytes: int
    modified_at: datetime
    content_hash: str
    problem: str | None = None

    @property
    def raw_file_id(self) -> str:
        """The id of the file: of its feed, name and bytes; moved within its feed it is the same file."""
        return content_hash("f_", self.feed, self.path.name, self.content_hash)


def find_dumps(dumps: Sequence[str], not_in: Path, feed: str | None = None) -> list[DumpFile]:
    """Return the files of every dump (a file, a folder or a glob), each once, in the order of their bytes' hashes.

    The order is the content's own. What lies in `not_in`, the warehouse itself, is no dump. `feed` names the feed of all files
    where the folder's name should not. Raises FileNotFoundError for a dump that names nothing.
    """
    found: dict[Path, DumpFile] = {}
    for dump in dumps:
        if not names_something(dump):
            raise FileNotFoundError(
                f"there is no dump at {dump!r}: give a file, a folder or a pattern that matches one"
            )
        for path in map(Path.absolute, _expand(dump)):
            if path not in found and not path.is_relative_to(not_in):
                found[path] = _describe(path, feed or feed_of(path))
    return sorted(found.values(), key=lambda f: (f.content_hash, f.feed, f.path.name))


def names_something(dump: str) -> bool:
    """Return whether a dump is there: a file, a folder (which may be empty), or a pattern that matches one."""
    return os.path.lexists(dump) or any(True for _ in glob.iglob(dump, recursive=True))


def feed_of(path: Path) -> str:
    """Return the feed of a file: the nearest folder above it whose name says more than a night."""
    for folder in path.parent.parts[::-1]:
        if name := _NIGHT.sub("", folder).strip("/"):
            return name
    return "dump"


def _expand(dump: str) -> Iterator[Path]:
    for name in [dump] if os.path.lexists(dump) else sorted(glob.glob(dump, recursive=True)):
        path = Path(name)
        if path.is_dir():
            for folder, folders, files in os.walk(path):
                folders.sort()
                # A link to a folder is not followed, but accounted for.
                links = [name for name in folders if Path(folder, name).is_symlink()]
                yield from (Path(folder, file) for file in sorted(files + links) if _is_input(file))
        elif _is_input(path.name) or name == dump:
            yield path


def _is_input(name: str) -> bool:
    return not name.startswith(".") and not name.endswith(_UNFINISHED)


def _describe(path: Path, feed: str) -> DumpFile:
    try:
        if not path.is_file():
            raise OSError("not a regular file, or a link to a folder" if path.exists() else "a link that leads nowhere")
        stat = path.stat()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return DumpFile(path, feed, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC), digest)
    except OSError as error:
        reason = error.strerror or str(error)
        nothing = hashlib.sha256(b"").hexdigest()
        return DumpFile(path, feed, 0, datetime.fromtimestamp(0, UTC), nothing, problem=reason)
