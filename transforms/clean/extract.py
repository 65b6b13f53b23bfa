"""A page's main text and what its head says: measured before it is parsed, parsed once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import trafilatura
from htmldate import find_date
from selectolax.lexbor import LexborHTMLParser

from transforms.clean.dates import labelled_dates, parse_date, url_date
from transforms.clean.main_text import main_text
from transforms.clean.metadata import page_metadata, stated_body
from transforms.clean.settings import CleanSettings

_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*)")
# Room for more attributes than any bound of the settings allows, in two characters each.
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{2000,}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# Tags without an end, and those whose end may be left out: they say nothing of depth.
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
    | {"p", "li", "td", "tr", "th", "dt", "dd", "option"}
    | {"path", "circle", "rect", "line", "polygon", "polyline", "ellipse", "use", "stop", "image"}
)
_CLOSING = frozenset(f"/{tag}" for tag in _VOID)
_MARKUP = re.compile(
    r"</(?:p|div|span|a|li|ul|b|i|em|strong|h[1-6]|blockquote|figure|td|article)>|<(?:br|p)\s*/?>", re.IGNORECASE
)
_MARKUP_LEAST = 3
_BLOCK = re.compile(
    r"<(?=/?(?:p|div|br|li|ul|ol|h[1-6]|tr|table|blockquote|figure|figcaption|section|article|pre)\b)", re.IGNORECASE
)


# Where a page without metadata puts its date and its owner.
_DATED = '[class*="publish"], [class*="date"], [class*="stamp"], [class*="posted"], [id*="date"], [id*="publish"]'
_STAMP_LENGTH = 60
_FOOT = 'footer, [class*="copyright"], [id*="copyright"], [class*="footer"], [id*="footer"]'
_COPYRIGHT = re.compile(r"(?:©|\(c\)|\bcopyright\b)\s*(?:©|\(c\))?[^.|©]{3,80}", re.IGNORECASE)


# What tells a page from others.
_TOLD = ("title", "source", "published", "url")


class PageTooComplex(ValueError):
    """A page that would hang a parser: too many bytes, tags, attributes in one tag, or levels."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page's main text (one paragraph a line) and the fields it states: those of records, `stamp` and `searched_date` (see page_date)."""

    text: str
    fields: dict[str, str]


def read_page(html: str, settings: CleanSettings) -> Page:
    """Extract a page's main text and metadata. Raises PageTooComplex by measures taken before any parsing."""
    measure(html, settings)
    tree = LexborHTMLParser(html)
    fields = page_metadata(tree)
    text = main_text(tree)
    if len(text) < settings.short_text:
        text = max(text, _second_opinion(html), stated_body(tree), key=len)
    fields |= page_date(tree, html, fields)
    foot = _copyright_line(tree) if "source" not in fields else None
    return Page("\n".join(line for line in (text, foot) if line), fields)


def page_date(tree: LexborHTMLParser, html: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Return what else dates a page whose head and address name no day: `stamp`, a line made for readers, else `searched_date`."""
    stated = parse_date(fields.get("published", fields.get("clock", ""))) or url_date(fields.get("url", ""))
    if stated is not None and stated.precision not in {"month", "year"}:
        return {}
    if (line := _stamp_line(tree)) is not None:
        return {"stamp": line}
    found = find_date(html, original_date=True, extensive_search=True)
    return {"searched_date": found} if found else {}


def glimpse(html: str, settings: CleanSettings) -> str:
    """Return what the head of a page that no parser should see says of it (title, publisher, date, address), else how the page begins."""
    # What is compiled takes half a second to load, and few pages are refused.
    from transforms.clean.head import stated_in_page

    said = stated_in_page(html, settings.max_head_bytes)
    return " | ".join(said[name] for name in _TOLD if name in said) if said else html


def _second_opinion(html: str) -> str:
    """Return what trafilatura finds on a page: slower, and better at pages that are hardly articles."""
    found = trafilatura.extract(html, fast=True, include_comments=False, include_tables=True, output_format="txt")
    return found or ""


def _stamp_line(tree: LexborHTMLParser) -> str | None:
    """Return the first short line of the page whose element is called after a date and that holds one; extraction drops it.

    Where such lines name several days, the page lists other articles too and none is taken unless it says "published".
    """
    lines: dict[date, str] = {}
    for node in tree.css(_DATED):
        line = " ".join(node.text().split())
        if len(line) > _STAMP_LENGTH:
            continue
        label, stamp = next(iter(labelled_dates(line, None)), ("", None)) if line else ("", None)
        if stamp is not None and label == "published":
            return line
        if stamp is not None:
            lines.setdefault(stamp.day, line)
    return next(iter(lines.values())) if len(lines) == 1 else None


def _copyright_line(tree: LexborHTMLParser) -> str | None:
    """Return the line of the page's foot that says whose it is; extraction drops it."""
    for node in tree.css(_FOOT):
        if (match := _COPYRIGHT.search(" ".join(node.text(separator=" ").split()))) is not None:
            return match.group(0).strip()
    return None


def measure(html: str, settings: CleanSettings) -> None:
    """Raise PageTooComplex where a page passes a bound of the settings; linear in its length."""
    if (size := len(html)) > settings.max_page_bytes:
        raise PageTooComplex(f"{size} characters; the limit is {settings.max_page_bytes}")
    tags: list[str] = _TAG.findall(html)
    if len(tags) > settings.max_page_tags:
        raise PageTooComplex(f"{len(tags)} tags; the limit is {settings.max_page_tags}")
    for match in _LONG_TAG.finditer(html):
        attributes = len(_QUOTED.sub("", match.group()).split()) - 1
        if attributes > settings.max_tag_attributes:
            raise PageTooComplex(f"{attributes} attributes in one tag; the limit is {settings.max_tag_attributes}")
    if (deepest := _depth(tags)) > settings.max_page_depth:
        raise PageTooComplex(f"{deepest} levels; the limit is {settings.max_page_depth}")


def _depth(tags: list[str]) -> int:
    depth = deepest = 0
    for tag in map(str.lower, tags):
        if tag in _VOID or tag in _CLOSING:
            continue
        if tag[0] != "/":
            depth += 1
            deepest = max(deepest, depth)
        elif depth:
            depth -= 1
    return deepest


def without_markup(text: str) -> str:
    """Return a field's text without HTML tags where it holds some; blocks become lines."""
    if "<" not in text or len(_MARKUP.findall(text, 0, 20_000)) < _MARKUP_LEAST:
        return text
    tree = LexborHTMLParser(_BLOCK.sub("\n<", text))
    tree.strip_tags(["script", "style", "noscript", "iframe"])
    return tree.body.text() if tree.body is not None else text
