"""The wire services' own formats: NewsML-G2, one record a news item, and NITF, one record a document."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from transforms.read.batch import says_something
from transforms.read.entries import Entry, read_entries
from transforms.read.reading import Item, Reading
from transforms.read.refuse import refuse
from transforms.read.source import Source
from transforms.read.xml import local, markup_of, text_of
from transforms.records import RawRecord, Skipped

# Items of NewsML-G2 2.34 besides news: they hold no article.
_OTHER_ITEMS = ("packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem")
_ITEMS = ("newsItem", "nitf", *_OTHER_ITEMS)
# norm="20260302T081500Z": ISO 8601 in its basic form.
_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)T?(\d\d)?(\d\d)?(\d\d)?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?")


def read(source: Source, name: str, how: Reading) -> Iterator[Item]:
    """Yield one record for each item with a text; items of other kinds (packages, concepts, pictures) are passed over.

    Refusals: xml_entities (the document as a whole), bad_xml and record_too_large (an item), no_text.
    """
    yield from read_entries(source, _ITEMS, "an item", how, _item)


def _item(found: Entry) -> Item:
    item = found.element
    if local(item) in _OTHER_ITEMS:
        return Skipped(local(item))
    kind = _attribute(item, "itemClass", "qcode")
    if kind and not kind.endswith((":text", ":composite")):
        return Skipped(kind.rpartition(":")[2])
    key, fields, extra = _nitf(item) if local(item) == "nitf" else _news_item(item)
    fields = {name: value for name, value in fields.items() if value}
    extra = {name: value for name, value in extra.items() if value} | (
        {"text_encoding": found.note} if found.note else {}
    )
    record = RawRecord(key, found.start, found.end, fields, extra)
    if says_something(record):
        return record
    return refuse(found.start, found.end, "no_text", "the item holds no text", found.data)


def _news_item(item: ElementTree.Element) -> tuple[str | None, dict[str, str], dict[str, str]]:
    content = next((e for e in item.iter() if local(e) in ("inlineXML", "inlineData")), None)
    nitf = next((e for e in item.iter() if local(e) == "nitf"), None)
    inner = _nitf(nitf)[1] if nitf is not None else {}
    body = inner.get("body") or (_page_body(content) if content is not None else "")
    fields = {
        "title": _words(item, "headline") or inner.get("title", ""),
        "body": body,
        "author": _words(item, "by") or _words(item, "byline") or inner.get("author", ""),
        "source": _named(item, "provider") or _words(item, "creditline") or inner.get("source", ""),
        "published": _words(item, "contentCreated") or _words(item, "firstCreated") or _words(item, "versionCreated"),
        "updated": _words(item, "contentModified") or _words(item, "versionCreated"),
    }
    extra = {
        "pub_status": _attribute(item, "pubStatus", "qcode"),
        "slugline": _words(item, "slugline"),
        "dateline": _words(item, "dateline"),
        "version": item.get("version", ""),
        "ed_note": _words(item, "edNote"),
    }
    return item.get("guid"), fields, extra


def _nitf(item: ElementTree.Element) -> tuple[str | None, dict[str, str], dict[str, str]]:
    headline = _words(item, "hl1") or _words(item, "title")
    content = next((e for e in item.iter() if local(e) == "body.content"), None)
    fields = {
        "title": headline,
        "body": markup_of(content) if content is not None else "",
        "author": _words(item, "byline"),
        "source": _attribute(item, "doc.copyright", "holder")
        or _attribute(item, "pubdata", "name")
        or _words(item, "distributor"),
        "published": _iso(_attribute(item, "date.issue", "norm") or _attribute(item, "date.release", "norm")),
        "updated": _iso(_attribute(item, "revision-history", "norm")),
    }
    extra = {
        "dateline": _words(item, "dateline"),
        "section": _attribute(item, "pubdata", "position.section"),
        "subheadline": _words(item, "hl2"),
        "ed_note": _attribute(item, "ed-msg", "info"),
    }
    return _attribute(item, "doc-id", "id-string") or None, fields, extra


def _page_body(content: ElementTree.Element) -> str:
    body = next((e for e in content.iter() if local(e) in ("body", "section", "article")), None)
    if body is not None:
        return markup_of(body)
    return markup_of(content) if len(content) else text_of(content)


def _words(item: ElementTree.Element, name: str) -> str:
    """Return the words of the first element of that local name."""
    found = next((e for e in item.iter() if local(e) == name), None)
    return " ".join(text_of(found).split()) if found is not None else ""


def _named(item: ElementTree.Element, name: str) -> str:
    found = next((e for e in item.iter() if local(e) == name), None)
    if found is None:
        return ""
    return _words(found, "name") or found.get("literal", "")


def _attribute(item: ElementTree.Element, name: str, attribute: str) -> str:
    found = next((e for e in item.iter() if local(e) == name and e.get(attribute)), None)
    return found.get(attribute, "") if found is not None else ""


def _iso(norm: str) -> str:
    match = _BASIC.fullmatch(norm)
    if match is None:
        return norm
    year, month, day, hour, minute, second, zone = match.groups()
    clock = f"T{hour}:{minute or '00'}:{second or '00'}{zone or ''}" if hour else ""
    return f"{year}-{month}-{day}{clock}"
