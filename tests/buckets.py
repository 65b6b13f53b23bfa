"""A real S3 API over HTTP on this machine, for tests of a warehouse in a bucket."""

import itertools
import logging
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from warehouse.store import StoreSettings

_names = itertools.count()


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The address of an S3 API: moto's server on a free port, in a thread."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket_url(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A prefix in a new bucket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    name = f"bucket-{next(_names)}"
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{name}", method="PUT")).close()
    return f"s3://{name}/news/house"


@pytest.fixture
def at(endpoint: str, tmp_path: Path) -> StoreSettings:
    """How that bucket is reached."""
    return StoreSettings(endpoint=endpoint, home=str(tmp_path / "home"))
