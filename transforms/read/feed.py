"""Feeds (RSS, Atom) and sitemaps, those of news among them: one record an entry."""

from collections.abc import Iterator
from xml.etree import ElementTree

from transforms.read.jsonl import says_something
from transforms.read.reading import Item, Reading
from transforms.read.refuse import Damaged, refuse
from transforms.read.source import HEAD, Source
from transforms.read.transcode import as_utf8
from transforms.read.xml import Prologue, cut, local, markup_of, parse, text_of
from transforms.records import RawRecord, Skipped

_ENTRIES = ("item", "entry", "url", "sitemap")
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

    Refusals: xml_entities (the document as a whole), bad_xml and record_too_large (an entry), no_text.
    """
    chunks = as_utf8(source)
    first = next(chunks, b"")
    prologue = _prologue(first)
    if isinstance(prologue, Damaged):
        yield refuse(0, len(first) + sum(map(len, chunks)), prologue.reason_code, str(prologue), source.head)
        return
    title = _channel_title(first[:HEAD])
    found = False
    for line, whole in cut(_chain(first, chunks), _ENTRIES, how.limits.max_record):
        found = True
        if line.data is None:
            yield refuse(
                line.start, line.end, "record_too_large", f"an entry of {line.end - line.start} bytes", line.head
            )
        elif not whole:
            yield refuse(line.start, line.end, "bad_xml", "the document ends inside this entry", line.data)
        else:
            yield _entry(line.data, line.start, line.end, prologue, title)
    if not found:
        yield refuse(0, len(first), "no_records", "a feed without an entry", source.head)


def _prologue(head: bytes) -> Prologue | Damaged:
    try:
        return Prologue(head[:HEAD])
    except Damaged as error:
        return error


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _channel_title(head: bytes) -> str | None:
    """Return what the feed calls itself: the first title, if it comes before the first entry."""
    entry = min((at for name in _ENTRIES if (at := head.find(b"<" + name.encode())) >= 0), default=len(head))
    opened, closed = head.find(b"<title", 0, entry), head.find(b"</title>", 0, entry)
    if opened < 0 or closed < opened:
        return None
    words = head[opened:closed].partition(b">")[2].decode("utf-8", "replace")
    return words.removeprefix("<![CDATA[").removesuffix("]]>").strip()[:300] or None


def _entry(data: bytes, start: int, end: int, prologue: Prologue, title: str | None) -> Item:
    try:
        entry, note = parse(data, prologue)
    except Damaged as error:
        return refuse(start, end, error.reason_code, str(error), data)
    if local(entry) == "sitemap":
        return Skipped("sitemap_link")
    fields, extra = _said(entry)
    key = fields.pop("key", None)
    if not fields.get("body") and fields.get("title"):
        fields["body"] = fields["title"]
        extra["body_is"] = "headline"
    extra |= {"feed_title": title} if title else {}
    extra |= {"text_encoding": note} if note else {}
    record = RawRecord(key, start, end, fields, extra)
    return record if says_something(record) else refuse(start, end, "no_text", "no element holds a text", data)


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
