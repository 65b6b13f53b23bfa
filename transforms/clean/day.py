"""The day a page appeared, for whoever wants no more of it: its text is not read, nor a tree made where its head and address say enough."""

from collections.abc import Mapping
from datetime import date, datetime

from selectolax.lexbor import LexborHTMLParser

from transforms.clean.boilerplate import Stripped
from transforms.clean.head import stated_in_page
from transforms.clean.metadata import page_metadata, stated_metadata
from transforms.clean.settings import CleanSettings
from transforms.clean.timing import timing
from transforms.clean.urls import address

_NO_TEXT = Stripped((), (), (), None)
_COARSE = frozenset({"month", "year", "unknown"})


def page_day(html: str, url: str | None, not_after: datetime, settings: CleanSettings) -> date | None:
    """Return the day that a page's metadata, its address or its clocks name, as its readers saw it; None where they name a month at most.

    The page is text as decoded. A day after `not_after` (UTC), by more than `settings` allow, is none.
    """
    fields = stated_in_page(html)
    if fields is None or "published" not in fields:
        fields = tree_fields(LexborHTMLParser(html))
    return stated_day(fields, url, not_after, settings)


def tree_fields(tree: LexborHTMLParser) -> dict[str, str]:
    """Return the metadata of a parsed page; its elements are searched only where no metadata dates it."""
    fields = stated_metadata(tree)
    return fields if "published" in fields else page_metadata(tree)


def stated_day(fields: Mapping[str, str], url: str | None, not_after: datetime, settings: CleanSettings) -> date | None:
    """Return the day that a page's fields or its address name; None where they name a month at most."""
    where = address(fields.get("url") or url).normal or address(url).normal
    when = timing(fields, _NO_TEXT, where, None, not_after, settings)
    return None if when.precision in _COARSE else when.day
