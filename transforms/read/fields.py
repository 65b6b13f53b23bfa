"""The names that dumps in the wild give to our fields, in one table; everything else is kept as `extra`."""

import re
from collections.abc import Mapping

import orjson

from transforms.records import RawRecord

# Our name first: it wins over the aliases, and they over each other in this order.
ALIASES: dict[str, tuple[str, ...]] = {
    "key": ("key", "record_key", "id", "guid", "_id", "uuid"),
    "url": ("url", "link", "canonical"),
    "title": ("title", "headline", "title_page"),
    "body": ("body", "text", "content", "maintext", "article", "article_body"),
    "source": ("source", "source_domain", "publisher", "domain", "site_name", "outlet"),
    "published": (
        "published",
        "published_at",
        "date",
        "pub_date",
        "date_publish",
        "date_published",
        "publish_date",
        "publication_date",
    ),
    "updated": ("updated", "updated_at", "date_modify", "modified", "date_modified"),
    "fetched": ("fetched", "fetched_at", "date_download", "scraped_at"),
    "author": ("author", "authors", "byline"),
    "html": ("html", "raw_html"),
}
# Where a value is an object, the member that names it: schema.org and feed objects, MongoDB's $date and $oid.
_NAMING_MEMBERS = (
    "name",
    "$date",
    "$oid",
    "$numberLong",
    "value",
    "#text",
    "_text",
    "rendered",
    "text",
    "title",
    "href",
    "url",
    "@id",
    "id",
)
_JOINERS = {"author": "; ", "body": "\n"}
# Text that stands for no value in dumps written by pandas, Python or a database.
_NULLS = frozenset({"", "nan", "none", "null", "nat", "n/a", "<na>", "\\n"})


def to_record(record: Mapping[str, object], start: int, end: int, note: str | None) -> RawRecord:
    """Map an object of a dump to a raw record; `note` is kept as extra `text_encoding`."""
    known = sorted((rank, name) for name in record if (rank := _EXACT.get(name, _RANKS.get(_plain(name)))) is not None)
    taken: dict[str, str] = {}
    said: set[str] = set()
    for (_, field), name in ((_FIELDS[rank], name) for rank, name in known):
        value = None if field in taken else _text(record[name], _JOINERS.get(field, " "))
        if value is not None:
            taken[field] = value
            said |= {name} if _is_whole(record[name]) else set()
    extra = {
        name: _verbatim(value) for name, value in record.items() if name not in said and value not in (None, "", [], {})
    }
    if note is not None:
        extra.setdefault("text_encoding", note)
    key, html = taken.pop("key", None), taken.pop("html", None)
    return RawRecord(key, start, end, taken, extra, None if "body" in taken else html)


def _plain(name: str) -> str:
    return _SEPARATOR.sub("", name.casefold())


# (alias, field) in order of precedence, and each alias's place in it, whatever its case and separators: pubDate is pub_date.
_SEPARATOR = re.compile(r"[\s_-]+")
_FIELDS = [(alias, field) for field, aliases in ALIASES.items() for alias in aliases]
_EXACT = {alias: rank for rank, (alias, _) in enumerate(_FIELDS)}
_RANKS = {_plain(alias): rank for rank, (alias, _) in reversed(list(enumerate(_FIELDS)))}


def _text(value: object, joiner: str) -> str | None:
    """The text of a field's value, None where it holds none."""
    if isinstance(value, str):
        return None if value.strip().casefold() in _NULLS else value
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, list):
        return joiner.join(part for item in value if (part := _text(item, joiner)) is not None) or None
    if isinstance(value, dict):
        return next(
            (text for member in _NAMING_MEMBERS if (text := _text(value.get(member), joiner)) is not None), None
        )
    return None


def _is_whole(value: object) -> bool:
    """Whether the text of a value says all of it, so that nothing is left to keep as extra."""
    if isinstance(value, dict):
        return len(value) == 1
    return not isinstance(value, list) or all(not isinstance(item, dict | list) or _is_whole(item) for item in value)


def _verbatim(value: object) -> str:
    if isinstance(value, str):
        return value
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode("utf-8")
