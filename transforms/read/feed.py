"""Feeds (RSS, Atom) and sitemaps, those of news among them: one record an entry."""

from collections.abc import Iterator
from functools import lru_cache
from xml.etree import ElementTree

from transforms.read.batch import says_something
from transforms.read.entries import Entry, read_entries
from transforms.read.reading import Item, Reading
from transforms.read.refuse import refuse
from transforms.read.source import Source
from transforms.read.xml import local, markup_of, text_of
from transforms.records import RawRecord, Skipped

_ENTRIES = ("item", "entry", "deleted-entry", "url", "sitemap")
# Our field from the elements of RSS 2.0, RSS 1.0, Dublin Core, Atom 0.3 and 1.0 and news sitemaps, the fuller text first.
_FIELDS = {
    "key": ("guid", "id"),
    "url": ("link", "loc"),
    "title": ("title",),
    "body": ("encoded", "content", "description", "summary"),
    "published": ("pubDate", "published", "issued", "publication_date", "date", "created"),
    "updated": ("updated", "modified", "lastmod"),
    "author": ("creator", "author"),
    "source": ("source", "publication"),
}
_FIELD_OF = {name: field for field, names in _FIELDS.items() for name in names}
_RANK = {name: rank for names in _FIELDS.values() for rank, name in enumerate(names)}


def read(source: Source, name: str, how: Reading) -> Iterator[Item]:
    """Yield one record an entry; an entry that holds a headline alone has it as its body, as no other words are there.

    A deleted entry of Atom (RFC 6721) withdraws the one it refers to.

    Refusals: xml_entities (the document as a whole), bad_xml and record_too_large (an entry), no_text.
    """
    yield from read_entries(source, _ENTRIES, "an entry", how, _entry)


@lru_cache(maxsize=1)
def _channel_title(head: bytes) -> str | None:
    """Return what the feed calls itself: the first title, if it comes before the first entry."""
    entry = min((at for name in _ENTRIES if (at := head.find(b"<" + name.encode())) >= 0), default=len(head))
    opened, closed = head.find(b"<title", 0, entry), head.find(b"</title>", 0, entry)
    if opened < 0 or closed < opened:
        return None
    words = head[opened:closed].partition(b">")[2].decode("utf-8", "replace")
    return words.removeprefix("<![CDATA[").removesuffix("]]>").strip()[:300] or None


def _entry(found: Entry) -> Item:
    entry, title = found.element, _channel_title(found.head)
    if local(entry) == "sitemap":
        return Skipped("sitemap_link")
    fields, extra = _said(entry)
    key = fields.pop("key", None)
    if local(entry) == "deleted-entry":
        key = entry.get("ref", "").strip() or None
        extra |= {"deleted": "true", "deleted_at": entry.get("when", "")}
    elif not fields.get("body") and fields.get("title"):
        fields["body"] = fields["title"]
        extra["body_is"] = "headline"
    extra |= {"feed_title": title} if title else {}
    extra |= {"text_encoding": found.note} if found.note else {}
    record = RawRecord(key, found.start, found.end, fields, extra)
    if says_something(record):
        return record
    return refuse(found.start, found.end, "no_text", "no element holds a text", found.data)


def _said(entry: ElementTree.Element) -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields of an entry and the rest of its words."""
    best: dict[str, tuple[int, str]] = {}
    extra: dict[str, str] = {}
    # A news sitemap keeps its facts one level down.
    parts = [part for child in entry for part in (child if local(child) == "news" else [child])]
    for part in parts:
        name, value = local(part), _value(part)
        if not value:
            continue
        field = _FIELD_OF.get(name)
        if field is None or (name == "link" and part.get("rel", "alternate") != "alternate"):
            extra[name] = f"{extra[name]}; {value}" if name in extra else value
        elif field not in best or _RANK[name] < best[field][0]:
            if field in best:
                extra.setdefault("summary", best[field][1]) if field == "body" else None
            best[field] = _RANK[name], value
        elif field == "author":
            best[field] = best[field][0], f"{best[field][1]}; {value}"
        elif name not in extra:
            extra[name] = value
    return {field: value for field, (_, value) in best.items()}, extra


def _value(part: ElementTree.Element) -> str:
    name = local(part)
    if name == "link" and part.get("href"):
        return part.get("href", "")
    if name in ("author", "publication", "source") and len(part):
        named = next((child for child in part if local(child) in ("name", "title")), None)
        return text_of(named if named is not None else part).strip()
    if part.get("type") == "xhtml":
        return markup_of(part).strip()
    if name in ("category", "thumbnail", "enclosure") and not (part.text or "").strip():
        return part.get("term") or part.get("url") or ""
    return text_of(part).strip()
