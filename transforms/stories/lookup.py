"""Which words two texts share, compiled: one is laid out in slots once, and the words of every other are looked up there.

A text's words fall in two: telling ones, and those that most texts have. The telling ones are looked up first; the common ones can
add only so much, and most pairs are out of reach before any of them is looked up.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled, woven
from transforms.stories.frequencies import UNIT
from transforms.stories.profiles import COUNT_WEIGHTS, prominence
from transforms.stories.shelf import (
    L_NAMES,
    L_RARE,
    L_TITLE,
    L_WORDS,
    LEAD_NAME,
    S_LEAD_NAMES,
    S_TITLE,
    TITLE,
    WORDS,
    Integers,
    Packed,
    Shelf,
    count_of,
    idf_of,
    marks_of,
    named_of,
)  # fmt: skip

Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Likely = npt.NDArray[np.uint8]
# Slots of a laid out text's words, and bits for its runs of words: some twenty times as many as it has. That much stays in the
# nearest cache.
_SLOTS = 1 << 12
# What a text may have: parts of keys, some sixty times as many as a laid out one has words, and bits, some twenty times as many.
LIKELY, _HELD = 1 << 14, 1 << 12
# Words that more than two texts in nine have: what is left open without them keeps one pair in six. Of 1, 1.5, 2.5 and 3.5 the quickest.
_COMMON_IDF = int(1.5 * UNIT)
_ONE, _6, _63, _32, _44, _LOWER = *(np.uint64(number) for number in (1, 6, 63, 32, 44)), np.uint64(0xFFFFFFFF)
# What common words of a text can add at most: shares of the lengths of the vectors of words and of names, and of the sums of
# headline and lead names; and one over the lengths of its vectors and sums (half of those that two texts are halves of).
(
    R_WORDS, R_NAMES, R_TITLE_FOUND, R_LEAD_NAMES, P_WORDS, P_NAMES, P_RARE, P_TITLE, P_TITLE_FOUND, P_LEAD_NAMES, N_RESTS
) = range(11)  # fmt: skip


class Arranged(NamedTuple):
    """Words of some texts as they are looked up: the telling ones of the text at `places[row]` are heads[begins[place]:begins[place + 1]],

    the others tails[tail_begins[place]:tail_begins[place + 1]], and bits of all of them held[place].
    """

    places: Rows
    begins: Integers
    heads: Packed
    tail_begins: Integers
    tails: Packed
    held: Packed


@compiled
def arranged(shelf: Shelf, rows: Rows, rests: Floats) -> Arranged:
    """Return the words of the texts in these rows, each of which may be named many times; fill in their `rests`."""
    starts, words, scalars = shelf.starts, shelf.words, shelf.scalars
    places, asked, room, n = np.full(len(scalars), -1, np.int32), np.empty(len(rows), np.int32), 0, 0
    for row in rows:
        if places[row] < 0:
            places[row], asked[n] = n, row
            n += 1
            room += starts[row + 1, WORDS] - starts[row, WORDS]
    begins, tail_begins, held = (
        np.zeros(n + 1, np.int64),
        np.zeros(n + 1, np.int64),
        np.zeros((n, _HELD // 64), np.uint64),
    )
    heads, tails, head, tail = np.empty(room, np.uint64), np.empty(room, np.uint64), 0, 0
    for place in range(n):
        row = np.int64(asked[place])
        own = words[starts[row, WORDS] : starts[row + 1, WORDS]]
        for word in own:
            bit = held_bit(word)
            held[place, bit >> _6] |= _ONE << (bit & _63)
            if telling(word):
                heads[head] = word
                head += 1
            else:
                tails[tail] = word
                tail += 1
        begins[place + 1], tail_begins[place + 1] = head, tail
        fill_rest(own, scalars[row], rests[row])
    return Arranged(places, begins, heads, tail_begins, tails, held)


@woven
def telling(word: np.uint64) -> bool:
    """Return whether a word is looked up before the common ones.

    A word of the headline or of a name of the lead always is; so is one whose idf may be capped for being short: elsewhere it may
    stand in capitals, and weigh more. Every other has no more weight in another text than a common one.
    """
    idf = idf_of(word)
    return idf >= _COMMON_IDF or idf % UNIT == 0 or marks_of(word) & (TITLE | LEAD_NAME) != 0


def no_rests(n: int) -> Floats:
    """Return room for what the common words of each of n texts can add."""
    return np.zeros((n, N_RESTS))


@compiled
def fill_rest(words: Packed, scalars: Integers, out: Floats) -> None:
    """Write what those of a text's words that are common can add at most (columns R_WORDS to P_LEAD_NAMES), once."""
    if out[P_WORDS] or not scalars[L_WORDS]:
        return
    of_words = of_names = of_title = of_lead = 0.0
    for word in words:
        idf, marks = idf_of(word), marks_of(word)
        if idf < _COMMON_IDF:
            weight = prominence(idf, count_of(word), marks)
            of_words += weight * weight
            weight = COUNT_WEIGHTS[named_of(word)] * idf
            of_names += weight * weight
            of_title += idf if marks & TITLE else 0
            of_lead += idf if marks & LEAD_NAME else 0
    for column, length in ((P_WORDS, L_WORDS), (P_NAMES, L_NAMES), (P_RARE, L_RARE), (P_TITLE, L_TITLE)):
        out[column] = 1 / np.sqrt(np.float64(scalars[length])) if scalars[length] else 0.0
    for column, total in ((P_TITLE_FOUND, S_TITLE), (P_LEAD_NAMES, S_LEAD_NAMES)):
        out[column] = 0.5 / scalars[total] if scalars[total] else 0.0
    out[R_WORDS], out[R_NAMES] = np.sqrt(of_words) * out[P_WORDS], np.sqrt(of_names) * out[P_NAMES]
    out[R_TITLE_FOUND], out[R_LEAD_NAMES] = of_title * out[P_TITLE_FOUND], of_lead * out[P_LEAD_NAMES]


@compiled
def empty_slots() -> Packed:
    """Return slots each of which holds a key that belongs to its neighbour, so that no key is found there."""
    slots = np.empty(_SLOTS, np.uint64)
    for slot in range(_SLOTS):
        slots[slot] = _nothing(np.uint64(slot))
    return slots


@woven
def _nothing(slot: np.uint64) -> np.uint64:
    return (slot ^ _ONE) << _32 | (slot ^ _ONE) << _44


@woven
def _slot(word: np.uint64) -> np.uint64:
    return (word >> _32) & np.uint64(_SLOTS - 1)


@woven
def _second_slot(word: np.uint64) -> np.uint64:
    return (word >> _44) & np.uint64(_SLOTS - 1)


@woven
def held_bit(word: np.uint64) -> np.uint64:
    """Return the bit that says that a text may have a word."""
    return (word >> _44) & np.uint64(_HELD - 1)


@compiled
def lay_out(words: Packed, slots: Packed, likely: Likely, crowded: Packed) -> int:
    """Put words into one of their two slots, those whose slots are both taken into `crowded`; return how many are.

    `likely` says of part of a key whether a word that has it may be among them.
    """
    n_crowded = 0
    for word in words:
        likely[_part(word)] = 1
        first, second = _slot(word), _second_slot(word)
        if slots[first] == _nothing(first):
            slots[first] = word
        elif slots[second] == _nothing(second):
            slots[second] = word
        else:
            crowded[n_crowded] = word
            n_crowded += 1
    return n_crowded


@compiled
def clear(words: Packed, slots: Packed, likely: Likely) -> None:
    """Empty the slots of a text's words."""
    for word in words:
        likely[_part(word)] = 0
        for slot in (_slot(word), _second_slot(word)):
            slots[slot] = _nothing(slot)


@woven
def _part(word: np.uint64) -> np.uint64:
    return (word >> _32) & np.uint64(LIKELY - 1)


@woven
def found(
    words: Packed, begin: int, end: int, slots: Packed, likely: Likely, one: Packed, other: Packed, count: int
) -> np.int64:
    """Add the words that a laid out text shares with these, as in the one and as in the other; return how many there are then."""
    place = maybe = np.uint64(count)
    # Written whether it is shared or not, here and below: a branch would be guessed wrong too often.
    for at in range(np.uint64(begin), np.uint64(end)):
        word = words[at]
        other[maybe] = word
        maybe += np.uint64(likely[_part(word)])
    for at in range(place, maybe):
        word = other[at]
        own, second = slots[_slot(word)], slots[_second_slot(word)]
        here, there = (own ^ word) <= _LOWER, (second ^ word) <= _LOWER
        one[place], other[place] = own if here else second, word
        place += np.uint64(here | there)
    return np.int64(place)


@woven
def found_crowded(
    words: Packed,
    begin: int,
    end: int,
    held: Packed,
    row: int,
    crowded: Packed,
    n_crowded: int,
    one: Packed,
    other: Packed,
    count: np.int64,
) -> np.int64:
    """Add the words that had no slot and that a text (its words sorted, and their bits) has; return how many there are then."""
    for place in range(n_crowded):
        own = crowded[place]
        bit = held_bit(own)
        if not (held[row, bit >> _6] >> (bit & _63)) & _ONE:
            continue
        low, high = begin, end
        while low < high:
            middle = (low + high) >> 1
            if words[middle] >> _32 < own >> _32:
                low = middle + 1
            else:
                high = middle
        if low < end and (own ^ words[low]) <= _LOWER:
            one[count], other[count] = own, words[low]
            count += 1
    return count
