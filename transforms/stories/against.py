"""What speaks against a pair of texts, and the words that tie it: compiled merges of what two texts hold, each sorted."""

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled
from transforms.stories.profiles import prominence
from transforms.stories.shelf import (
    ORDINALS,
    PLACE,
    RARE,
    RESULTS,
    TITLE,
    WORDS,
    Integers,
    Keys,
    Packed,
    Shelf,
    count_of,
    idf_of,
    key_of,
    marks_of,
    named_of,
)  # fmt: skip

# What speaks against a pair, from the strongest.
NOTHING, HEADLINES_NUMBER, NUMBERS, NAMES, PLACES = range(5)


@compiled
def conflicts(shelf: Shelf, left: Integers, right: Integers, often: int) -> npt.NDArray[np.uint8]:
    """Return what speaks against each pair: headlines (or opening sentences) that number one thing differently; leads that do, or

    that state final scores the other text does not mention; headlines (or openings) each of which has a name that its text names
    so `often`, and the other never; leads that say where it happened, and neither text names the place of the other.
    """
    found = np.zeros(len(left), np.uint8)
    for i in range(len(left)):
        a, b = left[i], right[i]
        if _numbered_apart(shelf, a, b, 1):
            found[i] = HEADLINES_NUMBER
        elif _numbered_apart(shelf, a, b, 0) or _results_apart(shelf, a, b):
            found[i] = NUMBERS
        elif _names_apart(shelf, a, b, often):
            found[i] = NAMES
        elif _places_apart(shelf, a, b):
            found[i] = PLACES
    return found


@compiled
def _numbered_apart(shelf: Shelf, a: int, b: int, headlines: int) -> bool:
    common = False
    for at in range(shelf.starts[a, ORDINALS], shelf.starts[a + 1, ORDINALS]):
        for by in range(shelf.starts[b, ORDINALS], shelf.starts[b + 1, ORDINALS]):
            one, other = shelf.ordinals[at], shelf.ordinals[by]
            if headlines and not one & other & 1:
                continue
            if one >> 1 == other >> 1:
                return False
            common |= one >> 11 == other >> 11
    return common


@compiled
def _results_apart(shelf: Shelf, a: int, b: int) -> bool:
    opening_a = opening_b = False
    for at in range(shelf.starts[a, RESULTS], shelf.starts[a + 1, RESULTS]):
        opening_a |= shelf.results[at] & 1 == 1
    for by in range(shelf.starts[b, RESULTS], shelf.starts[b + 1, RESULTS]):
        opening_b |= shelf.results[by] & 1 == 1
    if not (opening_a and opening_b):
        return False
    for at in range(shelf.starts[a, RESULTS], shelf.starts[a + 1, RESULTS]):
        for by in range(shelf.starts[b, RESULTS], shelf.starts[b + 1, RESULTS]):
            one, other = shelf.results[at], shelf.results[by]
            if one >> 1 == other >> 1 and (one | other) & 1:
                return False
    return True


@compiled
def _names_apart(shelf: Shelf, a: int, b: int, often: int) -> bool:
    ours = shelf.words[shelf.starts[a, WORDS] : shelf.starts[a + 1, WORDS]]
    theirs = shelf.words[shelf.starts[b, WORDS] : shelf.starts[b + 1, WORDS]]
    return _names_alone(ours, theirs, often) and _names_alone(theirs, ours, often)


@compiled
def _names_alone(ours: Packed, theirs: Packed, often: int) -> bool:
    """Return whether a headline has a name that its text names so often, and the other text does not have at all."""
    by = 0
    for word in ours:
        named = named_of(word)
        if named < often or not marks_of(word) & TITLE or 2 * named < count_of(word):
            continue
        while by < len(theirs) and key_of(theirs[by]) < key_of(word):
            by += 1
        if by == len(theirs) or key_of(theirs[by]) != key_of(word):
            return True
    return False


@compiled
def _places_apart(shelf: Shelf, a: int, b: int) -> bool:
    ours = shelf.words[shelf.starts[a, WORDS] : shelf.starts[a + 1, WORDS]]
    theirs = shelf.words[shelf.starts[b, WORDS] : shelf.starts[b + 1, WORDS]]
    if not (_placed(ours) and _placed(theirs)):
        return False
    at = by = 0
    while at < len(ours) and by < len(theirs):
        one, other = ours[at], theirs[by]
        if key_of(one) == key_of(other) and (
            (marks_of(one) & PLACE and named_of(other)) or (marks_of(other) & PLACE and named_of(one))
        ):
            return False
        at += key_of(one) <= key_of(other)
        by += key_of(other) <= key_of(one)
    return True


@compiled
def _placed(words: Packed) -> bool:
    placed = False
    for word in words:
        placed |= marks_of(word) & PLACE != 0
    return placed


@compiled
def tying_words(shelf: Shelf, left: Integers, right: Integers, most: int) -> Keys:
    """Return the keys of the heaviest rare words in the bodies of both texts of each pair, a row each, heaviest first; 0: no more."""
    found = np.zeros((len(left), most), np.uint32)
    weights = np.empty(most, np.int64)
    for i in range(len(left)):
        at, at_end = shelf.starts[left[i], WORDS], shelf.starts[left[i] + 1, WORDS]
        by, by_end = shelf.starts[right[i], WORDS], shelf.starts[right[i] + 1, WORDS]
        count = 0
        while at < at_end and by < by_end:
            one, other = shelf.words[at], shelf.words[by]
            if (
                key_of(one) == key_of(other)
                and marks_of(one) & marks_of(other) & RARE
                and count_of(one)
                and count_of(other)
            ):
                weight = _prominent(one) * _prominent(other)
                place = count
                while place > 0 and weights[place - 1] < weight:
                    if place < most:
                        weights[place], found[i, place] = weights[place - 1], found[i, place - 1]
                    place -= 1
                if place < most:
                    weights[place], found[i, place] = weight, key_of(one)
                    count = min(count + 1, most)
            at += key_of(one) <= key_of(other)
            by += key_of(other) <= key_of(one)
    return found


@compiled
def _prominent(word: np.uint64) -> int:
    return prominence(idf_of(word), count_of(word), marks_of(word))
