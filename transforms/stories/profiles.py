"""Reading texts onto a shelf: each once, a batch at a time, compiled."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.compiled import compiled, mixed, sorted_set, woven
from transforms.stories.facts import (
    Codes,
    days_of,
    fact_lists,
    numbers_of,
    opening_sentence,
    ordinals_of,
    results_of,
    weekdays_of,
    year_of,
)
from transforms.stories.frequencies import NUMBER, UNIT, WORD, Frequencies
from transforms.stories.letters import Kinds, Points, letters, points_of
from transforms.stories.meaning import TextModel, direction
from transforms.stories.shelf import (
    CITED,
    DAY,
    DAYS,
    HEAVY,
    L_NAMES,
    L_NUMBERS,
    L_RARE,
    L_TITLE,
    L_WORDS,
    LEAD,
    LEAD_NAME,
    MEANING,
    MOST_COUNTED,
    MOST_NAMED,
    NUMBERS,
    ORDINALS,
    PHRASES,
    PLACE,
    QUOTES,
    RARE,
    RESULTS,
    S_LEAD_NAMES,
    S_TITLE,
    TITLE,
    UNDATED,
    WEEKDAYS,
    WORDS,
    YEAR,
    Integers,
    Keys,
    Shelf,
    beside,
    count_of,
    idf_of,
    key_of,
    marks_of,
    packed_figure,
    packed_word,
    roomy_shelf,
    trimmed,
)  # fmt: skip
from transforms.stories.tokens import (
    NAME,
    PLACE_NAME,
    QUOTED,
    SMALL,
    Flags,
    Hashes,
    Places,
    hash_of,
    holds,
    mark_names,
    tokens_of,
    word_lists,
)

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


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """What is read of a text."""

    # Later words add little; with a lead of 80 and words under 1% of articles as "rare" the best of the mixes measured.
    first_words: int = 700
    lead_words: int = 80
    # Longer titles are leads in disguise; a headline has about a dozen words. A text without one lends its opening.
    title_words: int = 40
    opening_words: int = 12
    rare_share: float = 0.01
    # Pairs are sought by the heaviest words of each text that no tenth of all articles have.
    heavy_share: float = 0.10
    heavy_terms: int = 40
    # The impact of each: its share of the text's vector and so much a unit of idf, times so much in the headline. A share alone is
    # small in a long text however rare the word: at no higher recall of gold pairs it leaves half again as many pairs to measure.
    idf_impact: float = 0.03
    title_impact: float = 1.5
    text_model: TextModel | None = None


@dataclass(frozen=True)
class Profiles:
    """What stays known of the texts, in the order of `node_ids`."""

    node_ids: list[str]
    shelf: Shelf


class _Idf(NamedTuple):
    """Sorted keys, the idf of each, and of those that nobody counted; keys of upper half h lie from begins[h] to begins[h + 1]."""

    keys: Keys
    idf: npt.NDArray[np.uint16]
    unseen: int
    begins: Integers


class _Known(NamedTuple):
    kinds: Kinds
    folded: Points
    abbreviated: Hashes
    function: Hashes
    locates: Hashes
    calendar: Hashes
    calendar_codes: Codes
    written: Hashes
    written_codes: Codes
    beside: Hashes
    words: "_Idf"
    figures: "_Idf"


class _Bounds(NamedTuple):
    first_words: int
    lead_words: int
    title_words: int
    opening_words: int
    rare_idf: int
    heavy_idf: int
    heavy_terms: int
    idf_impact: float
    title_impact: float


class _Text(NamedTuple):
    """A text being read: its row, its characters from `begin` and those of its headline, how many words both and its lead have."""

    row: int
    points: Points
    begin: int
    count: int
    titles: Points
    title_begin: int
    headline: int
    lead: int


class _Scratch(NamedTuple):
    found: Hashes
    starts: Places
    ends: Places
    flags: Flags


# Texts whose characters are held as numbers at a time.
_BATCH = 1000
# No more of a text is looked at than so many characters a word that is asked for.
_CHARACTERS_A_WORD = 32
# 1 + ln(count) in 1/256; a word that is repeated more often counts as so often.
COUNT_WEIGHTS = np.array([0] + [round(UNIT * (1 + log(count))) for count in range(1, 256)], dtype=np.int64)
# What a word weighs by marks (TITLE 1, LEAD 2) and count: in the lead half again, in the headline twice as much, alone in the
# headline half again.
PROMINENCE = np.array(
    [[UNIT * 3, *(COUNT_WEIGHTS[1:] * (2 + 2 * (marks & TITLE) + (marks & LEAD) // 2))] for marks in range(4)]
)
# Words in small letters this short are the small change of any language, also of one whose words nobody counted; in 1/256.
_SHORT_IDF = np.array([round(UNIT * weight) for weight in (0.0, 1.0, 2.0, 4.0, 6.0)], dtype=np.int64)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_16, _1, _32, _33, _LOWER = np.uint32(16), *(np.uint64(number) for number in (1, 32, 33, 0xFFFFFFFF))
# Impacts are kept in 1/4096, so that sums of their products fit 32 bits: forty of the rarest words make up 37 at most.
IMPACT = 1 << 12


def profiles(nodes: pa.Table, known: Mapping[str, Frequencies], settings: ReadingSettings) -> Profiles:
    """Return the profiles of nodes (node_id, body, title, date, cited), in their order."""
    shelves = list(_shelves(nodes, _known(known), settings))
    return Profiles(nodes["node_id"].to_pylist(), beside(shelves))


def _shelves(nodes: pa.Table, known: _Known, settings: ReadingSettings) -> Iterator[Shelf]:
    bounds = _bounds(settings)
    longest = bounds.first_words * _CHARACTERS_A_WORD
    for batch in nodes.select(["body", "title", "date", "cited"]).to_batches(max_chunksize=_BATCH):
        columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
        bodies = [body[:longest] for body in columns["body"]]
        titles = [(title or "")[:longest] for title in columns["title"]]
        room = sum(min(bounds.first_words, len(body) + 1) + bounds.title_words + 1 for body in bodies)
        shelf = roomy_shelf(len(bodies), room)
        dates = [_dates(value) for value in columns["date"]]
        shelf.scalars[:, DAY] = [day for day, _ in dates]
        _read_all(
            points_of("".join(bodies)),
            np.cumsum([0, *map(len, bodies)]),
            points_of("".join(titles)),
            np.cumsum([0, *map(len, titles)]),
            np.array([code for _, code in dates], dtype=np.int64),
            known,
            bounds,
            shelf,
        )
        yield trimmed(_with_meaning(_with_cited(shelf, columns["cited"]), titles, bodies, settings))


def _dates(value: date | None) -> tuple[int, int]:
    """Return a date as days since 1970 and as a stated day (facts.days_of)."""
    if value is None:
        return UNDATED, -1
    leap = date(2020, value.month, value.day).timetuple().tm_yday - 1
    return (value - date(1970, 1, 1)).days, leap * 4096 + value.year


def _with_cited(shelf: Shelf, cited: list[list[str] | None]) -> Shelf:
    keys = [sorted({hash_of(source) >> 32 for source in sources or ()}) for sources in cited]
    shelf.starts[:, CITED] = np.cumsum([0, *map(len, keys)])
    return shelf._replace(cited=np.array([key for row in keys for key in row], dtype=np.uint32))


def _with_meaning(shelf: Shelf, titles: list[str], bodies: list[str], settings: ReadingSettings) -> Shelf:
    model, words = settings.text_model, settings.opening_words
    if model is None:
        return shelf
    found = [direction(model, title, body, words) for title, body in zip(titles, bodies, strict=True)]
    shelf.starts[:, MEANING] = np.cumsum([0, *map(len, found)])
    return shelf._replace(meaning=np.concatenate(found))


def _bounds(settings: ReadingSettings) -> _Bounds:
    return _Bounds(
        settings.first_words,
        settings.lead_words,
        settings.title_words,
        settings.opening_words,
        round(UNIT * -log(settings.rare_share)),
        round(UNIT * -log(settings.heavy_share)),
        settings.heavy_terms,
        settings.idf_impact,
        settings.title_impact,
    )


def _known(known: Mapping[str, Frequencies]) -> _Known:
    words, figures = known[WORD], known[NUMBER]
    return _Known(
        *letters(),
        *word_lists()[:3],
        *fact_lists(),
        _looked_up(words),
        _looked_up(figures),
    )


def _looked_up(known: Frequencies) -> _Idf:
    keys, idf = by_key(known)
    return _Idf(keys, idf, known.unseen_idf, np.searchsorted(keys, np.arange((1 << 16) + 1, dtype=np.int64) << 16))


def by_key(known: Frequencies) -> tuple[Keys, npt.NDArray[np.uint16]]:
    """Return the sorted keys of terms (the upper half of their hashes) and the idf of each.

    The texts keep keys alone: what one key stands for weighs the same everywhere, as the most frequent of its terms.
    """
    keys, firsts = np.unique((known.hashes >> _32).astype(np.uint32), return_index=True)
    idf: npt.NDArray[np.uint16] = known.idf()
    return keys, np.minimum.reduceat(idf, firsts) if len(keys) else idf


@compiled
def _read_all(
    points: Points,
    bounds: Integers,
    titles: Points,
    title_bounds: Integers,
    dates: Codes,
    known: _Known,
    settings: _Bounds,
    out: Shelf,
) -> None:
    room = 2
    for row in range(len(bounds) - 1):
        room = max(room, min(settings.first_words, bounds[row + 1] - bounds[row] + 1) + settings.title_words + 1)
    s = _Scratch(
        np.empty(room, np.uint64), np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.uint8)
    )
    for row in range(len(bounds) - 1):
        begin, title_begin = bounds[row], title_bounds[row]
        count = tokens_of(
            points, begin, bounds[row + 1], settings.first_words, known.kinds, known.folded, known.abbreviated,
            s.found, s.starts, s.ends, s.flags,
        )  # fmt: skip
        mark_names(count, s.found, s.starts, s.ends, s.flags, known.function, known.locates)
        headline = tokens_of(
            titles, title_begin, title_bounds[row + 1], settings.title_words, known.kinds, known.folded, known.abbreviated,
            s.found[count:], s.starts[count:], s.ends[count:], s.flags[count:],
        )  # fmt: skip
        text = _Text(row, points, begin, count, titles, title_begin, headline, min(count, settings.lead_words))
        _days(text, dates[row], known, s, out)
        _ordinals_and_results(text, known, s, out)
        _figures(text, known, s, out)
        _words(text, known, settings, s, out)
        _phrases(text, s, out)
        _heaviest(row, settings, out)


@compiled
def _days(text: _Text, dated: int, known: _Known, s: _Scratch, out: Shelf) -> None:
    """Write the days that an undated text states, and the latest year and the weekdays that any does."""
    out.scalars[text.row, YEAR] = year_of(text.points, text.begin, text.count, s.starts, s.ends, known.kinds)
    out.scalars[text.row, WEEKDAYS] = weekdays_of(text.lead, s.found, s.flags, known.calendar, known.calendar_codes)
    at, n = out.starts[text.row, DAYS], 1
    if dated >= 0:
        out.days[at] = dated
    else:
        n = days_of(
            text.points, text.begin, text.count, s.found, s.starts, s.ends, s.flags, known.kinds, known.calendar,
            known.calendar_codes, out.days[at:],
        )  # fmt: skip
    out.starts[text.row + 1, DAYS] = at + _distinct(out.days[at : at + n])


@compiled
def _ordinals_and_results(text: _Text, known: _Known, s: _Scratch, out: Shelf) -> None:
    """Write the ordinals of lead and headline, and the final scores of all."""
    count, lead, headline = text.count, text.lead, text.headline
    at = out.starts[text.row, ORDINALS]
    n = ordinals_of(
        text.points, text.begin, lead, 0 if headline else opening_sentence(lead, s.flags), s.found, s.starts, s.ends,
        known.kinds, known.written, known.written_codes, known.beside, out.ordinals[at:],
    )  # fmt: skip
    n += ordinals_of(
        text.titles, text.title_begin, headline, headline, s.found[count:], s.starts[count:], s.ends[count:], known.kinds,
        known.written, known.written_codes, known.beside, out.ordinals[at + n :],
    )  # fmt: skip
    out.starts[text.row + 1, ORDINALS] = at + _distinct(out.ordinals[at : at + n])
    at = out.starts[text.row, RESULTS]
    n = results_of(text.points, text.begin, count, lead, s.starts, s.ends, known.kinds, out.results[at:])
    n += results_of(
        text.titles, text.title_begin, headline, headline, s.starts[count:], s.ends[count:], known.kinds, out.results[at + n :]
    )  # fmt: skip
    out.starts[text.row + 1, RESULTS] = at + _distinct(out.results[at : at + n])


@compiled
def _distinct(values: Codes) -> int:
    """Sort values in place, each once; return how many that are."""
    values.sort()
    kept = 0
    for at in range(len(values)):
        if at == 0 or values[at] != values[kept - 1]:
            values[kept] = values[at]
            kept += 1
    return kept


@compiled
def _figures(text: _Text, known: _Known, s: _Scratch, out: Shelf) -> None:
    count, lead, headline, title_begin = text.count, text.lead, text.headline, text.title_begin
    values = np.empty(count + headline + 2, np.uint64)
    end = text.begin + s.ends[count - 1] if count else text.begin
    lead_end = text.begin + s.ends[lead - 1] if lead else text.begin
    title_end = title_begin + s.ends[count + headline - 1] if headline else title_begin
    n = numbers_of(text.points, text.begin, lead_end, known.kinds, values)
    n += numbers_of(text.titles, title_begin, title_end, known.kinds, values[n:])
    n_lead = n
    n += numbers_of(text.points, lead_end, end, known.kinds, values[n:])
    order = np.argsort(values[:n])
    at = out.starts[text.row, NUMBERS]
    length, i = np.int64(0), 0
    while i < n:
        value, leading = values[order[i]], 0
        key = value >> _32
        while i < n and values[order[i]] >> _32 == key:
            leading |= order[i] < n_lead
            i += 1
        idf = _idf(known.figures, np.uint32(key))
        out.numbers[at] = packed_figure(np.int64(key), idf, leading)
        length += idf * idf
        at += 1
    out.starts[text.row + 1, NUMBERS] = at
    out.scalars[text.row, L_NUMBERS] = length


@compiled
def _idf(known: _Idf, key: np.uint32) -> int:
    upper = key >> _16
    for place in range(known.begins[upper], known.begins[upper + 1]):
        if known.keys[place] == key:
            return np.int64(known.idf[place])
    return np.int64(known.unseen)


@compiled
def _words(text: _Text, known: _Known, settings: _Bounds, s: _Scratch, out: Shelf) -> None:
    row, count, headline = text.row, text.count, text.headline
    at, i, n = out.starts[row, WORDS], 0, count + headline
    # By key, then by place in the text, in one number.
    order = np.empty(n, np.uint64)
    for token in range(n):
        order[token] = s.found[token] & ~_LOWER | np.uint64(token)
    sorted_set(order, n)
    sums = out.scalars[row]
    while i < n:
        value = s.found[order[i] & _LOWER]
        key = value >> _32
        tally, named, marks, small, longest = 0, 0, 0, True, np.int64(0)
        while i < n and order[i] >> _32 == key:
            token = np.int64(order[i] & _LOWER)
            flags = s.flags[token]
            length = s.ends[token] - s.starts[token]
            small &= flags & SMALL != 0 and length < len(_SHORT_IDF)
            longest = max(longest, np.int64(length))
            i += 1
            if token >= count:
                marks |= TITLE
                continue
            tally += 1
            if flags & NAME:
                named += 1
            if token < settings.lead_words:
                marks |= LEAD
                if flags & NAME:
                    marks |= LEAD_NAME
                if flags & PLACE_NAME and not holds(known.calendar, value):
                    marks |= PLACE
            if headline == 0 and token < settings.opening_words:
                marks |= TITLE
        idf = _idf(known.words, np.uint32(key))
        if small:
            idf = min(idf, _SHORT_IDF[longest])
        if idf >= settings.rare_idf:
            marks |= RARE
        tally, named = min(tally, MOST_COUNTED), min(named, MOST_NAMED)
        out.words[at] = packed_word(np.int64(key), idf, marks, named, tally)
        at += 1
        weight = prominence(idf, tally, marks)
        sums[L_WORDS] += weight * weight
        weight = COUNT_WEIGHTS[named] * idf
        sums[L_NAMES] += weight * weight
        if marks & RARE:
            weight = COUNT_WEIGHTS[tally] * idf
            sums[L_RARE] += weight * weight
        if marks & TITLE:
            sums[L_TITLE] += idf * idf
            sums[S_TITLE] += idf
        if marks & LEAD_NAME:
            sums[S_LEAD_NAMES] += idf
    out.starts[row + 1, WORDS] = at


@woven
def prominence(idf: int, count: int, marks: int) -> int:
    """Return the weight of a word in its text: (1 + ln count) times idf; in the lead half again, in the headline twice as much."""
    return PROMINENCE[marks & 3, count] * idf


@compiled
def _phrases(text: _Text, s: _Scratch, out: Shelf) -> None:
    """Write each run of three words of the text once, with a bit for those that stand in quotes."""
    at = out.starts[text.row, PHRASES]
    runs = np.empty(max(0, text.count - 2), np.uint64)
    for i in range(len(runs)):
        value = mixed((s.found[i] * _GOLDEN + s.found[i + 1]) * _GOLDEN + s.found[i + 2])
        quoted = s.flags[i] & s.flags[i + 1] & s.flags[i + 2] & QUOTED
        runs[i] = (value >> _33) << _1 | np.uint64(1 if quoted else 0)
    kept = at
    for i in range(sorted_set(runs, len(runs))):
        if kept > at and runs[i] >> _1 == np.uint64(out.phrases[kept - 1]) >> _1:
            out.phrases[kept - 1] |= np.uint32(runs[i])
            continue
        out.phrases[kept] = np.uint32(runs[i])
        kept += 1
    for i in range(at, kept):
        out.scalars[text.row, QUOTES] += out.phrases[i] & np.uint32(1)
    out.starts[text.row + 1, PHRASES] = kept


@compiled
def _heaviest(row: int, settings: _Bounds, out: Shelf) -> None:
    begin, end = out.starts[row, WORDS], out.starts[row + 1, WORDS]
    # Heaviest first, then by key: the lower bits hold the word's place, and no two weights tie beyond them.
    weights = np.empty(end - begin, np.int64)
    for i in range(end - begin):
        word = out.words[begin + i]
        weight = prominence(idf_of(word), count_of(word), marks_of(word)) if idf_of(word) >= settings.heavy_idf else 0
        weights[i] = (-weight << 20) | i
    weights.sort()
    at, length = out.starts[row, HEAVY], np.sqrt(np.float64(out.scalars[row, L_WORDS]))
    for i in range(min(len(weights), settings.heavy_terms)):
        weight = -(weights[i] >> 20)
        if weight == 0:
            break
        word = out.words[begin + (weights[i] & 0xFFFFF)]
        impact = weight / length + settings.idf_impact * idf_of(word) / UNIT
        if marks_of(word) & TITLE:
            impact *= settings.title_impact
        out.heavy[at] = np.uint64(key_of(word) << 32 | np.int64(np.rint(impact * IMPACT)))
        at += 1
    out.starts[row + 1, HEAVY] = at
