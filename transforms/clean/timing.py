"""When it appeared, when it was changed, when it was fetched: the first believable statement, with its method and precision."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from transforms.clean.boilerplate import Stripped
from transforms.clean.dates import Stamp, labelled_dates, parse_date, plausible, url_date
from transforms.clean.settings import CleanSettings

_STATED = ("published", "updated", "fetched", "clock")
_COARSE = frozenset({"month", "year"})
_DATED_RULES = frozenset({"updated_line", "published_line", "date_line", "published_in", "byline"})


@dataclass(frozen=True, slots=True)
class Timing:
    """The times of an article (UTC), the method and words of its publication date, and notes on what was refused."""

    published_at: datetime | None
    precision: str
    method: str
    raw: str | None
    tz_method: str | None
    updated_at: datetime | None
    updated_method: str | None
    seen_at: datetime | None
    # The day as readers saw it written, whatever day it was in UTC.
    day: date | None = None
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Claim:
    label: str
    method: str
    stamp: Stamp


def timing(
    fields: Mapping[str, str],
    stripped: Stripped,
    url: str | None,
    country: str | None,
    not_after: datetime,
    settings: CleanSettings,
) -> Timing:
    """Return the times of an article from its metadata, then its furniture (byline above, footer below), its address, a search of its page.

    The first that names a day wins over one that names a month or a year. A sentence of the text is never asked. Where no
    metadata states the date and the page's clock is more than a day off the address's, that stands and the other is noted as
    `contradicted_date`. Where only a change is dated, the article is taken to be of that day. A date over 24 h after
    `not_after` or before 1990 is refused and noted as `refused_date`, an unreadable one as `unread_date`.
    """
    read = {name: parse_date(fields[name], country) for name in _STATED if name in fields}
    claims = list(_claims(fields, read, stripped, url, country))
    good = [c for c in claims if plausible(c.stamp, not_after, settings.future_hours, settings.first_year)]
    refused = next((c.stamp.raw for c in claims if c not in good), None) if len(good) < len(claims) else None
    notes = {"refused_date": refused} if refused else {}
    for name, stamp in read.items():
        if stamp is None and name != "clock":
            notes.setdefault("unread_date", fields[name])
    address_day = next((c for c in good if c.method == "url" and c.stamp.precision == "day"), None)
    claimed = [c for label in ("published", "date") for c in good if c.label == label]
    published = next((c for c in claimed if c.stamp.precision not in _COARSE), next(iter(claimed), None))
    clock = published is not None and published.method == "metadata" and "published" not in fields
    if clock and published is not None and address_day is not None and _apart(published.stamp, address_day.stamp):
        notes["contradicted_date"] = published.stamp.raw
        published = address_day
    updated = next((c for c in good if c.label == "updated"), None)
    seen = read.get("fetched")
    if published is None and updated is not None:
        published = _Claim("published", updated.method, _day_of(updated.stamp))
    on = published.stamp if published else None
    return Timing(
        published_at=on.value if on else None,
        precision=on.precision if on else "unknown",
        method=published.method if published else "none",
        raw=on.raw if on else None,
        tz_method=on.tz_method if on else None,
        updated_at=updated.stamp.value if updated else None,
        updated_method=updated.method if updated else None,
        seen_at=seen.value if seen else None,
        day=_printed_day(published, address_day),
        notes=notes,
    )


def _claims(
    fields: Mapping[str, str],
    read: Mapping[str, Stamp | None],
    stripped: Stripped,
    url: str | None,
    country: str | None,
) -> Iterator[_Claim]:
    for label in ("published", "updated"):
        if (stamp := read.get(label)) is not None:
            yield _Claim(label, "metadata", stamp)
    if "published" not in fields and (stamp := read.get("clock")) is not None:
        yield _Claim("published", "metadata", stamp)
    for label, stamp in labelled_dates(fields["stamp"], country) if "stamp" in fields else ():
        yield _Claim(label, "byline", stamp)
    for (rule, text), zone in zip(stripped.removed, stripped.zones, strict=True):
        if rule in _DATED_RULES:
            method = "footer" if zone == "tail" else "byline"
            for label, stamp in labelled_dates(text, country):
                yield _Claim(label, method, stamp)
    if url is not None and (stamp := url_date(url)) is not None:
        yield _Claim("date", "url", stamp)
    if "searched_date" in fields and (stamp := parse_date(fields["searched_date"], country)) is not None:
        yield _Claim("date", "page", stamp)


def _printed_day(published: _Claim | None, address_day: _Claim | None) -> date | None:
    """The day as written: the address's where the publication is at most a day off, as it names the day where the newsroom is."""
    if published is None:
        return None
    near = address_day is not None and not _apart(published.stamp, address_day.stamp)
    return address_day.stamp.day if near and address_day is not None else published.stamp.day


def _apart(stated: Stamp, printed: Stamp) -> bool:
    """Whether two dates are of days that no time zone brings together; a coarser date contradicts nothing."""
    return stated.precision not in _COARSE and abs((stated.day - printed.day).days) > 1


def _day_of(stamp: Stamp) -> Stamp:
    """The day a change was dated to, as the reader saw it written."""
    day = datetime.combine(stamp.day, time.min, UTC)
    precision = "day" if stamp.precision in {"second", "minute", "hour"} else stamp.precision
    return Stamp(day, precision, None, stamp.raw, stamp.day)
