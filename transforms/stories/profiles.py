"""The terms of each text to be compared, once per text: bags of words, pairs, names, numbers, lead and headline."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from transforms.dedupe.shingles import Hashes, WordHashes
from transforms.stories.calendar import StatedDay, of_date, stated_days
from transforms.stories.events import EventMarks, event_marks
from transforms.stories.frequencies import pair_hashes
from transforms.stories.terms import Forms, names, numbers, tokens
from transforms.stories.vectors import Bags, Integers, bags, together

NODES = pa.schema(
    [
        ("node_id", pa.string()),
        ("text_id", pa.string()),
        ("body", pa.string()),
        ("title", pa.string()),
        ("date", pa.date32()),
        ("cited", pa.list_(pa.string())),
        ("joinable", pa.bool_()),
    ]
)
# A year of living memory that stands alone: not a price, a quantity or a part of a figure.
_YEAR = re.compile(r"(?<![\w.,$£€])(19[5-9]\d|20[0-4]\d)(?![\w%]|[.,]\d)")
UNDATED = -1


@dataclass(frozen=True)
class Profiles:
    """What stays known of the texts, in the order of `node_ids`.

    `days` counts from 1970-01-01 (-1: undated), `years` is the latest year the text states (0: none),
    `stated` its date, or where it has none the days that the text itself states.
    """

    node_ids: list[str]
    words: Bags
    names: Bags
    days: Integers
    years: Integers
    stated: list[frozenset[StatedDay]]
    cited: list[frozenset[str]]
    marks: list[EventMarks]


@dataclass(frozen=True)
class Wording:
    """The bags that only features are made of: large, and let go once they are."""

    pairs: Bags
    numbers: Bags
    lead: Bags
    lead_names: Bags
    title: Bags


@dataclass(frozen=True, slots=True)
class _Terms:
    words: Hashes
    names: Hashes
    numbers: Hashes
    lead_names: Hashes
    title: Hashes
    year: int
    stated: frozenset[StatedDay]
    marks: EventMarks


def profiles(nodes: pa.Table, first_words: int, lead_words: int, hashes: WordHashes) -> tuple[Profiles, Wording]:
    """Return the profiles of nodes (node_id, body, title, date, cited), in their order, and their wording.

    `first_words` of a body are read, `lead_words` of them are its lead. A text without title lends its opening words.
    """
    parts: dict[str, list[Bags]] = {name: [bags([])] for name in _BAGS}
    facts: list[tuple[int, frozenset[StatedDay], EventMarks]] = []
    known = Forms()
    for batch in nodes.select(["body", "title"]).to_batches(max_chunksize=_BATCH):
        rows = zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
        terms = [_terms_of(body, title, first_words, lead_words, hashes, known) for body, title in rows]
        for name, of in _BAGS.items():
            parts[name].append(bags(of(t, lead_words) for t in terms))
        facts += [(t.year, t.stated, t.marks) for t in terms]
    whole = {name: together(parts.pop(name)) for name in _BAGS}
    return _profiles(nodes, whole.pop("words"), whole.pop("names"), facts), Wording(**whole)


# How each bag is made of a text's terms and the length of a lead.
_BAGS: dict[str, Callable[[_Terms, int], Hashes]] = {
    "words": lambda terms, _: terms.words,
    "names": lambda terms, _: terms.names,
    "pairs": lambda terms, _: pair_hashes(terms.words),
    "numbers": lambda terms, _: terms.numbers,
    "lead": lambda terms, lead_words: terms.words[:lead_words],
    "lead_names": lambda terms, _: terms.lead_names,
    "title": lambda terms, _: terms.title,
}
# Texts whose terms are held as Python objects at a time.
_BATCH = 1000


def _profiles(
    nodes: pa.Table, words: Bags, named: Bags, facts: list[tuple[int, frozenset[StatedDay], EventMarks]]
) -> Profiles:
    dates = nodes["date"].to_pylist()
    return Profiles(
        node_ids=nodes["node_id"].to_pylist(),
        words=words,
        names=named,
        days=np.array([_day(value) for value in dates], dtype=np.int64),
        years=np.array([year for year, _, _ in facts], dtype=np.int64),
        stated=[
            stated if day is None else frozenset((of_date(day),))
            for (_, stated, _), day in zip(facts, dates, strict=True)
        ],
        cited=[frozenset(sources or ()) for sources in nodes["cited"].to_pylist()],
        marks=[marks for _, _, marks in facts],
    )


def _terms_of(body: str, title: str | None, first: int, lead: int, hashes: WordHashes, known: Forms) -> _Terms:
    found = tokens(body, first, known)
    end = found.spans[-1][1] if found.spans else 0
    runs = names(found)
    headline = tokens(title, _TITLE_WORDS, known).forms if title else found.forms[:_OPENING_WORDS]
    named = [form for start, behind in runs for form in found.forms[start:behind]]
    named_in_lead = [form for start, behind in runs if start < lead for form in found.forms[start:behind]]
    return _Terms(
        words=hashes.of(found.forms),
        names=hashes.of(named),
        numbers=hashes.of(numbers(body, end)),
        lead_names=hashes.of(named_in_lead),
        title=hashes.of(headline),
        year=max((int(year) for year in _YEAR.findall(body, 0, end)), default=0),
        stated=stated_days(body, end),
        marks=event_marks(title or "", body, found, runs, lead, hashes),
    )


# Longer titles are leads in disguise; a headline has about a dozen words.
_TITLE_WORDS = 40
_OPENING_WORDS = 12


def _day(value: date | None) -> int:
    return UNDATED if value is None else (value - date(1970, 1, 1)).days
