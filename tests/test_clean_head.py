"""A page read tag by tag says what its tree would say, or nothing."""

import gzip
import json
import re
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from cleaning import SETTINGS, cleaned
from hypothesis import example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from transforms.clean import head
from transforms.clean.characters import characters, first
from transforms.clean.head import stated_in_page
from transforms.clean.metadata import stated_metadata
from transforms.compiled import compiled
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
# What may stand in a page, or seem to: each can hide, end, move or feign what states something.
PIECES = [
    SAYS, *SAYS.replace("><", ">\n<").split("\n"), LINKED, LINKED.removesuffix("</script>"), "<head>", "</head>", "<html>", "<body>", "<body class=a>",
    "<BODY\n>", "</body>", "</html>", "<!--", "-->", "--!>", "<!-->", "<!--->", "<!-- <body> -->", "<!--[if IE]><body><![endif]-->", "<!--[if !IE]><!-->", "<!--<![endif]-->",
    "<!doctype html>", "<!DOCTYPE html PUBLIC \"a>b\">", "<![CDATA[", "]]>", "<?xml version='1.0'?>", "</ x>", "</>", "<3", "<", "</", "<!", "<script>", "</script>", "</SCRIPT >", "</script x=y>",
    "<script>if (a<b) document.write('<body>')</script>", "<script><!-- <script> <body> </script>", "<script><!--\nx\n//--></script>", "<script><!-- <script> --></script>",
    "<script><!--<script></script>--></script>", "<script type=module>", "<script type='application/ld&#43;json'>{\"@type\": \"Article\", \"name\": \"A\"}</script>",
    "<script type=application/ld+json>{\"@type\": \"Article\", \"author\": \"<!-- --> \\u00e9\r\n\"}</script>", "<script/>", "<style>", "</style>", "<style>a>b{}</style>", "<title>", "</title>",
    "<title>a <body> b</title>", "<noscript>", "</noscript>", "<noscript><img src=x></noscript>", "<noscript><link rel=x></head></noscript>", "<template>", "</template>", "<textarea>", "</textarea>",
    "<svg>", "</svg>", "<svg><path d='M0'/></svg>", "<svg><title>a</title><style>b</style></svg>", "<svg/>", "<svg><desc>", "<math>", "</math>", "<select>", "</select>", "<option>", "<table>", "</table>", "<tr><td>",
    "</td>", "<frameset>", "<plaintext>", "<iframe>", "</iframe>", "<xmp>", "<noembed>", "<base href=/>", "<link rel=canonical href=https://harbour.example/a>", "<meta charset=utf-8/>",
    "<META NAME=Author CONTENT=Ann>", "<meta name='author' content=\"Bo 'B' Bee\">", "<meta content=\"Cy\" name=\"author\"/>", "<meta name=author property='' content='D &amp; E &#8217; &#x2019; &copy &copy=1 &notit; &zz; &'>",
    "<meta itemprop=\"datePublished\" content=\"2021-03-05\">", "<meta name=\"DATE\" content=\"2021-03-06\r\n\">", "<meta name=\"date\" content=\"2021\x00\">", "<meta name=\"keywords\" content=\"a>b\">",
    "<meta name=\"keywords\" content='<meta name=date content=2001-01-01>'>", "<meta name=\"a\"content=\"b\">", "<meta name=\"section\" name=\"author\" content=\"F\">", "<meta http-equiv=\"refresh\" content=\"0\">",
    "<meta name=\"description\" property=\"article:section\" content=\"G\">", "<meta/name=author/content=H>", "<meta name = \"section\" content = \"I\">", "<meta =name=section content=J>", "<meta name=\"section\" content=\"&#0;\">",
    "<meta content='<body >", "'>", "'", "\"", "=\"", "= ", ">", "/", "<div>", "</div>", "<div a=\"<b>\">", "<div a='", "<p>words", "<b>", "</b>", "<a href=x>", "</a>", "</p>", "</br>", "<br/>", "words", " ", "\n", "\f", "\x0b", "\u00a0", "\ufeff",
    "\x00", "&lt;body&gt;", "<body", "<meta", "<ſcript>", "<lin\u212a>", "<div\x00>", "<meta\x00 name=author content=K>", "<nobr>", "<form>", "<button>", "<h1>", "<li>", "<caption>", "<col>", "<input type=hidden>",
]  # fmt: skip
NAMES = ["name", "property", "itemprop", "content", "NAME", "Content", "charset", "data-x", "type"]
VALUES = ["author", "section", "date", "og:title", " Author ", "2021-03-04", "a b", "a&amp;b", "&quot;", "&#39;", "<x>", "", "K\u212a", "ſection", "application/ld+json"]  # fmt: skip


def _attribute(name: str, value: str, form: str) -> str:
    return form.format(name, value if "{1}" in form and ("'" in form or '"' in form) else re.sub(r"[\s>\"']", "", value))  # fmt: skip


ATTRIBUTES = st.builds(
    _attribute, st.sampled_from(NAMES), st.sampled_from(VALUES),
    st.sampled_from([' {0}="{1}"', " {0}='{1}'", " {0}={1}", " {0}", '\n{0} = "{1}"', '/{0}="{1}"', '{0}="{1}"', " {0}= {1}", " {0}=", ' ="{1}"']),
)  # fmt: skip
TAGS = st.builds(
    lambda tag, attributes, end: f"<{tag}{''.join(attributes)}{end}",
    st.sampled_from(["meta", "META", "link", "script", "div", "title", "svg", "/div", "/script", "body"]), st.lists(ATTRIBUTES, max_size=5), st.sampled_from([">", "/>", " >", " / >", ""]),
)  # fmt: skip


@compiled
def _first(text: str, at: int, end: int) -> int:
    return first(characters(text), at, end, ord("<"))


def agrees(page: str) -> bool:
    """Whether anything is said of a page; it must be what its tree says."""
    said = stated_in_page(page)
    assert said is None or said == stated_metadata(LexborHTMLParser(page))
    return said is not None


@given(
    pieces=st.lists(st.one_of(st.sampled_from(PIECES), TAGS), max_size=14),
    widest=st.sampled_from(["a", "é", "’", "😀"]),
    padding=st.integers(0, 140),
)
@settings(max_examples=800)
@example(["<body><table>", SAYS, "<td>", LINKED, "</table>", SAYS], "a", 0)
@example([SAYS.partition(">")[2], "<svg><style><", "</style></svg>", LINKED], "a", 0)
@example(["<script><!-- <script> </script> --></script>", SAYS, "<body>"], "’", 0)
def test_it_says_what_the_whole_page_says_or_nothing(pieces: list[str], widest: str, padding: int) -> None:
    """Wherever its parts lie in a block of characters, and whatever its widest character."""
    agrees(f"<!--{widest}{' ' * padding}-->{''.join(pieces)}")
    agrees("".join(pieces))


@pytest.mark.parametrize("widest", ["a", "é", "’", "😀"])
def test_characters_are_found_where_they_stand(widest: str) -> None:
    text = widest + "<" * 2 + "-" * 200 + "<"
    for at in range(len(text)):
        for end in range(at, len(text) + 1, 7):
            there = text.find("<", at, end)
            assert _first(text, at, end) == (end if there < 0 else there)


def test_a_head_may_state_any_number_of_things() -> None:
    many = "".join(f'<meta name="author" content="{i}">' for i in range(1_000))
    said = stated_in_page(f"<head>{many}{SAYS}<body>")
    assert said is not None and said["author"] == "0" and said["source"] == "Harbour Times"


@pytest.mark.parametrize(
    "before",
    ["", "<!-- <body> -->", "<script>var b = '<body>';</script>", "<noscript><img src=p></noscript>", "<!--[if IE 8]><body class=ie><![endif]-->"],
)  # fmt: skip
def test_it_finds_where_the_head_ends(before: str) -> None:
    head = f"<!doctype html><html><head>{SAYS}{before}</head>"
    said = stated_in_page(f"{head}<body>{LINKED}")
    assert said is not None and said["published"] == "2021-03-04T08:00:00Z" and said["source"] == "Harbour Times"


def test_a_head_that_leaves_something_open_is_not_enough() -> None:
    (title, *rest) = SAYS.replace("><", ">\n<").split("\n")
    page = f"<head>{''.join(rest)}</head><body><p class='a>b'>words</p>{LINKED}{' ' * 100}"
    said = stated_in_page(page)
    assert said is not None and said["title"] == "Another" and said["published"] == "2020-01-01"
    assert stated_in_page(page, longest=len(page) - 1) is None, "the body must be read to its end"
    assert stated_in_page(f"<head>{SAYS}</head><body>{LINKED}", longest=len(SAYS) + 30) is not None
    assert stated_in_page(SAYS) is None, "where the head ends is not known"
    assert stated_in_page(f"<head>{SAYS}</head><body>", longest=40) is None
    assert title


@pytest.mark.parametrize(
    ("written", "read"),
    [('"A &amp; B"', "A & B"), ("'A \"B\"'", 'A "B"'), ("A&#8217;s", "A’s"), ('"?a=1&copy=2"', "?a=1&copy=2"), ('"a&copy b"', "a© b"), ('"a\r\nb"', "a\nb")],
)  # fmt: skip
def test_values_are_read_as_a_parser_reads_them(written: str, read: str) -> None:
    page = f"<meta name=section content={written}>{SAYS}<body>"
    assert agrees(page) and (stated_in_page(page) or {})["section"] == read


@pytest.mark.parametrize("odd", ['<meta name="author" content="&#0;">', '<meta name="author" content="a\0">', "<meta name='a", "<template>", "<body><table><meta name=author content=a></table>", "<body><svg><script></svg>"])  # fmt: skip
def test_what_is_not_certain_is_left_to_the_parser(odd: str) -> None:
    assert stated_in_page(f"<head>{odd}<body>") is None


def test_real_pages_say_what_their_trees_say(shared: Path) -> None:
    with gzip.open(shared / "gold/dates/htmldate_default.jsonl.gz") as lines:
        pages = [json.loads(line)["html_latin1"].encode("latin-1").decode("utf-8", "replace") for line in lines]
    answered = sum(map(agrees, pages))
    assert answered > 0.9 * len(pages)


@pytest.mark.parametrize("pattern", [v for v in vars(head).values() if isinstance(v, re.Pattern)])
def test_no_pattern_can_go_back(pattern: re.Pattern[str]) -> None:
    assert not any(repeats_loosely(part) for part in _parser.parse(pattern.pattern, pattern.flags))


def repeats_loosely(part: Any) -> bool:
    """Whether a part of a pattern holds a repeat that gives back what it took: what makes a search slower than its text is long."""
    if isinstance(part, tuple | list | _parser.SubPattern):
        return any(repeats_loosely(inner) for inner in part)
    return str(part) in {"MAX_REPEAT", "MIN_REPEAT"}


@pytest.mark.parametrize("hostile", ["<a b='", "<meta a=\"", "<meta charset=x ", "<script>", "<script><!--</script>", "<!-- -", "<", "</", "<svg><a>", "<select>", "<table>", " a=", "&a", "<style></style x>", "<script><!--<script>", "</script", "<!---", "--", "</textare", "<title></title>", "<meta name=date content=1>", "<table><meta name=date content=1>"])  # fmt: skip
@pytest.mark.parametrize(
    "before", ["<head>", "<body>", '<meta name="author" content="', "<script><!--", "<textarea>", "<body><svg>"]
)
def test_a_hostile_page_is_read_through_once(before: str, hostile: str) -> None:
    stated_in_page(before + hostile * 50_000)


@pytest.mark.parametrize("body", ["<div>" * 2_000 + "x", "<a" + " b=1" * 200_000 + ">", "<b>x</b>" * 40_000])
def test_a_page_that_no_parser_should_see_is_told_by_its_head(body: str) -> None:
    page = f"<head>{SAYS}</head><body>{' ' * SETTINGS.max_head_bytes}{body}"
    refused = cleaned(RawRecord("k", 0, len(page), {}, html=page))
    assert isinstance(refused, Rejected) and refused.reason_code == "page_too_complex"
    assert refused.preview == "Port of Vardal closed | Harbour Times | 2021-03-04T08:00:00Z"
    hidden = cleaned(RawRecord("k", 0, len(page), {}, html=f"{body}{page}"))
    assert isinstance(hidden, Rejected) and hidden.preview == body[:200]
