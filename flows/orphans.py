"""The embedded Prefect server of a run that was killed: it outlives its parent, so the next run stops it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import psutil


@contextmanager
def remember_server(root: Path) -> Iterator[None]:
    """Write down the server this process starts, by process id and start time, for the length of the block."""
    record, done = root / "state" / f"server-{psutil.Process().pid}", Event()
    watcher = Thread(target=_watch, args=(record, done), name="server watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        record.unlink(missing_ok=True)


def stop_orphaned_server(root: Path) -> None:
    """Stop the servers that earlier, killed runs wrote down; that of a run still alive is left alone.

    A server is stopped only if it is the very process written down: the same id, started at the same time.
    """
    for record in (root / "state").glob("server-*"):
        if psutil.pid_exists(int(record.name.partition("-")[2])):
            continue
        for line in record.read_text(encoding="utf-8").splitlines():
            pid, born = line.split()
            if psutil.pid_exists(int(pid)) and f"{psutil.Process(int(pid)).create_time():.2f}" == born:
                psutil.Process(int(pid)).terminate()
        record.unlink()


def _watch(record: Path, done: Event) -> None:
    me = psutil.Process()
    while not done.wait(0.25):
        servers = [child for child in me.children() if _is_server(child)]
        if servers:
            record.parent.mkdir(parents=True, exist_ok=True)
            record.write_text("\n".join(f"{s.pid} {s.create_time():.2f}" for s in servers), encoding="utf-8")
            return


def _is_server(process: psutil.Process) -> bool:
    try:
        return any("prefect.server" in part for part in process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
