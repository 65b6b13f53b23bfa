"""Headlines: the first line where it is one, its repeats, and the site's name that feeds hang behind it."""

import re
from collections.abc import Callable, Sequence

from transforms.clean.lines import Line, length_in_words
from transforms.clean.settings import CleanSettings
from transforms.text import words

_FULL_STOP = re.compile(r"(?<![A-Z])[.。।][\"”’')\]]*\Z")
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}\Z|\b(?:Inc|Jr|Sr|Co|Corp|Ltd|No|vs)\.\Z")
_OPEN_END = re.compile(r"[,;:…]\Z|\b(?:and|or|the|a|of|to|in)\Z", re.IGNORECASE)
_DATELINE = re.compile(
    r"^[A-Z][A-Z .,'’/-]{2,40}(?:\s*\([^)]{2,40}\))?\s*(?:[-–—]{1,2}|:)\s+[A-Z].*[a-z]{3,} [a-z]{2,} [a-z]{2,}"
)
_QUOTE_OPEN = re.compile(r"^[“\"]")
_SITE = re.compile(r"^(.*\S)\s+(?:[|»•·]|[-–—])\s+([^|»•·]{2,60})\Z")


def headline_index(lines: Sequence[Line], marks: Sequence[str | None], settings: CleanSettings) -> int | None:
    """Return the index of the first line that is not furniture, if it reads as a headline and a longer paragraph follows.

    A headline has no final full stop, at most 20 words, and does not open with a dateline.
    """
    open_lines = [index for index, mark in enumerate(marks) if mark is None]
    if len(open_lines) < 2:
        return None
    first, rest = open_lines[0], open_lines[1:]
    text = lines[first].text
    if not looks_like_headline(text, settings):
        return None
    longer = any(
        len(lines[index].text) > len(text) and length_in_words(lines[index].text) > settings.headline_min_words * 4
        for index in rest[:4]
    )
    return first if longer else None


def looks_like_headline(text: str, settings: CleanSettings) -> bool:
    """Whether a line could be a headline by its own look."""
    n_words = length_in_words(text)
    if not settings.headline_min_words <= n_words <= settings.headline_max_words:
        return False
    if (_FULL_STOP.search(text) and not _INITIALS.search(text)) or _OPEN_END.search(text) or _DATELINE.match(text):
        return False
    if _QUOTE_OPEN.match(text) and text.count("“") > text.count("”"):
        return False
    return not text[0].islower()


def same_headline(text: str, title: str) -> bool:
    """Whether a line says just the title again, whatever its case and punctuation."""
    return (
        len(text) < 2 * len(title) + 20
        and [w.casefold() for w in words(text)] == [w.casefold() for w in words(title)] != []
    )


def without_site_name(title: str, is_outlet: Callable[[str], bool]) -> str:
    """Return a title without the outlet's name behind it ("… | CNN", "… - The New York Times")."""
    match = _SITE.match(title)
    if match is not None and is_outlet(match.group(2)) and len(match.group(1).split()) > 1:
        return match.group(1)
    return title
