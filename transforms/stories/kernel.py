"""The inner loops over pairs, compiled: which are worth comparing, and how alike they are.

A text is laid out once, as tables in which the words and runs of words of every other are looked up. Sums are of integers; roots
and quotients are IEEE's: a pair measures the same in any company, order and machine.
"""

from math import log1p
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled, woven
from transforms.stories.lookup import (
    LIKELY,
    N_LEFT,
    N_LEVELS,
    OUR_LEAD_NAMES,
    OUR_NAMES,
    OUR_TITLE_FOUND,
    OUR_WORDS,
    P_LEAD_NAMES,
    P_NAMES,
    P_RARE,
    P_TITLE,
    P_TITLE_FOUND,
    P_WORDS,
    SIGNS,
    THEIR_NAMES,
    THEIR_WORDS,
    Floats,
    Rows,
    arranged,
    clear,
    empty_slots,
    fill_rest,
    fill_signs,
    found,
    found_crowded,
    lay_out,
    may_share,
)  # fmt: skip
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
    MEANING,
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

# Features and scores are integers in millionths.
MILLION = 1_000_000
# Columns of features, in the order of similarity.FEATURES.
(
    F_WORDS, F_PHRASES, F_NAMES, F_NUMBERS, F_RARE, F_TITLE, F_TITLE_FOUND, F_LEAD_NAMES, F_QUOTES, F_CITED, F_CITED_OTHER,
    F_NUMBERS_DIFFER, F_WEEKDAYS_DIFFER, F_DAYS, F_STATED_DAYS, F_YEARS, F_MEANING, N_FEATURES,
) = range(18)  # fmt: skip
_1, _ONE, _6, _63, _32, _LOWER = np.uint32(1), *(np.uint64(number) for number in (1, 6, 63, 32, 0xFFFFFFFF))
# ln(1 + number) of shared runs of words, and of quoted ones, as a share of that from which more says no more, in millionths.
_MANY_PHRASES, MANY_QUOTES = (
    np.array([round(MILLION * log1p(number) / log1p(most)) for number in range(most + 1)], dtype=np.int64)
    for most in (400, 50)
)
# Bits for a laid out text's runs of words: some hundred times as many as it has. That much stays in the nearest cache.
_BITS = 1 << 16
# Unlike texts point at most so alike, in millionths; what lies above is spread from 0 to 1.
MEANING_FROM = 800_000
# Steps by which it is looked up what a feature may add at most.
STEPS = 256
Steps = npt.NDArray[np.int32]


class Index(NamedTuple):
    """Sorted keys, and the texts rows[starts[k]:starts[k + 1]] that hold key k among their heaviest words, with its impacts."""

    starts: Integers
    keys: Keys
    rows: Rows
    impacts: npt.NDArray[np.uint16]


class Sums(NamedTuple):
    """Sums over words that two texts, a and b, share: of products of weights, and of the weights of either's words."""

    words: int
    names: int
    rare: int
    title: int
    title_a: int
    title_b: int
    lead_a: int
    lead_b: int


_NO_SUMS = Sums(0, 0, 0, 0, 0, 0, 0, 0)


class Bar(NamedTuple):
    """What a pair is asked for.

    To be measured at all: products of the impacts of shared heaviest words; of dated texts further apart than `far_days` the `far` one.
    To be returned: an argument of the score (the sum of `base` and of what features add beyond what they add at 0, see similarity.Weights) by the
    days between the texts; `stated`: where nearest stated days lie further apart than f_stated_days `stated_beyond`.
    What may be added at most: `phrases`, by runs of words; `reach`, by each feature while it is at most so many STEPS, a row each;
    `of_quotes`, by so many quoted runs of words; `of_days`, by so many days; `besides`, by what else is known of the texts.
    """

    near: int
    far: int
    far_days: int
    knots: Integers
    adds: Integers
    base: int
    phrases: int
    reach: Steps
    of_quotes: Integers
    of_days: Integers
    besides: int
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
    keys, posts, rows, impacts = index.keys, index.starts, index.rows, index.impacts
    product, touched, begin = np.zeros(n, np.int32), np.empty(n + 1, np.uint32), np.uint64(0)
    ours, theirs, count = np.empty(n, np.int32), np.empty(n, np.int32), np.uint64(0)
    for row in asking:
        end = begin
        for at in range(starts[row, HEAVY], starts[row + 1, HEAVY]):
            key, impact = np.uint32(heavy[at] >> _32), np.int32(heavy[at] & _LOWER)
            place = np.searchsorted(keys, key)
            if place == len(keys) or keys[place] != key:
                continue
            for post in range(np.uint64(posts[place]), np.uint64(posts[place + 1])):
                other = np.uint32(rows[post])
                touched[end] = other
                end += np.uint64(product[other] == 0)
                product[other] += impact * np.int32(impacts[post])
        # What is found is written whether it is wanted or not, twice: a branch would be guessed wrong too often.
        near = begin
        for place in range(begin, end):
            other = touched[place]
            share = product[other]
            enough = share >= bar.near
            product[other] = share * np.int32(enough)
            touched[near] = other
            near += np.uint64(enough)
        if count + near > len(ours):
            room = np.empty(len(ours) + n, np.int32)
            ours, theirs = np.concatenate((ours, room)), np.concatenate((theirs, room))
        day, region = days[row], regions[row]
        for place in range(begin, near):
            other = touched[place]
            ours[count], theirs[count] = row, other
            far = (day != UNDATED) & (days[other] != UNDATED) & (abs(day - days[other]) > bar.far_days)
            enough = (product[other] >= bar.far) | ~far
            product[other] = 0
            taken = (other != row) & (regions[other] == region) & ~(new[other] & (other < row))
            count += np.uint64(enough & taken)
    return ours[:count], theirs[:count]


@compiled
def side_by_side(ours: Rows, theirs: Rows, n: int) -> tuple[Rows, Rows]:
    """Return the pairs, their sides changed, by the other text (one of n): each of these is laid out once, beside all that ask."""
    places = np.zeros(n + 1, np.int64)
    for other in theirs:
        places[np.int64(other) + 1] += 1
    for row in range(n):
        places[row + 1] += places[row]
    left, right = np.empty_like(theirs), np.empty_like(ours)
    for i in range(len(ours)):
        place = places[theirs[i]]
        places[theirs[i]] = place + 1
        left[place], right[place] = theirs[i], ours[i]
    return left, right


@compiled
def measured(shelf: Shelf, ours: Rows, theirs: Rows, bar: Bar, rests: Floats) -> tuple[Integers, Integers]:
    """Return which pairs reach the bar, and their features, a row each, in millionths.

    Quickest where neighbours have one text on our side: its words are laid out in slots, its runs of words as bits, and those of
    the others looked up, until what is left to find cannot reach the bar. `rests` is of `no_rests`, and filled in.
    """
    # Taken out of the records once: each time costs as much as a look-up.
    starts, words, phrases, numbers, scalars = shelf.starts, shelf.words, shelf.phrases, shelf.numbers, shelf.scalars
    stated, cited, knots, adds, by_days, asks = shelf.days, shelf.cited, bar.knots, bar.adds, bar.by_days, bar.asked
    meaning = shelf.meaning
    reach, of_days, of_quotes = bar.reach, bar.of_days, bar.of_quotes
    look, longest = arranged(shelf, theirs, rests), _longest(starts)
    places, bounds, by_level, signs = look
    slots, crowded, bits = empty_slots(), np.zeros(longest + 1, np.uint64), np.zeros(_BITS // 64, np.uint64)
    likely, own_signs = np.zeros(LIKELY, np.uint8), np.zeros(SIGNS, np.uint64)
    one, other, runs = (
        np.empty(2 * longest + 1, np.uint64),
        np.empty(2 * longest + 1, np.uint64),
        np.empty(longest + 1, np.uint32),
    )
    out, kept, features = np.zeros(N_FEATURES, np.int64), np.empty(256, np.int64), np.empty((256, N_FEATURES), np.int64)
    count, spread, n_crowded = 0, False, 0
    for i in range(len(ours)):
        a, b = np.int64(ours[i]), np.int64(theirs[i])
        if i == 0 or a != ours[i - 1]:
            if i:
                clear(words[starts[ours[i - 1], WORDS] : starts[ours[i - 1] + 1, WORDS]], slots, likely)
            own = words[starts[a, WORDS] : starts[a + 1, WORDS]]
            n_crowded = lay_out(own, slots, likely, crowded)
            fill_rest(own, scalars[a], rests[a])
            fill_signs(numbers[starts[a, NUMBERS] : starts[a + 1, NUMBERS]], own_signs)
            spread = False
        place = places[b]
        days = _days_apart(scalars[a, DAY], scalars[b, DAY])
        quotable = of_quotes[min(scalars[a, QUOTES], scalars[b, QUOTES], len(of_quotes) - 1)]
        # What words and figures have to add.
        wanted = asks[min(days, len(asks) - 1)] - bar.base - bar.phrases - quotable - bar.besides
        wanted -= of_days[min(days, len(of_days) - 1)]
        of_numbers = np.int64(reach[F_NUMBERS_DIFFER, STEPS])
        if may_share(own_signs, signs[place]):
            of_numbers += reach[F_NUMBERS, STEPS]
        shared, sums = 0, _NO_SUMS
        if n_crowded:
            shared = found_crowded(words[starts[b, WORDS] : starts[b + 1, WORDS]], crowded, n_crowded, one, other, 0)
            sums = _sums(0, shared, one, other, sums)
        within = False
        for level in range(N_LEVELS - 1):
            more = found(by_level, bounds[place, level], bounds[place, level + 1], slots, likely, one, other, shared)
            sums, shared = _sums(shared, more, one, other, sums), more
            within = _reach(sums, a, b, rests, level * N_LEFT, reach) + of_numbers >= wanted
            if not within:
                break
        if not within:
            continue
        out[:] = 0
        _of_numbers(starts, numbers, scalars, a, b, out)
        of_numbers = added(knots, adds, F_NUMBERS, out[F_NUMBERS])
        of_numbers += added(knots, adds, F_NUMBERS_DIFFER, out[F_NUMBERS_DIFFER])
        if _reach(sums, a, b, rests, N_LEFT, reach) + of_numbers < wanted:
            continue
        last = N_LEVELS - 1
        more = found(by_level, bounds[place, last], bounds[place, last + 1], slots, likely, one, other, shared)
        _of_words(_sums(shared, more, one, other, sums), scalars, a, b, out)
        asked = _of_circumstances(
            starts, stated, cited, scalars, by_days, asks, bar.stated_beyond, bar.stated, a, b, out
        )
        _of_meaning(starts, meaning, a, b, out)
        argument = bar.base
        for feature in range(N_FEATURES):
            argument += added(knots, adds, feature, out[feature])
        if argument + bar.phrases + quotable < asked:
            continue
        if not spread:
            _spread(starts, phrases, a, bits)
            spread = True
        _of_phrases(starts, phrases, a, b, bits, runs, out)
        argument += added(knots, adds, F_PHRASES, out[F_PHRASES]) + added(knots, adds, F_QUOTES, out[F_QUOTES])
        if argument >= asked:
            if count == len(kept):
                kept, features = np.concatenate((kept, kept)), np.concatenate((features, features))
            kept[count] = i
            features[count] = out
            count += 1
    return kept[:count], features[:count]


@woven
def _days_apart(one: int, other: int) -> int:
    return 0 if one == UNDATED or other == UNDATED else abs(one - other)


@compiled
def added(knots: Integers, adds: Integers, feature: int, value: int) -> int:
    """Return what a feature of this value adds to the argument of the score, more than it adds at 0."""
    at = 0
    for knot in range(1, len(knots) - 1):
        at += knots[knot] <= value
    low, high = adds[feature, at], adds[feature, at + 1]
    return low + (high - low) * (value - knots[at]) // (knots[at + 1] - knots[at]) - adds[feature, 0]


@compiled
def arguments(knots: Integers, adds: Integers, base: int, features: Integers) -> Integers:
    """Return the argument of the score of each row of features: the base, and what each adds more than it adds at 0."""
    out = np.full(len(features), base, np.int64)
    for row in range(len(features)):
        for feature in range(N_FEATURES):
            out[row] += added(knots, adds, feature, features[row, feature])
    return out


@compiled
def _longest(starts: Integers) -> int:
    longest = np.int64(0)
    for row in range(len(starts) - 1):
        longest = max(
            longest, starts[row + 1, WORDS] - starts[row, WORDS], starts[row + 1, PHRASES] - starts[row, PHRASES]
        )
    return longest


@woven
def _bit(run: np.uint32) -> np.uint64:
    return np.uint64(run >> _1) & np.uint64(_BITS - 1)


@compiled
def _spread(starts: Integers, phrases: Keys, row: int, bits: Packed) -> None:
    """Set the bits of the runs of words of one text, and no others."""
    bits[:] = 0
    for at in range(starts[row, PHRASES], starts[row + 1, PHRASES]):
        bit = _bit(phrases[at])
        bits[bit >> _6] |= _ONE << (bit & _63)


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
def _sums(begin: int, end: int, one: Packed, other: Packed, before: Sums) -> Sums:
    """Return sums with shared words added; without branches, which would be guessed wrong too often."""
    words, names, rare, title, title_a, title_b, lead_a, lead_b = before
    for i in range(np.uint64(begin), np.uint64(end)):
        idf, idf_b, marks, marks_b = idf_of(one[i]), idf_of(other[i]), marks_of(one[i]), marks_of(other[i])
        count, count_b, named, named_b = count_of(one[i]), count_of(other[i]), named_of(one[i]), named_of(other[i])
        both = idf * idf_b
        words += PROMINENCE[marks & 3, count] * PROMINENCE[marks_b & 3, count_b] * both
        names += COUNT_WEIGHTS[named] * COUNT_WEIGHTS[named_b] * both
        rare += COUNT_WEIGHTS[count] * COUNT_WEIGHTS[count_b] * both * _marked(marks & marks_b, RARE)
        title += both * _marked(marks & marks_b, TITLE)
        title_a += idf * _marked(marks, TITLE)
        title_b += idf_b * _marked(marks_b, TITLE)
        lead_a += idf * _marked(marks, LEAD_NAME)
        lead_b += idf_b * _marked(marks_b, LEAD_NAME)
    return Sums(words, names, rare, title, title_a, title_b, lead_a, lead_b)


@woven
def _marked(marks: int, mark: int) -> int:
    return int(marks & mark != 0)


@woven
def _reach(sums: Sums, a: int, b: int, rests: Floats, left: int, reach: Steps) -> int:
    """Return the most that words can add: those that were looked up, and at most so much by those of the levels that are `left`.

    A sum of products is at most the product of the lengths (Cauchy, Schwarz). Rounding is made up for by a step of the table.
    """
    words, names = (
        sums.words * rests[a, P_WORDS] * rests[b, P_WORDS],
        sums.names * rests[a, P_NAMES] * rests[b, P_NAMES],
    )
    words += rests[a, left + OUR_WORDS] * rests[b, left + THEIR_WORDS]
    names += rests[a, left + OUR_NAMES] * rests[b, left + THEIR_NAMES]
    title_found = sums.title_a * rests[a, P_TITLE_FOUND] + sums.title_b * rests[b, P_TITLE_FOUND]
    lead_names = sums.lead_a * rests[a, P_LEAD_NAMES] + sums.lead_b * rests[b, P_LEAD_NAMES]
    return np.int64(
        reach[F_WORDS, _step(words)]
        + reach[F_NAMES, _step(names)]
        + reach[F_RARE, _step(sums.rare * rests[a, P_RARE] * rests[b, P_RARE])]
        + reach[F_TITLE, _step(sums.title * rests[a, P_TITLE] * rests[b, P_TITLE])]
        + reach[F_TITLE_FOUND, _step(title_found + rests[a, left + OUR_TITLE_FOUND])]
        + reach[F_LEAD_NAMES, _step(lead_names + rests[a, left + OUR_LEAD_NAMES])]
    )


@woven
def _step(value: float) -> int:
    return min(np.int64(value * STEPS) + 1, STEPS)


@woven
def _of_words(sums: Sums, scalars: Integers, a: int, b: int, out: Integers) -> None:
    out[F_WORDS] = _cosine(sums.words, scalars[a, L_WORDS], scalars[b, L_WORDS])
    out[F_NAMES] = _cosine(sums.names, scalars[a, L_NAMES], scalars[b, L_NAMES])
    out[F_RARE] = _cosine(sums.rare, scalars[a, L_RARE], scalars[b, L_RARE])
    out[F_TITLE] = _cosine(sums.title, scalars[a, L_TITLE], scalars[b, L_TITLE])
    out[F_TITLE_FOUND] = _half(sums.title_a, scalars[a, S_TITLE]) + _half(sums.title_b, scalars[b, S_TITLE])
    out[F_LEAD_NAMES] = _half(sums.lead_a, scalars[a, S_LEAD_NAMES]) + _half(sums.lead_b, scalars[b, S_LEAD_NAMES])


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
    out[F_QUOTES] = MANY_QUOTES[min(quoted, len(MANY_QUOTES) - 1)]


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
        # Nothing says that they lie close together, unless they state days.
        out[F_DAYS], nearest = MILLION, _nearest(starts, stated, a, b)
        if nearest >= 0:
            out[F_DAYS] = out[F_STATED_DAYS] = by_days[min(nearest, len(by_days) - 1)]
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


@compiled
def _of_meaning(starts: Integers, meaning: npt.NDArray[np.int8], a: int, b: int, out: Integers) -> None:
    """Write the cosine of where two texts point, above MEANING_FROM; texts that point nowhere have none."""
    first, second, length = starts[a, MEANING], starts[b, MEANING], starts[a + 1, MEANING] - starts[a, MEANING]
    if length == 0 or starts[b + 1, MEANING] - second != length:
        return
    both = ours = theirs = np.int64(0)
    for at in range(length):
        one, other = np.int64(meaning[first + at]), np.int64(meaning[second + at])
        both += one * other
        ours += one * one
        theirs += other * other
    if both > 0:
        above = max(_cosine(both, ours, theirs), MEANING_FROM) - MEANING_FROM
        out[F_MEANING] = above * MILLION // (MILLION - MEANING_FROM)


@woven
def _nearest(starts: Integers, stated: Integers, a: int, b: int) -> int:
    """Return the fewest days between days that two texts state, around the year where one leaves it out; -1 where one has none."""
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
    return -1 if fewest == 1 << 30 else fewest
