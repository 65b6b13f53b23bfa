"""Which article a record speaks of, and what becomes of it: loaded, exact repeat, new version.

A record's key is its URL, else its feed and record key, else its content. The same key with other words is a new version,
unless title and wording share next to nothing: then the key was used again for another article.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from transforms.records import CleanRecord
from transforms.text import content_hash, text_id, words

# Share of the shorter text's word 5-shingles below which two texts under one key are two articles (schema.md, Identity).
REUSED_BELOW = 0.3
SHINGLE = 5


@dataclass
class Accepted:
    """What one batch of records brought: rows for `records` and `texts`, and the fate of each record in order."""

    records: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    fates: list[str] = field(default_factory=list)


def key_id(record: CleanRecord, feed: str) -> str:
    """Return the article id that the record's key stands for."""
    if record.url_norm:
        return content_hash("a_", "url", record.url_norm)
    if record.record_key:
        return content_hash("a_", "key", feed, record.record_key)
    source = record.source_domain or record.source_name
    return content_hash("a_", "content", source, record.title, record.published_raw, record.body)


class Ledger:
    """The records known so far; `accept` decides the fate of the next one and remembers it."""

    def __init__(self, known: pa.Table | None = None) -> None:
        self._records: set[str] = set()
        self._versions: defaultdict[str, set[tuple[str | None, str]]] = defaultdict(set)
        if known is not None:
            columns = [known[name].to_pylist() for name in ("record_id", "key_id", "title_text_id", "text_id")]
            for record_id, key, title, text in zip(*columns, strict=True):
                self._records.add(record_id)
                self._versions[key].add((title, text))

    def accept(
        self, batch: Iterable[CleanRecord], *, feed: str, raw_file_id: str, seen_at: datetime, run_id: str
    ) -> Accepted:
        """Return the new rows and the fates (loaded, new_version, exact_repeat) of a batch of one dump file's records.

        An exact repeat whose other metadata differs still adds a row to `records`: the newest one speaks for the article.
        """
        out = Accepted()
        for record in batch:
            key, title, text = key_id(record, feed), record.title and text_id(record.title), text_id(record.body)
            versions = self._versions[key]
            repeat = (title, text) in versions
            out.fates.append("exact_repeat" if repeat else "new_version" if versions else "loaded")
            versions.add((title, text))
            record_id = content_hash("rec_", key, title, text, _metadata(record))
            if record_id in self._records:
                continue
            self._records.add(record_id)
            row = {name: value for name, value in asdict(record).items() if name != "body"}
            row |= {
                "record_id": record_id, "key_id": key, "feed": feed, "title_text_id": title, "text_id": text,
                "seen_at": record.seen_at or seen_at, "raw_file_id": raw_file_id, "run_id": run_id,
                "removed": [{"rule": rule, "text": removed} for rule, removed in record.removed],
                "extra": sorted(record.extra.items()),
            }  # fmt: skip
            out.records.append(row)
            out.texts.append(_text(text, "body", record.body, record.lang))
            if record.title and title:
                out.texts.append(_text(title, "title", record.title, record.lang))
        return out


def reused_keys(records: pa.Table, bodies: Mapping[str, str]) -> pa.Table:
    """Return record_id, article_id for the records whose key was used before for another article.

    `records` needs record_id, key_id, text_id, title_text_id, updated_at, published_at, seen_at; `bodies` the words of every
    text of a key that has several. Versions are joined when they share the title or at least REUSED_BELOW of the shorter
    one's shingles, through each other; the part with the earliest keeps the key's id.
    """
    by_key: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in several_texts(records).to_pylist():
        by_key[row["key_id"]].append(row)
    moved: dict[str, str] = {}
    for key, rows in by_key.items():
        rows.sort(key=_version_order)
        parts = _alike(rows, bodies)
        for row, part in zip(rows, parts, strict=True):
            if part != parts[0]:
                moved[row["record_id"]] = content_hash("a_", key, rows[part]["text_id"])
    return pa.table(
        {"record_id": pa.array(moved.keys(), pa.string()), "article_id": pa.array(moved.values(), pa.string())}
    )


def several_texts(records: pa.Table) -> pa.Table:
    """Return the rows of those keys that stand over more than one body."""
    counts = records.group_by("key_id").aggregate([("text_id", "count_distinct")])
    several = counts.filter(pa.compute.greater(counts["text_id_count_distinct"], 1))["key_id"]
    return records.filter(pa.compute.is_in(records["key_id"], value_set=several.combine_chunks()))


def _version_order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    updated, published = row["updated_at"], row["published_at"]
    return updated is not None, updated, published is not None, published, row["seen_at"], row["text_id"]


def _alike(rows: Sequence[Mapping[str, Any]], bodies: Mapping[str, str]) -> list[int]:
    """Return for each row the first row of its part."""
    shingles = {row["text_id"]: _shingles(bodies[row["text_id"]]) for row in rows}
    part = list(range(len(rows)))
    for i, row in enumerate(rows):
        for j in range(i):
            other = rows[j]
            titled = row["title_text_id"] is not None and row["title_text_id"] == other["title_text_id"]
            if part[i] != part[j] and (titled or _overlap(shingles[row["text_id"]], shingles[other["text_id"]])):
                low, high = sorted((part[i], part[j]))
                part = [low if p == high else p for p in part]
    return part


def _shingles(body: str) -> set[tuple[str, ...]]:
    tokens = [word.casefold() for word in words(body)]
    return {tuple(tokens[i : i + SHINGLE]) for i in range(max(1, len(tokens) - SHINGLE + 1))}


def _overlap(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> bool:
    return len(a & b) >= REUSED_BELOW * min(len(a), len(b))


def _metadata(record: CleanRecord) -> str:
    """Return all that a record says beside its words; where and when it was read is left out."""
    values = asdict(record)
    for name in ("body", "seen_at", "raw_start", "raw_end", "n_words"):
        del values[name]
    return json.dumps(values, sort_keys=True, default=str)


def _text(id_: str, kind: str, body: str, lang: str | None) -> dict[str, Any]:
    return {"text_id": id_, "kind": kind, "body": body, "n_words": len(words(body)), "lang": lang}
