"""The day of a page without its text is the day that its tree, its metadata and its address give."""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cleaning import SETTINGS
from selectolax.lexbor import LexborHTMLParser

from transforms.clean.day import page_day, stated_day, tree_fields

NIGHT = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = '<meta property="og:title" content="Port closed"><meta property="og:site_name" content="Harbour Times">'
DAY = date(2021, 3, 4)


@pytest.mark.parametrize(
    ("page", "url", "day"),
    [
        ('<head><meta name="date" content="2021-03-04T08:00:00Z"><body>', None, DAY),
        ('<head><meta name="date" content="2021-03-04T23:30:00-05:00"><body>', None, DAY),
        ('<head><meta name="date" content="2021-03-05T02:00:00Z"><body>', "https://harbour.example/2021/03/04/port", DAY),
        ('<head><meta name="date" content="2021-03"><body>', None, None),
        ('<head><meta name="date" content="2031-03-04"><body>', None, None),
        ("<head><title>Port</title><body><article><time datetime='2021-03-04'>today</time></article>", None, DAY),
        ("<head><template></template><meta name=date content=2021-03-04><body>", None, DAY),
        ("<p>words", "https://harbour.example/2021/03/04/port", DAY),
        ("<p>words", "https://harbour.example/port", None),
        ("", None, None),
    ],
)  # fmt: skip
def test_a_day_is_named_or_none(page: str, url: str | None, day: date | None) -> None:
    assert page_day(page, url, NIGHT, SETTINGS) == page_day(page.replace("<head>", f"<head>{NAMES}"), url, NIGHT, SETTINGS) == day  # fmt: skip


def test_real_pages_have_the_day_of_their_trees(shared: Path) -> None:
    with gzip.open(shared / "gold/dates/htmldate_default.jsonl.gz") as lines:
        pages = [json.loads(line) for line in lines][::8]
    for page in pages:
        html = page["html_latin1"].encode("latin-1").decode("utf-8", "replace")
        fields = tree_fields(LexborHTMLParser(html))
        assert page_day(html, page["url"], NIGHT, SETTINGS) == stated_day(fields, page["url"], NIGHT, SETTINGS)
