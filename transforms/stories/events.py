"""What tells two events of one kind apart: the ordinal they carry, the result they ended in, the place they happened at."""

import re
from dataclasses import dataclass

import numpy as np

from transforms.dedupe.shingles import Hashes, WordHashes
from transforms.stories.terms import Tokens, comparable, listed

# 12th package, thirteenth round: first and second are left out, they order anything ("second time", "first lady").
_ORDINAL = re.compile(r"\b(\d{1,3})(?:st|nd|rd|th)[ -]+([^\W\d_]{3,})", re.IGNORECASE)
_WRITTEN = listed(
    "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth "
    "eighteenth nineteenth twentieth"
)
_WRITTEN_ORDINAL = re.compile(rf"\b({'|'.join(_WRITTEN)})[ -]+([^\W\d_]{{3,}})", re.IGNORECASE)
# Nouns whose ordinal dates or locates something beside the event.
_BESIDE = frozenset(
    listed(
        "century day time year month week street avenue floor person grade term quarter straight consecutive for with and"
    )
)
# Final scores: 31-24.
_RESULT = re.compile(r"(?<![\w.,/-])(\d{1,3})[-–](\d{1,3})(?![\w/-]|[.,]\d)")
_CALENDAR = frozenset(
    listed("monday tuesday wednesday thursday friday saturday sunday january february march april may june july august")
    + listed("september october november december jan feb mar apr aug sept sep oct nov dec")
)
_LOCATES = frozenset(listed("in at near off outside"))


@dataclass(frozen=True, slots=True)
class EventMarks:
    """Of one text: ordinals by noun in its headline and in headline and lead, final scores there and anywhere, places in the lead.

    Places are hashes of words.
    """

    headline_ordinals: frozenset[tuple[str, int]]
    ordinals: frozenset[tuple[str, int]]
    results: frozenset[str]
    all_results: frozenset[str]
    places: Hashes


def event_marks(
    title: str, body: str, found: Tokens, runs: list[tuple[int, int]], lead_words: int, hashes: WordHashes
) -> EventMarks:
    """Return the marks of a text from its title, body, tokens, the (first, behind) name runs and the length of its lead."""
    end = found.spans[-1][1] if found.spans else 0
    lead_end = found.spans[min(lead_words, len(found.spans)) - 1][1] if found.spans else 0
    opening = f"{title}\n{body[:lead_end]}"
    return EventMarks(
        headline_ordinals=_ordinals(title or body[:lead_end].partition(". ")[0]),
        ordinals=_ordinals(opening),
        results=_results(opening),
        all_results=_results(f"{title}\n{body[:end]}"),
        places=hashes.of(_places(found, runs, lead_words)),
    )


def name_conflict(a: EventMarks, b: EventMarks) -> bool:
    """Return whether the headlines (or opening sentences) number one thing differently: the 12th package, the 13th package."""
    return _differ(a.headline_ordinals, b.headline_ordinals)


def number_conflict(a: EventMarks, b: EventMarks) -> bool:
    """Return whether the leads number one thing differently, or state final scores that the other text does not mention."""
    results = bool(a.results and b.results) and not (a.results & b.all_results or b.results & a.all_results)
    return results or _differ(a.ordinals, b.ordinals)


def place_conflict(a: EventMarks, names_of_a: Hashes, b: EventMarks, names_of_b: Hashes) -> bool:
    """Return whether both say where it happened, and neither names the place of the other."""
    if not (len(a.places) and len(b.places)):
        return False
    return not (np.isin(a.places, names_of_b).any() or np.isin(b.places, names_of_a).any())


def _differ(a: frozenset[tuple[str, int]], b: frozenset[tuple[str, int]]) -> bool:
    nouns = {noun for noun, _ in a} & {noun for noun, _ in b}
    return bool(nouns) and not any(noun in nouns for noun, _ in a & b)


def _places(found: Tokens, runs: list[tuple[int, int]], lead_words: int) -> list[str]:
    """Return the words of the names in the lead that follow a word of place."""
    located = [run for run in runs if 0 < run[0] < lead_words and found.forms[run[0] - 1] in _LOCATES]
    return sorted({form for start, behind in located for form in found.forms[start:behind]} - _CALENDAR)


def _ordinals(text: str) -> frozenset[tuple[str, int]]:
    digits = [(noun, int(number)) for number, noun in _ORDINAL.findall(text)]
    written = [(noun, _WRITTEN.index(number.lower()) + 3) for number, noun in _WRITTEN_ORDINAL.findall(text)]
    forms = ((comparable(noun), number) for noun, number in digits + written)
    return frozenset((noun, number) for noun, number in forms if noun not in _BESIDE | _CALENDAR)


def _results(text: str) -> frozenset[str]:
    return frozenset("-".join(sorted(pair, key=int, reverse=True)) for pair in _RESULT.findall(text))
