"""What the tagger of names looks at: the pieces of a text that may be names, their neighbours, and what the rest of the text says of them.

Candidates are the runs of capitalised pieces, connectors inside, with the two pieces behind them: all but 2% of the labelled names of
737 newspaper articles, in 38% of their pieces. Everything here is whole numbers, so that learning and tagging see the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from transforms.enrich.tokens import Tokens
from transforms.enrich.words import HONORIFICS, KIND_NOUNS, ORG_HEADS, TITLES, word_set

Ints = NDArray[np.int32]

# Whose word is looked up for a piece: two before it, itself, two behind it; first and last of its run; before and behind the run.
SLOTS = ("two_before", "before", "itself", "behind", "two_behind", "run_first", "run_last", "before_run", "behind_run")
# Stand for a place outside the text, and for the run of a piece that is in none.
OUTSIDE, NO_RUN = -1, -2
# The pseudo-word that stands between texts, as many times as the farthest slot looks.
OUTSIDE_WORD = "\x01outside"
_BETWEEN = 2
SAYING = word_set(
    "said says told added asked announced explained noted wrote tweeted warned stated claimed argued insisted called who"
)
_NEAR = word_set("at from near to of across outside around")
# Pieces of the longest stretch tagged as one; longer ones are lists, cut.
_LONGEST = 200

_GAPS = {" ": 0, "": 1, "-": 2, "'": 3, "’": 3, ", ": 4, ". ": 5, "\n": 6}
_NEW_LINE = 6
# What else may stand in a gap, by the first that does.
_MARKS = (("\n", 6), ("(", 7), (")", 8), ('"“”‘’', 9), ("/&", 10), (",;:", 4), (".?!", 11))
_OTHER_GAP, GAP_KINDS = 12, 13

# Kinds of neighbouring words, one bit each, and what the places of a word in a text say of it, one bit each.
_HONORIFIC, _TITLE, _IN, _NEARBY, _THE, _KIND, _SAYS, _S, _HEAD = (1 << k for k in range(9))
EVIDENCE = (
    "inside_sentence", "last", "first", "inner", "before_head", "alone", "honorific", "title",
    "in", "near", "the", "kind", "says", "possessive", "bracket_behind", "bracket_around",
)  # fmt: skip
_BIT = {name: 1 << k for k, name in enumerate(EVIDENCE)}


def _kinds() -> dict[str, int]:
    kinds: dict[str, int] = {}
    lists = (
        (HONORIFICS, _HONORIFIC), (TITLES, _TITLE), ({"in"}, _IN), (_NEAR, _NEARBY), ({"the"}, _THE),
        (KIND_NOUNS, _KIND), (SAYING, _SAYS), ({"s"}, _S), (ORG_HEADS, _HEAD),
    )  # fmt: skip
    for words, bit in lists:
        for word in words:
            kinds[word] = kinds.get(word, 0) | bit
    return kinds


KIND_OF = _kinds()

# The columns of plain categories, with the number of values of each, and those of evidence bits (a byte each).
CATEGORIES = {"gap_before": GAP_KINDS, "gap_behind": GAP_KINDS, "line": 8, "place": 34, "run_length": 7, "capitals": 8}
BYTES = ("own_low", "own_high", "head_low", "head_high")


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidate pieces of texts that stand in one row, OUTSIDE_WORD between them.

    `words` are all pieces of the row; `offsets` tell where each text begins; `pieces` are the numbers of the candidates in order;
    `slots` (pieces x SLOTS) the numbers of the pieces whose words count, OUTSIDE or NO_RUN; `columns` (pieces x CATEGORIES and BYTES)
    small numbers; `starts` and `lengths` cut them into stretches tagged apart.
    """

    words: list[str]
    offsets: list[int]
    pieces: Ints
    slots: Ints
    columns: Ints
    starts: Ints
    lengths: Ints


class _Row:
    """The pieces of texts in one row: what each is, `kinds` of the words and of the `gaps` before them, and the runs of capitals."""

    def __init__(self, texts: Sequence[Tokens], kinds: Mapping[str, int]) -> None:
        self.texts = texts
        self.offsets: list[int] = []
        self.words: list[str] = []
        self.folded: list[str] = []
        capital: list[bool] = []
        opening: list[bool] = []
        heading: list[bool] = []
        gaps: list[int] = []
        runs: list[tuple[int, int]] = []
        plain = _GAPS.get
        for text in texts:
            offset = len(self.words)
            self.offsets.append(offset)
            self.words += (*text.words, OUTSIDE_WORD, OUTSIDE_WORD)
            self.folded += (*text.folded, OUTSIDE_WORD, OUTSIDE_WORD)
            capital += (*text.capital, False, False)
            opening += (*text.first_of_sentence, False, False)
            heading += (*(text.headings[number] for number in text.sentence), False, False)
            between = [_gap_kind(gap) if (kind := plain(gap)) is None else kind for gap in text.gaps]
            gaps += (*([_NEW_LINE] if len(text) else []), *between, _NEW_LINE, _NEW_LINE)
            runs += [(first + offset, last + offset) for first, last in text.runs()]
        self.capital, self.opening, self.heading = (np.array(column, bool) for column in (capital, opening, heading))
        self.gaps = np.array([*gaps, _NEW_LINE], np.int32)
        kind_of = kinds.get
        self.kinds = np.array([0, *[kind_of(word, 0) for word in self.folded], 0], np.int32)
        found = np.array(runs, np.int32).reshape(-1, 2)
        self.first, self.last = found[:, 0], found[:, 1]


def candidates(*texts: Tokens, kinds: Mapping[str, int] = KIND_OF) -> Candidates | None:
    """Return the candidates of texts, each seen by itself; None where they have no capital. `kinds`: bits of what a word is beside a name."""
    row = _Row(texts, kinds)
    first, last = row.first, row.last
    if not len(first):
        return None
    run_of = np.full(len(row.words), -1, np.int32)
    run_of[_inside(first, last)] = np.repeat(np.arange(len(first)), last - first)
    covered = run_of >= 0
    covered[last] = covered[last + 1] = True
    ends = np.array([*row.offsets[1:], len(row.words)])
    for between in range(1, _BETWEEN + 1):
        covered[ends - between] = False
    pieces = np.flatnonzero(covered).astype(np.int32)
    run = run_of[pieces]
    starts, sizes = _stretches(pieces)
    slots = _slots(pieces, run, first, last)
    return Candidates(row.words, row.offsets, pieces, slots, _columns(row, pieces, run), starts, sizes)


def _inside(first: Ints, last: Ints) -> NDArray[np.int64]:
    """Return the numbers of the pieces of all runs."""
    lengths = last - first
    ends = lengths.cumsum()
    inside: NDArray[np.int64] = np.arange(ends[-1]) + np.repeat(first - ends + lengths, lengths)
    return inside


def _stretches(pieces: Ints) -> tuple[Ints, Ints]:
    """Return where each stretch of neighbours begins and how long it is."""
    begins = np.flatnonzero(np.diff(pieces, prepend=-2) > 1)
    sizes = np.diff(begins, append=len(pieces))
    if sizes.max() > _LONGEST:
        cuts = [np.arange(start, start + size, _LONGEST) for start, size in zip(begins, sizes, strict=True)]
        begins = np.concatenate(cuts)
        sizes = np.diff(begins, append=len(pieces))
    return begins.astype(np.int32), sizes.astype(np.int32)


def _slots(pieces: Ints, run: Ints, first: Ints, last: Ints) -> Ints:
    slots = np.empty((len(pieces), len(SLOTS)), np.int32)
    for column, away in enumerate((-2, -1, 0, 1, 2)):
        slots[:, column] = pieces + away
    ends = (first[run], last[run] - 1, first[run] - 1, last[run])
    for column, places in enumerate(ends, start=5):
        slots[:, column] = places
    slots[slots < 0] = OUTSIDE
    slots[run < 0, 5:] = NO_RUN
    return slots


def _columns(row: _Row, pieces: Ints, run: Ints) -> Ints:
    first, last = row.first, row.last
    own, acronym = _evidence(row)
    here, inside = row.capital[pieces], run >= 0
    behind = row.capital[pieces + 1]
    before = row.capital[pieces - 1] & (pieces > 0)
    from_first, to_last = np.minimum(pieces - first[run], 3), np.minimum(last[run] - 1 - pieces, 3)
    place = np.where(here, from_first * 4 + to_last, 16 + from_first * 4 + to_last)
    outside = 32 + (run[np.maximum(np.arange(len(run)) - 1, 0)] < 0)
    words = np.where(inside & here, own[pieces], 0)
    heads = np.where(inside & here, own[np.where(inside, last[run] - 1, 0)], 0)
    line = row.opening[pieces] + 2 * row.heading[pieces] + 4 * (_low(row, pieces) & here)
    columns = (
        row.gaps[pieces], row.gaps[pieces + 1], line, np.where(inside, place, outside),
        np.where(inside, np.minimum(last[run] - first[run], 6), 0), before + 2 * behind + 4 * acronym[pieces],
        words & 255, words >> 8, heads & 255, heads >> 8,
    )  # fmt: skip
    return np.stack(columns, axis=1).astype(np.int32)


def _low(row: _Row, pieces: Ints) -> NDArray[np.bool_]:
    """Tell which pieces' words stand in their text without a capital too."""
    bounds = np.searchsorted(pieces, [*row.offsets, len(row.words)]).tolist()
    numbers = pieces.tolist()
    low: list[bool] = []
    for text, (start, end) in zip(row.texts, pairwise(bounds), strict=True):
        lower = text.lower_words
        low += [row.folded[k] in lower for k in numbers[start:end]]
    return np.array(low, bool)


def _evidence(row: _Row) -> tuple[Ints, NDArray[np.bool_]]:
    """Return for each piece the bits of all places of its word in the runs of its text, and whether it spells the initials of one."""
    kinds, first, last = row.kinds, row.first, row.last
    count = len(row.words)
    bits = np.where(row.opening, 0, _BIT["inside_sentence"]).astype(np.int32)
    before = kinds[:count]
    bits |= np.where(before & _HONORIFIC, _BIT["honorific"], np.where(before & _TITLE, _BIT["title"], 0)).astype(
        np.int32
    )
    long = last - first > 1
    inner = np.zeros(count, bool)
    within = _inside(first, last)
    inner[within] = True
    headed = np.zeros(count, bool)
    headed[within] = np.repeat((kinds[last] & _HEAD) > 0, last - first)
    headed[last - 1] = False
    bits[headed] |= _BIT["before_head"]
    inner[first] = inner[last - 1] = False
    bits[inner] |= _BIT["inner"]
    bits[first[long]] |= _BIT["first"]
    bits[last[long] - 1] |= _BIT["last"]
    bits[first[~long]] |= _BIT["alone"]
    opened = kinds[first]
    for kind, name in ((_IN, "in"), (_NEARBY, "near"), (_THE, "the"), (_KIND, "kind")):
        bits[first[opened & kind > 0]] |= _BIT[name]
    closed = kinds[last + 1]
    for kind, name in ((_SAYS, "says"), (_S, "possessive")):
        bits[last[closed & kind > 0] - 1] |= _BIT[name]
    for gap, name in ((7, "bracket_behind"), (8, "bracket_around")):
        bits[last[row.gaps[last] == gap] - 1] |= _BIT[name]
    return _gathered(row, bits, within[row.capital[within]]), _acronyms(row)


def _gathered(row: _Row, bits: Ints, places: NDArray[np.int64]) -> Ints:
    """Return the bits of each place joined with those of all other places of the same word in its text."""
    bounds = np.searchsorted(places, [*row.offsets, len(row.words)]).tolist()
    numbers = places.tolist()
    ids: list[int] = []
    base = 0
    for start, end in pairwise(bounds):
        number: dict[str, int] = {}
        ids += [number.setdefault(row.words[k], base + len(number)) for k in numbers[start:end]]
        base += len(number)
    joined = np.zeros(base, np.int32)
    np.bitwise_or.at(joined, ids, bits[places])
    found = np.zeros(len(row.words), np.int32)
    found[places] = joined[ids]
    return found


def _acronyms(row: _Row) -> NDArray[np.bool_]:
    """Tell which pieces in capitals spell the initials of a run of their text ("Nordland Fisheries Board" and "NFB")."""
    found = np.zeros(len(row.words), bool)
    for text, offset in zip(row.texts, row.offsets, strict=True):
        words = text.words
        shouted = [k for k, word in enumerate(words) if len(word) > 1 and word.isupper()]
        if shouted:
            initials = {
                "".join(words[k][0] for k in range(a, b) if text.capital[k]) for a, b in text.runs() if b - a > 1
            }
            found[[offset + k for k in shouted if words[k] in initials]] = True
    return found


def _gap_kind(gap: str) -> int:
    return next((kind for marks, kind in _MARKS if any(mark in gap for mark in marks)), _OTHER_GAP)
