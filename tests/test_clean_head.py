"""A page's head read alone says what the whole page's tree would say of it, or nothing."""

import gzip
import json
from pathlib import Path

import pytest
from cleaning import SETTINGS, cleaned
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from transforms.clean.head import stated_in_head
from transforms.clean.metadata import stated_metadata
from transforms.records import RawRecord, Rejected

SAYS = (
    '<meta property="og:title" content="Port of Vardal closed">'
    '<meta property="og:site_name" content="Harbour Times">'
    '<meta property="article:published_time" content="2021-03-04T08:00:00Z">'
)
LINKED = (
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Another", "datePublished": "2020-01-01",'
    ' "publisher": {"name": "Other Post"}}</script>'
)
# What may stand in a head or seem to: each can hide, end or feign one.
PIECES = st.sampled_from(
    [
        SAYS, *SAYS.replace("><", ">\n<").split("\n"), LINKED, LINKED.removesuffix("</script>"), "<head>", "</head>", "<html>", "<body>", "<body class=a>",
        "<BODY\n>", "</body>", "<!--", "-->", "--!>", "<!-- <body> -->", "<!doctype html>", "<![CDATA[", "]]>", "<script>", "</script>",
        "<script>if (a<b) document.write('<body>')</script>", "<script><!-- <script> <body> </script>", "<style>", "</style>", "<title>", "</title>",
        "<title>a <body> b</title>", "<noscript>", "</noscript>", "<noscript><img src=x></noscript>", "<template>", "</template>", "<textarea>",
        "<svg>", "</svg>", "<math>", "<select>", "<table>", "<frameset>", "<plaintext>", "<iframe>", "</iframe>", "<meta content='<body >", "'>", '"', "=\"",
        "<div>", "</div>", "<p>words", " ", "\x00", "&lt;body&gt;", "<link rel=canonical href=https://harbour.example/a>", "<base href=/>", "<body", "newsfold-begins-here",
    ]
)  # fmt: skip


@given(pieces=st.lists(PIECES, max_size=14))
@settings(max_examples=500)
def test_it_says_what_the_whole_page_says_or_nothing(pieces: list[str]) -> None:
    page = "".join(pieces)
    said = stated_in_head(page)
    assert said is None or said == stated_metadata(LexborHTMLParser(page))


@pytest.mark.parametrize(
    "before",
    ["", "<!-- <body> -->", "<script>var b = '<body>';</script>", "<noscript><img src=p></noscript>", "<!--[if IE 8]><body class=ie><![endif]-->"],
)  # fmt: skip
def test_it_finds_where_the_head_ends(before: str) -> None:
    head = f"<!doctype html><html><head>{SAYS}{before}</head>"
    said = stated_in_head(f"{head}<body>{LINKED}")
    assert said is not None and said["published"] == "2021-03-04T08:00:00Z" and said["source"] == "Harbour Times"


def test_a_head_that_leaves_something_open_is_not_enough() -> None:
    (title, *rest) = SAYS.replace("><", ">\n<").split("\n")
    assert stated_in_head(f"<head>{''.join(rest)}</head><body>{LINKED}") is None
    assert stated_in_head(SAYS) is None, "where the head ends is not known"
    assert stated_in_head(f"<head>{SAYS}</head><body>", longest=40) is None
    assert title


def test_real_heads_say_what_their_pages_say(shared: Path) -> None:
    with gzip.open(shared / "gold/dates/htmldate_default.jsonl.gz") as lines:
        pages = [json.loads(line)["html_latin1"].encode("latin-1").decode("utf-8", "replace") for line in lines]
    said = [(stated_in_head(page), page) for page in pages]
    answered = [(found, page) for found, page in said if found is not None]
    assert len(answered) > len(pages) / 2
    assert all(found == stated_metadata(LexborHTMLParser(page)) for found, page in answered)


@pytest.mark.parametrize("body", ["<div>" * 2_000 + "x", "<a" + " b=1" * 200_000 + ">", "<b>x</b>" * 40_000])
def test_a_page_that_no_parser_should_see_is_told_by_its_head(body: str) -> None:
    page = f"<head>{SAYS}</head><body>{' ' * SETTINGS.max_head_bytes}{body}"
    refused = cleaned(RawRecord("k", 0, len(page), {}, html=page))
    assert isinstance(refused, Rejected) and refused.reason_code == "page_too_complex"
    assert refused.preview == "Port of Vardal closed | Harbour Times | 2021-03-04T08:00:00Z"
    hidden = cleaned(RawRecord("k", 0, len(page), {}, html=f"{body}{page}"))
    assert isinstance(hidden, Rejected) and hidden.preview == body[:200]
