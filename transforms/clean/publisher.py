"""Who published it: by its address, its metadata, its own words, or the dump it came in; never by a picture's credit."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from transforms.clean.rules import DATEISH
from transforms.clean.urls import TRANSPORT_HOSTS, Address, address
from transforms.sources import Source, SourceRegistry

_HOST = re.compile(r"^(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[:/].*)?\Z", re.IGNORECASE)
_SELF = re.compile(
    rf"(?:published|appeared|printed|carried|ran)(?: originally| first)? (?:in|on|by|at|with)\s+(?P<name>.+?)(?:\s*[,;(–-]?\s*(?:on |dated )?(?=.*\d){DATEISH})?[\W_]*\Z",
    re.IGNORECASE,
)
_ISSUE = re.compile(r"(?:the )?(?:print )?(?:edition|issue) of\s+", re.IGNORECASE)
_FEED = re.compile(r"^(?:from|via)\s*:?\s+(?P<name>.+?)\s+(?:https?://|www\.)\S+\Z", re.IGNORECASE)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)[\s©:(c)]*(?:\d{4}(?:\s*[-–,]\s*\d{4})?\s*)?(?:by\s+)?(?P<name>[^.|;()]{2,60}?)(?:\s*,?\s*\d{4})?(?:[.|;(]|,?\s*(?:inc|llc|ltd|all rights)|\Z)",
    re.IGNORECASE,
)
# A name of capitalised words with one that newspapers and stations are called by.
_OUTLET_NAME = re.compile(
    r"(?:[A-Z][\w'’.&-]*\s+){0,3}(?:Times|Post|News|Daily|Tribune|Herald|Gazette|Courier|Journal|Chronicle|Standard|Dispatch|Observer|Mirror|Star|Sun|Telegraph"
    r"|Guardian|Independent|Examiner|Ledger|Mail|Express|Press|Record|Register|Review|Weekly|Bulletin|Monitor|Inquirer|Sentinel|Broadcasting|Radio|TV|Television)"
    r"(?:\s+[A-Z][\w'’.&-]*){0,2}"
)
_NAME_FIELDS = ("site_name", "source_name", "publisher", "outlet", "sitename")
_DOMAIN_FIELDS = ("source_domain", "domain", "source_url", "hostname", "host", "website")


@dataclass(frozen=True, slots=True)
class Publisher:
    """What a record says of its publisher, how it says it, and how far that is to be believed (0..1)."""

    name: str | None
    domain: str | None
    method: str
    confidence: float


UNKNOWN = Publisher(None, None, "unknown", 0.0)


def publisher(
    where: Address,
    stated: str | None,
    extra: Mapping[str, str],
    removed: Iterable[tuple[str, str]],
    feed: str,
    sources: SourceRegistry,
) -> Publisher:
    """Return the publisher by the first of: the address, the stated source, the text's own credit, its copyright line, the feed's name.

    An aggregator's address yields to a stated source. The name is the registry's where the domain is known, else as stated.
    """
    stated_domain = _domain_of(stated) or next(
        (d for field in _DOMAIN_FIELDS if (d := _domain_of(extra.get(field)))), None
    )
    # Where the source field held the domain, the name is in one of its other fields.
    names = (extra.get(field) for field in _NAME_FIELDS) if _domain_of(stated) else (stated,)
    stated_name = next((name for name in names if name and not _HOST.match(name.strip())), None)
    if where.host is not None:
        owner = sources.by_domain(where.host)
        named = sources.by_name(stated_name) if stated_name else None
        if owner is None or owner.kind != "aggregator" or named is None or named == owner:
            return Publisher(
                owner.name if owner else stated_name, where.host.removeprefix("www."), "url", 0.99 if owner else 0.9
            )
    if stated_name or stated_domain:
        return _from_metadata(stated_name, stated_domain, sources)
    removed = tuple(removed)
    return _self_credit(removed, sources) or _copyright(removed, sources) or _folder(feed, sources) or UNKNOWN


def _from_metadata(name: str | None, domain: str | None, sources: SourceRegistry) -> Publisher:
    by_domain = sources.by_domain(domain) if domain else None
    by_name = sources.by_name(name) if name else None
    # A stated name that is known settles it; the domain stays only if it is not another outlet's.
    if by_name is not None and by_domain is not None and by_name != by_domain:
        return Publisher(name, None, "metadata", 0.8)
    known = by_domain or by_name
    return Publisher(by_domain.name if by_domain else name, domain, "metadata", 0.95 if known else 0.8)


def _self_credit(removed: Iterable[tuple[str, str]], sources: SourceRegistry) -> Publisher | None:
    feeds: Source | None = None
    for rule, text in removed:
        if rule == "published_in" and (match := _SELF.search(text)) is not None:
            name = _ISSUE.sub("", match.group("name")).strip(" ,.;:-–—\"'“”")
            known = sources.by_name(name)
            if known is not None or name[:1].isupper():
                return Publisher(known.name if known else name, None, "self_credit", 0.95 if known else 0.7)
        elif rule == "feed_link" and (match := _FEED.match(text)) is not None:
            feeds = feeds or sources.by_name(match.group("name"))
    return Publisher(feeds.name, None, "self_credit", 0.85) if feeds else None


def _copyright(removed: Iterable[tuple[str, str]], sources: SourceRegistry) -> Publisher | None:
    """The holder of the copyright, if we know it as an outlet or its name says that it is one.

    An agency's line says whose text it is, not who printed it.
    """
    for rule, text in removed:
        if rule == "copyright" and (match := _COPYRIGHT.search(text)) is not None:
            name = match.group("name").strip(" ,.-–—")
            known = sources.by_name(name)
            if known is not None and known.kind not in {"wire", "aggregator"}:
                return Publisher(known.name, None, "copyright_line", 0.8)
            if known is None and _OUTLET_NAME.fullmatch(name):
                return Publisher(name, None, "copyright_line", 0.6)
    return None


def _folder(feed: str, sources: SourceRegistry) -> Publisher | None:
    domain = _domain_of(feed)
    known = sources.by_domain(domain) if domain else sources.by_name(feed.replace("_", " "))
    return Publisher(known.name, domain, "folder", 0.5) if known else None


def _domain_of(text: str | None) -> str | None:
    """The host in a value that is a domain or an address, unless it is a carrier's."""
    if text is None or _HOST.match(text.strip()) is None:
        return None
    host = address(text.strip()).host
    return None if host is None or host in TRANSPORT_HOSTS else host.removeprefix("www.")
