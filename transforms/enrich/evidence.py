"""What the tagger of names looks at: the pieces of a text that may be names, their neighbours, and what the rest of the text says of them.

Candidates are the runs of capitalised pieces, connectors inside, with the two pieces behind them: all but 2% of the labelled names of
737 newspaper articles, in 38% of their pieces. Everything here is whole numbers, so that learning and tagging see the same.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.enrich.tokens import Tokens
from transforms.enrich.words import HONORIFICS, KIND_NOUNS, ORG_HEADS, TITLES, word_set

Ints = NDArray[np.int32]

# Whose word is looked up for a piece: two before it, itself, two behind it; first and last of its run; before and behind the run.
SLOTS = ("two_before", "before", "itself", "behind", "two_behind", "run_first", "run_last", "before_run", "behind_run")
# Stand for a place outside the text, and for the run of a piece that is in none.
OUTSIDE, NO_RUN = -1, -2
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


_KIND_OF = _kinds()

# The columns of plain categories, with the number of values of each, and those of evidence bits (a byte each).
CATEGORIES = {"gap_before": GAP_KINDS, "gap_behind": GAP_KINDS, "line": 8, "place": 34, "run_length": 7, "capitals": 8}
BYTES = ("own_low", "own_high", "head_low", "head_high")


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidate pieces of a text in order.

    `pieces` are their numbers; `slots` (pieces x SLOTS) the numbers of the pieces whose words count, OUTSIDE or NO_RUN;
    `columns` (pieces x CATEGORIES and BYTES) small numbers; `starts` and `lengths` cut them into stretches tagged apart.
    """

    pieces: Ints
    slots: Ints
    columns: Ints
    starts: Ints
    lengths: Ints


def candidates(tokens: Tokens) -> Candidates | None:
    """Return the candidates of a text; None where it has no capital."""
    runs = np.array(list(tokens.runs()), np.int32).reshape(-1, 2)
    count = len(tokens)
    if not len(runs):
        return None
    first, last = runs[:, 0], runs[:, 1]
    run_of = np.full(count, -1, np.int32)
    lengths = last - first
    run_of[np.arange(lengths.sum()) + np.repeat(first - np.r_[0, lengths.cumsum()[:-1]], lengths)] = np.repeat(
        np.arange(len(runs)), lengths
    )
    covered = run_of >= 0
    for ahead in (0, 1):
        covered[np.minimum(last + ahead, count - 1)] |= last + ahead < count
    pieces = np.flatnonzero(covered).astype(np.int32)
    run = run_of[pieces]
    starts, sizes = _stretches(pieces)
    return Candidates(
        pieces, _slots(pieces, run, first, last, count), _columns(tokens, pieces, run, first, last), starts, sizes
    )


def _stretches(pieces: Ints) -> tuple[Ints, Ints]:
    """Return where each stretch of neighbours begins and how long it is."""
    begins = np.flatnonzero(np.r_[True, np.diff(pieces) > 1])
    sizes = np.diff(np.r_[begins, len(pieces)])
    if sizes.max() > _LONGEST:
        cuts = [np.arange(start, start + size, _LONGEST) for start, size in zip(begins, sizes, strict=True)]
        begins = np.concatenate(cuts)
        sizes = np.diff(np.r_[begins, len(pieces)])
    return begins.astype(np.int32), sizes.astype(np.int32)


def _slots(pieces: Ints, run: Ints, first: Ints, last: Ints, count: int) -> Ints:
    slots = np.empty((len(pieces), len(SLOTS)), np.int32)
    for column, away in enumerate((-2, -1, 0, 1, 2)):
        slots[:, column] = pieces + away
    ends = (first[run], last[run] - 1, first[run] - 1, last[run])
    for column, places in enumerate(ends, start=5):
        slots[:, column] = places
    slots[(slots < 0) | (slots >= count)] = OUTSIDE
    slots[run < 0, 5:] = NO_RUN
    return slots


def _columns(tokens: Tokens, pieces: Ints, run: Ints, first: Ints, last: Ints) -> Ints:
    gaps = np.array([_NEW_LINE, *map(_gap_kind, tokens.gaps), _NEW_LINE], np.int32)
    capital = np.array(tokens.capital, bool)
    opening = np.array(tokens.first_of_sentence, bool)
    own, acronym = _evidence(tokens, capital, opening, gaps, first, last)
    here, inside = capital[pieces], run >= 0
    lower = tokens.lower_words
    low = np.array([tokens.folded[k] in lower for k in pieces.tolist()], bool) & here
    heading = np.array(tokens.headings, bool)[np.array(tokens.sentence, np.int32)[pieces]]
    behind = np.r_[capital[1:], False][pieces]
    before = np.r_[False, capital[:-1]][pieces]
    from_first, to_last = np.minimum(pieces - first[run], 3), np.minimum(last[run] - 1 - pieces, 3)
    place = np.where(here, from_first * 4 + to_last, 16 + from_first * 4 + to_last)
    outside = 32 + (run[np.maximum(np.arange(len(run)) - 1, 0)] < 0)
    words = np.where(inside & here, own[pieces], 0)
    heads = np.where(inside & here, own[np.where(inside, last[run] - 1, 0)], 0)
    columns = (
        gaps[pieces], gaps[pieces + 1], opening[pieces] + 2 * heading + 4 * low, np.where(inside, place, outside),
        np.where(inside, np.minimum(last[run] - first[run], 6), 0), before + 2 * behind + 4 * acronym[pieces],
        words & 255, words >> 8, heads & 255, heads >> 8,
    )  # fmt: skip
    return np.stack(columns, axis=1).astype(np.int32)


def _evidence(
    tokens: Tokens, capital: NDArray[np.bool_], opening: NDArray[np.bool_], gaps: Ints, first: Ints, last: Ints
) -> tuple[Ints, NDArray[np.bool_]]:
    """Return for each piece the bits of all places of its word in runs, and whether it spells the initials of a run."""
    count = len(tokens)
    kinds = np.array([0, *[_KIND_OF.get(word, 0) for word in tokens.folded], 0], np.int32)
    bits = np.where(opening, 0, _BIT["inside_sentence"]).astype(np.int32)
    before = kinds[:count]
    bits |= np.where(before & _HONORIFIC, _BIT["honorific"], np.where(before & _TITLE, _BIT["title"], 0)).astype(
        np.int32
    )
    long = last - first > 1
    inner = np.zeros(count, bool)
    lengths = last - first
    within = np.arange(lengths.sum()) + np.repeat(first - np.r_[0, lengths.cumsum()[:-1]], lengths)
    inner[within] = True
    headed = np.zeros(count, bool)
    headed[within] = np.repeat((kinds[last] & _HEAD) > 0, lengths)
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
    closed = kinds[np.minimum(last + 1, count + 1)]
    for kind, name in ((_SAYS, "says"), (_S, "possessive")):
        bits[last[closed & kind > 0] - 1] |= _BIT[name]
    inside_text = last < count
    for gap, name in ((7, "bracket_behind"), (8, "bracket_around")):
        bits[last[(gaps[last] == gap) & inside_text] - 1] |= _BIT[name]
    return _gathered(tokens, bits, within[capital[within]]), _acronyms(tokens, capital, first, last)


def _gathered(tokens: Tokens, bits: Ints, places: Ints) -> Ints:
    """Return the bits of each place joined with those of all other places of the same word."""
    number: dict[str, int] = {}
    ids = np.array([number.setdefault(tokens.words[k], len(number)) for k in places.tolist()], np.int32)
    joined = np.zeros(len(number), np.int32)
    np.bitwise_or.at(joined, ids, bits[places])
    found = np.zeros(len(tokens), np.int32)
    found[places] = joined[ids]
    return found


def _acronyms(tokens: Tokens, capital: NDArray[np.bool_], first: Ints, last: Ints) -> NDArray[np.bool_]:
    """Tell which pieces in capitals spell the initials of a run of the text ("Nordland Fisheries Board" and "NFB")."""
    words = tokens.words
    found = np.zeros(len(tokens), bool)
    shouted = [k for k in np.flatnonzero(capital).tolist() if len(words[k]) > 1 and words[k].isupper()]
    if shouted:
        long = np.flatnonzero(last - first > 1)
        initials = {
            "".join(words[k][0] for k in range(a, b) if tokens.capital[k])
            for a, b in zip(first[long].tolist(), last[long].tolist(), strict=True)
        }
        found[[k for k in shouted if words[k] in initials]] = True
    return found


def _gap_kind(gap: str) -> int:
    kind = _GAPS.get(gap)
    if kind is None:
        kind = next((kind for marks, kind in _MARKS if any(mark in gap for mark in marks)), _OTHER_GAP)
    return kind
