"""What several rooms' tests need: where the shared corpora lie."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.buckets import at, bucket_url, endpoint
from tests.nights import NIGHTS, run

__all__ = ["at", "bucket_url", "endpoint", "shared", "three_nights"]

# No test judges by the clock: a busy machine is not a failure.
settings.register_profile("newsfold", deadline=None)
settings.load_profile("newsfold")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one dear fixture on one worker, which then makes it once for all."""
    for item in items:
        for fixture in {"three_nights", "first_night", "cases"} & set(getattr(item, "fixturenames", ())):
            if item.get_closest_marker("xdist_group") is None:
                item.add_marker(pytest.mark.xdist_group({"three_nights": "example"}.get(fixture, fixture)))


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
    """The warehouse that the example's three nights leave."""
    root = tmp_path_factory.mktemp("example") / "warehouse"
    for folder in NIGHTS:
        assert run([folder], root, folder.name)["status"] == "published"
    return root
