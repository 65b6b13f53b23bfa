"""The cookbook's answers are what the warehouse says: every query of docs/cookbook.md is run on the example's three nights.

`python -m tests.test_cookbook WAREHOUSE` writes the answers anew.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.ask import lines
from warehouse.catalog import open_catalog

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cookbook.md"
_ASKED = re.compile(
    r"^\*\*([^\n]+?)\*\*((?:(?!```).)*?)```sql\n(.*?)```\n```answer\n(.*?)```", re.DOTALL | re.MULTILINE
)
ASKED = [(question, query, answer) for question, _, query, answer in _ASKED.findall(PAGE.read_text("utf-8"))]


@pytest.fixture(scope="module")
def catalog(three_nights: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_catalog(three_nights) as connection:
        yield connection


@pytest.mark.parametrize("query, answer", [asked[1:] for asked in ASKED], ids=[asked[0][:40] for asked in ASKED])
def test_a_question_is_answered_as_written(catalog: duckdb.DuckDBPyConnection, query: str, answer: str) -> None:
    assert shown(catalog, query) == answer


def test_no_question_goes_untested_and_none_unanswered() -> None:
    text = PAGE.read_text("utf-8")
    assert len(ASKED) == len(re.findall(r"^\*\*", text, re.MULTILINE)) == text.count("```sql\n") >= 25
    assert all(len(answer.splitlines()) > 1 for *_, answer in ASKED)


def shown(catalog: duckdb.DuckDBPyConnection, query: str) -> str:
    result = catalog.execute(query)
    return lines([column[0] for column in result.description or []], result.fetchall())


def rewrite(root: Path) -> None:
    with open_catalog(root) as catalog:
        PAGE.write_text(
            _ASKED.sub(
                lambda m: f"**{m[1]}**{m[2]}```sql\n{m[3]}```\n```answer\n{shown(catalog, m[3])}```",
                PAGE.read_text("utf-8"),
            ),
            "utf-8",
        )


if __name__ == "__main__":
    rewrite(Path(sys.argv[1]))
