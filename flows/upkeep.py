"""Upkeep: upgrade what an older release wrote, finish what was to be forgotten, drop old bodies, vacuum old nights, merge small files, sweep what crashes left."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from prefect import flow

from flows import forget
from flows.audit import Deed, count, note
from flows.resources import views_sql
from flows.settings import Settings
from warehouse.compact import CompactSettings, compact
from warehouse.lock import LockedError
from warehouse.migrate import upgrade
from warehouse.publish import Warehouse
from warehouse.vacuum import VacuumSettings, vacuum

# The steps, in order. Vacuum comes before compaction, so that what readers saw a moment ago is gone tomorrow at the earliest.
STEPS = ("upgraded", "forgotten", "bodies_dropped", "vacuumed", "compacted", "swept")


@flow(name="upkeep", validate_parameters=True)
def upkeep(warehouse: str, settings_file: str | None = None) -> list[str]:
    """Do what is due and return a sentence for each thing done; each has a row in the log table `upkeep`."""
    return keep_up(warehouse, Settings.load(Path(settings_file) if settings_file else None))


def command(root: Path, settings_file: Path | None) -> int:
    """Do what is due, print it, and return 0; or 1 with a sentence where a night is running or a setting is wrong."""
    try:
        done = keep_up(root, Settings.load(settings_file))
    except (LockedError, ValueError) as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return 1
    print("\n".join(done) or "Nothing is due.")
    return 0


def keep_up(root: Path | str, settings: Settings, after: Callable[[str], None] = lambda step: None) -> list[str]:
    """Do what is due; `after` is told of every step in STEPS. Raises LockedError where a night is running.

    Every step leaves readers whole wherever it is killed, and the next upkeep, or night, goes on.
    """
    house = Warehouse(root, settings=settings.store)
    done: list[Deed | None] = []
    with house.lock("upkeep"):
        due: tuple[Callable[[Warehouse], Deed | None], ...] = (
            bring_up,
            forget.finish,
            lambda house: _drop_bodies(house, settings),
            lambda house: _vacuum(house, settings),
            lambda house: _compact(house, settings),
            _sweep,
        )
        for step, act in zip(STEPS, due, strict=True):
            done.append(act(house))
            after(step)
    return [deed.detail for deed in done if deed is not None]


def bring_up(house: Warehouse) -> Deed | None:
    """Bring a warehouse of an older release to today's schema; None: it was. The caller holds the lock."""
    started, seen = datetime.now(UTC), house.current()
    done = upgrade(house, views_sql())
    if not done:
        return None
    detail = f"{count(len(done), 'snapshot')} brought to schema {house.schema_version}; what readers saw as {done[0][0]} is {done[0][1]} now."
    return note(house, "upgraded", started, seen, len(done), 0, 0, detail)


def _drop_bodies(house: Warehouse, settings: Settings) -> Deed | None:
    """Empty the texts that were filed longer ago than the settings keep bodies, in every kept snapshot; tables keep their numbers."""
    current = house.current()
    if current is None or not settings.keep_bodies_days:
        return None
    latest = date.fromisoformat(current.manifest["run"]["night"])
    return forget.wear_out(house, latest - timedelta(days=settings.keep_bodies_days - 1))


def _vacuum(house: Warehouse, settings: Settings) -> Deed | None:
    started, seen = datetime.now(UTC), house.current()
    done = vacuum(house, VacuumSettings(settings.keep_days, settings.keep_weekly))
    if not done.removed:
        return None
    # Its macro as_of names the nights that are kept.
    house.rebuild_catalog()
    held = f"; {len(done.in_use):,} more are being read and go later" if done.in_use else ""
    return note(
        house,
        "vacuumed",
        started,
        seen,
        len(done.removed),
        0,
        0,
        f"{count(len(done.removed), 'old snapshot')} removed{held}.",
    )


def _compact(house: Warehouse, settings: Settings) -> Deed | None:
    started, seen = datetime.now(UTC), house.current()
    done = compact(house, CompactSettings(merge_at=settings.merge_at_files))
    if done is None:
        return None
    detail = f"{done.n_before:,} small files merged into {done.n_after:,}."
    return note(house, "compacted", started, seen, 1, done.n_before, 0, detail)


def _sweep(house: Warehouse) -> Deed | None:
    started, seen = datetime.now(UTC), house.current()
    gone = house.sweep()
    if not gone:
        return None
    return note(house, "swept", started, seen, 0, len(gone), 0, f"{len(gone):,} files of crashed nights removed.")
