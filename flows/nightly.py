"""The night: its stages in order, as a Prefect flow; what it leaves in the log; what a kill leaves to the next attempt."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows import forget, workers
from flows.contracts import Blocked, check_all
from flows.fold import fold
from flows.intake import read_and_clean
from flows.meter import Meter
from flows.night import SUMS, Night, made_alike
from flows.overrule import refuse_contradictions
from flows.progress import Progress
from flows.resources import code_hash
from flows.settings import Settings
from flows.stages import dedupe, enrich
from flows.tables import changed, derived, tabulate_all
from flows.upkeep import bring_up
from transforms.text import content_hash
from warehouse.checks import failures
from warehouse.lock import LockedError
from warehouse.publish import NoChange, Warehouse
from warehouse.schema import TABLES
from warehouse.snapshot import Snapshot
from warehouse.store import Place

UNSAID = "running still, or killed before it could say how it ended"
# Nothing that could be dated is older (transforms/clean/settings.py); what is later is a slip of the pen.
FIRST_NIGHT, LAST_NIGHT = date(1990, 1, 1), date(2199, 12, 31)
Stage = Callable[[str, Callable[[], Any]], Any]


@flow(name="nightly", validate_parameters=True)
def nightly(
    dumps: list[str],
    warehouse: str,
    night: date | None = None,
    settings_file: str | None = None,
    reread: bool = False,
) -> dict[str, Any]:
    """Run one night: read the dumps (files, folders, globs), publish what they bring, and return the run's row.

    `night` is the logical night, by default today in the schedule's zone. `reread` reads known files anew. A night that is blocked or fails raises, after its
    row is in the log.
    """
    settings = Settings.load(Path(settings_file) if settings_file else None)
    return run_night(
        dumps, warehouse, night or by_the_clock(warehouse, settings), settings, stage=_as_task, reread=reread
    )


def tonight(settings: Settings) -> date:
    """Return today's date in the schedule's zone."""
    return datetime.now(ZoneInfo(settings.zone)).date()


def by_the_clock(root: Place, settings: Settings) -> date:
    """Return tonight; raises ValueError where the clock has gone back, as today's news would be refused for being of tomorrow."""
    night, current = tonight(settings), Warehouse(root, settings=settings.store).current()
    last = current.manifest["run"].get("night") if current else None
    if last and night < date.fromisoformat(last):
        raise ValueError(
            f"By this machine's clock tonight is {night}, before the last night of {root}, which is {last}: set the clock, or name the night with --night."
        )
    return night


def run_night(
    dumps: Sequence[str],
    root: Place,
    night: date,
    settings: Settings,
    progress: Progress | None = None,
    stage: Stage = lambda name, work: work(),
    after: Callable[[str], None] = lambda step: None,
    reread: bool = False,
    rebuild: Sequence[str] = (),
) -> dict[str, Any]:
    """Run one night and return its row of `runs`; `stage` runs each stage under its name, `after` is told of each step done.

    With `rebuild` everything is made anew from the facts, and these tables are published.

    Raises ValueError for a night that is none, LockedError where another night is running, Blocked where a check fails, and
    whatever a stage raises.
    """
    if not FIRST_NIGHT <= night <= LAST_NIGHT:
        raise ValueError(f"{night} is no night: a night is a date from {FIRST_NIGHT} to {LAST_NIGHT}.")
    warehouse = Warehouse(root, settings=settings.store)
    meter = Meter()
    started = datetime.now(UTC)
    with _alone(warehouse, night, started):
        _log_what_a_kill_cut_off(warehouse)
        bring_up(warehouse)
        if not rebuild:
            # What is damaged must be whole before it can be gone through.
            forget.finish(warehouse)
        this = Night.begin(warehouse, dumps, night, settings, progress or Progress(), reread, rebuild=rebuild)
        this.row |= {"started_at": started, "attempt_no": _attempt(warehouse, this.run_id)}
        # Stands until the run can say better: a killed night leaves a row too.
        _write_run(warehouse, this.row | {"finished_at": started, "stages": [], "status": "failed", "reason": UNSAID})

        def timed(name: str, work: Callable[[], Any]) -> Any:
            with meter.stage(name), this.progress.stage(name):
                result = stage(name, work)
            this.beside.rest()
            cost = meter.stages[-1]
            this.progress.say(
                f"  {name:<9} {cost['seconds']:>8.1f} s  {cost['cpu_seconds']:>8.1f} CPU s  {cost['peak_mb']:>7.0f} MiB"
            )
            after(name)
            return result

        try:
            _stages(this, timed, after)
        except BaseException as error:
            status = "blocked" if isinstance(error, Blocked) else "failed"
            _close(this, meter, status=status, reason=f"{type(error).__name__}: {error}"[:2000])
            raise
        finally:
            this.connection.close()
        _close(this, meter)
        # Nothing of an interrupted run is of use once a later one has ended well.
        shutil.rmtree(warehouse.work)
        return this.row | {"notes": this.notes}


def _stages(this: Night, stage: Stage, after: Callable[[str], None]) -> None:
    refuse_contradictions(this)
    with workers.pool(this.settings, this.resources, sum(file.bytes for file in this.files)) as pool:
        stage("read", lambda: read_and_clean(this, pool))
        if this.parent and this.brings_nothing:
            return _unchanged(this, this.parent)
        stage("dedupe", lambda: dedupe(this))
        stage("enrich", lambda: enrich(this, pool))
    stage("relate", lambda: fold(this))
    stage("tabulate", lambda: tabulate_all(this))
    findings = stage("check", lambda: check_all(this))
    if broken := failures(findings):
        raise Blocked(broken)
    this.log["override_uses"] = _uses(this, this.query("SELECT override_id, is_stale FROM overrides"))
    _write_log(this, "raw_files", "quarantine", "quality", "override_uses")
    # As Python objects the millions of a night into a large warehouse would take many times their memory.
    stage("compare", lambda: this.warehouse.append_log("run_changes", changed(this), this.run_id))
    published = stage("publish", lambda: _publish(this, after))
    if isinstance(published, NoChange):
        return _unchanged(this, published.snapshot)
    this.row |= {"status": "published", "snapshot": published.number, "data_hash": published.data_hash}


def _publish(this: Night, after: Callable[[str], None]) -> Any:
    tables = derived(this)
    alike = this.parent is not None and made_alike(this.warehouse, this.parent, this.row) and not this.overrides_moved
    if this.rebuild and alike:
        tables = {name: tables[name] for name in this.rebuild}
    return this.warehouse.publish(this.beside.in_turn(this.new), tables, this.row, this.resources.views, after=after)


def _unchanged(this: Night, snapshot: Snapshot) -> None:
    this.row |= {"status": "no_change", "snapshot": snapshot.number, "data_hash": snapshot.data_hash}
    this.log["override_uses"] = _uses(this, snapshot.read("overrides", ["override_id", "is_stale"]))
    _write_log(this, "raw_files", "quarantine", "override_uses")


def _uses(this: Night, decisions: pa.Table) -> list[dict[str, Any]]:
    """Return the rows of `override_uses`: the decisions as tonight's snapshot has them."""
    return [row | {"used_in_run": this.run_id} for row in decisions.to_pylist()]


def _as_task(name: str, work: Callable[[], Any]) -> Any:
    """Run a stage as a Prefect task; its result stays here, as Prefect would keep whole tables until the flow ends."""
    result: list[Any] = []
    task(name=name, task_run_name=name, cache_policy=NO_CACHE, persist_result=False)(lambda: result.append(work()))()
    return result[0]


def _write_log(this: Night, *names: str) -> None:
    for name in names:
        rows = pa.Table.from_pylist(this.log[name], schema=TABLES[name].schema)
        this.warehouse.append_log(name, rows, this.run_id)


def _close(this: Night, meter: Meter, **outcome: str) -> None:
    """Put the run's row into the log, whatever became of it."""
    if outcome:
        _write_log(this, *(name for name in ("raw_files", "quarantine", "quality") if this.log.get(name)))
    this.row |= outcome | {"finished_at": datetime.now(UTC), "stages": meter.stages}
    _write_run(this.warehouse, this.row)


def _write_run(warehouse: Warehouse, row: dict[str, Any]) -> None:
    rows = pa.Table.from_pylist([row], schema=TABLES["runs"].schema)
    warehouse.append_log("runs", rows, f"{row['run_id']}-{row['attempt_no']}")


def _attempt(warehouse: Warehouse, run_id: str) -> int:
    """Return the number of this attempt at a run, from 1."""
    attempts: list[str] = warehouse.read_log("runs")["run_id"].to_pylist()
    return 1 + attempts.count(run_id)


@contextmanager
def _alone(warehouse: Warehouse, night: date, started: datetime) -> Iterator[None]:
    """Hold the lock for the block; a night that has to give way leaves its row too."""
    with ExitStack() as held:
        try:
            held.enter_context(warehouse.lock(f"night {night}"))
        except LockedError as error:
            row = {
                "run_id": content_hash("r_", "locked", night.isoformat(), started.isoformat()),
                "attempt_no": 1,
                "night": night,
                "status": "failed",
            }
            row |= {
                "started_at": started,
                "finished_at": datetime.now(UTC),
                "reason": f"LockedError: {error}",
                "inputs": [],
            }
            row |= {"code_hash": code_hash(), "config_hash": "", "stages": []} | dict.fromkeys(SUMS, 0)
            _write_run(warehouse, row)
            raise
        yield


def _log_what_a_kill_cut_off(warehouse: Warehouse) -> None:
    """Write the row of a run that was killed between its publish and its last line in the log."""
    current = warehouse.current()
    if current is None:
        return
    run = dict(current.manifest["run"])
    known = warehouse.read_log("runs").select(["run_id", "status"]).to_pylist()
    if {"run_id": run["run_id"], "status": "published"} in known:
        return
    started = datetime.fromisoformat(run["started_at"])
    run |= {
        "night": date.fromisoformat(run["night"]),
        "started_at": started,
        "finished_at": started,
        "status": "published",
        "reason": "killed after it had published; written down by the next run",
        "snapshot": current.number,
        "data_hash": current.data_hash,
        "stages": [],
    }
    _write_run(warehouse, run)
