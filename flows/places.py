"""Where dumps lie: this machine's files, and whatever else fsspec opens (s3://, memory://, …)."""

import glob
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Look:
    """One look at a file: its path or address, size, time and etag as the place says them; `problem` where it can't be read."""

    path: str
    bytes: int
    modified_at: datetime
    etag: str | None = None
    problem: str | None = None


def is_remote(path: str) -> bool:
    """Return whether a path is an address."""
    return "://" in path


def names_something(dump: str) -> bool:
    """Return whether a dump is there: a file, a folder (which may be empty), an address, or a pattern that matches one."""
    if is_remote(dump):
        return next(iter(_remote_files(dump)), None) is not None
    return os.path.lexists(dump) or any(True for _ in glob.iglob(dump, recursive=True))


def files(dump: str) -> Iterator[str]:
    """Yield the path of every file of a dump, in order. Links to folders are yielded, not followed."""
    if is_remote(dump):
        yield from _remote_files(dump)
        return
    for name in [dump] if os.path.lexists(dump) else sorted(glob.glob(dump, recursive=True)):
        path = Path(name).absolute()
        if not path.is_dir():
            yield _as_text(str(path))
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            links = [link for link in folders if Path(folder, link).is_symlink()]
            yield from (_as_text(f"{folder.rstrip('/')}/{each}") for each in sorted(names + links))


def look(path: str) -> Look:
    """Look at a file, without reading it."""
    try:
        return _remote_look(path) if is_remote(path) else _local_look(path)
    except OSError as error:
        return Look(path, 0, _EPOCH, problem=error.strerror or str(error) or type(error).__name__)


def open_file(path: str) -> BinaryIO:
    """Open a file to read its bytes. Raises OSError."""
    if not is_remote(path):
        # What reads it takes large pieces; of a folder of small files, making buffers costs more than reading them.
        return cast(BinaryIO, _on_disk(path).open("rb", buffering=0))
    system, inside = _system(path)
    return cast(BinaryIO, system.open(inside, "rb"))


def _as_text(path: str) -> str:
    """Return a path that can be written down: bytes of it that are no UTF-8 as \\xe9."""
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "backslashreplace")


def _on_disk(path: str) -> Path:
    """Return the file that a path written down stands for."""
    if "\\x" not in path or os.path.lexists(path):
        return Path(path)
    return Path(os.fsdecode(_ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), os.fsencode(path))))


def _local_look(path: str) -> Look:
    try:
        found = _on_disk(path).stat()
    except FileNotFoundError as error:
        raise OSError("a link that leads nowhere" if _on_disk(path).is_symlink() else "it is gone") from error
    if not stat.S_ISREG(found.st_mode):
        raise OSError("a link to a folder" if stat.S_ISDIR(found.st_mode) else "not a regular file (a pipe, a device)")
    modified = datetime.fromtimestamp(found.st_mtime_ns // 1000 / 1e6, UTC)
    return Look(path, found.st_size, modified)


def _remote_look(path: str) -> Look:
    system, inside = _system(path)
    # A look is at what is there now, not at a listing kept from before.
    system.invalidate_cache()
    info = system.info(inside)
    if info.get("type") == "directory":
        raise OSError("a folder")
    when = next(
        (info[name] for name in ("LastModified", "last_modified", "mtime", "modified", "created") if info.get(name)),
        None,
    )
    etag = next((str(info[name]).strip('"') for name in ("ETag", "e_tag", "etag", "checksum") if info.get(name)), None)
    return Look(path, int(info.get("size") or 0), _instant(when), etag)


def _instant(when: object) -> datetime:
    if isinstance(when, datetime):
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    return datetime.fromtimestamp(when, UTC) if isinstance(when, int | float) else _EPOCH


def _remote_files(dump: str) -> Iterator[str]:
    system, inside = _system(dump)
    if glob.has_magic(inside):
        found = [path for path in system.glob(inside) if not system.isdir(path)]
    elif system.isdir(inside):
        found = system.find(inside)
    else:
        found = [inside] if system.exists(inside) else []
    yield from sorted(str(system.unstrip_protocol(path)) for path in found)


def _system(path: str) -> tuple[Any, str]:
    """Return the file system of an address and the path in it. Raises ValueError where none is installed for it."""
    import fsspec

    _use_obstore(path)
    try:
        system, inside = fsspec.core.url_to_fs(path)
    except ImportError as error:
        raise ValueError(f"{path} can't be opened: {error} (pip install 'newsfold[s3]' for s3://)") from error
    return system, str(inside)


def _use_obstore(path: str) -> None:
    """Let fsspec open object stores by the library that the warehouse uses for them, where it is installed."""
    from importlib.util import find_spec

    protocol = path.partition("://")[0]
    if protocol in ("s3", "gs", "az") and find_spec("obstore"):
        from obstore.fsspec import register

        register(protocol)
