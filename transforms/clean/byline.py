"""Who wrote it: lines that name writers, and the names in them."""

import re
from collections.abc import Callable, Sequence

from transforms.clean.rules import DATEISH
from transforms.text import words

_CUE = r"(?:(?:reported|written|compiled|edited|curated|posted|published|updated|story|text|words|report|reporting|interview|analysis|produced|contributed)\s+by|authors?|by|reporter)"
_PARTICLE = r"(?:de|da|di|del|della|van|von|der|den|bin|ibn|al|el|la|le|du|dos|y|ul|ur|e)"
_NAME = rf"[A-Z][\w.’'\u2010-]*(?:\s+(?:{_PARTICLE}\s+)*[A-Z][\w.’'\u2010-]*){{0,4}}"
_NAMES = rf"{_NAME}(?:\s*(?:,|;|&|\band\b|\bAND\b)\s*(?:and\s+)?{_NAME}){{0,6}}"
# What may follow the names in the same line: an outlet or role, a date.
_REST = rf"(?:\s*[,|•·–—/-]\s*[A-Z][\w&.’' -]{{1,60}}){{0,2}}(?:\s*[,|•·–—-]?\s*(?i:{DATEISH}))?"
_LINE = re.compile(rf"\W*(?i:{_CUE})\s*[:–-]?\s+({_NAMES}){_REST}\W*\Z|\W*(?i:{_CUE})\s*[:–-]\s*({_NAMES}){_REST}\W*\Z")
_MONTH_OR_DAY = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Now|Then|The|This|That|Invitation)\Z"
)
_BARE_NAME = re.compile(r"[A-Z][a-zà-ÿ’'-]+(?: [A-Z]\.)?(?: (?:[A-Z][\w’'-]+)){1,2}\Z")
_LEADING_CUE = re.compile(rf"^\W*{_CUE}\b\s*[:–-]?\s*", re.IGNORECASE)
_SPLIT = re.compile(r"\s*(?:;|\||•|\n|\band\b|&|\bwith\b|,)\s*", re.IGNORECASE)
_NOT_A_NAME = re.compile(
    r"\b(?:staff|desk|editor(?:s|ial)?|writers?|correspondents?|reporters?|bureau|agenc(?:y|ies)|team|news|contributors?|columnists?|contributing|associated press|press|online|web"
    r"|admin|media|network|board|special|senior|political|updated|published|author|guest|chief|service|wires?|photograph\w*|director|professor|fellow|inc|follow|www|facebook|twitter|instagram|com|https?)\b|@|\d",
    re.IGNORECASE,
)
_ROLE_AFTER = re.compile(r"\s+(?:in|at|for|of)\s+[A-Z].*\Z|\s*\([^)]*\)\s*\Z|\s*[/–—].*\Z|\s+-\s+.*\Z|,\s*.*\Z")
_DATE_AFTER = re.compile(rf"\s*[,|•·–—-]?\s*(?=.*\d){DATEISH}\Z", re.IGNORECASE)
_MAX_BYLINE = 200
# Room for some fifty names; an author field beyond is no list of writers.
_LONGEST_FIELD = 1_000
_LONGEST_DATE = 60


def is_byline(text: str) -> bool:
    """Whether a line does nothing but name its writers ("By Jane Doe", "Reported by: A and B | September 4, 2021")."""
    if len(text) > _MAX_BYLINE:
        return False
    match = _LINE.match(text)
    return match is not None and not _MONTH_OR_DAY.match(match.group(1) or match.group(2))


def is_bare_name(text: str) -> bool:
    """Whether a line has the shape of one person's name and nothing else; a place or a heading may have it too."""
    return len(text) <= 40 and _BARE_NAME.match(text) is not None and _is_name(text)


def is_name_of(text: str, authors: Sequence[str]) -> bool:
    """Whether a line is nothing but one of the given writers' names."""
    return len(text) <= 80 and any(_key(text) == _key(author) for author in authors)


def names_in(text: str, is_outlet: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the writers' names in a byline or an author field: cues, roles, outlets, dates and addresses gone, each name once."""
    found: dict[str, str] = {}
    text = _LEADING_CUE.sub("", text[:_LONGEST_FIELD].strip())
    if (date := _DATE_AFTER.search(text, max(0, len(text) - _LONGEST_DATE))) is not None:
        text = text[: date.start()]
    for part in _SPLIT.split(text):
        name = _ROLE_AFTER.sub("", _LEADING_CUE.sub("", part)).strip(" .,;:|•–—-*_\"'“”[]")
        name = f"{name}." if name.endswith((" Jr", " Sr")) else name
        if _is_name(name) and not is_outlet(name):
            found.setdefault(_key(name), name.title() if name.isupper() else name)
    return tuple(found.values())


def _is_name(name: str) -> bool:
    return 3 <= len(name) <= 60 and len(name.split()) <= 6 and not _NOT_A_NAME.search(name)


def _key(name: str) -> str:
    return " ".join(word.casefold() for word in words(name))
