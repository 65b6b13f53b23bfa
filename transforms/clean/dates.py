"""Dates as newsrooms and dumps write them: value, precision and zone, and nothing guessed beyond them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise

from transforms.clean.zones import NAMES, country_zone, named_zone, to_utc

# English first, then the languages whose newsrooms write a month's name into a date: de, fr, es, it, pt, nl, pl, ru, tr, id, ar (Unicode CLDR).
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier enero gennaio janeiro januari stycznia января ocak يناير",
            "february feb februar février fevrier febrero febbraio fevereiro februari lutego февраля şubat فبراير",
            "march mar märz maerz mars marzo março maart marca марта mart مارس",
            "april apr avril abril aprile kwietnia апреля nisan أبريل",
            "may mai mayo maggio maio mei maja мая mayıs مايو",
            "june jun juni juin junio giugno junho czerwca июня haziran يونيو",
            "july jul juli juillet julio luglio julho lipca июля temmuz يوليو",
            "august aug août aout agosto augustus agustus sierpnia августа ağustos أغسطس",
            "september sept sep septembre septiembre setiembre settembre setembro września сентября eylül سبتمبر",
            "october oct oktober okt octobre octubre ottobre outubro października октября ekim أكتوبر",
            "november nov novembre noviembre novembro listopada ноября kasım نوفمبر",
            "december dec dezember dez décembre decembre diciembre dicembre dezembro desember grudnia декабря aralık ديسمبر",
        ), start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = r"(?P<{0}>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_ZONE_NAME = "|".join(sorted(NAMES, key=len, reverse=True))
_ISO = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<sep>[-/.])(?P<m>\d{1,2})(?:(?P=sep)(?P<d>\d{1,2}))?(?!\d)")
_PACKED = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?:T?(?P<h>[01]\d|2[0-3])(?P<min>[0-5]\d)(?P<s>[0-5]\d))?(?!\d)"
)
_CJK = re.compile(r"(?P<y>(?:19|20)\d{2})\s*[年년]\s*(?P<m>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日일]")
_DAY_FIRST = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|ª)?(?:\s+(?:of|de|d[’']))?[\s.,-]*{_MONTH.format('m')}[\s,'’-]*(?:de[l ]\s*)?(?P<y>\d{{4}}|\d{{2}}(?!\d|:))",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH.format('m')}[\s-]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)[\s,-]*(?P<y>\d{{4}})(?!\d)", re.IGNORECASE
)
_MONTH_ONLY = re.compile(rf"\b{_MONTH.format('m')}[\s,-]*(?P<y>(?:19|20)\d{{2}})(?!\d)", re.IGNORECASE)
_YEAR_LAST = re.compile(
    rf"\b{_MONTH.format('m')}[\s-]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b.{{0,24}}?(?<![\d:])(?P<y>(?:19|20)\d{{2}})\b(?!:)",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(?<![\d:])(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})(?![\d:])")
_YEAR_ONLY = re.compile(r"\s*(?P<y>(?:19|20)\d{2})\s*\Z")
_EPOCH = re.compile(r"\s*(?P<n>\d{9,10}|\d{12,13})(?:\.\d+)?\s*\Z")
_TIME = re.compile(
    r"(?<![\d:.+-])(?P<h>\d{1,2})(?:[:h.](?P<min>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?)?\s*(?P<half>[ap]\.?\s?m\b\.?)?",
    re.IGNORECASE,
)
_ZONE = re.compile(
    rf"\s*[,(]?\s*(?P<zone>(?:UTC|GMT)\s*[+-]\s*\d{{1,2}}(?::?\d{{2}})?|[+-]\d{{2}}:?\d{{2}}\b|(?:{_ZONE_NAME})\b)",
    re.IGNORECASE,
)
_LATER_ZONE = re.compile(rf"(?:\s|\()(?P<zone>{_ZONE_NAME})\b")
_LABEL = re.compile(
    r"\b(?P<updated>(?:last\s+)?(?:updated|modified|revised)|update)\b|\b(?P<published>(?:first\s+)?(?:published|posted|created|issued|released))\b",
    re.I,
)

_URL_DATE = re.compile(
    r"(?<=[/_.-])(?P<y>(?:19|20)\d{2})(?:(?P<sep>[/-])(?P<m>0?[1-9]|1[0-2])(?:(?P=sep)(?P<d>0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)|(?=/))"
    r"|(?P<packed>(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?=[/_.-]|$))"
)
# What machines write, told at once: a day, a clock and an offset.
_MACHINE = re.compile(
    r"((?:19|20)\d\d)-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?(?:Z|([+-])(0\d|1[0-3]):?([0-5]\d))",
    re.ASCII,
)
# Longer than any date with its label; what follows is something else.
_LONGEST_DATE = 200
# Countries that write the month first; elsewhere a numeric date begins with the day (Unicode CLDR).
_MONTH_FIRST_COUNTRIES = frozenset({"US", "PH", "FM", "PW"})


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date as read: `value` is UTC (the day's midnight where only a day is known), `raw` the words it came from, `day` the day they say."""

    value: datetime
    precision: str
    tz_method: str | None
    raw: str
    day: date


@dataclass(frozen=True, slots=True)
class _Day:
    year: int
    month: int
    day: int
    precision: str
    span: tuple[int, int]


def parse_date(raw: str, country: str | None = None, *, written: bool = False) -> Stamp | None:
    """Read one date: ISO 8601, RFC 822, epoch seconds or milliseconds, or as people write it; None where there is none.

    `country` (of the source, ISO alpha-2) settles ambiguous zones and day/month order; a numeric date it cannot settle keeps its year only.
    `written` marks words meant for readers: a clock time without zone is then the source country's, else it is taken as UTC. A day without
    clock stays that day in UTC; so does a midnight to the second, which is how machines print a day.
    """
    text = raw[:_LONGEST_DATE].strip()
    if (machine := _MACHINE.fullmatch(text)) is not None:
        return _from_machine(machine, raw)
    return _read(text, raw, country, written)


def _from_machine(match: re.Match[str], raw: str) -> Stamp | None:
    year, month, day, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    try:
        midnight = datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:
        return None
    if hour == minute == second == "00":
        return Stamp(midnight, "day", None, raw, midnight.date())
    clock = int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    ahead = int(sign + "1") * (int(zone_hours) * 3600 + int(zone_minutes) * 60) if sign else 0
    value = midnight + timedelta(seconds=clock - ahead)
    return Stamp(value, "second" if second else "minute", "stated", raw, midnight.date())


def _read(text: str, raw: str, country: str | None, written: bool) -> Stamp | None:
    if (epoch := _EPOCH.match(text)) is not None:
        return _from_epoch(epoch.group("n"), text)
    if (packed := _PACKED.match(text)) is not None and packed.group("h"):
        text = "{}-{}-{}T{}:{}:{}".format(*packed.groups()) + text[packed.end() :]
    day = _find_day(text, country)
    if day is None:
        return None
    if day.precision != "day":
        return _stamp(day, None, None, raw)
    return _with_clock(text, day, country, written, raw)


def labelled_dates(line: str, country: str | None = None) -> Iterator[tuple[str, Stamp]]:
    """Yield (label, date) for each date in a line of furniture; label is published, updated or, without a word, date."""
    labels = list(_LABEL.finditer(line))
    starts = [0, *(match.start() for match in labels), len(line)]
    for number, (start, end) in enumerate(pairwise(starts)):
        stamp = parse_date(line[start:end], country, written=True) if end > start else None
        if stamp is not None:
            match = labels[number - 1] if number else None
            yield ("date" if match is None else "updated" if match.group("updated") else "published"), stamp


def url_date(url: str) -> Stamp | None:
    """Read the date in an address's path (/2021/09/04/, /2021-09-04-, /20210904), to the day or the month."""
    path = url.partition("?")[0]
    if (match := _URL_DATE.search(path)) is None:
        return None
    packed = match.group("packed")
    month, day = (packed[:2], packed[2:]) if packed else (match.group("m"), match.group("d"))
    found = _day(match, month, day)
    return None if found is None else _stamp(found, None, None, match.group().strip("/-_."))


def end_of(stamp: Stamp) -> datetime:
    """Return the last instant that a date may mean: a day without clock ends with the day."""
    if stamp.precision == "year":
        return datetime(stamp.day.year + 1, 1, 1, tzinfo=UTC)
    if stamp.precision == "month":
        return datetime(stamp.day.year + stamp.day.month // 12, stamp.day.month % 12 + 1, 1, tzinfo=UTC)
    return stamp.value + {"day": timedelta(days=1), "hour": timedelta(hours=1)}.get(stamp.precision, timedelta(0))


def plausible(stamp: Stamp, not_after: datetime, future_hours: int, first_year: int) -> bool:
    """Whether a date can be when an article of this night appeared: not before `first_year`, not hours after `not_after`."""
    return stamp.value.year >= first_year and stamp.value <= not_after + timedelta(hours=future_hours)


def _from_epoch(digits: str, raw: str) -> Stamp:
    seconds = int(digits) / (1000 if len(digits) > 10 else 1)
    value = datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
    return Stamp(value, "second", "stated", raw, value.date())


def _find_day(text: str, country: str | None) -> _Day | None:
    for pattern in (_ISO, _CJK, _DAY_FIRST, _MONTH_FIRST, _YEAR_LAST):
        if (match := pattern.search(text)) is not None:
            return _day(match, match.group("m"), match.group("d"))
    if (match := _NUMERIC.search(text)) is not None:
        return _numeric_day(match, country)
    for pattern in (_PACKED, _MONTH_ONLY):
        if (match := pattern.search(text)) is not None:
            return _day(match, match.group("m"), match.groupdict().get("d"))
    if (match := _YEAR_ONLY.match(text)) is not None:
        return _Day(int(match.group("y")), 1, 1, "year", match.span())
    return None


def _day(match: re.Match[str], month: str, day: str | None) -> _Day | None:
    number = int(month) if month.isdigit() else _MONTHS[month.lower().rstrip(".")]
    return _checked(_year(match.group("y")), number, int(day) if day else 1, "day" if day else "month", match.span())


def _numeric_day(match: re.Match[str], country: str | None) -> _Day | None:
    first, second, year = int(match.group("a")), int(match.group("b")), _year(match.group("y"))
    if first > 12 or first == second:
        return _checked(year, second, first, "day", match.span())
    if second > 12:
        return _checked(year, first, second, "day", match.span())
    # Dots part day, month and year, in this order, wherever they are used (Unicode CLDR).
    if match.group("sep") == ".":
        return _checked(year, second, first, "day", match.span())
    if country is None:
        return _checked(year, 1, 1, "year", match.span())
    month, day = (first, second) if country in _MONTH_FIRST_COUNTRIES else (second, first)
    return _checked(year, month, day, "day", match.span())


def _year(digits: str) -> int:
    # POSIX strptime: two digits 69-99 are the last century.
    return int(digits) if len(digits) == 4 else int(digits) + (1900 if int(digits) >= 69 else 2000)


def _checked(year: int, month: int, day: int, precision: str, span: tuple[int, int]) -> _Day | None:
    try:
        datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
    return _Day(year, month, day, precision, span)


def _with_clock(text: str, day: _Day, country: str | None, written: bool, raw: str) -> Stamp:
    before, after = text[: day.span[0]], text[day.span[1] :]
    if after[:1] in {"T", "t"}:
        after = " " + after[1:]
    inside = text[slice(*day.span)]
    for side in (after, before, inside if ":" in inside else ""):
        if (clock := _find_clock(side)) is not None:
            named = _ZONE.match(side, clock.end()) or _LATER_ZONE.search(side, clock.end()) or _LATER_ZONE.search(after)
            zone = named_zone(named.group("zone").replace(" ", ""), country) if named else None
            if zone is not None:
                return _stamp(day, clock, (zone, "stated"), raw)
            local = country_zone(country) if written else None
            return _stamp(day, clock, (local, "source_country") if local else None, raw)
    return _stamp(day, None, None, raw)


def _find_clock(side: str) -> re.Match[str] | None:
    for match in _TIME.finditer(side):
        hour, minute, second = (int(match.group(part) or 0) for part in ("h", "min", "s"))
        if (match.group("min") or match.group("half")) and hour <= 23 and minute < 60 and second < 60:
            return match
    return None


def _stamp(day: _Day, clock: re.Match[str] | None, zone: tuple[tzinfo, str] | None, raw: str) -> Stamp:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if clock is None or _is_printed_midnight(clock):
        return Stamp(midnight, day.precision, None, raw, midnight.date())
    local = midnight + _time_of(clock)
    precision = "second" if clock.group("s") else "minute" if clock.group("min") else "hour"
    if zone is None:
        return Stamp(local, precision, "assumed_utc", raw, midnight.date())
    return Stamp(to_utc(local, zone[0]), precision, zone[1], raw, midnight.date())


def _is_printed_midnight(clock: re.Match[str]) -> bool:
    return clock.group("s") is not None and not clock.group("half") and _time_of(clock) == timedelta(0)


def _time_of(clock: re.Match[str]) -> timedelta:
    hour, half = int(clock.group("h")), (clock.group("half") or "")[:1].lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return timedelta(hours=hour, minutes=int(clock.group("min") or 0), seconds=int(clock.group("s") or 0))
