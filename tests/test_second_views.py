"""What the views and macros of the catalog count, pandas counts too: on the example's nights and on little worlds drawn at random."""

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

import transforms.tables
from flows.resources import Resources
from flows.settings import Settings
from tests.counting import Counting, World, hand_made, worlds
from tests.nights import ask
from tests.second_views import VIEWED, viewed_otherwise
from tests.second_way import FACTS, Known, frame
from transforms.tables.run import CATALOG, STEPS
from warehouse.schema import TABLES

# The tables of a counted world, and the ground of its counts.
Counted = tuple[dict[str, pa.Table], Known]
# Looked at from two nights: in the first an article of every day counts, in the second the first day lies before the span.
NIGHTS = (date(2026, 4, 2), date(2026, 4, 3))
VIEWS = Resources.load(Settings()).views


def rows_of(connection: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Any]]:
    result = connection.execute(f"FROM {VIEWED[name][0]}")
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def test_every_view_and_table_is_one_file_that_says_what_a_row_is() -> None:
    room = Path(transforms.tables.__file__).parent
    views = {path.stem: path.read_text("utf-8") for path in (room / "views").glob("*.sql")}
    assert set(views) == set(CATALOG)
    for name, sql in views.items():
        assert re.findall(r"^CREATE (?:VIEW|MACRO) (\w+)", sql, re.MULTILINE) == [name]
        assert sql.startswith("-- One row" if "AS TABLE" in sql or "CREATE VIEW" in sql else "-- ")
    steps = {path.stem: path.read_text("utf-8") for path in room.glob("*.sql")}
    assert all(steps[name].startswith(("-- One row per", "-- The rows of")) for name in STEPS)


@pytest.mark.parametrize("name", VIEWED)
def test_the_example_is_viewed_alike(three_nights: Path, name: str) -> None:
    known = Known(**{fact: frame(ask(three_nights, f"FROM {fact}"), fact) for fact in FACTS})
    ((night,),) = [tuple(row.values()) for row in ask(three_nights, "FROM tonight")]
    found = ask(three_nights, f"FROM {VIEWED[name][0]}")
    assert found and viewed_otherwise(name, found, known, night) == []


@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_any_little_world_is_viewed_alike(world: World) -> None:
    viewed_alike(counted_nights(world))


def test_a_world_made_by_hand_is() -> None:
    viewed_alike(hand_counted())


@pytest.mark.slow
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_many_little_worlds_are(world: World) -> None:
    viewed_alike(counted_nights(world))


# What a view says, and what it would say with a fault.
FAULTS = {
    "a span begins a day early": ("source_scorecard", "report_date > night - days AND", "report_date >= night - days AND"),
    "a family cites itself": ("source_scorecard", "WHERE credits.family <> families.family", ""),
    "an actor's copies are of days before the span": ("actor_scorecard", "sum(n_copies) FILTER (report_date > night - days)", "sum(n_copies)"),
    "a trend counts a day twice": ("actor_scorecard", "night - 15 AND night - 2", "night - 15 AND night - 1"),
    "a credit to oneself is another's": ("article_citations", "WHEN cited_source_id = source_id THEN 'self'", "WHEN false THEN 'self'"),
    "a story of the day before is gone": ("stories_today", "WHERE last_date >= night - 1;", "WHERE last_date >= night;"),
    "a day without a date is known": ("coverage", "count(*) FILTER (date_basis = 'published')", "count(*)"),
    "origins are stories": ("coverage", "count(DISTINCT origin_id)", "count(DISTINCT story_id)"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen_in_it(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, sound, broken = FAULTS[fault]
    assert sound in VIEWS
    monkeypatch.setitem(globals(), "VIEWS", VIEWS.replace(sound, broken))
    with pytest.raises(AssertionError, match=name):
        viewed_alike(hand_counted())


def viewed_alike(counted: list[Counted]) -> None:
    for tables, known in counted:
        for night in NIGHTS:
            with catalog(tables, night) as connection:
                for name in VIEWED:
                    assert viewed_otherwise(name, rows_of(connection, name), known, night) == [], name


@cache
def hand_counted() -> list[Counted]:
    """Return the world made by hand as each of its nights leaves it; faults of views are no faults of what is counted."""
    return counted_nights(hand_made())


def counted_nights(world: World) -> list[Counted]:
    """Return every table as each night of a world leaves it, the uncounted empty, and the ground of its counts."""
    counting = Counting(world)
    found = []
    for drawn in world.nights:
        counting.night(drawn)
        found.append(({name: counting.table(name) for name in TABLES}, counting.known()))
    return found


def catalog(tables: dict[str, pa.Table], night: date) -> duckdb.DuckDBPyConnection:
    """Return the tables of a counted world with the views and macros over them."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1; SET TimeZone = 'UTC'")
    for name, rows in tables.items():
        connection.register("rows", rows)
        connection.execute(f"CREATE TABLE {name} AS FROM rows")
    connection.execute(f"CREATE TABLE snapshot AS SELECT DATE '{night}' AS night, 'r_1' AS run_id, [1] AS numbers")
    connection.execute(VIEWS)
    return connection
