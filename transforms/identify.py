"""Which article a record speaks of, and what becomes of it: loaded, exact repeat, new version.

A record's key is its URL, else its feed and record key, else its content. The same key with other words is a new version,
unless title and wording share next to nothing: then the key was used again for another article.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.ids import id_number, id_numbers
from transforms.records import CleanRecord
from transforms.sources import SourceRegistry
from transforms.text import content_hash, text_id, words

# Share of the shorter text's word 5-shingles below which two texts under one key are two articles (schema.md, Identity).
REUSED_BELOW = 0.3
SHINGLE = 5
# Comparing every two wordings under one key takes time with the square of them. No article has so many; a dump that writes one key on
# every record has, and there the title alone tells which are versions of one.
COMPARED_AT_MOST = 300

# What is no word of the record's own: where and when it was read, and what follows from the body.
_NOT_SAID = (
    *("section_method", "section_confidence", "url_method", "url_confidence", "title_confidence", "byline_method"),
    *("byline_confidence", "dateline_method", "dateline_confidence", "credits_method", "credits_confidence"),
    *("published_confidence", "updated_method", "updated_confidence"),
    "body",
    "seen_at",
    "raw_start",
    "raw_end",
    "raw_member",
    "n_words",
    "correction_start_char",
    "correction_end_char",
)
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_RECORD_SOURCES = pa.schema(
    [(name, pa.string()) for name in ("source_name", "source_domain", "source_id", "name", "domain")]
)


@dataclass(frozen=True)
class Accepted:
    """What one record brought: its fate, its ids, its row for `records` (None if the very same is known) and its rows for `texts`.

    `is_later`: the very same is known, and this one states a later fetch time.
    """

    fate: str
    record_id: str
    key_id: str
    record: dict[str, Any] | None
    texts: list[dict[str, Any]]
    is_later: bool = False


def key_id(record: CleanRecord, feed: str) -> str:
    """Return the article id that the record's key stands for: its URL, else feed and record key, else its content."""
    if known := url_key_id(record.url_norm) or feed_key_id(feed, record.record_key):
        return known
    source = record.source_domain or record.source_name
    return content_hash("a_", "content", source, record.title, record.published_raw, record.body)


def url_key_id(url_norm: str | None) -> str | None:
    """Return the article id that an address stands for."""
    return content_hash("a_", "url", url_norm) if url_norm else None


def feed_key_id(feed: str, record_key: str | None) -> str | None:
    """Return the article id that a feed's own key stands for where there is no address."""
    return content_hash("a_", "key", feed, record_key) if record_key else None


class Ledger:
    """The records known so far; `accept` decides the fate of the next one and remembers it."""

    def __init__(self, known: pa.Table | None = None) -> None:
        """Start from rows of `records` (record_id, key_id, title_text_id, text_id, seen_at), or from nothing."""
        self._known = _KnownRecords(known) if known is not None else None
        # When each record of tonight was fetched, and each known one that came again later.
        self._fetched: dict[str, datetime] = {}
        self._versions: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)

    def accept(self, record: CleanRecord, *, feed: str, seen_at: datetime, provenance: Mapping[str, Any]) -> Accepted:
        """Return what a record brings: loaded, new_version or exact_repeat.

        `provenance` is raw_file_id, run_id and run_no. An exact repeat whose other metadata differs still has a row: the
        newest one speaks for the article.
        """
        key, title, text = key_id(record, feed), record.title and text_id(record.title), text_id(record.body)
        versions = self._versions_of(key)
        words_now = (id_number(title) if title else 0, id_number(text))
        fate = "exact_repeat" if words_now in versions else "new_version" if versions else "loaded"
        versions.add(words_now)
        record_id = content_hash("rec_", key, title, text, _metadata(record))
        at = record.seen_at or seen_at
        fetched = self._fetched.get(record_id) or (self._known and self._known.fetched(record_id))
        is_later = bool(fetched and record.seen_at and at > fetched)
        if is_later or not fetched:
            self._fetched[record_id] = at
        if fetched:
            return Accepted(fate, record_id, key, None, [], is_later)
        row = {name: value for name, value in asdict(record).items() if name != "body"} | {
            "record_id": record_id,
            "key_id": key,
            "feed_key_id": feed_key_id(feed, record.record_key),
            "feed": feed,
            "title_text_id": title,
            "text_id": text,
            "seen_at": at,
            "removed": [{"rule": rule, "text": removed} for rule, removed in record.removed],
            "extra": sorted(record.extra.items()),
        }
        texts = [_text(text, "body", record.body, record.lang)]
        if record.title and title:
            texts.append(_text(title, "title", record.title, record.lang))
        return Accepted(fate, record_id, key, row | dict(provenance), texts)

    def _versions_of(self, key: str) -> set[tuple[int, int]]:
        if key not in self._versions and self._known:
            self._versions[key] = self._known.versions(key)
        return self._versions[key]


class _KnownRecords:
    """Rows of `records` as sorted numbers: 40 bytes a record, so that ten million fit in memory."""

    def __init__(self, known: pa.Table) -> None:
        records = id_numbers(known["record_id"])
        order = np.argsort(records, kind="stable")
        self._records = records[order]
        self._fetched = pc.cast(known["seen_at"], pa.int64()).to_numpy()[order]
        keys = id_numbers(known["key_id"])
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self._titles = id_numbers(known["title_text_id"])[order]
        self._texts = id_numbers(known["text_id"])[order]

    def fetched(self, record_id: str) -> datetime | None:
        """Return when a record was fetched, None if it is not known."""
        number = np.uint64(id_number(record_id))
        place = np.searchsorted(self._records, number)
        is_known = place < len(self._records) and self._records[place] == number
        return _EPOCH + int(self._fetched[place]) * _MICROSECOND if is_known else None

    def versions(self, key: str) -> set[tuple[int, int]]:
        """Return the wordings known under a key, as numbers of (title, text)."""
        number = np.uint64(id_number(key))
        rows = slice(np.searchsorted(self._keys, number), np.searchsorted(self._keys, number, side="right"))
        return set(zip(self._titles[rows].tolist(), self._texts[rows].tolist(), strict=True))


def placed_before(records: pa.Table, versions: pa.Table) -> dict[str, str]:
    """Return the article that each record of a key with several bodies was a version of.

    `records` needs record_id, key_id, text_id, title_text_id; `versions` article_id, text_id, title_text_id as last published.
    """
    known: defaultdict[tuple[str, str | None], set[str]] = defaultdict(set)
    for row in versions.to_pylist():
        known[row["text_id"], row["title_text_id"]].add(row["article_id"])
    by_key: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in several_texts(records).to_pylist():
        by_key[row["key_id"]].append(row)
    placed: dict[str, str] = {}
    for key, rows in by_key.items():
        named = {key, *(content_hash("a_", key, row["text_id"]) for row in rows)}
        for row in rows:
            if found := known[row["text_id"], row["title_text_id"]] & named:
                placed[row["record_id"]] = min(found)
    return placed


def reused_keys(records: pa.Table, bodies: Mapping[str, str], placed: Mapping[str, str] | None = None) -> pa.Table:
    """Return record_id, article_id for the records whose key was used before for another article.

    `records` needs record_id, key_id, text_id, title_text_id, updated_at, published_at, seen_at, and may leave out keys of one
    title (see `compared_texts`); `bodies` holds the words of every text of a key that has several. Versions are joined when they share the title or at least REUSED_BELOW of the shorter
    one's shingles, through each other; the part with the earliest keeps the key's id. A body that has lost its words (it is
    empty) is compared with none: its record stays with the article it was `placed` in (see `placed_before`).
    """
    by_key: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in several_texts(records).to_pylist():
        by_key[row["key_id"]].append(row)
    moved: dict[str, str] = {}
    for key, rows in by_key.items():
        rows.sort(key=_version_order)
        homes = _homes(key, rows, bodies, placed or {})
        parts = _alike(rows, bodies, homes)
        ids = _article_ids(key, rows, parts, homes)
        for row, part in zip(rows, parts, strict=True):
            if ids[part] != key:
                moved[row["record_id"]] = ids[part]
    return pa.table(
        {"record_id": pa.array(moved.keys(), pa.string()), "article_id": pa.array(moved.values(), pa.string())}
    )


def record_sources(named: pa.Table, registry: SourceRegistry) -> pa.Table:
    """Return source_name, source_domain, source_id, name, domain for the publishers that records name.

    `named`: distinct source_name, source_domain. The registry decides, by domain, then by name. What it does not know is told by
    its domain; a bare name goes with the one domain that other records give it. NULL where a record names neither.
    """
    rows = named.to_pylist()
    domains = source_names(named, registry)
    domain_of = dict(zip(domains["name_id"].to_pylist(), domains["source_id"].to_pylist(), strict=True))
    for row in rows:
        name, domain = row["source_name"], row["source_domain"]
        found = source_id(name, domain, registry)
        row["source_id"] = domain_of.get(found, found) if found else None
        row["name"], row["domain"] = name or domain, domain
    return pa.Table.from_pylist(rows, schema=_RECORD_SOURCES)


def source_names(named: pa.Table, registry: SourceRegistry) -> pa.Table:
    """Return name_id, source_id: outlets the registry does not know, by name, and the one domain that records give that name."""
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for row in named.to_pylist():
        name, domain = row["source_name"], row["source_domain"]
        if name and domain and registry.by_name(name) is None:
            ids[registry.source_id_for_name(name)].add(registry.source_id_for_domain(domain))
    one = sorted((name_id, min(found)) for name_id, found in ids.items() if len(found) == 1)
    columns = zip(*one, strict=True) if one else ((), ())
    return pa.table(
        {key: pa.array(column, pa.string()) for key, column in zip(("name_id", "source_id"), columns, strict=True)}
    )


def source_id(name: str | None, domain: str | None, registry: SourceRegistry) -> str | None:
    """Return the source that a record's name and domain stand for; None where it names neither."""
    for known in (registry.by_domain(domain) if domain else None, registry.by_name(name) if name else None):
        if known:
            return known.source_id
    if domain:
        return registry.source_id_for_domain(domain)
    return registry.source_id_for_name(name) if name else None


def several_texts(records: pa.Table) -> pa.Table:
    """Return the rows of those keys that stand over more than one body."""
    counts = records.group_by("key_id").aggregate([("text_id", "count_distinct")])
    several = counts.filter(pc.greater(counts["text_id_count_distinct"], 1))["key_id"]
    return records.filter(pc.is_in(records["key_id"], value_set=several.combine_chunks()))


def compared_texts(records: pa.Table) -> pa.Table:
    """Return the rows of those keys that stand over more than one body and not all under one title, which would join them."""
    several = several_texts(records)
    titles = several.group_by("key_id").aggregate(
        [
            ("title_text_id", "count_distinct", pc.CountOptions(mode="all")),
            ("title_text_id", "count", pc.CountOptions(mode="only_null")),
        ]
    )
    one = pc.and_(pc.equal(titles["title_text_id_count_distinct"], 1), pc.equal(titles["title_text_id_count"], 0))
    return several.filter(
        pc.invert(pc.is_in(several["key_id"], value_set=titles.filter(one)["key_id"].combine_chunks()))
    )


def _version_order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    updated, published = row["updated_at"], row["published_at"]
    return updated is not None, updated, published is not None, published, row["seen_at"], row["text_id"]


@dataclass(frozen=True)
class _Homes:
    """Where rows were before, of a key with bodies that have lost their words: the article, None for a new row."""

    article: list[str | None]
    lost: list[bool]
    # The rows that nothing is left to compare with, where no text known under the key has words any more.
    strangers: list[bool]

    def tie(self, i: int, j: int) -> bool:
        """Return whether two rows were one article before."""
        return self.article[i] == self.article[j]


def _homes(
    key: str, rows: Sequence[Mapping[str, Any]], bodies: Mapping[str, str], placed: Mapping[str, str]
) -> _Homes | None:
    """Return where the rows were; None where every body has its words."""
    lost = [not bodies[row["text_id"]] for row in rows]
    if not any(lost) or len(rows) > COMPARED_AT_MOST:
        return None
    article = [placed.get(row["record_id"], key if gone else None) for row, gone in zip(rows, lost, strict=True)]
    is_known = any(home and not gone for home, gone in zip(article, lost, strict=True))
    return _Homes(article, lost, [home is None and not is_known for home in article])


def _article_ids(
    key: str, rows: Sequence[Mapping[str, Any]], parts: Sequence[int], homes: _Homes | None
) -> dict[int, str]:
    """Return the article id of each part: the one a row without words had, the key's for the earliest other, else a new one."""
    kept: dict[int, str] = {}
    for part, article, lost in zip(parts, homes.article, homes.lost, strict=True) if homes else ():
        if lost and article and kept.get(part) != key:
            kept[part] = article if article == key else kept.get(part, article)
    ids = {part: content_hash("a_", key, rows[part]["text_id"]) for part in parts} | kept
    others = [part for part in parts if part not in kept]
    if others and key not in kept.values():
        ids[others[0]] = key
    return ids


def _alike(rows: Sequence[Mapping[str, Any]], bodies: Mapping[str, str], homes: _Homes | None) -> list[int]:
    """Return for each row the first row of its part."""
    if len(rows) > COMPARED_AT_MOST:
        first: dict[str, int] = {}
        titles = [row["title_text_id"] or row["text_id"] for row in rows]
        return [first.setdefault(title, i) for i, title in enumerate(titles)]
    shingles = {row["text_id"]: _shingles(bodies[row["text_id"]]) for row in rows}
    part = list(range(len(rows)))
    for i, row in enumerate(rows):
        for j in range(i):
            other = rows[j]
            titled = row["title_text_id"] is not None and row["title_text_id"] == other["title_text_id"]
            a, b = shingles[row["text_id"]], shingles[other["text_id"]]
            tied = homes.tie(i, j) if homes and (homes.lost[i] or homes.lost[j]) else _overlap(a, b)
            if part[i] != part[j] and (titled or tied):
                part = _joined(part, i, j)
    return _taken_in(rows[0]["key_id"], part, homes) if homes else part


def _joined(part: Sequence[int], i: int, j: int) -> list[int]:
    low, high = sorted((part[i], part[j]))
    return [low if p == high else p for p in part]


def _taken_in(key: str, part: list[int], homes: _Homes) -> list[int]:
    """Return the parts with those of strangers alone in the part of the key's article: nothing says that they are another."""
    host = next((i for i, article in enumerate(homes.article) if article == key), None)
    if host is None:
        return part
    settled = {p for p, stranger in zip(part, homes.strangers, strict=True) if not stranger}
    for i in range(len(part)):
        if part[i] not in settled:
            part = _joined(part, i, host)
            settled.add(part[host])
    return part


def _shingles(body: str) -> set[tuple[str, ...]]:
    tokens = [word.casefold() for word in words(body)]
    return {tuple(tokens[i : i + SHINGLE]) for i in range(max(1, len(tokens) - SHINGLE + 1))}


def _overlap(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> bool:
    return len(a & b) >= REUSED_BELOW * min(len(a), len(b))


def _metadata(record: CleanRecord) -> str:
    """Return all that a record says beside its words; where and when it was read is left out."""
    values = asdict(record)
    for name in _NOT_SAID:
        del values[name]
    return json.dumps(values, sort_keys=True, default=str)


def _text(id_: str, kind: str, body: str, lang: str | None) -> dict[str, Any]:
    return {"text_id": id_, "kind": kind, "body": body, "n_words": len(words(body)), "lang": lang}
