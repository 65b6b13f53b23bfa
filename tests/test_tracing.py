"""Every number leads back to sentences: the paths of docs/tracing.md, run over rows of the example."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.catalog import open_catalog
from warehouse.schema import BIG, INT, NUM, TABLES

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "tracing.md").read_text("utf-8")
_PATH = re.compile(
    r"^### `(\w+(?:\(7\))?)`: ([^\n]+)\n(?:(?!```|###)[^\n]*\n)*```sql\n(.*?)```", re.DOTALL | re.MULTILINE
)
PATHS = [(table, re.findall(r"`(\w+)`", measures), sql) for table, measures, sql in _PATH.findall(PAGE)]
# What a unit counts on the way.
UNITS = {"n_copies": "article_id", "n_texts": "text_group_id", "n_stories": "story_id", "n_origins": "origin_id"}
# The scorecard of actors adds days up.
OF_DAYS = {
    "n_copies": "article_id",
    "n_texts": "text_group_id",
    "n_story_days": "story_id",
    "n_origin_days": "origin_id",
}
SCORECARDS = ("source_scorecard(7)", "actor_scorecard(7)")
# Numbers that say where something stands, or how sure it is, beside what they speak of.
_PLACES = re.compile(r".*(_char|_no|_confidence)|confidence|n_words|raw_start|raw_end")
ROWS = 4


@pytest.fixture(scope="module")
def catalog(three_nights: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_catalog(three_nights) as connection:
        yield connection


def test_every_path_is_read() -> None:
    assert len(PATHS) == PAGE.count("\n### ") == PAGE.count("```sql\n") > 30


def test_no_number_of_a_table_has_no_path() -> None:
    led = {(table, measure) for table, measures, _ in PATHS for measure in measures}
    numbers = {
        (table.name, column.name)
        for table in TABLES.values()
        if table.kind == "derived" or table.name in ("text_actors", "text_tones")
        for column in table.columns
        if column.type in (BIG, INT, NUM) and column.name not in table.key and not _PLACES.fullmatch(column.name)
    }
    assert len(numbers) > 90
    assert numbers - led == set()


@pytest.mark.parametrize("scorecard", SCORECARDS)
def test_no_number_of_a_scorecard_has_no_path(catalog: duckdb.DuckDBPyConnection, scorecard: str) -> None:
    columns = catalog.execute(f"DESCRIBE FROM {scorecard}").fetchall()
    numbers = {name for name, type_, *_ in columns if type_ in ("BIGINT", "DOUBLE")}
    assert numbers and numbers == {
        measure for table, measures, _ in PATHS if table == scorecard for measure in measures
    }


@pytest.mark.parametrize("table, measures, sql", PATHS, ids=[f"{table}-{measures[0]}" for table, measures, _ in PATHS])
def test_a_number_leads_to_its_sentences_in_two_joins(
    catalog: duckdb.DuckDBPyConnection, table: str, measures: list[str], sql: str
) -> None:
    for select in sql.split("UNION ALL"):
        assert len(re.findall(r"\bJOIN\b", select)) <= 2 and not re.search(r"\bIN \(SELECT", select)
    asked = sorted(set(re.findall(r"\$(\w+)", sql)))
    followed = 0
    for measure in measures:
        for row in _rows(
            catalog, f'SELECT "{measure}" AS number, * FROM {table} WHERE number <> 0 ORDER BY ALL DESC LIMIT {ROWS}'
        ):
            if any(row[name] is None for name in asked if name in ("link_article_id", "originator_source_id")):
                continue
            found = _rows(catalog, sql, {name: row[name] for name in asked})
            assert found, f"{measure} of {row} leads nowhere"
            assert all(isinstance(words := list(one.values())[-1], str) and words.strip() for one in found)
            by_day = table == "actor_scorecard(7)"
            if (unit := (OF_DAYS if by_day else UNITS).get(measure)) is not None:
                counted = {(one[unit], one["report_date"] if by_day else None) for one in found}
                assert len(counted) == row[measure], f"{measure} of {row}"
            followed += 1
    # The example has no number of its kind only where the table itself has none.
    assert followed or not _rows(
        catalog, f"SELECT * FROM {table} WHERE {' OR '.join(f'{m} <> 0' for m in measures)} LIMIT 1"
    )


def _rows(catalog: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    result = catalog.execute(sql, values) if values else catalog.execute(sql)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
