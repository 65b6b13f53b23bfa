"""When it appeared, when it was changed, when it was fetched: the first believable statement, with its method and precision."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from transforms.clean.boilerplate import Stripped
from transforms.clean.dates import Stamp, labelled_dates, parse_date, plausible, url_date
from transforms.clean.settings import CleanSettings

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
    seen_at: datetime | None
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
    """Return the times of an article from its metadata, then its furniture (byline above, footer below), then its address.

    A sentence of the text is never asked. Where only a change is dated, the article is taken to be of that day. A date over 24 h after
    `not_after` or before 1990 is refused and noted as `refused_date`, an unreadable one as `unread_date`.
    """
    claims = list(_claims(fields, stripped, url, country))
    good = [c for c in claims if plausible(c.stamp, not_after, settings.future_hours, settings.first_year)]
    refused = next((c.stamp.raw for c in claims if c not in good), None)
    notes = {"refused_date": refused} if refused else {}
    for name in ("published", "updated", "fetched"):
        if name in fields and parse_date(fields[name], country) is None:
            notes.setdefault("unread_date", fields[name])
    published = next((c for label in ("published", "date") for c in good if c.label == label), None)
    updated = next((c for c in good if c.label == "updated"), None)
    seen = parse_date(fields.get("fetched", ""), country)
    if published is None and updated is not None:
        published = _Claim("published", updated.method, _day_of(updated.stamp))
    stamp = published.stamp if published else None
    return Timing(
        published_at=stamp.value if stamp else None,
        precision=stamp.precision if stamp else "unknown",
        method=published.method if published else "none",
        raw=stamp.raw if stamp else None,
        tz_method=stamp.tz_method if stamp else None,
        updated_at=updated.stamp.value if updated else None,
        seen_at=seen.value if seen else None,
        notes=notes,
    )


def _claims(fields: Mapping[str, str], stripped: Stripped, url: str | None, country: str | None) -> Iterator[_Claim]:
    for label in ("published", "updated"):
        if (stamp := parse_date(fields.get(label, ""), country)) is not None:
            yield _Claim(label, "metadata", stamp)
    for (rule, text), zone in zip(stripped.removed, stripped.zones, strict=True):
        if rule in _DATED_RULES:
            method = "footer" if zone == "tail" else "byline"
            for label, stamp in labelled_dates(text, country):
                yield _Claim(label, method, stamp)
    if url is not None and (stamp := url_date(url)) is not None:
        yield _Claim("date", "url", stamp)


def _day_of(stamp: Stamp) -> Stamp:
    """The day a change was dated to, as the reader saw it written."""
    day = datetime.combine(stamp.day, time.min, UTC)
    precision = "day" if stamp.precision in {"second", "minute", "hour"} else stamp.precision
    return Stamp(day, precision, None, stamp.raw, stamp.day)
