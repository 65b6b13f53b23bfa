"""The inner loops over pairs, compiled: which are worth comparing, how alike they are, and what speaks against them.

Sums are of integers; roots and quotients are IEEE's: a pair measures the same in any company, order and machine.
"""

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled
from transforms.stories.profiles import COUNT_WEIGHTS, prominence
from transforms.stories.shelf import (
    DAY,
    L_NAMES,
    L_NUMBERS,
    L_RARE,
    L_TITLE,
    L_WORDS,
    LEAD_NAME,
    PLACE,
    RARE,
    S_LEAD_NAMES,
    S_TITLE,
    TITLE,
    UNDATED,
    WEEKDAYS,
    YEAR,
    Integers,
    Shelf,
)

Keys = npt.NDArray[np.uint32]
# Features and scores are integers in millionths.
MILLION = 1_000_000
# Columns of `measured`, in the order of similarity.FEATURES.
(
    F_WORDS, F_PHRASES, F_NAMES, F_NUMBERS, F_RARE, F_TITLE, F_TITLE_FOUND, F_LEAD_NAMES, F_QUOTES, F_CITED, F_CITED_OTHER,
    F_NUMBERS_DIFFER, F_WEEKDAYS_DIFFER, F_DAYS, F_STATED_DAYS, F_YEARS, N_FEATURES,
) = range(17)  # fmt: skip
_1 = np.uint32(1)
# Shared runs of words and quoted words from which more says no more.
_MANY_PHRASES, _MANY_QUOTES = 400, 50


@compiled
def sought(
    heavy_starts: Integers,
    heavy: Keys,
    share: npt.NDArray[np.uint16],
    post_starts: Integers,
    posted: Keys,
    rows: npt.NDArray[np.int32],
    shares: npt.NDArray[np.uint16],
    asking: Integers,
    new: npt.NDArray[np.bool_],
    scalars: Integers,
    floor: int,
    far_days: int,
    far_floor: int,
    n: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the pairs (left < right) of an asking text and another whose shared heavy words make up `floor` of the cosine.

    Of dated texts further apart than `far_days` they make up `far_floor`.

    `posted` are the sorted keys of the index, rows[post_starts[k]:post_starts[k + 1]] the texts that hold key k. A pair of two
    asking texts is returned once.
    """
    product = np.zeros(n, np.int32)
    touched = np.empty(n, np.int32)
    left, right = np.empty(1024, np.int32), np.empty(1024, np.int32)
    count = 0
    for row in asking:
        n_touched = 0
        for at in range(heavy_starts[row], heavy_starts[row + 1]):
            place = np.searchsorted(posted, heavy[at])
            if place == len(posted) or posted[place] != heavy[at]:
                continue
            weight = np.int32(share[at])
            for post in range(post_starts[place], post_starts[place + 1]):
                other = rows[post]
                if product[other] == 0:
                    touched[n_touched] = other
                    n_touched += 1
                product[other] += weight * np.int32(shares[post])
        if count + n_touched > len(left):
            room = max(2 * len(left), count + n_touched)
            wider_left, wider_right = np.empty(room, np.int32), np.empty(room, np.int32)
            wider_left[:count], wider_right[:count] = left[:count], right[:count]
            left, right = wider_left, wider_right
        for i in range(n_touched):
            other = touched[i]
            if (
                product[other] >= floor
                and other != row
                and not (new[other] and other < row)
                and (product[other] >= far_floor or not _far(scalars[row, DAY], scalars[other, DAY], far_days))
            ):
                left[count], right[count] = min(row, other), max(row, other)
                count += 1
            product[other] = 0
    return left[:count], right[:count]


@compiled
def _far(one: int, other: int, far_days: int) -> bool:
    return one != UNDATED and other != UNDATED and abs(one - other) > far_days


@compiled
def alike(
    shelf: Shelf, left: Integers, right: Integers, floor: int, far_days: int, far_floor: int
) -> npt.NDArray[np.bool_]:
    """Return which pairs have at least this cosine of all their words, in millionths; dated ones far apart at least the other."""
    kept = np.zeros(len(left), np.bool_)
    for i in range(len(left)):
        a, b = left[i], right[i]
        at, at_end = shelf.words_starts[a], shelf.words_starts[a + 1]
        by, by_end = shelf.words_starts[b], shelf.words_starts[b + 1]
        total = np.int64(0)
        while at < at_end and by < by_end:
            one, other = shelf.words[at], shelf.words[by]
            if one == other:
                total += _prominent(shelf, at) * _prominent(shelf, by)
            at += one <= other
            by += other <= one
        asked = far_floor if _far(shelf.scalars[a, DAY], shelf.scalars[b, DAY], far_days) else floor
        kept[i] = _cosine(total, shelf.scalars[a, L_WORDS], shelf.scalars[b, L_WORDS]) >= asked
    return kept


@compiled
def measured(shelf: Shelf, left: Integers, right: Integers, by_days: Integers) -> Integers:
    """Return the features of each pair, a row each, in millionths; `by_days`: what so many days apart count."""
    features = np.zeros((len(left), N_FEATURES), np.int64)
    for i in range(len(left)):
        _of_words(shelf, left[i], right[i], features[i])
        _of_phrases(shelf, left[i], right[i], features[i])
        _of_numbers(shelf, left[i], right[i], features[i])
        _of_circumstances(shelf, left[i], right[i], features[i], by_days)
    return features


@compiled
def _prominent(shelf: Shelf, at: int) -> int:
    return prominence(np.int64(shelf.idf[at]), np.int64(shelf.counts[at]), np.int64(shelf.marks[at]))


@compiled
def _cosine(total: int, a: int, b: int) -> int:
    if a == 0 or b == 0:
        return 0
    return min(np.int64(np.rint(total * 1e6 / np.sqrt(np.float64(a) * np.float64(b)))), MILLION)


@compiled
def _half(part: int, whole: int) -> int:
    """Return half the share of the whole that a part is, in millionths."""
    return part * 500_000 // whole if whole else 0


@compiled
def _of_words(shelf: Shelf, a: int, b: int, out: Integers) -> None:
    at, at_end = shelf.words_starts[a], shelf.words_starts[a + 1]
    by, by_end = shelf.words_starts[b], shelf.words_starts[b + 1]
    words = names = rare = title = np.int64(0)
    title_a = title_b = lead_a = lead_b = np.int64(0)
    while at < at_end and by < by_end:
        one, other = shelf.words[at], shelf.words[by]
        if one == other:
            idf = np.int64(shelf.idf[at])
            idf_b = np.int64(shelf.idf[by])
            words += _prominent(shelf, at) * _prominent(shelf, by)
            marks, marks_b = shelf.marks[at], shelf.marks[by]
            names += COUNT_WEIGHTS[shelf.named[at]] * idf * COUNT_WEIGHTS[shelf.named[by]] * idf_b
            if marks & marks_b & RARE:
                rare += COUNT_WEIGHTS[shelf.counts[at]] * idf * COUNT_WEIGHTS[shelf.counts[by]] * idf_b
            if marks & marks_b & TITLE:
                title += idf * idf_b
            if marks & TITLE:
                title_a += idf
            if marks_b & TITLE:
                title_b += idf_b
            if marks & LEAD_NAME:
                lead_a += idf
            if marks_b & LEAD_NAME:
                lead_b += idf_b
        at += one <= other
        by += other <= one
    of_a, of_b = shelf.scalars[a], shelf.scalars[b]
    out[F_WORDS] = _cosine(words, of_a[L_WORDS], of_b[L_WORDS])
    out[F_NAMES] = _cosine(names, of_a[L_NAMES], of_b[L_NAMES])
    out[F_RARE] = _cosine(rare, of_a[L_RARE], of_b[L_RARE])
    out[F_TITLE] = _cosine(title, of_a[L_TITLE], of_b[L_TITLE])
    out[F_TITLE_FOUND] = _half(title_a, of_a[S_TITLE]) + _half(title_b, of_b[S_TITLE])
    out[F_LEAD_NAMES] = _half(lead_a, of_a[S_LEAD_NAMES]) + _half(lead_b, of_b[S_LEAD_NAMES])


@compiled
def _of_phrases(shelf: Shelf, a: int, b: int, out: Integers) -> None:
    at, at_end = shelf.phrases_starts[a], shelf.phrases_starts[a + 1]
    by, by_end = shelf.phrases_starts[b], shelf.phrases_starts[b + 1]
    shared = quoted = 0
    while at < at_end and by < by_end:
        one, other = shelf.phrases[at], shelf.phrases[by]
        if one >> _1 == other >> _1:
            shared += 1
            if one & other & _1:
                quoted += 1
        at += one >> _1 <= other >> _1
        by += other >> _1 <= one >> _1
    out[F_PHRASES] = _many(shared, _MANY_PHRASES)
    out[F_QUOTES] = _many(quoted, _MANY_QUOTES)


@compiled
def _many(count: int, most: int) -> int:
    """Return ln(1 + count) as a share of ln(1 + most), in millionths."""
    return np.int64(np.rint(1e6 * np.log1p(min(count, most)) / np.log1p(most)))


@compiled
def _of_numbers(shelf: Shelf, a: int, b: int, out: Integers) -> None:
    at, at_end = shelf.numbers_starts[a], shelf.numbers_starts[a + 1]
    by, by_end = shelf.numbers_starts[b], shelf.numbers_starts[b + 1]
    total = np.int64(0)
    leading_a, leading_b = (
        np.any(shelf.numbers_lead[at:at_end] > 0),
        np.any(shelf.numbers_lead[by:by_end] > 0),
    )
    agree = False
    while at < at_end and by < by_end:
        one, other = shelf.numbers[at], shelf.numbers[by]
        if one == other:
            total += np.int64(shelf.numbers_idf[at]) * np.int64(shelf.numbers_idf[by])
            agree |= shelf.numbers_lead[at] > 0 or shelf.numbers_lead[by] > 0
        at += one <= other
        by += other <= one
    out[F_NUMBERS] = _cosine(total, shelf.scalars[a, L_NUMBERS], shelf.scalars[b, L_NUMBERS])
    out[F_NUMBERS_DIFFER] = MILLION if leading_a and leading_b and not agree else 0


@compiled
def _of_circumstances(shelf: Shelf, a: int, b: int, out: Integers, by_days: Integers) -> None:
    of_a, of_b = shelf.scalars[a], shelf.scalars[b]
    dated_a, dated_b = of_a[DAY] != UNDATED, of_b[DAY] != UNDATED
    furthest = len(by_days) - 1
    if dated_a and dated_b:
        out[F_DAYS] = by_days[min(abs(of_a[DAY] - of_b[DAY]), furthest)]
    else:
        out[F_STATED_DAYS] = by_days[min(_nearest(shelf, a, b), furthest)]
        if not dated_a and not dated_b and of_a[YEAR] and of_b[YEAR] and of_a[YEAR] != of_b[YEAR]:
            out[F_YEARS] = MILLION
    if of_a[WEEKDAYS] and of_b[WEEKDAYS] and not of_a[WEEKDAYS] & of_b[WEEKDAYS]:
        out[F_WEEKDAYS_DIFFER] = MILLION
    first, behind = shelf.cited_starts[a], shelf.cited_starts[a + 1]
    begin, end = shelf.cited_starts[b], shelf.cited_starts[b + 1]
    if first < behind and begin < end:
        common = False
        for at in range(first, behind):
            for by in range(begin, end):
                common |= shelf.cited[at] == shelf.cited[by]
        out[F_CITED if common else F_CITED_OTHER] = MILLION


@compiled
def _nearest(shelf: Shelf, a: int, b: int) -> int:
    """Return the fewest days between days that two texts state, around the year where one leaves it out; 0 where one has none."""
    fewest = np.int64(1 << 30)
    for at in range(shelf.days_starts[a], shelf.days_starts[a + 1]):
        for by in range(shelf.days_starts[b], shelf.days_starts[b + 1]):
            day_a, year_a = shelf.days[at] // 4096, shelf.days[at] % 4096
            day_b, year_b = shelf.days[by] // 4096, shelf.days[by] % 4096
            if year_a and year_b:
                apart = abs(day_a - day_b + 365 * (year_a - year_b))
            else:
                apart = min(abs(day_a - day_b), 366 - abs(day_a - day_b))
            fewest = min(fewest, apart)
    return 0 if fewest == 1 << 30 else fewest


# What speaks against a pair, from the strongest.
NOTHING, HEADLINES_NUMBER, NUMBERS, PLACES = range(4)


@compiled
def conflicts(shelf: Shelf, left: Integers, right: Integers) -> npt.NDArray[np.uint8]:
    """Return what speaks against each pair: headlines (or opening sentences) that number one thing differently; leads that do, or

    that state final scores the other text does not mention; leads that say where it happened, and neither text names the place
    of the other.
    """
    found = np.zeros(len(left), np.uint8)
    for i in range(len(left)):
        a, b = left[i], right[i]
        if _numbered_apart(shelf, a, b, 1):
            found[i] = HEADLINES_NUMBER
        elif _numbered_apart(shelf, a, b, 0) or _results_apart(shelf, a, b):
            found[i] = NUMBERS
        elif _places_apart(shelf, a, b):
            found[i] = PLACES
    return found


@compiled
def _numbered_apart(shelf: Shelf, a: int, b: int, headlines: int) -> bool:
    common = False
    for at in range(shelf.ordinals_starts[a], shelf.ordinals_starts[a + 1]):
        for by in range(shelf.ordinals_starts[b], shelf.ordinals_starts[b + 1]):
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
    for at in range(shelf.results_starts[a], shelf.results_starts[a + 1]):
        opening_a |= shelf.results[at] & 1 == 1
    for by in range(shelf.results_starts[b], shelf.results_starts[b + 1]):
        opening_b |= shelf.results[by] & 1 == 1
    if not (opening_a and opening_b):
        return False
    for at in range(shelf.results_starts[a], shelf.results_starts[a + 1]):
        for by in range(shelf.results_starts[b], shelf.results_starts[b + 1]):
            one, other = shelf.results[at], shelf.results[by]
            if one >> 1 == other >> 1 and (one | other) & 1:
                return False
    return True


@compiled
def _places_apart(shelf: Shelf, a: int, b: int) -> bool:
    at, at_end = shelf.words_starts[a], shelf.words_starts[a + 1]
    by, by_end = shelf.words_starts[b], shelf.words_starts[b + 1]
    placed_a, placed_b = (
        np.any(shelf.marks[at:at_end] & PLACE > 0),
        np.any(shelf.marks[by:by_end] & PLACE > 0),
    )
    if not (placed_a and placed_b):
        return False
    while at < at_end and by < by_end:
        one, other = shelf.words[at], shelf.words[by]
        if one == other and (
            (shelf.marks[at] & PLACE and shelf.named[by]) or (shelf.marks[by] & PLACE and shelf.named[at])
        ):
            return False
        at += one <= other
        by += other <= one
    return True


@compiled
def tying_words(shelf: Shelf, left: Integers, right: Integers, most: int) -> Keys:
    """Return the keys of the heaviest rare words in the bodies of both texts of each pair, a row each, heaviest first; 0: no more."""
    found = np.zeros((len(left), most), np.uint32)
    weights = np.empty(most, np.int64)
    for i in range(len(left)):
        at, at_end = shelf.words_starts[left[i]], shelf.words_starts[left[i] + 1]
        by, by_end = shelf.words_starts[right[i]], shelf.words_starts[right[i] + 1]
        count = 0
        while at < at_end and by < by_end:
            one, other = shelf.words[at], shelf.words[by]
            if one == other and shelf.marks[at] & shelf.marks[by] & RARE and shelf.counts[at] and shelf.counts[by]:
                weight = _prominent(shelf, at) * _prominent(shelf, by)
                place = count
                while place > 0 and weights[place - 1] < weight:
                    if place < most:
                        weights[place], found[i, place] = weights[place - 1], found[i, place - 1]
                    place -= 1
                if place < most:
                    weights[place], found[i, place] = weight, one
                    count = min(count + 1, most)
            at += one <= other
            by += other <= one
    return found
