"""Past nights: which snapshots lead to the one readers see, and which of them a night or a run names.

The *line* of a snapshot is it and its ancestors, oldest first. Rolled back snapshots are on no line of what came after. A
snapshot that was rewritten (compacted, upgraded, something in it forgotten) is replaced by another, which stands in its place.
Ancestors that were vacuumed are left out.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from warehouse.snapshot import Snapshot
from warehouse.store import is_remote

if TYPE_CHECKING:
    from warehouse.publish import Warehouse


class NotKeptError(LookupError):
    """No snapshot is kept by that name; the message names the nearest one that is."""


def line(house: "Warehouse", tip: Snapshot | None = None) -> tuple[Snapshot, ...]:
    """Return the kept snapshots that lead to `tip` (by default what readers see), oldest first, and it."""
    tip = tip or house.current()
    if tip is None:
        return ()
    kept = _kept(house)
    found = [_standing(number, kept) for number in _ancestors(tip, kept)]
    return (*dict.fromkeys(each for each in found if each is not None and each.number != tip.number), tip)


def as_of(house: "Warehouse", name: date | str, tip: Snapshot | None = None) -> Snapshot:
    """Return the snapshot that readers saw after a night, a run, or by its number.

    A night or run is looked for on the line of what readers see now (or of `tip`); of a night published twice it is the
    later. Raises NotKeptError, with the nearest night, where it was never run, vacuumed or rolled back.
    """
    wanted = str(name)
    known = names(house, tip)
    if wanted in known:
        return known[wanted]
    if wanted.isdecimal():
        kept = _kept(house)
        if (found := _standing(int(wanted), kept)) is not None:
            return found
    raise NotKeptError(_nearest(wanted, [each for each in known if _is_night(each)]))


def names(house: "Warehouse", tip: Snapshot | None = None) -> dict[str, Snapshot]:
    """Return the snapshot of every night (as YYYY-MM-DD) and run of a line, nights that brought nothing among them."""
    found: dict[str, Snapshot] = {}
    standing: dict[int, Snapshot] = {}
    for each in line(house, tip):
        run = each.manifest["run"]
        found |= {str(run[key]): each for key in ("night", "run_id") if run.get(key)}
        standing |= dict.fromkeys([each.number, *replaced(each)], each)
    for row in _nothing_new(house):
        kept = standing.get(row["snapshot"])
        if kept is not None and str(kept.manifest["run"].get("night")) <= row["night"]:
            found.setdefault(row["night"], kept)
            found.setdefault(row["run_id"], kept)
    return found


def ancestors(house: "Warehouse", tip: Snapshot) -> list[int]:
    """Return the numbers of the snapshots that lead to this one, oldest first, kept or not."""
    return _ancestors(tip, _kept(house))


def replaced(each: Snapshot) -> list[int]:
    """Return the numbers of the snapshots in whose place this one stands, oldest first."""
    return list(each.manifest.get("replaces", ()))


def changed_months(older: Snapshot, newer: Snapshot, table: str) -> list[str] | None:
    """Return the months of which two snapshots have other files of a table; None where it is not kept by month."""
    files = [
        {(file.path, file.sha256, file.month) for file in each.files if file.table == table} for each in (older, newer)
    ]
    months = {month for _, _, month in files[0] ^ files[1]}
    return None if None in months else sorted(month for month in months if month)


def macro(house: "Warehouse", tip: Snapshot) -> str:
    """Return SQL that creates `as_of(name, night)`: a table of the catalog as a night (or run) of this line left it."""
    known = names(house, tip)
    nights = ", ".join(_text(name) for name in sorted(known) if _is_night(name))
    entries = ", ".join(f"{_text(name)}: {_files(each)}" for name, each in sorted(known.items()))
    kept = f"""coalesce(
            MAP {{{entries}}}[night::VARCHAR],
            error('Night ' || night || ' is not kept; the nearest that is: ' || coalesce(list_min(list_transform(
                [{nights}]::VARCHAR[],
                lambda kept: {{'days': abs(date_diff('day', kept::DATE, TRY_CAST(night AS DATE))), 'night': kept}}
            )).night, 'none') || '.')
        )"""
    files = f"{kept} || '/' || name || '/**/*.parquet'"
    if is_remote(tip.location):
        files = f"coalesce({kept}[name], error('The warehouse of ' || night || ' has no table ' || name || '.'))"
    return f"""
CREATE MACRO as_of(name, night) AS TABLE
    SELECT * FROM read_parquet(
        {files},
        hive_partitioning = false
    );
COMMENT ON MACRO TABLE as_of IS 'a table as a kept night left it; name = the table, night = the night, or the id of a run';
"""


def _files(each: Snapshot) -> str:
    """Return in SQL where a snapshot's files are: its folder, or the addresses of each table's in a bucket."""
    if not is_remote(each.location):
        return _text(each.path)
    tables = sorted({file.table for file in each.files})
    return "MAP {" + ", ".join(f"{_text(table)}: [{', '.join(map(_text, each.urls(table)))}]" for table in tables) + "}"


def _kept(house: "Warehouse") -> dict[int, Snapshot]:
    # A snapshot whose manifest is damaged names no night and leads nowhere; verify and the next night tell of it.
    return {each.number: each for each in house.snapshots() if each.is_readable}


def _ancestors(tip: Snapshot, kept: Mapping[int, Snapshot]) -> list[int]:
    if "line" in tip.manifest:
        return list(tip.manifest["line"])
    # Manifests of schema 0.1 know their parent only.
    found: list[int] = []
    parent = tip.manifest["parent"]
    while parent is not None:
        found.insert(0, parent)
        above = kept.get(parent)
        parent = above.manifest["parent"] if above else None
    return found


def _standing(number: int, kept: Mapping[int, Snapshot]) -> Snapshot | None:
    """Return the snapshot that stands in a number's place: the newest that replaced it, else itself."""
    heirs = [each for each in kept.values() if number in replaced(each)]
    return max(heirs, key=lambda each: each.number, default=kept.get(number))


def _nothing_new(house: "Warehouse") -> list[dict[str, Any]]:
    if "runs" not in house.tables:
        return []
    rows = house.read_log("runs").select(["run_id", "night", "status", "snapshot"]).to_pylist()
    return [row | {"night": str(row["night"])} for row in rows if row["status"] == "no_change"]


def _nearest(wanted: str, nights: list[str]) -> str:
    if not nights:
        return f"{wanted} is not kept; nothing is published yet."
    if not _is_night(wanted):
        return f"{wanted} names no night, run or snapshot that is kept; the nights kept go from {min(nights)} to {max(nights)}."
    days = date.fromisoformat(wanted)
    nearest = min(nights, key=lambda night: (abs(date.fromisoformat(night) - days), night))
    return f"Night {wanted} is not kept; the nearest that is: {nearest}."


def _is_night(name: str) -> bool:
    try:
        date.fromisoformat(name)
    except ValueError:
        return False
    return len(name) == 10


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
