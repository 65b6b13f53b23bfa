"""Days a text states in its own words: the only hint of its time where no date came with it."""

import re
from datetime import date

from transforms.stories.terms import listed

# Day of a leap year (0..365) and the year, 0 where the text leaves it out.
StatedDay = tuple[int, int]

_MONTHS = listed("january february march april may june july august september october november december")
# May is a verb in front of a figure less often than March; a capital is asked for anyway.
_MONTH = r"(Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
_DAY = r"([0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?:,? +((?:19|20)\d\d)\b)?"
_MONTH_FIRST = re.compile(rf"\b{_MONTH} +{_DAY}\b(?!:\d){_YEAR}")
_DAY_FIRST = re.compile(rf"\b{_DAY} +{_MONTH}(?![\w]){_YEAR}")
_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_LEAP_YEAR = 2020


def stated_days(text: str, end: int) -> frozenset[StatedDay]:
    """Return the days that text[:end] states: "September 23", "4 August 2023", "2021-09-04"."""
    found = [(month, day, year) for month, day, year in _MONTH_FIRST.findall(text, 0, end)]
    found += [(month, day, year) for day, month, year in _DAY_FIRST.findall(text, 0, end)]
    days = [_stated(_month(month), int(day), int(year or 0)) for month, day, year in found]
    days += [_stated(int(month), int(day), int(year)) for year, month, day in _ISO.findall(text, 0, end)]
    return frozenset(day for day in days if day is not None)


def of_date(day: date) -> StatedDay:
    """Return a date in the form of stated days."""
    return date(_LEAP_YEAR, day.month, day.day).timetuple().tm_yday - 1, day.year


def nearest(a: frozenset[StatedDay], b: frozenset[StatedDay]) -> int:
    """Return the fewest days between a day of a and a day of b, around the year where one leaves the year out.

    Raises ValueError where one states no day.
    """
    return min(_apart(one, other) for one in a for other in b)


def _apart(a: StatedDay, b: StatedDay) -> int:
    days = abs(a[0] - b[0])
    if not (a[1] and b[1]):
        return min(days, 366 - days)
    return abs((a[0] - b[0]) + 365 * (a[1] - b[1]))


def _month(name: str) -> int:
    return next(place for place, month in enumerate(_MONTHS, start=1) if month.startswith(name[:3].lower()))


def _stated(month: int, day: int, year: int) -> StatedDay | None:
    try:
        return date(_LEAP_YEAR, month, day).timetuple().tm_yday - 1, year
    except ValueError:
        return None
