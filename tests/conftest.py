"""What several rooms' tests need: where the shared corpora lie."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of seeds and gold: NEWSFOLD_SHARED, else `shared` beside the repository; absent, the test is skipped."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("NEWSFOLD_SHARED", beside))
    if not folder.is_dir():
        pytest.skip(f"the shared corpora are not here ({folder})")
    return folder
