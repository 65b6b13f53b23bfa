"""One writer at a time: an advisory lock that dies with its owner."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockedError(RuntimeError):
    """Another process is writing this warehouse; the message says who."""


_held: set[int] = set()


@contextmanager
def hold(path: Path, owner: str) -> Iterator[None]:
    """Hold the lock file for the block; raises LockedError at once where another process (or another block) holds it.

    The lock is the kernel's (flock), so that of a killed owner is free by nature; the file only says who holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError(
                f"{path.parent} is being written by {_holder(handle)}; try again when it is done."
            ) from error
        _held.add(handle)
        _inscribe(handle, json.dumps({"owner": owner, "pid": os.getpid(), "host": socket.gethostname()}))
        yield
        _inscribe(handle, "")
    finally:
        _held.discard(handle)
        # Said aloud, since a child being forked this moment holds a copy of the handle.
        fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


def _inscribe(handle: int, text: str) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, text.encode(), 0)


def _holder(handle: int) -> str:
    text = os.pread(handle, 4096, 0).decode()
    if not text:
        return "another process"
    info = json.loads(text)
    return f"{info['owner']} (process {info['pid']} on {info['host']})"


def _let_go() -> None:
    # A forked worker that outlives its killed parent must not keep the parent's lock.
    for handle in _held:
        os.close(handle)
    _held.clear()


os.register_at_fork(after_in_child=_let_go)
