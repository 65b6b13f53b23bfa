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
# Slots of a laid out text's words, and bits for its runs of words: some twenty times as many as it has. That much stays in the
# nearest cache.
_SLOTS = 1 << 12
# Bits that say which words a text may have, some twenty times as many.
_HELD = 1 << 12
# Words that more than two texts in nine have: a third of a text's words, that one pair in six needs. From 1.25 to 3 is equally fast.
_COMMON_IDF = int(1.5 * UNIT)
_ONE, _6, _63, _32, _LOWER = *(np.uint64(number) for number in (1, 6, 63, 32)), np.uint64(0xFFFFFFFF)
# What common words of a text can add at most: shares of the lengths of the vectors of words and of names, and of the sums of
# headline and lead names; and one over the lengths of its vectors and sums (half of those that two texts are halves of).
(
    R_WORDS, R_NAMES, R_TITLE_FOUND, R_LEAD_NAMES, P_WORDS, P_NAMES, P_RARE, P_TITLE, P_TITLE_FOUND, P_LEAD_NAMES, N_RESTS
) = range(11)  # fmt: skip


class Arranged(NamedTuple):
    """Words of some texts as they are looked up: those of the text at `places[row]` are words[begins[place]:begins[place + 1]], the

    telling ones before heads[place]; bits of all of them, a row a place.
    """

    places: Rows
    begins: Integers
    heads: Integers
    words: Packed
    held: Packed


@compiled
def arranged(shelf: Shelf, rows: Rows, rests: Floats) -> Arranged:
    """Return the words of the texts in these rows, each of which may be named many times; fill in their `rests`."""
    starts, words, scalars = shelf.starts, shelf.words, shelf.scalars
    places, asked, room = np.full(len(scalars), -1, np.int32), np.empty(len(rows), np.int32), 0
    n = 0
    for row in rows:
        if places[row] < 0:
            places[row], asked[n] = n, row
            n += 1
            room += starts[row + 1, WORDS] - starts[row, WORDS]
    begins, heads = np.zeros(n + 1, np.int64), np.zeros(n, np.int64)
    out, held = np.empty(room, np.uint64), np.zeros((n, _HELD // 64), np.uint64)
    for place in range(n):
        row, begin = np.int64(asked[place]), begins[place]
        head, tail = begin, begin + starts[row + 1, WORDS] - starts[row, WORDS]
        begins[place + 1] = tail
        for at in range(starts[row, WORDS], starts[row + 1, WORDS]):
            word = words[at]
            bit = held_bit(word)
            held[place, bit >> _6] |= _ONE << (bit & _63)
            if telling(word):
                out[head] = word
                head += 1
            else:
                tail -= 1
                out[tail] = word
        heads[place] = head
        fill_rest(words[starts[row, WORDS] : starts[row + 1, WORDS]], scalars[row], rests[row])
    return Arranged(places, begins, heads, out, held)


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
        slots[slot] = np.uint64(slot ^ 1) << _32
    return slots


@woven
def slot_of(word: np.uint64) -> np.uint64:
    """Return the slot that a word belongs to."""
    return (word >> _32) & np.uint64(_SLOTS - 1)


@woven
def held_bit(word: np.uint64) -> np.uint64:
    """Return the bit that says that a text may have a word."""
    return (word >> np.uint64(44)) & np.uint64(_HELD - 1)


@compiled
def lay_out(words: Packed, slots: Packed, crowded: Packed) -> int:
    """Put words into their slots, those whose slot is taken into `crowded`; return how many are."""
    n_crowded = 0
    for word in words:
        slot = slot_of(word)
        if slot_of(slots[slot]) != slot:
            slots[slot] = word
        else:
            crowded[n_crowded] = word
            n_crowded += 1
    return n_crowded


@compiled
def clear(words: Packed, slots: Packed) -> None:
    """Empty the slots of a text's words."""
    for word in words:
        slot = slot_of(word)
        slots[slot] = (slot ^ _ONE) << _32


@woven
def found(words: Packed, begin: int, end: int, slots: Packed, one: Packed, other: Packed, count: int) -> np.int64:
    """Add the words that a laid out text shares with these, as in the one and as in the other; return how many there are then."""
    place = np.uint64(count)
    for at in range(np.uint64(begin), np.uint64(end)):
        word = words[at]
        own = slots[slot_of(word)]
        # Written whether it is shared or not: a branch would be guessed wrong too often.
        one[place], other[place] = own, word
        place += np.uint64((own ^ word) <= _LOWER)
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
