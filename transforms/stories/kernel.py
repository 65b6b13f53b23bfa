"""The inner loops over pairs, compiled: which are worth comparing, and how alike they are.

A text is laid out once, as tables in which the words and runs of words of every other are looked up. Sums are of integers; roots
and quotients are IEEE's: a pair measures the same in any company, order and machine.
"""

from math import log1p
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled, woven
from transforms.stories.profiles import COUNT_WEIGHTS, PROMINENCE
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
    LEAD_NAME,
    NUMBERS,
    PHRASES,
    QUOTES,
    RARE,
    S_LEAD_NAMES,
    S_TITLE,
    TITLE,
    UNDATED,
    WEEKDAYS,
    WORDS,
    YEAR,
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

Rows = npt.NDArray[np.int32]
# Features and scores are integers in millionths.
MILLION = 1_000_000
# Columns of features, in the order of similarity.FEATURES.
(
    F_WORDS, F_PHRASES, F_NAMES, F_NUMBERS, F_RARE, F_TITLE, F_TITLE_FOUND, F_LEAD_NAMES, F_QUOTES, F_CITED, F_CITED_OTHER,
    F_NUMBERS_DIFFER, F_WEEKDAYS_DIFFER, F_DAYS, F_STATED_DAYS, F_YEARS, N_FEATURES,
) = range(17)  # fmt: skip
_1, _ONE, _6, _63, _32, _LOWER = np.uint32(1), *(np.uint64(number) for number in (1, 6, 63, 32, 0xFFFFFFFF))
# ln(1 + number) of shared runs of words, and of quoted ones, as a share of that from which more says no more, in millionths.
_MANY_PHRASES, _MANY_QUOTES = (
    np.array([round(MILLION * log1p(number) / log1p(most)) for number in range(most + 1)], dtype=np.int64)
    for most in (400, 50)
)
# Slots of a laid out text's words, and bits for its runs of words: some twenty, and some hundred times as many as it has. That
# much stays in the nearest cache.
_SLOTS, _BITS = 1 << 12, 1 << 16


class Index(NamedTuple):
    """Sorted keys, and the texts rows[starts[k]:starts[k + 1]] that hold key k among their heaviest words, with its shares."""

    starts: Integers
    keys: Keys
    rows: Rows
    shares: npt.NDArray[np.uint16]


class Bar(NamedTuple):
    """What a pair is asked for.

    To be measured at all: a share of the cosine by heaviest words; of dated texts further apart than `far_days` the `far` one.
    To be returned: an argument of the score (the sum of `base` and of what features add beyond what they add at 0, see similarity.Weights) by the
    days between the texts; `stated`: where nearest stated days lie further apart than f_stated_days `stated_beyond`. `phrases`
    is the most that runs of words may add.
    """

    near: int
    far: int
    far_days: int
    knots: Integers
    adds: Integers
    base: int
    phrases: int
    by_days: Integers
    asked: Integers
    stated_beyond: int
    stated: int


@compiled
def sought(
    shelf: Shelf, index: Index, asking: Integers, new: npt.NDArray[np.bool_], regions: Rows, bar: Bar
) -> tuple[Rows, Rows]:
    """Return the pairs of an asking text and another of its region whose heaviest words share enough, by the asking text.

    A pair of two `new` texts is returned to the first of them alone.
    """
    starts, heavy, days, n = shelf.starts, shelf.heavy, shelf.scalars[:, DAY].copy(), len(shelf.scalars)
    keys, posts, rows, shares = index.keys, index.starts, index.rows, index.shares
    product, touched = np.zeros(n, np.int32), np.empty(n + 1, np.int32)
    ours, theirs, count = np.empty(4096, np.int32), np.empty(4096, np.int32), 0
    for row in asking:
        n_touched = 0
        for at in range(starts[row, HEAVY], starts[row + 1, HEAVY]):
            key, weight = np.uint32(heavy[at] >> _32), np.int32(heavy[at] & _LOWER)
            place = np.searchsorted(keys, key)
            if place == len(keys) or keys[place] != key:
                continue
            for post in range(posts[place], posts[place + 1]):
                other = np.uint32(rows[post])
                touched[n_touched] = other
                n_touched += product[other] == 0
                product[other] += weight * np.int32(shares[post])
        if count + n_touched > len(ours):
            room = np.empty(len(ours) + n_touched, np.int32)
            ours, theirs = np.concatenate((ours, room)), np.concatenate((theirs, room))
        for i in range(n_touched):
            other = np.uint32(touched[i])
            share = product[other]
            product[other] = 0
            if share < bar.near or (share < bar.far and _far(days[row], days[other], bar.far_days)):
                continue
            if other != row and regions[other] == regions[row] and not (new[other] and other < row):
                ours[count], theirs[count] = row, other
                count += 1
    return ours[:count], theirs[:count]


@compiled
def _far(one: int, other: int, far_days: int) -> bool:
    return one != UNDATED and other != UNDATED and abs(one - other) > far_days


@compiled
def measured(shelf: Shelf, ours: Rows, theirs: Rows, bar: Bar) -> tuple[Integers, Integers]:
    """Return which pairs reach the bar, and their features, a row each, in millionths.

    Quickest where neighbours have one text on our side: its words are laid out in slots, its runs of words as bits, and those of
    the others looked up.
    """
    # Taken out of the records once: each time costs as much as a look-up.
    starts, words, phrases, numbers, scalars = shelf.starts, shelf.words, shelf.phrases, shelf.numbers, shelf.scalars
    stated, cited, knots, adds, by_days, asks = shelf.days, shelf.cited, bar.knots, bar.adds, bar.by_days, bar.asked
    longest = _longest(starts)
    slots, crowded, bits = _empty_slots(), np.zeros(longest + 1, np.uint64), np.zeros(_BITS // 64, np.uint64)
    one, other, runs = (
        np.empty(2 * longest + 1, np.uint64),
        np.empty(2 * longest + 1, np.uint64),
        np.empty(longest + 1, np.uint32),
    )
    out, kept, features = np.zeros(N_FEATURES, np.int64), np.empty(256, np.int64), np.empty((256, N_FEATURES), np.int64)
    count, spread = 0, False
    for i in range(len(ours)):
        a, b = np.int64(ours[i]), np.int64(theirs[i])
        if i == 0 or a != ours[i - 1]:
            _lay_out(starts, words, a, slots, crowded)
            spread = False
        for feature in range(N_FEATURES):
            out[feature] = 0
        asked = _of_circumstances(
            starts, stated, cited, scalars, by_days, asks, bar.stated_beyond, bar.stated, a, b, out
        )
        _of_words(_shared_words(starts, words, b, slots, crowded, one, other), one, other, scalars, a, b, out)
        _of_numbers(starts, numbers, scalars, a, b, out)
        argument = bar.base
        for feature in range(N_FEATURES):
            if out[feature]:
                argument += added(knots, adds, feature, out[feature])
        most = _MANY_QUOTES[min(scalars[a, QUOTES], scalars[b, QUOTES], len(_MANY_QUOTES) - 1)]
        if argument + bar.phrases + added(knots, adds, F_QUOTES, most) >= asked:
            if not spread:
                _spread(starts, phrases, a, bits)
                spread = True
            _of_phrases(starts, phrases, a, b, bits, runs, out)
            argument += added(knots, adds, F_PHRASES, out[F_PHRASES]) + added(knots, adds, F_QUOTES, out[F_QUOTES])
            if argument >= asked:
                if count == len(kept):
                    kept, features = np.concatenate((kept, kept)), np.concatenate((features, features))
                kept[count] = i
                for feature in range(N_FEATURES):
                    features[count, feature] = out[feature]
                count += 1
        if i + 1 == len(ours) or ours[i + 1] != a:
            _clear(starts, words, a, slots)
    return kept[:count], features[:count]


@compiled
def added(knots: Integers, adds: Integers, feature: int, value: int) -> int:
    """Return what a feature of this value adds to the argument of the score, more than it adds at 0."""
    at = 0
    while at < len(knots) - 2 and knots[at + 1] <= value:
        at += 1
    low, high = adds[feature, at], adds[feature, at + 1]
    return low + (high - low) * (value - knots[at]) // (knots[at + 1] - knots[at]) - adds[feature, 0]


@compiled
def _longest(starts: Integers) -> int:
    longest = np.int64(0)
    for row in range(len(starts) - 1):
        longest = max(
            longest, starts[row + 1, WORDS] - starts[row, WORDS], starts[row + 1, PHRASES] - starts[row, PHRASES]
        )
    return longest


@compiled
def _empty_slots() -> Packed:
    """Return slots each of which holds a key that belongs to its neighbour, so that no key is found there."""
    slots = np.empty(_SLOTS, np.uint64)
    for slot in range(_SLOTS):
        slots[slot] = np.uint64(slot ^ 1) << _32
    return slots


@woven
def _slot(word: np.uint64) -> np.uint64:
    return (word >> _32) & np.uint64(_SLOTS - 1)


@woven
def _bit(run: np.uint32) -> np.uint64:
    return np.uint64(run >> _1) & np.uint64(_BITS - 1)


@compiled
def _lay_out(starts: Integers, words: Packed, row: int, slots: Packed, crowded: Packed) -> None:
    """Put words into their slots, those whose slot is taken into `crowded`, then a 0."""
    n_crowded = 0
    for at in range(starts[row, WORDS], starts[row + 1, WORDS]):
        slot = _slot(words[at])
        if _slot(slots[slot]) != slot:
            slots[slot] = words[at]
        else:
            crowded[n_crowded] = words[at]
            n_crowded += 1
    crowded[n_crowded] = 0


@compiled
def _spread(starts: Integers, phrases: Keys, row: int, bits: Packed) -> None:
    """Set the bits of the runs of words of one text, and no others."""
    bits[:] = 0
    for at in range(starts[row, PHRASES], starts[row + 1, PHRASES]):
        bit = _bit(phrases[at])
        bits[bit >> _6] |= _ONE << (bit & _63)


@compiled
def _clear(starts: Integers, words: Packed, row: int, slots: Packed) -> None:
    for at in range(starts[row, WORDS], starts[row + 1, WORDS]):
        slot = _slot(words[at])
        slots[slot] = (slot ^ _ONE) << _32


@woven
def _shared_words(
    starts: Integers, words: Packed, b: int, slots: Packed, crowded: Packed, one: Packed, other: Packed
) -> int:
    """Write the words that a laid out text shares with text b, as in the one and as in the other; return how many."""
    count, begin, end = 0, starts[b, WORDS], starts[b + 1, WORDS]
    for at in range(begin, end):
        word = words[at]
        own = slots[_slot(word)]
        # Written whether it is shared or not: a branch would be guessed wrong too often.
        one[count], other[count] = own, word
        count += (own ^ word) <= _LOWER
    for place in range(len(crowded)):
        own = crowded[place]
        if not own:
            break
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


@compiled
def _cosine(total: int, a: int, b: int) -> int:
    if a == 0 or b == 0:
        return 0
    return min(np.int64(np.rint(total * 1e6 / np.sqrt(np.float64(a) * np.float64(b)))), MILLION)


@compiled
def _half(part: int, whole: int) -> int:
    """Return half the share of the whole that a part is, in millionths."""
    return part * 500_000 // whole if whole else 0


@woven
def _of_words(shared: int, one: Packed, other: Packed, scalars: Integers, a: int, b: int, out: Integers) -> None:
    words = names = rare = title = title_a = title_b = lead_a = lead_b = np.int64(0)
    for i in range(shared):
        idf, idf_b, marks, marks_b = idf_of(one[i]), idf_of(other[i]), marks_of(one[i]), marks_of(other[i])
        count, count_b, named, named_b = count_of(one[i]), count_of(other[i]), named_of(one[i]), named_of(other[i])
        both = idf * idf_b
        words += PROMINENCE[marks & 3, count] * PROMINENCE[marks_b & 3, count_b] * both
        if named and named_b:
            names += COUNT_WEIGHTS[named] * COUNT_WEIGHTS[named_b] * both
        if marks & marks_b & RARE:
            rare += COUNT_WEIGHTS[count] * COUNT_WEIGHTS[count_b] * both
        if (marks | marks_b) & (TITLE | LEAD_NAME):
            title += both if marks & marks_b & TITLE else 0
            title_a += idf if marks & TITLE else 0
            title_b += idf_b if marks_b & TITLE else 0
            lead_a += idf if marks & LEAD_NAME else 0
            lead_b += idf_b if marks_b & LEAD_NAME else 0
    out[F_WORDS] = _cosine(words, scalars[a, L_WORDS], scalars[b, L_WORDS])
    out[F_NAMES] = _cosine(names, scalars[a, L_NAMES], scalars[b, L_NAMES])
    out[F_RARE] = _cosine(rare, scalars[a, L_RARE], scalars[b, L_RARE])
    out[F_TITLE] = _cosine(title, scalars[a, L_TITLE], scalars[b, L_TITLE])
    out[F_TITLE_FOUND] = _half(title_a, scalars[a, S_TITLE]) + _half(title_b, scalars[b, S_TITLE])
    out[F_LEAD_NAMES] = _half(lead_a, scalars[a, S_LEAD_NAMES]) + _half(lead_b, scalars[b, S_LEAD_NAMES])


@compiled
def _of_phrases(starts: Integers, phrases: Keys, a: int, b: int, bits: Packed, runs: Keys, out: Integers) -> None:
    count, shared, quoted = 0, 0, 0
    for at in range(starts[b, PHRASES], starts[b + 1, PHRASES]):
        bit = _bit(phrases[at])
        runs[count] = phrases[at]
        count += (bits[bit >> _6] >> (bit & _63)) & _ONE
    own, end = starts[a, PHRASES], starts[a + 1, PHRASES]
    for i in range(count):
        while own < end and phrases[own] >> _1 < runs[i] >> _1:
            own += 1
        if own < end and phrases[own] >> _1 == runs[i] >> _1:
            shared += 1
            quoted += phrases[own] & runs[i] & _1
    out[F_PHRASES] = _MANY_PHRASES[min(shared, len(_MANY_PHRASES) - 1)]
    out[F_QUOTES] = _MANY_QUOTES[min(quoted, len(_MANY_QUOTES) - 1)]


@woven
def _of_numbers(starts: Integers, numbers: Packed, scalars: Integers, a: int, b: int, out: Integers) -> None:
    at, at_end, by, by_end = starts[a, NUMBERS], starts[a + 1, NUMBERS], starts[b, NUMBERS], starts[b + 1, NUMBERS]
    differ = _leading(numbers, at, at_end) and _leading(numbers, by, by_end)
    total = np.int64(0)
    while at < at_end and by < by_end:
        one, other = numbers[at], numbers[by]
        if key_of(one) == key_of(other):
            total += (np.int64(one & _LOWER) >> 1) * (np.int64(other & _LOWER) >> 1)
            differ &= (one | other) & _ONE == 0
        at += key_of(one) <= key_of(other)
        by += key_of(other) <= key_of(one)
    out[F_NUMBERS] = _cosine(total, scalars[a, L_NUMBERS], scalars[b, L_NUMBERS])
    out[F_NUMBERS_DIFFER] = MILLION if differ else 0


@woven
def _leading(numbers: Packed, begin: int, end: int) -> bool:
    found = np.uint64(0)
    for at in range(begin, end):
        found |= numbers[at]
    return bool(found & _ONE)


@woven
def _of_circumstances(
    starts: Integers,
    stated: Integers,
    cited: Keys,
    scalars: Integers,
    by_days: Integers,
    asks: Integers,
    stated_beyond: int,
    stated_asked: int,
    a: int,
    b: int,
    out: Integers,
) -> int:
    """Write what dates, days and credits say; return the argument that the days between the texts ask for."""
    day_a, day_b, asked = scalars[a, DAY], scalars[b, DAY], asks[0]
    if day_a != UNDATED and day_b != UNDATED:
        out[F_DAYS] = by_days[min(abs(day_a - day_b), len(by_days) - 1)]
        asked = asks[min(abs(day_a - day_b), len(asks) - 1)]
    else:
        out[F_STATED_DAYS] = by_days[min(_nearest(starts, stated, a, b), len(by_days) - 1)]
        if out[F_STATED_DAYS] > stated_beyond:
            asked = max(asked, stated_asked)
        year_a, year_b = scalars[a, YEAR], scalars[b, YEAR]
        if day_a == day_b and year_a and year_b and year_a != year_b:
            out[F_YEARS] = MILLION
    week_a, week_b = scalars[a, WEEKDAYS], scalars[b, WEEKDAYS]
    if week_a and week_b and not week_a & week_b:
        out[F_WEEKDAYS_DIFFER] = MILLION
    if starts[a, CITED] < starts[a + 1, CITED] and starts[b, CITED] < starts[b + 1, CITED]:
        common = False
        for at in range(starts[a, CITED], starts[a + 1, CITED]):
            for by in range(starts[b, CITED], starts[b + 1, CITED]):
                common |= cited[at] == cited[by]
        out[F_CITED if common else F_CITED_OTHER] = MILLION
    return asked


@woven
def _nearest(starts: Integers, stated: Integers, a: int, b: int) -> int:
    """Return the fewest days between days that two texts state, around the year where one leaves it out; 0 where one has none."""
    fewest = np.int64(1 << 30)
    for at in range(starts[a, DAYS], starts[a + 1, DAYS]):
        for by in range(starts[b, DAYS], starts[b + 1, DAYS]):
            years = (stated[at] & 4095) * (stated[by] & 4095)
            apart = (stated[at] >> 12) - (stated[by] >> 12)
            if years:
                apart = abs(apart + 365 * ((stated[at] & 4095) - (stated[by] & 4095)))
            else:
                apart = min(abs(apart), 366 - abs(apart))
            fewest = min(fewest, apart)
    return 0 if fewest == 1 << 30 else fewest
