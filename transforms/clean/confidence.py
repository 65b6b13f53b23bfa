"""How far each way of finding something is to be believed (0..1), so that every inferred value stands beside its method and its doubt.

Measured: dates on the 800 pages of htmldate's benchmark (share of days that are right, `python -m bench.dates`; an address names the
day of 18 of its pages, all rightly). The others are judged: a value that a dump states for machines above one read out of words.
"""

from typing import NamedTuple

TITLE = {"given": 0.98, "first_line": 0.8}
URL = {"given": 0.99, "page": 0.95}
BYLINE = {"metadata": 0.9, "byline": 0.9}
# By the shape of the dateline: with an agency in brackets, in capitals, a known city in mixed case.
DATELINE = {"agency": 0.98, "capitals": 0.9, "city": 0.85}
CREDITS = {"dateline": 0.98, "furniture": 0.95, "author": 0.9, "text_end": 0.85}
SECTION = {"metadata": 0.95, "url": 0.7}
DATE = {"metadata": 0.92, "byline": 0.92, "footer": 0.9, "url": 0.95, "page": 0.84}


class Found(NamedTuple):
    """A value with the way it was found and how far that is to be believed; method and confidence are None where there is no value."""

    value: str | None
    method: str | None = None
    confidence: float | None = None


class FoundNames(NamedTuple):
    """Names with the way the first was found, and the confidence of the least certain; None where there are none."""

    names: tuple[str, ...]
    method: str | None = None
    confidence: float | None = None
