"""Which words two texts share, compiled: one is laid out in slots once, and the words of every other are looked up there.

A text's words fall in three levels: those that say most, the other telling ones, and those that most texts have. They are looked up
level by level: what is left can add only so much, and most pairs are out of reach before their common words are looked up.
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
    NUMBERS,
    RARE,
    S_LEAD_NAMES,
    S_TITLE,
    TITLE,
    WORDS,
    Integers,
    Packed,
    Shelf,
    count_of,
    idf_of,
    key_of,
    marks_of,
    named_of,
)  # fmt: skip

Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Likely = npt.NDArray[np.uint8]
# Slots of a laid out text's words and parts of their keys, some nine and thirty-five times as many as it has words: both stay in the
# nearest cache. Half as many slots, or twice as many parts, are slower.
_SLOTS, LIKELY = 1 << 11, 1 << 13
# A word that finds both its slots taken moves another to its second one, and so on so many times.
_MOVES = 8
# Words that more than two texts in nine have. Of 1, 1.5, 2.5 and 3.5 the quickest.
_COMMON_IDF = int(1.5 * UNIT)
N_LEVELS = 3
# Words of 64 bits that say which figures a text may have: 256 bits, some thirty times as many as it has.
SIGNS = 4
_ONE, _6, _63, _32, _44, _LOWER = *(np.uint64(number) for number in (1, 6, 63, 32, 44)), np.uint64(0xFFFFFFFF)
# One over the lengths of a text's vectors and sums (half of those that two texts are halves of). Then, of all but the first level and
# again of the last alone, what is left of a laid out text: shares of the lengths of the vectors of words and of names, and of the
# sums of headline and lead names; and of a text that is looked up, of the vectors.
(
    P_WORDS, P_NAMES, P_RARE, P_TITLE, P_TITLE_FOUND, P_LEAD_NAMES,
    OUR_WORDS, OUR_NAMES, OUR_TITLE_FOUND, OUR_LEAD_NAMES, THEIR_WORDS, THEIR_NAMES
) = range(12)  # fmt: skip
N_LEFT = 6
_N_RESTS = 6 + 2 * N_LEFT


class Arranged(NamedTuple):
    """Words of some texts as they are looked up: those of the text at `places[row]` are words[bounds[place, level]:bounds[place, level + 1]],

    and the bits of its figures signs[place].
    """

    places: Rows
    bounds: Integers
    words: Packed
    signs: Packed


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
    bounds, out, signs, at = (
        np.zeros((n, N_LEVELS + 1), np.int64),
        np.empty(room + 1, np.uint64),
        np.zeros((n, SIGNS), np.uint64),
        0,
    )
    for place in range(n):
        row = np.int64(asked[place])
        own = words[starts[row, WORDS] : starts[row + 1, WORDS]]
        bounds[place, 0] = at
        for level in range(N_LEVELS):
            for word in own:
                # Written whether it belongs here or not: a branch would be guessed wrong too often.
                out[at] = word
                at += level_of(word) == level
            bounds[place, level + 1] = at
        fill_rest(own, scalars[row], rests[row])
        fill_signs(shelf.numbers[starts[row, NUMBERS] : starts[row + 1, NUMBERS]], signs[place])
    return Arranged(places, bounds, out, signs)


@woven
def level_of(word: np.uint64) -> int:
    """Return at which level a word is looked up.

    At the first one that is rare, or of the headline or a name of the lead; and one whose idf may be capped for being short:
    elsewhere it may stand in capitals, and weigh more. Every other has no more weight in another text than here.
    """
    idf = idf_of(word)
    first = (marks_of(word) & (TITLE | LEAD_NAME | RARE) != 0) | (idf % UNIT == 0)
    return 0 if first else int(idf < _COMMON_IDF) + 1


@compiled
def fill_signs(numbers: Packed, out: Packed) -> None:
    """Set the bits of a text's figures."""
    out[:] = 0
    for number in numbers:
        bit = (number >> _32) & np.uint64(64 * SIGNS - 1)
        out[bit >> _6] |= _ONE << (bit & _63)


@woven
def may_share(one: Packed, other: Packed) -> bool:
    """Return whether two texts may have a figure in common."""
    both = np.uint64(0)
    for i in range(SIGNS):
        both |= one[i] & other[i]
    return bool(both != 0)


def no_rests(n: int) -> Floats:
    """Return room for what the words of each of n texts can add."""
    return np.zeros((n, _N_RESTS))


@compiled
def fill_rest(words: Packed, scalars: Integers, out: Floats) -> None:
    """Write a text's row of rests, once."""
    if out[P_WORDS] or not scalars[L_WORDS]:
        return
    for column, length in ((P_WORDS, L_WORDS), (P_NAMES, L_NAMES), (P_RARE, L_RARE), (P_TITLE, L_TITLE)):
        out[column] = 1 / np.sqrt(np.float64(scalars[length])) if scalars[length] else 0.0
    for column, total in ((P_TITLE_FOUND, S_TITLE), (P_LEAD_NAMES, S_LEAD_NAMES)):
        out[column] = 0.5 / scalars[total] if scalars[total] else 0.0
    for word in words:
        idf, marks, level = idf_of(word), marks_of(word), level_of(word)
        weight, name = prominence(idf, count_of(word), marks), COUNT_WEIGHTS[named_of(word)] * idf
        for last in range(2):
            left = last * N_LEFT
            # Another text may have the word at a later level than this one has it.
            if idf < _COMMON_IDF if last else not marks & RARE:
                out[left + OUR_WORDS] += weight * weight
                out[left + OUR_NAMES] += name * name
                out[left + OUR_TITLE_FOUND] += idf if marks & TITLE else 0
                out[left + OUR_LEAD_NAMES] += idf if marks & LEAD_NAME else 0
            if level > last:
                out[left + THEIR_WORDS] += weight * weight
                out[left + THEIR_NAMES] += name * name
    for left in (0, N_LEFT):
        for words_left, names_left in ((OUR_WORDS, OUR_NAMES), (THEIR_WORDS, THEIR_NAMES)):
            out[left + words_left] = np.sqrt(out[left + words_left]) * out[P_WORDS]
            out[left + names_left] = np.sqrt(out[left + names_left]) * out[P_NAMES]
        out[left + OUR_TITLE_FOUND] *= out[P_TITLE_FOUND]
        out[left + OUR_LEAD_NAMES] *= out[P_LEAD_NAMES]


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


@compiled
def lay_out(words: Packed, slots: Packed, likely: Likely, crowded: Packed) -> int:
    """Put words into one of their two slots, those that find none (see _MOVES) into `crowded`; return how many are.

    `likely` says of part of a key whether a word that has it may be among them. Cuckoo hashing (Pagh and Rodler 2004).
    """
    n_crowded = 0
    for word in words:
        likely[_part(word)] = 1
        moved, slot = word, _slot(word)
        for _ in range(_MOVES):
            if slots[slot] == _nothing(slot):
                break
            moved, slots[slot] = slots[slot], moved
            slot = _slot(moved) ^ _second_slot(moved) ^ slot
        if slots[slot] == _nothing(slot):
            slots[slot] = moved
        else:
            crowded[n_crowded] = moved
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
    # Written whether it is shared or not, here too.
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


@compiled
def found_crowded(words: Packed, crowded: Packed, n_crowded: int, one: Packed, other: Packed, count: int) -> int:
    """Add the words that had no slot and that a text (its words sorted) has; return how many there are then."""
    for own in crowded[:n_crowded]:
        place = np.searchsorted(words, own & ~_LOWER)
        if place < len(words) and key_of(words[place]) == key_of(own):
            one[count], other[count] = own, words[place]
            count += 1
    return count
