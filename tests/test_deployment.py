"""The deployment: its schedule makes runs appear on a real local server, one night at a time, and a worker runs one."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.nights import NIGHTS, ask

REPOSITORY = Path(__file__).resolve().parents[1]
PREFECT = Path(sys.executable).with_name("prefect")
# Tries a second apart: a server that migrates a new database on a busy machine takes a minute.
TRIES = 180

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A Prefect server on loopback with a home of its own; the variables that lead to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("prefect")
    env = os.environ | {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
    }
    server = subprocess.Popen(
        [PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port)],
        env=env,
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: reachable(env), "the server answers")
        yield env
    finally:
        server.terminate()
        server.wait(60)


@pytest.fixture(scope="module")
def deployed(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The deployment of prefect.yaml, as the documentation says to make it."""
    prefect(environment, "work-pool", "create", "newsfold", "--type", "process")
    prefect(environment, "--no-prompt", "deploy", "--all")
    found: dict[str, Any] = api(environment, "GET", "/deployments/name/nightly/nightly")
    return found


def test_the_schedule_has_a_zone_and_one_night_at_a_time(deployed: dict[str, Any]) -> None:
    (schedule,) = deployed["schedules"]
    assert schedule["active"] and schedule["schedule"]["cron"] and schedule["schedule"]["timezone"]
    limit = deployed["global_concurrency_limit"] or {}
    assert limit.get("limit") == 1
    assert set(deployed["parameters"]) == {"dumps", "warehouse", "night"}


def test_scheduled_runs_appear(environment: dict[str, str], deployed: dict[str, Any]) -> None:
    def scheduled() -> list[Any]:
        query = {
            "deployments": {"id": {"any_": [deployed["id"]]}},
            "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        }
        runs: list[Any] = api(environment, "POST", "/flow_runs/filter", query)
        return runs

    assert until(scheduled, "a scheduled run")[0]["deployment_id"] == deployed["id"]


def test_a_worker_runs_a_night(environment: dict[str, str], deployed: dict[str, Any], tmp_path: Path) -> None:
    dump = tmp_path / "dumps" / NIGHTS[0].name
    shutil.copytree(NIGHTS[0], dump)
    parameters = {"dumps": [str(dump)], "warehouse": str(tmp_path / "warehouse"), "night": NIGHTS[0].name}
    run = api(
        environment,
        "POST",
        f"/deployments/{deployed['id']}/create_flow_run",
        {"parameters": parameters, "state": {"type": "SCHEDULED"}},
    )
    # Served until this run is taken up and done, and no other: later ones are a day away.
    prefect(environment, "worker", "start", "--pool", "newsfold", "--run-once")
    state = until(lambda: ended(environment, run["id"]), "the run ends")
    assert state["type"] == "COMPLETED", state
    assert ask(tmp_path / "warehouse", "SELECT count(*) AS n FROM articles")[0]["n"] > 0


def prefect(env: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [PREFECT, *arguments], env=env, cwd=REPOSITORY, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def api(env: dict[str, str], method: str, path: str, body: object = None) -> Any:
    answer = httpx.request(method, env["PREFECT_API_URL"] + path, json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


def reachable(env: dict[str, str]) -> bool:
    try:
        return bool(api(env, "GET", "/health"))
    except httpx.TransportError:
        return False


def ended(env: dict[str, str], run_id: str) -> dict[str, Any] | None:
    state: dict[str, Any] = api(env, "GET", f"/flow_runs/{run_id}")["state"]
    return state if state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None


def until(condition: Callable[[], Any], what: str) -> Any:
    """Return the condition's first true answer; fails after TRIES tries a second apart."""
    pause = threading.Event()
    for _ in range(TRIES):
        if found := condition():
            return found
        pause.wait(1)
    pytest.fail(f"waited in vain: {what}")
