"""The few things the warehouse does to an object store, in one place, so that a test can fail any of them.

A put is whole and durable or has not happened; it may be made to depend on what is there. Nothing else is relied on: no
rename, no order of listings, no clock but the store's own.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from warehouse.store import StoreError, StoreSettings

if TYPE_CHECKING:
    from obstore.store import ObjectStore

# What is expected under a key that is put: no object, or the one of this ETag.
ABSENT = ""


class ConflictError(RuntimeError):
    """What lies under the key is not what was expected, so nothing was put."""


@dataclass(frozen=True)
class Entry:
    """An object: its key, size, ETag and when it was put, by the store's clock."""

    key: str
    bytes: int
    etag: str
    modified: datetime


class Bucket:
    """A prefix of a bucket; each method is one operation."""

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store

    def read(self, key: str) -> tuple[bytes, Entry]:
        """Return an object; raises FileNotFoundError."""
        found = _obstore().get(self._store, key)
        return bytes(found.bytes()), _entry(found.meta)

    def stream(self, key: str) -> Iterator[bytes]:
        """Yield an object's bytes in pieces; raises FileNotFoundError."""
        for piece in _obstore().get(self._store, key):
            yield bytes(piece)

    def write(self, key: str, data: bytes | Path, expected: str | None = None) -> str:
        """Put an object and return its ETag; raises ConflictError where another than `expected` (None: any) is there."""
        obstore = _obstore()
        if expected is None:
            return str(obstore.put(self._store, key, data)["e_tag"])
        mode: Any = "create" if expected == ABSENT else {"e_tag": expected}
        try:
            return str(obstore.put(self._store, key, data, mode=mode, use_multipart=False)["e_tag"])
        except (obstore.exceptions.AlreadyExistsError, obstore.exceptions.PreconditionError) as error:
            raise ConflictError(key) from error

    def list(self, prefix: str) -> list[Entry]:
        """Return what lies under a prefix (up to a slash), by key."""
        batches = _obstore().list(self._store, prefix)
        return sorted((_entry(meta) for batch in batches for meta in batch), key=lambda entry: entry.key)

    def delete(self, key: str) -> None:
        """Remove an object; nothing there is no fault."""
        try:
            _obstore().delete(self._store, key)
        except FileNotFoundError:
            return


def connect(url: str, settings: StoreSettings) -> Bucket:
    """Return the bucket and prefix of s3://bucket/prefix; credentials come from the environment (AWS_ACCESS_KEY_ID, …)."""
    place = urlsplit(url)
    if place.scheme != "s3" or not place.netloc:
        raise StoreError(f"{url!r} is no place for a warehouse: give a folder or s3://bucket/prefix.")
    _obstore()
    from obstore.store import S3Store

    return Bucket(S3Store(place.netloc, prefix=place.path.strip("/") or None, **_reached(settings)))


def filesystem(settings: StoreSettings) -> Any:
    """Return an fsspec file system that opens s3:// files, for DuckDB, pyarrow and pandas."""
    _obstore()
    from obstore.fsspec import FsspecStore

    return FsspecStore("s3", **_reached(settings))


def _reached(settings: StoreSettings) -> dict[str, Any]:
    endpoint = settings.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
    region = settings.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    options: dict[str, Any] = {"region": region}
    if endpoint:
        options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
        options |= {"client_options": {"allow_http": endpoint.startswith("http://")}}
    return options


def _obstore() -> Any:
    try:
        import obstore
    except ImportError as error:
        raise StoreError("A warehouse in a bucket needs one package more: pip install 'newsfold[s3]'.") from error
    return obstore


def _entry(meta: Any) -> Entry:
    return Entry(meta["path"], meta["size"], meta["e_tag"] or "", meta["last_modified"])
