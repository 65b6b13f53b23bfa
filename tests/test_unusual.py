"""What is odd about a night is told and blocks nothing: each warning fires where it should, and is silent where it should be."""

from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from flows.resources import Resources
from flows.settings import Settings
from flows.unusual import WarningSettings
from tests.nights import ask
from warehouse.checks import Finding, check_sql, failures
from warehouse.schema import TABLES
from warehouse.unusual import Figure, judge

WARNINGS = Resources.load(Settings()).warnings
NIGHT = date(2026, 3, 4)


def _history(metric: str, table: str, *values: float) -> pa.Table:
    return pa.table({"metric": [metric] * len(values), "table": [table] * len(values), "value": list(values)})


def _judged(kind: Any, value: float, *before: float, n: int = 1_000) -> Finding:
    (finding,) = judge([Figure("m", "t", kind, value, n)], _history("m", "t", *before))
    assert not finding.blocking and failures([finding]) == []
    return finding


MONTH = [1000.0, 1100, 950, 1020, 600, 580, 1010, 990, 1040, 980, 1000, 610, 590, 1005]


# Volume against the nights before


@pytest.mark.parametrize("value", [0.0, 400.0, 1700.0])
def test_far_fewer_or_far_more_records_than_usual_are_told(value: float) -> None:
    finding = _judged("count", value, *MONTH)
    assert not finding.passed
    assert finding.sentence == f"t: m is {value:,.0f}; usual are 647 to 1,343 (the 14 nights before)."
    assert finding.threshold == pytest.approx(647 if value < 647 else 1343, abs=1)


@pytest.mark.parametrize("value", [700.0, 1000.0, 1200.0])
def test_a_usual_number_of_records_is_not(value: float) -> None:
    assert _judged("count", value, *MONTH).passed


def test_without_a_week_of_nights_nothing_is_usual() -> None:
    assert _judged("count", 1.0, *MONTH[:6]).passed
    assert not _judged("count", 1.0, *MONTH[:7]).passed


def test_nights_all_alike_leave_room_for_a_tenth() -> None:
    assert _judged("count", 1300, *[1000.0] * 10).passed
    assert not _judged("count", 1400, *[1000.0] * 10).passed


def test_an_empty_night_is_still_told() -> None:
    assert _judged("count", 0.0, *[1000.0] * 10, n=0).passed is False


# Shares of the unknown


def test_more_unknown_than_usual_is_told() -> None:
    assert not _judged("unknown", 0.30, *[0.03, 0.04] * 5).passed
    assert _judged("unknown", 0.08, *[0.03, 0.04] * 5).passed


def test_less_unknown_than_usual_is_no_fault() -> None:
    assert _judged("unknown", 0.0, *[0.3, 0.31] * 5).passed


def test_a_first_night_that_knows_less_than_half_is_told() -> None:
    assert not _judged("unknown", 0.6).passed
    assert _judged("unknown", 0.4).passed


# Flags


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_flag_that_turned_one_way_is_told(value: float) -> None:
    finding = _judged("flag", value, *[0.2, 0.3] * 5)
    assert not finding.passed
    word = "true" if value else "false"
    assert finding.sentence == f"t: m is {word} in all 1,000 rows, and was mixed in each of the 10 nights before."


def test_a_flag_that_is_mixed_or_was_always_so_or_has_few_rows_is_not() -> None:
    assert _judged("flag", 0.001, *[0.2] * 10).passed
    assert _judged("flag", 0.0, *[0.0] * 10).passed
    assert _judged("flag", 0.0, *[0.2] * 9, 0.0).passed
    assert _judged("flag", 0.0, *[0.2] * 10, n=150).passed
    assert _judged("flag", 0.0, *[0.2] * 6).passed


def test_a_figure_without_rows_has_no_finding() -> None:
    assert judge([Figure("m", "t", "flag", None, 0)], _history("m", "t")) == []


def test_the_figures_are_those_of_tonight() -> None:
    with duckdb.connect() as connection:
        for name in ("records", "actor_mentions", "text_actors"):
            connection.register(f"added_{name}", TABLES[name].schema.empty_table())
        rows = connection.execute(WARNINGS["figures"]).fetchall()
        assert rows[0] == ("records", "records", "count", 0.0, 0)
        assert all(value is None for _, _, kind, value, _ in rows if kind != "count")
        connection.execute(
            "CREATE OR REPLACE VIEW records_of AS SELECT unnest([NULL, 'Dawn', NULL]) AS source_name, NULL AS source_domain, "
            "unnest([NULL, now(), now()]) AS published_at"
        )
        sql = WARNINGS["figures"].replace("added_records", "records_of")
        found = {(metric, table): value for metric, table, _, value, _ in connection.execute(sql).fetchall()}
    assert found["records", "records"] == 3
    assert found["share of unknown sources", "records"] == pytest.approx(2 / 3)
    assert found["share of unknown dates", "records"] == pytest.approx(1 / 3)


def test_every_flag_of_a_fact_has_its_figure() -> None:
    flags = {
        (f"share with {column.name}", table.name)
        for table in TABLES.values()
        if table.kind == "fact"
        for column in table.columns
        if column.type == pa.bool_()
    }
    with duckdb.connect() as connection:
        for name in ("records", "actor_mentions", "text_actors"):
            connection.register(f"added_{name}", TABLES[name].schema.empty_table())
        rows = connection.execute(WARNINGS["figures"]).fetchall()
    assert flags == {(metric, table) for metric, table, kind, _, _ in rows if kind == "flag"}


# Sources gone silent, stories too large


def _offending(metric: str, previous_night: date | None = NIGHT - timedelta(days=1), **tables: pa.Table) -> list[str]:
    settings = pa.Table.from_pylist([asdict(WarningSettings())])
    with duckdb.connect() as connection:
        connection.register("run", pa.table({"run_id": ["r"], "night": [NIGHT]}))
        night = pa.array([previous_night], pa.date32())
        connection.register("warning_settings", settings.append_column("previous_night", night))
        for name, table in tables.items():
            connection.register(name, table)
        (finding,) = check_sql(connection, {metric: WARNINGS[metric]}, blocking=False)
    assert failures([finding]) == []
    return [str(next(iter(row.values()))) for row in finding.rows]


def _sources(**days: tuple[int, int]) -> pa.Table:
    rows = [
        {"source_id": f"src_{name}", "name": name, "first_date": NIGHT - timedelta(days=60), "last_date": NIGHT - timedelta(days=ago), "n_copies": n}
        for name, (ago, n) in days.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def test_a_daily_source_that_stops_is_told_on_the_third_day() -> None:
    assert _offending("source_gone_silent", sources=_sources(dawn=(3, 100), dusk=(0, 100), noon=(2, 100))) == [
        "src_dawn"
    ]


def test_it_is_told_once_and_the_rare_and_the_unknown_never() -> None:
    rare = _sources(told=(4, 100), rare=(3, 20), unknown=(3, 100))
    assert _offending("source_gone_silent", sources=rare) == []


def test_nights_left_out_do_not_hide_it() -> None:
    sources = _sources(dawn=(5, 100))
    assert _offending("source_gone_silent", previous_night=NIGHT - timedelta(days=4), sources=sources) == ["src_dawn"]


def _stories(**sizes: int) -> pa.Table:
    schema = pa.schema([("story_id", pa.string()), ("n_texts", pa.int64()), ("title", pa.string())])
    return pa.table([list(sizes), list(sizes.values()), list(sizes)], schema=schema)


def test_a_story_twice_as_large_as_any_before_is_told() -> None:
    before = _stories(s_a=60, s_b=30)
    assert _offending("story_outsized", added_stories=_stories(s_c=121), previous_stories=before) == ["s_c"]
    # Its own size of last night is no record to break.
    assert _offending("story_outsized", added_stories=_stories(s_a=130), previous_stories=before) == ["s_a"]


def test_a_large_story_among_large_ones_is_not_nor_a_small_one_among_small_ones() -> None:
    assert _offending("story_outsized", added_stories=_stories(s_c=119), previous_stories=_stories(s_a=60)) == []
    assert _offending("story_outsized", added_stories=_stories(s_c=49), previous_stories=_stories(s_a=2)) == []


def test_on_a_first_night_a_story_may_not_hold_a_twentieth() -> None:
    singles = {f"s_{number}": 1 for number in range(1_000)}
    assert _offending(
        "story_outsized", previous_night=None, added_stories=_stories(s=60, **singles), previous_stories=_stories()
    ) == ["s"]
    many = {f"s_{number}": 1 for number in range(1_500)}
    assert (
        _offending(
            "story_outsized", previous_night=None, added_stories=_stories(s=60, **many), previous_stories=_stories()
        )
        == []
    )


# In the log


def test_a_night_leaves_its_figures_and_warnings_in_quality(three_nights: Path) -> None:
    rows = ask(
        three_nights,
        'SELECT metric, "table", value, passed, blocking FROM quality JOIN runs USING (run_id) WHERE NOT blocking',
    )
    assert all(row["passed"] for row in rows)
    found = {row["metric"] for row in rows}
    assert {
        "records",
        "share of unknown sources",
        "source_gone_silent",
        "story_outsized",
        "share with in_lead",
    } <= found
    assert sorted(row["value"] for row in rows if row["metric"] == "records") == sorted(
        row["n"] for row in ask(three_nights, "SELECT count(*)::DOUBLE AS n FROM records GROUP BY run_id")
    )
