"""What a text says that tells events of one kind apart: figures, ordinals, final scores, days, years.

Compiled. Facts are numbers that hold all of themselves, so that equal facts are equal numbers; see the `*_of` functions.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled, mixed
from transforms.stories.letters import DIGIT, LETTER, Kinds, Points
from transforms.stories.tokens import (
    BASIS,
    CALENDAR,
    PRIME,
    STARTS,
    UPPER,
    Flags,
    Hashes,
    Places,
    figure,
    form,
    forms,
    holds,
    kind_of,
    listed,
)

Codes = npt.NDArray[np.int64]

# First and second are left out, they order anything ("second time", "first lady").
_WRITTEN = listed(
    "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth "
    "eighteenth nineteenth twentieth"
)
# Nouns whose ordinal dates or locates something beside the event.
_BESIDE = listed(
    "century day time year month week street avenue floor person grade term quarter straight consecutive for with and"
)
_MONTH_DAYS = np.cumsum([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_BLANK, _STOP, _COMMA, _HYPHEN, _DASH, _SLASH, _COLON, _PERCENT, _UNDERSCORE = (ord(c) for c in " .,-–/:%_")
_MONEY = np.array([ord(c) for c in "$£€"], dtype=np.uint32)
# A year of living memory that stands alone: not a price, a quantity or a part of a figure.
_FIRST_YEAR, _LAST_YEAR = 1950, 2049
FIRST_MONTH = 10


@lru_cache(maxsize=1)
def fact_lists() -> tuple[Hashes, Codes, Hashes, Codes, Hashes]:
    """Return the forms of weekdays and months (0-6, 11-22), of written ordinals with their numbers, and of nouns beside."""
    days = {form(word): number for number, word in enumerate(CALENDAR[:7])}
    months = [word[:3] for word in CALENDAR[7:19]]
    days |= {form(word): FIRST_MONTH + 1 + months.index(word[:3]) for word in CALENDAR[7:]}
    written = {form(word): number for number, word in enumerate(_WRITTEN, start=3)}
    return (*_sorted(days), *_sorted(written), forms((*_BESIDE, *CALENDAR)))


def _sorted(codes: dict[int, int]) -> tuple[Hashes, Codes]:
    keys = sorted(codes)
    return np.array(keys, dtype=np.uint64), np.array([codes[key] for key in keys], dtype=np.int64)


@compiled
def _gap_is(points: Points, begin: int, end: int, sign: int, blanks: bool) -> bool:
    """Return whether points[begin:end] are the sign once (blanks around it where allowed); with sign 0, blanks alone."""
    signs = 0
    for at in range(begin, end):
        if points[at] == sign and sign:
            signs += 1
        elif points[at] != _BLANK or not (blanks or sign == 0):
            return False
    return signs == 1 if sign else end > begin


@compiled
def _year_behind(points: Points, at: int, count: int, begin: int, starts: Places, ends: Places, kinds: Kinds) -> int:
    """Return the year that stands behind a token (", 2021"), 0 where none does."""
    if at + 1 >= count or starts[at + 1] - ends[at] > 3:
        return 0
    gap, behind = begin + ends[at], begin + starts[at + 1]
    if points[gap] == _COMMA:
        gap += 1
    if not _gap_is(points, gap, behind, 0, True):
        return 0
    year, ordinal = figure(points, behind, begin + ends[at + 1], kinds)
    return year if 1900 <= year < 2100 and not ordinal else 0


@compiled
def _day_code(month: int, day: int, year: int) -> int:
    """Return a stated day as day of a leap year and year (0: left out); -1 where there is no such day."""
    if month < 1 or month > 12 or day < 1 or day > _MONTH_DAYS[month] - _MONTH_DAYS[month - 1]:
        return -1
    return (_MONTH_DAYS[month - 1] + day - 1) * 4096 + year


@compiled
def _whole_year(year: int, digits: int) -> int:
    if digits == 2:
        return year + (2000 if year < 50 else 1900)
    return year if digits == 4 and 1900 <= year < 2100 else -1


@compiled
def days_of(
    points: Points,
    begin: int,
    count: int,
    found: Hashes,
    starts: Places,
    ends: Places,
    flags: Flags,
    kinds: Kinds,
    calendar: Hashes,
    calendar_codes: Codes,
    out: Codes,
) -> int:
    """Write the days that a text states: "September 23", "4 August 2023", "2021-09-04", "12/16/08"; return how many."""
    written = 0
    for at in range(count):
        code = np.int64(-1)
        if flags[at] & UPPER and holds(calendar, found[at]):
            month = calendar_codes[np.searchsorted(calendar, found[at])] - FIRST_MONTH
            code = _named_day(points, at, count, begin, starts, ends, kinds, month)
        elif at + 2 < count and kind_of(points, begin + starts[at], kinds) & DIGIT:
            code, other = _figured_day(points, at, begin, starts, ends, kinds)
            if other >= 0:
                out[written] = other
                written += 1
        if code >= 0:
            out[written] = code
            written += 1
    return written


@compiled
def _named_day(
    points: Points, at: int, count: int, begin: int, starts: Places, ends: Places, kinds: Kinds, month: int
) -> int:
    if month < 1:
        return -1
    gap = begin + ends[at]
    if at + 1 < count:
        behind = begin + starts[at + 1]
        if points[gap] == _STOP:
            gap += 1
        day, _ = figure(points, behind, begin + ends[at + 1], kinds)
        after = begin + ends[at + 1]
        timed = after + 1 < len(points) and points[after] == _COLON and kind_of(points, after + 1, kinds) & DIGIT
        if 1 <= day <= 31 and not timed and _gap_is(points, gap, behind, 0, True):
            return _day_code(month, day, _year_behind(points, at + 1, count, begin, starts, ends, kinds))
    if at > 0 and _gap_is(points, begin + ends[at - 1], begin + starts[at], 0, True):
        day, _ = figure(points, begin + starts[at - 1], begin + ends[at - 1], kinds)
        if 1 <= day <= 31:
            return _day_code(month, day, _year_behind(points, at, count, begin, starts, ends, kinds))
    return -1


@compiled
def _figured_day(points: Points, at: int, begin: int, starts: Places, ends: Places, kinds: Kinds) -> tuple[int, int]:
    """Return the day that three figures state, and the other reading where day and month may change places (-1: none)."""
    gap = points[begin + ends[at]]
    sign = _HYPHEN if gap == _HYPHEN else _SLASH
    for step in range(2):
        if not _gap_is(points, begin + ends[at + step], begin + starts[at + step + 1], sign, sign == _SLASH):
            return -1, -1
    first, a = figure(points, begin + starts[at], begin + ends[at], kinds)
    second, b = figure(points, begin + starts[at + 1], begin + ends[at + 1], kinds)
    third, c = figure(points, begin + starts[at + 2], begin + ends[at + 2], kinds)
    if a or b or c or first < 0 or second < 0 or third < 0:
        return -1, -1
    if ends[at] - starts[at] == 4:
        year = _whole_year(first, 4)
        return (_day_code(second, third, year) if year > 0 else -1), -1
    year = _whole_year(third, ends[at + 2] - starts[at + 2])
    if year < 0 or sign != _SLASH:
        return -1, -1
    return _day_code(first, second, year), _day_code(second, first, year) if first != second else -1


@compiled
def year_of(points: Points, begin: int, count: int, starts: Places, ends: Places, kinds: Kinds) -> int:
    """Return the latest year of living memory that a text states; 0 where it states none."""
    latest = 0
    for at in range(count):
        if ends[at] - starts[at] != 4:
            continue
        first, behind = begin + starts[at], begin + ends[at]
        year, ordinal = figure(points, first, behind, kinds)
        if ordinal or year < _FIRST_YEAR or year > _LAST_YEAR or year <= latest:
            continue
        before = points[first - 1] if first > begin else np.uint32(_BLANK)
        if before in (_STOP, _COMMA, _UNDERSCORE) or (before == _MONEY).any():
            continue
        after = points[behind] if behind < len(points) else np.uint32(_BLANK)
        if after in (_PERCENT, _UNDERSCORE):
            continue
        if after in (_STOP, _COMMA) and behind + 1 < len(points) and kind_of(points, behind + 1, kinds) & DIGIT:
            continue
        latest = year
    return latest


@compiled
def weekdays_of(count: int, found: Hashes, flags: Flags, calendar: Hashes, calendar_codes: Codes) -> int:
    """Return the days of the week that the first `count` tokens name, as bits."""
    bits = 0
    for at in range(count):
        if flags[at] & UPPER and holds(calendar, found[at]):
            code = calendar_codes[np.searchsorted(calendar, found[at])]
            if code < 7:
                bits |= 1 << code
    return bits


@compiled
def numbers_of(points: Points, begin: int, end: int, kinds: Kinds, out: Hashes) -> int:
    """Write the hash of each figure printed in points[begin:end], without thousands separators; return how many."""
    count, at = 0, begin
    while at < end:
        if not kind_of(points, at, kinds) & DIGIT:
            at += 1
            continue
        if at > begin:
            before = points[at - 1]
            if kind_of(points, at - 1, kinds) & LETTER or before in (_STOP, _COMMA):
                while at < end and kind_of(points, at, kinds) & DIGIT:
                    at += 1
                continue
        value, stopped = BASIS, False
        while at < end:
            if kind_of(points, at, kinds) & DIGIT:
                value = (value ^ np.uint64(points[at])) * PRIME
            elif points[at] == _STOP and not stopped and at + 1 < end and kind_of(points, at + 1, kinds) & DIGIT:
                stopped = True
                value = (value ^ np.uint64(_STOP)) * PRIME
            elif points[at] != _COMMA or stopped:
                break
            at += 1
        out[count] = mixed(value)
        count += 1
    return count


@compiled
def ordinals_of(
    points: Points,
    begin: int,
    count: int,
    headline: int,
    found: Hashes,
    starts: Places,
    ends: Places,
    kinds: Kinds,
    written: Hashes,
    written_codes: Codes,
    beside: Hashes,
    out: Codes,
) -> int:
    """Write the ordinals among the first `count` tokens ("12th package"), as noun, number and headline bit; return how many.

    Those among the first `headline` tokens carry the bit.
    """
    n = 0
    for at in range(count - 1):
        number, ordinal = figure(points, begin + starts[at], begin + ends[at], kinds)
        if not ordinal:
            number = written_codes[np.searchsorted(written, found[at])] if holds(written, found[at]) else np.int64(-1)
        if number < 1 or number > 999 or ends[at + 1] - starts[at + 1] < 3:
            continue
        if kind_of(points, begin + starts[at + 1], kinds) & DIGIT or holds(beside, found[at + 1]):
            continue
        joined = True
        for place in range(begin + ends[at], begin + starts[at + 1]):
            joined &= points[place] == _BLANK or points[place] == _HYPHEN
        if joined:
            out[n] = (np.int64(found[at + 1] >> np.uint64(32)) << 11) | (number << 1) | (1 if at < headline else 0)
            n += 1
    return n


@compiled
def results_of(
    points: Points, begin: int, count: int, opening: int, starts: Places, ends: Places, kinds: Kinds, out: Codes
) -> int:
    """Write the final scores among the first `count` tokens ("31-24"), greater first, with a bit for those of the opening."""
    n = 0
    for at in range(count - 1):
        first, gap, behind = begin + starts[at], begin + ends[at], begin + ends[at + 1]
        if ends[at] - starts[at] > 3 or ends[at + 1] - starts[at + 1] > 3 or starts[at + 1] - ends[at] != 1:
            continue
        if points[gap] != _HYPHEN and points[gap] != _DASH:
            continue
        a, one = figure(points, first, gap, kinds)
        b, other = figure(points, gap + 1, behind, kinds)
        if a < 0 or b < 0 or one or other:
            continue
        before = points[first - 1] if first > begin else np.uint32(_BLANK)
        after = points[behind] if behind < len(points) else np.uint32(_BLANK)
        if before in (_STOP, _COMMA, _SLASH, _HYPHEN) or after in (_SLASH, _HYPHEN):
            continue
        if after in (_STOP, _COMMA) and behind + 1 < len(points) and kind_of(points, behind + 1, kinds) & DIGIT:
            continue
        out[n] = ((max(a, b) << 10 | min(a, b)) << 1) | (1 if at < opening else 0)
        n += 1
    return n


@compiled
def opening_sentence(count: int, flags: Flags) -> int:
    """Return how many tokens the first sentence has."""
    for at in range(1, count):
        if flags[at] & STARTS:
            return at
    return count
