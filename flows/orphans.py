"""The embedded Prefect server of a run that was killed: it outlives its parent, so the next run stops it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import psutil


@contextmanager
def remember_server(root: Path) -> Iterator[None]:
    """Write down the server this process starts, by process id and start time, for the length of the block."""
    record, done = _record(root), Event()
    watcher = Thread(target=_watch, args=(record, done), name="server watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        record.unlink(missing_ok=True)


def stop_orphaned_server(root: Path) -> None:
    """Stop the server an earlier, killed run wrote down, if that very process still runs and its parent does not."""
    record = _record(root)
    if not record.exists():
        return
    for line in record.read_text(encoding="utf-8").splitlines():
        pid, born, parent = line.split()
        if psutil.pid_exists(int(pid)) and not psutil.pid_exists(int(parent)):
            server = psutil.Process(int(pid))
            if f"{server.create_time():.2f}" == born:
                server.terminate()
    record.unlink()


def _record(root: Path) -> Path:
    return root / "state" / "server"


def _watch(record: Path, done: Event) -> None:
    me = psutil.Process()
    while not done.wait(0.25):
        servers = [child for child in me.children() if _is_server(child)]
        if servers:
            record.parent.mkdir(parents=True, exist_ok=True)
            lines = [f"{server.pid} {server.create_time():.2f} {me.pid}" for server in servers]
            record.write_text("\n".join(lines), encoding="utf-8")
            return


def _is_server(process: psutil.Process) -> bool:
    try:
        return any("prefect.server" in part for part in process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
