"""Record to article: readable text without furniture, and what the record says of itself, each inferred value with its method."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from transforms.clean import confidence
from transforms.clean.boilerplate import Stripped, strip_furniture
from transforms.clean.byline import names_in
from transforms.clean.confidence import Found, FoundNames
from transforms.clean.content_type import content_type
from transforms.clean.credits import agency_credits, is_agency_line
from transforms.clean.dateline import dateline
from transforms.clean.dates import end_of, parse_date, plausible
from transforms.clean.encoding import repair
from transforms.clean.extract import PageTooComplex, glimpse, read_page, without_markup
from transforms.clean.headline import without_site_name
from transforms.clean.language import language
from transforms.clean.learnt import LearntRules
from transforms.clean.lines import split_lines
from transforms.clean.publisher import Publisher, publisher
from transforms.clean.section import section
from transforms.clean.settings import CleanSettings
from transforms.clean.timing import Timing, timing
from transforms.clean.urls import Address, address
from transforms.records import CleanRecord, RawRecord, Rejected, Tombstone
from transforms.revisions import correction_note
from transforms.sources import SourceRegistry
from transforms.text import canonical_text, words
from transforms.tombstone import stated_day, withdrawal

__all__ = ["NOTHING_LEARNT", "CleanSettings", "clean", "glimpse"]

_PREVIEW = 200
NOTHING_LEARNT = LearntRules()


@dataclass(frozen=True, slots=True)
class _Draft:
    """A record on its way: repaired fields, the text's lines sorted into text and furniture."""

    fields: Mapping[str, str]
    extra: dict[str, str]
    title: str | None
    title_method: str
    stripped: Stripped
    # Whether the address is the record's own word, not its page's.
    has_own_url: bool

    @property
    def kept(self) -> tuple[str, ...]:
        return tuple(line.text for line in self.stripped.kept)


def clean(
    record: RawRecord,
    *,
    feed: str,
    sources: SourceRegistry,
    settings: CleanSettings,
    not_after: datetime,
    learnt: LearntRules = NOTHING_LEARNT,
    preview: Callable[[str, CleanSettings], str] = glimpse,
) -> CleanRecord | Rejected:
    """Clean one record of a feed; `not_after` is the instant after which no article of this night can have appeared.

    `learnt` are lines known as furniture of the record's source; they go last, after the publisher is known. `preview` tells of a page that
    no parser should see what it is.

    A record that withdraws its article comes back as a Tombstone. A record without text after cleaning (no_text), or a page no parser should see (page_too_complex), comes back refused.
    """
    if (words_of_it := withdrawal(record.extra)) is not None:
        return _tombstone(record, words_of_it, settings, not_after)
    has_own_url = "url" in record.fields
    try:
        record = _with_page(record, settings)
    except PageTooComplex as error:
        return Rejected(
            record.start,
            record.end,
            "clean",
            "page_too_complex",
            str(error),
            preview(record.html or "", settings)[:_PREVIEW],
        )
    draft = _draft(record, sources, settings, has_own_url)
    if not draft.kept:
        body = record.fields.get("body", "")
        # What an entry of a feed or a news sitemap without a text says of itself.
        is_headline = record.extra.get("body_is") == "headline"
        detail = "a headline without a text" if is_headline else "nothing but furniture is left"
        return Rejected(record.start, record.end, "clean", "no_text", detail, canonical_text(body)[:_PREVIEW])
    where = address(draft.fields.get("url"))
    removed = draft.stripped.removed
    who = publisher(where, draft.fields.get("source"), record.extra, removed, feed, sources)
    draft = replace(draft, stripped=learnt.strike(draft.stripped, _source_id(who, sources), settings))
    when = timing(draft.fields, draft.stripped, where.normal, _country(who, sources), not_after, settings)
    return _article(record, draft, where, who, when, sources, settings)


def _tombstone(record: RawRecord, words_of_it: str, settings: CleanSettings, not_after: datetime) -> Tombstone:
    normal = address(record.fields.get("url")).normal
    seen = parse_date(record.fields.get("fetched", ""))
    updated = parse_date(stated_day(record.extra) or record.fields.get("updated", ""))
    if updated is not None and not plausible(updated, not_after, settings.future_hours, settings.first_year):
        updated = None
    return Tombstone(
        record.start,
        record.end,
        "clean",
        "tombstone" if normal or record.key else "tombstone_without_key",
        f"the dump withdraws it ({words_of_it})",
        canonical_text(record.fields.get("title") or record.fields.get("body", "")[: 2 * _PREVIEW])[:_PREVIEW],
        record_key=record.key,
        url_norm=normal,
        said=words_of_it,
        updated_at=end_of(updated) if updated is not None else None,
        seen_at=seen.value if seen is not None else None,
    )


def _with_page(record: RawRecord, settings: CleanSettings) -> RawRecord:
    if record.html is None:
        return record
    page = read_page(record.html, settings)
    said = {"section": page.fields.pop("section")} if "section" in page.fields else {}
    own = page.fields.get("url")
    if own and "url" in record.fields and address(own).normal != address(record.fields["url"]).normal:
        # The key stays the address it was fetched at: sites that name one page for all of theirs are too many.
        said["canonical_url"] = own
    fields = page.fields | {"body": page.text} | dict(record.fields)
    return replace(record, fields=fields, extra=said | dict(record.extra), html=None)


def _draft(record: RawRecord, sources: SourceRegistry, settings: CleanSettings, has_own_url: bool) -> _Draft:
    body, n_repaired = repair(without_markup(record.fields.get("body", "")))
    fields = {name: canonical_text(repair(value)[0]) for name, value in record.fields.items() if name != "body"}
    extra = dict(record.extra) | ({"mojibake_repaired": str(n_repaired)} if n_repaired else {})

    def is_outlet(name: str) -> bool:
        bare = name.strip(" ()[]-–—•*_|")
        return bare == fields.get("source") or sources.by_name(bare) is not None or is_agency_line(bare, sources)

    given = without_site_name(" ".join(without_markup(fields.get("title", "")).split()), is_outlet) or None
    authors = names_in(fields.get("author", ""), is_outlet)
    stripped = strip_furniture(split_lines(body), given, authors, is_outlet, settings)
    method = "given" if given else "first_line" if stripped.title else "none"
    return _Draft(fields, extra, given or stripped.title, method, stripped, has_own_url)


def _source_id(who: Publisher, sources: SourceRegistry) -> str:
    if who.domain is not None:
        return sources.source_id_for_domain(who.domain)
    return sources.source_id_for_name(who.name) if who.name is not None else ""


def _country(who: Publisher, sources: SourceRegistry) -> str | None:
    known = (sources.by_domain(who.domain) if who.domain else None) or (sources.by_name(who.name) if who.name else None)
    return known.country if known else None


def _article(
    record: RawRecord,
    draft: _Draft,
    where: Address,
    who: Publisher,
    when: Timing,
    sources: SourceRegistry,
    settings: CleanSettings,
) -> CleanRecord:
    kept, stripped, fields = draft.kept, draft.stripped, draft.fields
    body = "\n".join(kept)
    lead = dateline(kept[0])
    note = correction_note(body)
    code, lang_confidence = language(body, settings)
    stated = fields.get("source")
    if stated and stated not in {who.name, who.domain}:
        draft.extra.setdefault("source_as_stated", stated)
    url = _url(where, draft)
    byline = _byline(fields.get("author", ""), stripped, who, sources)
    credits = agency_credits(stripped.removed, lead, kept, fields.get("author", ""), sources)
    part = section(draft.extra, where.normal)
    return CleanRecord(
        record_key=record.key,
        url=fields.get("url"),
        url_norm=where.normal,
        transport_host=where.transport_host or _carrier(stripped),
        source_name=who.name,
        source_domain=who.domain,
        source_method=who.method,
        source_confidence=who.confidence,
        title=draft.title,
        title_method=draft.title_method,
        byline=byline.names,
        dateline_place=lead.place,
        agency_credits=credits.names,
        lang=code,
        lang_confidence=lang_confidence,
        published_at=when.published_at,
        published_precision=when.precision,
        published_method=when.method,
        published_raw=when.raw,
        tz_method=when.tz_method,
        updated_at=when.updated_at,
        seen_at=when.seen_at,
        content_type=content_type(draft.title, where.normal, kept, [text for _, text in stripped.removed], settings),
        body=body,
        n_words=len(words(body)),
        correction_start_char=note[0] if note else None,
        correction_end_char=note[1] if note else None,
        removed=stripped.removed,
        extra={name: said for name, said in draft.extra.items() if (name, said) != ("section", part.value)}
        | when.notes,
        raw_start=record.start,
        raw_end=record.end,
        raw_member=record.member,
        section=part.value,
        section_method=part.method,
        section_confidence=part.confidence,
        url_method=url.method,
        url_confidence=url.confidence,
        title_confidence=confidence.TITLE.get(draft.title_method),
        byline_method=byline.method,
        byline_confidence=byline.confidence,
        dateline_method=lead.method,
        dateline_confidence=confidence.DATELINE[lead.method] if lead.method else None,
        credits_method=credits.method,
        credits_confidence=credits.confidence,
        published_confidence=confidence.DATE.get(when.method),
        updated_method=when.updated_method,
        updated_confidence=confidence.DATE.get(when.updated_method or ""),
    )


def _url(where: Address, draft: _Draft) -> Found:
    method = None if where.normal is None else "given" if draft.has_own_url else "page"
    return Found(where.normal, method, confidence.URL[method] if method else None)


def _carrier(stripped: Stripped) -> str | None:
    """The proxy or shortener in a feed's own link line ("from X https://ift.tt/…")."""
    for rule, text in stripped.removed:
        if rule == "feed_link":
            return address(text.split()[-1]).transport_host
    return None


def _byline(given: str, stripped: Stripped, who: Publisher, sources: SourceRegistry) -> FoundNames:
    def is_outlet(name: str) -> bool:
        return name == who.name or sources.by_name(name) is not None

    if names := names_in(given, is_outlet):
        return FoundNames(names, "metadata", confidence.BYLINE["metadata"])
    read = (name for rule, text in stripped.removed if rule == "byline" for name in names_in(text, is_outlet))
    if names := tuple(dict.fromkeys(read)):
        return FoundNames(names, "byline", confidence.BYLINE["byline"])
    return FoundNames(())
