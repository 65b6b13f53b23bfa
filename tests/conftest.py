"""What several rooms' tests need: where the shared corpora lie."""

import fcntl
import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.buckets import at, bucket_url, endpoint

__all__ = ["at", "bucket_url", "endpoint", "shared", "three_nights"]

# No test judges by the clock: a busy machine is not a failure.
settings.register_profile("newsfold", deadline=None)
settings.load_profile("newsfold")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that run whole nights first: what is long must not begin when one worker has nothing else left to do.

    A file stays together, so that its worker makes its fixtures once (`--dist loadfile`; the `xdist_group` of pytest-xdist 3.8
    has no effect under pytest 9.2, https://github.com/pytest-dev/pytest-xdist/issues/1386).
    """

    def runs_nights(item: pytest.Item) -> bool:
        return any(getattr(each, "__module__", "") == "tests.nights" for each in vars(item.module).values())

    items.sort(key=lambda item: not runs_nights(item))


def pytest_collection_finish() -> None:
    """Take what is loaded by now out of the collector's way: it stays to the end, and every night would have it gone through."""
    gc.freeze()


def pytest_unconfigure() -> None:
    """Hand it back: a module of C++ counts what the collector never saw as leaked, and says so for pages."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of seeds and gold: NEWSFOLD_SHARED, else `shared` beside the repository; absent, the test is skipped."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("NEWSFOLD_SHARED", beside))
    if not folder.is_dir():
        pytest.skip(f"the shared corpora are not here ({folder})")
    return folder


@pytest.fixture(scope="session")
def three_nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse that the example's three nights leave, which tests only read: made by the first worker that needs it, for all."""
    # Here, as who hands out the tests loads this file too, and runs none.
    from tests.nights import NIGHTS, run

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    root, done = folder / "example" / "warehouse", folder / "example" / "done"
    root.parent.mkdir(exist_ok=True)
    with (root.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            for night in NIGHTS:
                assert run([night], root, night.name)["status"] == "published"
            done.touch()
    return root
