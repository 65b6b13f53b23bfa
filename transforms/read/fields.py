"""The names that dumps in the wild give to our fields, in one table; everything else is kept as `extra`."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson

from transforms.records import RawRecord

# Our name first: it wins over the aliases, and they over each other in this order.
ALIASES: dict[str, tuple[str, ...]] = {
    "key": ("key", "record_key", "id", "guid", "_id", "uuid"),
    "url": ("url", "link", "canonical"),
    "title": ("title", "headline", "title_page"),
    "body": ("body", "text", "content", "maintext", "article", "article_body", "content_text"),
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
    "html": ("html", "raw_html", "content_html"),
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
# Text that stands for no value in dumps written by pandas, Python or a database; longer text can't be one.
_NULLS = frozenset({"", "nan", "none", "null", "nat", "n/a", "<na>", "\\n"})
_NULL_LENGTH = 64
_NULL_LONGEST = max(map(len, _NULLS))
_EMPTY: tuple[object, ...] = (None, "", [], {})
_SEPARATOR = re.compile(r"[\s_-]+")
# Shapes of records remembered; a dump has one or a few, a hostile one a new one every line.
_SHAPES = 1_000


class _Plan(NamedTuple):
    """Where the fields of a record of one shape are: (field, name or path) in order of precedence, and the other names."""

    known: tuple[tuple[str, str, tuple[str, ...]], ...]
    others: tuple[str, ...]
    # (field, name) of the known where no field has two names and none is a path; what most dumps are.
    simple: tuple[tuple[str, str], ...] = ()


class FieldNames:
    """The table of names in force: ours, with a user's own before them.

    `more` maps our fields to names of an odd dump; a dot in a name leads into an object ("_source.text").
    Raises ValueError for a field that does not exist.
    """

    def __init__(self, more: Mapping[str, Sequence[str]] | None = None) -> None:
        more = more or {}
        if unknown := sorted(more.keys() - ALIASES.keys()):
            raise ValueError(f"there is no field {unknown[0]!r}; known are {', '.join(ALIASES)}")
        names = {field: (*more.get(field, ()), *aliases) for field, aliases in ALIASES.items()}
        # (alias, field) in order of precedence, and each alias's place in it, whatever its case and separators: pubDate is pub_date.
        self._fields = [(alias, field) for field, aliases in names.items() for alias in aliases]
        self._exact: dict[str, int] = {}
        self._ranks: dict[str, int] = {}
        for rank, (alias, _) in reversed(list(enumerate(self._fields))):
            self._exact[alias] = self._ranks[_plain(alias)] = rank
        self._paths = [(rank, tuple(alias.split("."))) for rank, (alias, _) in enumerate(self._fields) if "." in alias]
        self._plans: dict[tuple[str, ...], _Plan] = {}

    def field_of(self, name: str) -> str | None:
        """Return the field that a name stands for, None where it is none of ours."""
        rank = self._exact.get(name, self._ranks.get(_plain(name)))
        return None if rank is None else self._fields[rank][1]

    def to_record(self, record: Mapping[str, object], start: int, end: int, note: str | None = None) -> RawRecord:
        """Map an object of a dump to a raw record; `note` is kept as extra `text_encoding`."""
        names = tuple(record)
        plan = self._plans.get(names) or self._plan(names)
        # What most values are, told at once: text longer than any word for nothing, without blanks around it.
        taken: dict[str, str] = {
            field: value
            for field, name in plan.simple
            if type(value := record[name]) is str and len(value) > _NULL_LONGEST and value[0] > " " < value[-1]
        }
        extra: dict[str, str] = {}
        for field, name, path in plan.known if len(taken) < len(plan.known) else ():
            value = _at(record, path) if path else record[name]
            if taken.get(field) is value:
                continue
            if field not in taken and (text := _text(value, _JOINERS.get(field, " "))) is not None:
                taken[field] = text
                if _is_whole(value):
                    continue
            if not path and value not in _EMPTY:
                extra[name] = _verbatim(value)
        for name in plan.others:
            if (value := record[name]) not in _EMPTY:
                extra[name] = value if type(value) is str else _verbatim(value)
        if note is not None:
            extra.setdefault("text_encoding", note)
        key, html = taken.pop("key", None), taken.pop("html", None)
        return RawRecord(key, start, end, taken, extra, None if "body" in taken else html)

    def _plan(self, names: tuple[str, ...]) -> _Plan:
        ranked = [
            (rank, name, ())
            for name in names
            if (rank := self._exact.get(name, self._ranks.get(_plain(name)))) is not None
        ]
        nested = [(rank, path[0], path) for rank, path in self._paths if path[0] in names]
        known = tuple((self._fields[rank][1], name, path) for rank, name, path in sorted([*ranked, *nested]))
        direct = {name for _, name, _ in ranked}
        if len(self._plans) >= _SHAPES:
            self._plans.clear()
        others = tuple(name for name in names if name not in direct)
        is_simple = len({field for field, _, _ in known}) == len(known) and not nested
        simple = tuple((field, name) for field, name, _ in known) if is_simple else ()
        plan = self._plans[names] = _Plan(known, others, simple)
        return plan


def _plain(name: str) -> str:
    return _SEPARATOR.sub("", name.casefold())


def _at(value: object, path: Sequence[str]) -> object:
    """Return what lies at a path of member names, None where it leads nowhere."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _text(value: object, joiner: str) -> str | None:
    """The text of a field's value, None where it holds none."""
    if isinstance(value, str):
        return None if (len(value) <= _NULL_LENGTH and value.strip().casefold() in _NULLS) or value.isspace() else value
    if isinstance(value, float) and not math.isfinite(value):
        return None
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
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS, default=str).decode("utf-8")


FIELDS = FieldNames()
