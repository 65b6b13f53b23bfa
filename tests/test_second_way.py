"""What the SQL counts, pandas counts too: every measure and every row, on the example's nights and on made worlds that grow."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bench.growth import publish, sources_file
from bench.world import World as MadeWorld
from flows.meter import Meter
from tests.counting import BODIES, SQL, Counting, Drawn, World, article, hand_made, worlds
from tests.nights import ask
from tests.second_way import COUNTED, FACTS, Known, differing, frame


def known_of(root: Path) -> Known:
    return Known(**{name: frame(ask(root, f"FROM {name}"), name) for name in FACTS})


@pytest.fixture(scope="module")
def example(three_nights: Path) -> Known:
    return known_of(three_nights)


@pytest.mark.parametrize("name", COUNTED)
def test_the_example_is_counted_alike(three_nights: Path, example: Known, name: str) -> None:
    assert differing(name, ask(three_nights, f"FROM {name}"), example) == []


@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_any_little_world_is_counted_alike_night_after_night(world: World) -> None:
    counted_alike(world)


def test_a_world_made_by_hand_is() -> None:
    counted_alike(hand_made())


# What a step says, and what it would say with a fault that chance seldom finds.
FAULTS = {
    "an actor's day does not count unknown voices": ("actor_daily", " + n_unknown_texts", ""),
    "an unknown copy of a known outlet's text is a voice": ("actor_daily", "bool_or(is_known)", "bool_and(is_known)"),
    "a day keeps the numbers of an article that went": ("actor_days", "SELECT report_date FROM removed_articles", "SELECT NULL::DATE"),
    "two copies of unknown outlets are one voice": ("stories", "other.voice IS NULL OR ", ""),
    "an actor's first day stays where it is no longer one of its days": ("actors", "FROM previous_actors ANTI JOIN unsure USING (actor_id)", "FROM previous_actors"),
    "a family is cited by itself": ("source_daily", " AND voice <> family_id", ""),
    "a tone counts once a copy": ("scope_tones", "SELECT DISTINCT sign", "SELECT sign"),
    "a story's tone counts once a text": ("actor_daily", "avg(round(tone / n_toned))", "sum(tone) / sum(n_toned)"),
    "who has the same words at the same time has them first": ("source_pairs", "ours.place < theirs.place", "ours.place <= theirs.place"),
    "who has a copy of unknown place may be first": ("source_pairs", " AND theirs.all_placed", ""),
    "a group that credits in two wordings credits twice": ("scope_citations", "SELECT DISTINCT 1", "SELECT 1"),
    "a pair's copies are its texts": ("day_texts", "count(*) AS n_copies", "1 AS n_copies"),
    "a pair's origins are its texts": ("day_pairs", "sum(n_texts)::BIGINT AS n_texts, count(*) AS n_origins", "sum(n_texts)::BIGINT AS n_texts, sum(n_texts)::BIGINT AS n_origins"),
    "an outlet's copies on an actor are its texts": ("source_actor", "count(*) AS n_copies", "1 AS n_copies"),
    "an outlet's origins on an actor are its texts": ("source_actor", "count(*) AS n_origins", "sum(n_texts)::BIGINT AS n_origins"),
    "an outlet's origins are its stories": ("sources", "count(DISTINCT story_id), count(DISTINCT origin_id)", "count(DISTINCT story_id), count(DISTINCT story_id)"),
    "what went is left among an outlet's origins": ("sources", "-count(DISTINCT origin_id)", "0"),
    "what went is left among an outlet's copies on an actor": ("source_actor", "sum(sign * n_copies)::BIGINT, ", "sum(greatest(sign, 0) * n_copies)::BIGINT, "),
    "what went is left among an outlet's origins on an actor": ("source_actor", "sum(sign * n_origins)::BIGINT, ", "sum(greatest(sign, 0) * n_origins)::BIGINT, "),
    "a picture is a credit": ("scope_citations", "level IN ('report', 'fact')", "true"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen_in_it(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    step, sound, broken = FAULTS[fault]
    assert sound in SQL[step]
    monkeypatch.setitem(SQL, step, SQL[step].replace(sound, broken))
    with pytest.raises(AssertionError, match="night"):
        counted_alike(hand_made())


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_many_little_worlds_are(world: World) -> None:
    counted_alike(world)


@pytest.mark.slow
def test_a_made_world_that_grew_for_months_is(tmp_path: Path) -> None:
    made = MadeWorld(48, seed=5, months=3, n_sources=12, n_actors=40)
    root = tmp_path / "warehouse"
    sources_file(made, root)
    for batch in (*made.batches(), made.tonight(12)):
        publish(batch, root, Meter())
    known = known_of(root)
    wrong = {name: differing(name, ask(root, f"FROM {name}"), known) for name in COUNTED}
    assert not any(wrong.values()), wrong


def counted_alike(world: World) -> None:
    counting = Counting(world)
    for number, drawn in enumerate(world.nights, 1):
        counting.night(drawn)
        known = counting.known()
        for name in COUNTED:
            assert differing(name, counting.rows(name), known) == [], f"night {number}, {name}"


# What is not known is NULL, and never 0


def counted_once(*articles: dict[str, Any]) -> Counting:
    """One night of these articles, a story each but for equal texts, that name and cite nobody."""
    placed = {text: (f"g_{text}", f"o_{text}", f"s_{text}") for text in BODIES}
    counting = Counting(World([], [], dict.fromkeys(BODIES), [], []))
    counting.night(Drawn({row["article_id"]: row for row in articles}, placed))
    return counting


@pytest.mark.parametrize(
    ("precision", "zone"),
    [("unknown", None), ("month", "stated"), ("day", "stated"), ("hour", "assumed_utc"), ("second", "assumed_utc")],
)
def test_without_a_known_hour_there_is_no_first_and_no_lag(precision: str, zone: str | None) -> None:
    counting = counted_once(
        article("a_1", "src_a", "t_b0", precision, zone), article("a_2", "src_d", "t_b0", precision, zone)
    )
    (story,) = counting.rows("stories")
    assert [story[name] for name in ("first_at", "last_at", "first_article_id", "first_source_id")] == [None] * 4
    for day in counting.rows("source_daily"):
        assert (day["lag_minutes_median"], day["n_lag_excluded"], day["n_firsts"]) == (None, 1, 0)
    assert {row["copy_rank"] for row in counting.rows("articles")} == {None}


def test_a_first_is_known_where_the_hour_is() -> None:
    counting = counted_once(article("a_1", "src_a", "t_b0", "hour", "stated"))
    (story,), (day,) = counting.rows("stories"), counting.rows("source_daily")
    assert story["first_article_id"] == "a_1" and story["first_at"] is not None
    # Who is alone with a story is neither first nor late.
    assert (day["n_firsts"], day["lag_minutes_median"], day["exclusive_rate"]) == (0, None, 1.0)


def test_rates_of_too_few_and_ratios_to_nothing_are_null() -> None:
    counting = counted_once(*(article(f"a_{i}", "src_a", f"t_b{i}", "hour", "stated") for i in range(4)))
    (day,) = counting.rows("source_daily")
    assert (day["n_original_texts"], day["originality_rate"], day["baseline_ratio"]) == (4, None, None)
    counting = counted_once(*(article(f"a_{i}", "src_a", f"t_b{i}", "hour", "stated") for i in range(5)))
    (day,) = counting.rows("source_daily")
    assert day["originality_rate"] == 1.0


def test_whom_nobody_credits_is_null_and_who_is_unknown_is_a_row() -> None:
    counting = counted_once(article("a_1", "src_unknown", "t_b0", "unknown", None))
    (story,) = counting.rows("stories")
    names = ("originator_source_id", "originator_support", "first_source_id", "cohesion", "margin", "title")
    assert [story[name] for name in names] == [None] * 6
    assert (story["n_sources"], story["n_families"]) == (0, 1)
    (day,) = counting.rows("source_daily")
    assert (day["source_id"], day["known_date_share"], day["report_date"]) == ("src_unknown", 0.0, date(2026, 3, 31))
    absent = [row for row in counting.rows("sources") if row["source_id"] != "src_unknown"]
    assert absent and all(row["first_date"] is row["last_date"] is None and row["n_copies"] == 0 for row in absent)


def test_an_instant_is_known_where_precision_and_zone_are(three_nights: Path) -> None:
    known = "published_precision IN ('second', 'minute', 'hour') AND tz_method IN ('stated', 'source_country')"
    rows = ask(
        three_nights, f"SELECT coalesce({known}, false) AS known, published_at, effective_at FROM articles ORDER BY ALL"
    )
    assert {row["known"] for row in rows} == {True, False}
    assert all(row["effective_at"] == (row["published_at"] if row["known"] else None) for row in rows)
