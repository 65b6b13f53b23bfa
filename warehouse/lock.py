"""One writer at a time: an advisory lock that dies with its owner."""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockedError(RuntimeError):
    """Another process is writing this warehouse; the message says who."""


# Seconds between two looks at a lock that is waited for: short against a night, long against a look.
_ASK_AGAIN = 0.1

_held: set[int] = set()


@contextmanager
def hold(path: Path, owner: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock file for the block; raises LockedError where another process (or block) holds it longer than the wait.

    The lock is the kernel's (flock), so that of a killed owner is free by nature; the file only says who holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(handle, path, time.monotonic() + wait_seconds)
        _held.add(handle)
        _inscribe(handle, json.dumps({"owner": owner, "pid": os.getpid(), "host": socket.gethostname()}))
        yield
        _inscribe(handle, "")
    finally:
        _held.discard(handle)
        # Said aloud, since a child being forked this moment holds a copy of the handle.
        fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


def _take(handle: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise LockedError(
                    f"{path.parent} is being written by {_holder(handle)}; try again when it is done."
                ) from error
        time.sleep(_ASK_AGAIN)


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
