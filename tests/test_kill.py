"""A night killed while it enriches or publishes: readers keep the old snapshot, and the next run ends as if nothing had been."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.nights import NIGHTS, ask, run
from warehouse.catalog import open_catalog
from warehouse.publish import Warehouse

REPOSITORY = Path(__file__).resolve().parents[1]
FIRST, SECOND = NIGHTS[:2]
# Small partitions, so that some are done and some are not when the kill comes; and workers, to see that they die too.
SMALL = "partition_words = 1500\ninline_below_bytes = 0\n"
# Runs the second night in a process of its own, which kills itself right after the step named.
SUICIDAL = """
import os, signal, sys
from pathlib import Path
from tests.nights import run
step, root, dump = sys.argv[1:]
def after(done):
    if done == step:
        os.kill(os.getpid(), signal.SIGKILL)
if __name__ == "__main__":
    run([dump], Path(root), Path(dump).name, after=after)
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The data hashes of two nights that nobody disturbs."""
    root = tmp_path_factory.mktemp("undisturbed")
    return [run([night], root, night.name)["data_hash"] for night in (FIRST, SECOND)]


@pytest.fixture(scope="module")
def undisturbed_files(tmp_path_factory: pytest.TempPathFactory, undisturbed: list[str]) -> dict[str, str]:
    """What the second of them published: path -> SHA-256, so that a difference is named."""
    return files(next(tmp_path_factory.getbasetemp().glob("undisturbed*")))


@pytest.fixture
def root(tmp_path: Path, undisturbed: list[str]) -> Iterator[Path]:
    """A warehouse after its first night; whatever happens to the second, no process is left behind."""
    root = tmp_path / "warehouse"
    assert run([FIRST], root, FIRST.name)["data_hash"] == undisturbed[0]
    yield root


def test_killed_while_it_enriches(
    root: Path, tmp_path: Path, undisturbed: list[str], undisturbed_files: dict[str, str]
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(SMALL)
    command = [
        Path(sys.executable).with_name("newsfold"),
        "run",
        SECOND,
        "--warehouse",
        root,
        "--night",
        SECOND.name,
        "--settings",
        settings,
    ]
    night = subprocess.Popen(
        [str(part) for part in command], cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    done = wait_for_partition(root, night)
    children = psutil.Process(night.pid).children(recursive=True)
    night.send_signal(signal.SIGKILL)
    night.wait()
    assert readers_see(root) == undisturbed[0]
    _, alive = psutil.wait_procs([child for child in children if "spawn_main" in " ".join(cmdline(child))], timeout=30)
    assert alive == [], "workers outlive a killed night"

    again = subprocess.run([str(part) for part in command], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert "partitions were done before" in again.stderr and done
    assert files(root) == undisturbed_files
    assert readers_see(root) == undisturbed[1]
    assert not any(psutil.pid_exists(child.pid) and child.is_running() for child in children), (
        "the killed run's server is stopped"
    )


@pytest.mark.parametrize("step", ["check", "facts", "sealed", "swapped"])
def test_killed_while_it_publishes(root: Path, undisturbed: list[str], step: str, tmp_path: Path) -> None:
    script = tmp_path / "night.py"
    script.write_text(SUICIDAL)
    command = [sys.executable, script, step, root, SECOND]
    killed = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(REPOSITORY)}, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert readers_see(root) == undisturbed[1 if step == "swapped" else 0]

    row = run([SECOND], root, SECOND.name)
    assert row["data_hash"] == readers_see(root) == undisturbed[1]
    assert row["status"] == ("no_change" if step == "swapped" else "published")
    nights = ask(root, "SELECT night, status FROM runs WHERE status = 'published' ORDER BY night")
    assert [night["night"].isoformat() for night in nights] == [FIRST.name, SECOND.name]


def readers_see(root: Path) -> str:
    """Return the data hash that a reader gets, after reading a table whole and finding every file as published."""
    with open_catalog(root) as connection:
        connection.execute("SELECT count(*) FROM articles JOIN stories USING (story_id)").fetchall()
        found = connection.execute("SELECT data_hash FROM snapshot").fetchall()[0][0]
    current = Warehouse(root).current()
    assert current is not None and current.verify() == [] and current.data_hash == found
    return str(found)


def files(root: Path) -> dict[str, str]:
    """Return path -> SHA-256 of every data file of the current snapshot."""
    current = Warehouse(root).current()
    assert current is not None
    return {file.path: file.sha256 for file in current.files}


def wait_for_partition(root: Path, night: "subprocess.Popen[bytes]") -> list[Path]:
    """Return the finished partitions as soon as there is one; fails if the night ends before."""
    pause = threading.Event()
    while night.poll() is None:
        if done := list(root.glob("work/*/enriched-*")):
            return done
        pause.wait(0.02)
    pytest.fail("the night was over before it could be killed")


def cmdline(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []
