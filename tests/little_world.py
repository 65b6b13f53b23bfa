"""A declared world small enough to read: one fact table, two derived ones, one log; used by the tests of the warehouse."""

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from warehouse.schema import Column, Reference, Table

NOTES = Table(
    "notes",
    "one row per note",
    "fact",
    (
        Column("note_id", pa.string(), "its id", nullable=False),
        Column("words", pa.string(), "what it says", nullable=False),
        Column("tags", pa.list_(pa.string()), "labels"),
        Column("extra", pa.map_(pa.string(), pa.string()), "the rest"),
    ),
    key=("note_id",),
)
DAYS = Table(
    "days",
    "one row per note and day",
    "derived",
    (
        Column("note_id", pa.string(), "the note's id", nullable=False),
        Column("day", pa.date32(), "day, UTC"),
        Column("seen_at", pa.timestamp("us", tz="UTC"), "instant, UTC"),
        Column("share", pa.float64(), "share 0..1"),
    ),
    key=("note_id", "day"),
    sort=("day", "note_id"),
    partition="day",
    references=(Reference("note_id", "notes", "note_id"),),
)
TOTALS = Table(
    "totals",
    "one row per label",
    "derived",
    (
        Column("tag", pa.string(), "the label", nullable=False),
        Column("n_notes", pa.int64(), "notes that carry it", nullable=False),
    ),
    key=("tag",),
)
NIGHTS = Table(
    "nights",
    "one row per night tried",
    "log",
    (
        Column("run_id", pa.string(), "run", nullable=False),
        Column("night", pa.date32(), "logical night", nullable=False),
        Column("reason", pa.string(), "why it failed"),
    ),
    key=("run_id",),
)
WORLD = {table.name: table for table in (NOTES, DAYS, TOTALS, NIGHTS)}
VIEWS = "CREATE VIEW busy AS SELECT tag FROM totals WHERE n_notes > 1;\nCREATE MACRO noted(id) AS TABLE SELECT words FROM notes WHERE note_id = id;"


def notes(*ids: str) -> pa.Table:
    """Rows of `notes` with these ids."""
    rows = [{"note_id": id_, "words": f"note {id_}", "tags": ["a", "b"], "extra": [("k", id_)]} for id_ in ids]
    return pa.Table.from_pylist(rows, schema=NOTES.schema)


def days(*pairs: tuple[str, date | None]) -> pa.Table:
    """Rows of `days` for these notes and days."""
    seen = datetime(2026, 1, 1, 7, tzinfo=UTC)
    rows = [{"note_id": id_, "day": day, "seen_at": seen, "share": 0.5} for id_, day in pairs]
    return pa.Table.from_pylist(rows, schema=DAYS.schema)


def totals(**counts: int) -> pa.Table:
    """Rows of `totals`."""
    return pa.Table.from_pylist([{"tag": tag, "n_notes": n} for tag, n in counts.items()], schema=TOTALS.schema)


def first_night() -> dict[str, Any]:
    """Arguments of a first publish: two notes over two months and one without a day."""
    january, february = date(2026, 1, 31), date(2026, 2, 1)
    return {
        "facts": {"notes": notes("n1", "n2")},
        "derived": {"days": days(("n1", january), ("n2", february), ("n2", None)), "totals": totals(a=2, b=1)},
        "run": {"run_id": "r_1", "night": february},
        "views_sql": VIEWS,
    }


def second_night() -> dict[str, Any]:
    """Arguments of the next one: a third note, which touches February only."""
    january, february = date(2026, 1, 31), date(2026, 2, 1)
    touched = days(("n1", january), ("n2", february), ("n2", None), ("n3", february))
    return {
        "facts": {"notes": notes("n3")},
        "derived": {"days": touched, "totals": totals(a=3, b=1)},
        "run": {"run_id": "r_2", "night": date(2026, 2, 2)},
        "views_sql": VIEWS,
    }
