"""The terms of each text to be compared, once per text: bags of words, pairs, names, numbers, lead and headline."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from transforms.dedupe.shingles import Hashes, WordHashes
from transforms.stories.calendar import StatedDay, of_date, stated_days
from transforms.stories.events import EventMarks, event_marks
from transforms.stories.frequencies import pair_hashes
from transforms.stories.terms import Forms, names, numbers, tokens
from transforms.stories.vectors import Bags, Integers, bags

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
    """What similarity knows of the texts, in the order of `node_ids`.

    `days` counts from 1970-01-01 (-1: undated), `years` is the latest year the text states (0: none),
    `stated` its date, or where it has none the days that the text itself states.
    """

    node_ids: list[str]
    words: Bags
    pairs: Bags
    names: Bags
    numbers: Bags
    lead: Bags
    lead_names: Bags
    title: Bags
    days: Integers
    years: Integers
    stated: list[frozenset[StatedDay]]
    cited: list[frozenset[str]]
    marks: list[EventMarks]


@dataclass(frozen=True, slots=True)
class _Terms:
    words: Hashes
    names: Hashes
    numbers: Hashes
    lead: Hashes
    lead_names: Hashes
    title: Hashes
    year: int
    stated: frozenset[StatedDay]
    marks: EventMarks


def profiles(nodes: pa.Table, first_words: int, lead_words: int, hashes: WordHashes) -> Profiles:
    """Return the profiles of nodes (node_id, body, title, date, cited), in their order.

    `first_words` of a body are read, `lead_words` of them are its lead. A text without title lends its opening words.
    """
    terms = list(_terms(nodes, first_words, lead_words, hashes))
    return Profiles(
        node_ids=nodes["node_id"].to_pylist(),
        words=bags(t.words for t in terms),
        pairs=bags(pair_hashes(t.words) for t in terms),
        names=bags(t.names for t in terms),
        numbers=bags(t.numbers for t in terms),
        lead=bags(t.lead for t in terms),
        lead_names=bags(t.lead_names for t in terms),
        title=bags(t.title for t in terms),
        days=np.array([_day(value) for value in nodes["date"].to_pylist()], dtype=np.int64),
        years=np.array([t.year for t in terms], dtype=np.int64),
        stated=[
            t.stated if day is None else frozenset((of_date(day),))
            for t, day in zip(terms, nodes["date"].to_pylist(), strict=True)
        ],
        cited=[frozenset(sources or ()) for sources in nodes["cited"].to_pylist()],
        marks=[t.marks for t in terms],
    )


def _terms(nodes: pa.Table, first_words: int, lead_words: int, hashes: WordHashes) -> Iterator[_Terms]:
    known = Forms()
    for batch in nodes.select(["body", "title"]).to_batches(max_chunksize=1000):
        for body, title in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
            yield _terms_of(body, title, first_words, lead_words, hashes, known)


def _terms_of(body: str, title: str | None, first: int, lead: int, hashes: WordHashes, known: Forms) -> _Terms:
    found = tokens(body, first, known)
    end = found.spans[-1][1] if found.spans else 0
    words = hashes.of(found.forms)
    runs = names(found)
    headline = tokens(title, _TITLE_WORDS, known).forms if title else found.forms[:_OPENING_WORDS]
    named = [form for start, behind in runs for form in found.forms[start:behind]]
    named_in_lead = [form for start, behind in runs if start < lead for form in found.forms[start:behind]]
    return _Terms(
        words=words,
        names=hashes.of(named),
        numbers=hashes.of(numbers(body, end)),
        lead=words[:lead],
        lead_names=hashes.of(named_in_lead),
        title=hashes.of(headline),
        year=max((int(year) for year in _YEAR.findall(body, 0, end)), default=0),
        stated=stated_days(body, end),
        marks=event_marks(title or "", body, found, runs, lead),
    )


# Longer titles are leads in disguise; a headline has about a dozen words.
_TITLE_WORDS = 40
_OPENING_WORDS = 12


def _day(value: date | None) -> int:
    return UNDATED if value is None else (value - date(1970, 1, 1)).days
