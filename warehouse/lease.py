"""One writer at a time in a bucket: a lease object that is renewed while its owner lives, and taken over when it is not.

Only the store's clock counts: a lease is dead when an object put now is younger than it by more than the lease's length. Two
limits follow. A taker waits up to that length for a dead owner. And an owner cut off from the store for so long may live on
beside its heir: it finds out when it renews or publishes, and gives way then, since the pointer moves by comparison only.
"""

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from warehouse.bucket import ABSENT, Bucket, ConflictError, Entry
from warehouse.lock import LockedError
from warehouse.store import LostRaceError, StoreSettings

_KEY, _CLOCK = "lease.json", "clock"
# Seconds between two looks at a lease that is waited for.
_ASK_AGAIN = 1.0


class Lease:
    """A held lease; `check` says whether it still is."""

    def __init__(self, bucket: Bucket, place: str, owner: str, etag: str) -> None:
        self._bucket, self._place, self._owner, self._etag = bucket, place, owner, etag
        self._mutex = threading.Lock()
        self._lost = False

    def check(self) -> None:
        """Renew the lease; raises LostRaceError where another owner has taken it over."""
        with self._mutex:
            if not self._lost:
                self._replace(_inscription(self._owner))
            if self._lost:
                raise LostRaceError(
                    f"Another night took over {self._place} while this one could not be heard of; nothing was published, run it again."
                )

    def release(self) -> None:
        """Give the lease back, unless it is another's by now."""
        with self._mutex:
            if not self._lost:
                self._replace(b"{}")

    def _replace(self, text: bytes) -> None:
        try:
            self._etag = self._bucket.write(_KEY, text, self._etag)
        except ConflictError:
            # A put that was repeated after its answer got lost finds itself there.
            found, entry = self._bucket.read(_KEY)
            self._lost, self._etag = found != text, entry.etag


@contextmanager
def hold(bucket: Bucket, place: str, owner: str, settings: StoreSettings) -> Iterator[Lease]:
    """Hold the lease for the block, renewed by a thread; raises LockedError where another holds it longer than the wait."""
    lease = Lease(bucket, place, owner, _take(bucket, place, owner, settings))
    over = threading.Event()
    renewing = threading.Thread(target=_renew, args=(lease, over, settings.lease_seconds / 3), daemon=True)
    renewing.start()
    try:
        yield lease
    finally:
        over.set()
        renewing.join()
        lease.release()


def now(bucket: Bucket) -> datetime:
    """Return the time by the store's clock: when an object put just now was put."""
    bucket.write(_CLOCK, b"")
    return bucket.read(_CLOCK)[1].modified


def _take(bucket: Bucket, place: str, owner: str, settings: StoreSettings) -> str:
    deadline = time.monotonic() + settings.wait_seconds
    while True:
        held, entry = _look(bucket)
        free = not held or (now(bucket) - entry.modified).total_seconds() > settings.lease_seconds if entry else True
        if free:
            text = _inscription(owner)
            try:
                return bucket.write(_KEY, text, entry.etag if entry else ABSENT)
            except ConflictError:
                found, other = _look(bucket)
                if other is not None and found == json.loads(text):
                    return other.etag
                continue
        if time.monotonic() >= deadline:
            who = f"{held['owner']} (process {held['pid']} on {held['host']})"
            raise LockedError(f"{place} is being written by {who}; try again when it is done.")
        time.sleep(_ASK_AGAIN)


def _look(bucket: Bucket) -> tuple[dict[str, str], Entry | None]:
    try:
        text, entry = bucket.read(_KEY)
    except FileNotFoundError:
        return {}, None
    return json.loads(text), entry


def _inscription(owner: str) -> bytes:
    # Never the same twice, so that a renewed lease has another ETag.
    found = {"owner": owner, "pid": os.getpid(), "host": socket.gethostname(), "token": uuid.uuid4().hex}
    return json.dumps(found).encode()


def _renew(lease: Lease, over: threading.Event, every: float) -> None:
    while not over.wait(max(every, 0.01)):
        try:
            lease.check()
        except LostRaceError:
            # Told again to whoever publishes.
            return
