"""The decisions of people in a night: what they name in the warehouse, what they touch, and where they can't all hold."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any

import pyarrow as pa

from flows.contracts import Blocked, write_down
from flows.night import Night
from transforms.dedupe.near import NearCopies
from transforms.dedupe.overruled import TextConstraints, TextPair, overruled
from transforms.enrich.registry import learnt_id
from transforms.overrides import LINKS, NAMING, Override, Same, contradictions
from transforms.sources import SourceRegistry
from transforms.stories.constraints import Constraints
from transforms.stories.lineage import anchors
from warehouse.checks import Finding

_ARTICLE_OVERRIDES = pa.schema(
    [
        ("article_id", pa.string()),
        ("source_id", pa.string()),
        ("published_at", pa.timestamp("us", tz="UTC")),
        ("published_precision", pa.string()),
        ("published_raw", pa.string()),
        ("tz_method", pa.string()),
    ]
)
_IGNORED = pa.schema([("article_id", pa.string()), ("ignored_at", pa.timestamp("us", tz="UTC"))])
_ACTORS = pa.schema([(name, pa.string()) for name in ("kind", "name", "learnt_id", "actor_id")])
_SOURCES = pa.schema([(name, pa.string()) for name in ("source_id", "name", "domain")])
_STATED = pa.schema(
    [
        ("override_id", pa.string()),
        ("kind", pa.string()),
        ("key", pa.string()),
        ("value", pa.string()),
        ("named_id", pa.string()),
        ("author", pa.string()),
        ("decided_date", pa.date32()),
        ("reason", pa.string()),
        ("anchor_id", pa.string()),
    ]
)
_NAMED = pa.schema([(name, pa.string()) for name in ("article_id", "text_id", "story_id")])
_NOTHING = {
    "named_ids": pa.schema([("id", pa.string())]).empty_table(),
    "named_articles": _NAMED.empty_table(),
    "stated_overrides": _STATED.empty_table(),
}
# Where the articles that are named stand: their text now, and the story they were in.
_NAMED_ARTICLES = """
WITH before AS (
    FROM (SELECT article_id, text_id, story_id FROM previous_articles) SEMI JOIN named_ids ON article_id = id
),
now AS (
    SELECT article_id, arg_max(text_id, version_no) AS text_id
    FROM versions SEMI JOIN named_ids ON article_id = id ANTI JOIN withdrawn_articles USING (article_id)
    GROUP BY article_id
)
SELECT article_id, now.text_id, story_id FROM now LEFT JOIN before USING (article_id)
UNION ALL
FROM before
ANTI JOIN (SELECT article_id FROM versions) AS versions USING (article_id) ANTI JOIN gone_articles USING (article_id)
"""
_TOUCHED = """
SELECT DISTINCT key_id
FROM (SELECT key_id, text_id FROM records)
WHERE key_id IN (FROM changed_ids) OR text_id IN (FROM changed_ids)
    OR text_id IN (SELECT text_id FROM (SELECT article_id, text_id FROM previous_article_versions) SEMI JOIN changed_ids ON article_id = id)
"""
# The texts of ignored articles that no other article carries.
_IGNORED_TEXTS = """
WITH standing AS (
    SELECT article_id, text_id FROM versions
    UNION ALL
    SELECT article_id, text_id FROM (SELECT article_id, text_id FROM previous_article_versions)
    ANTI JOIN (SELECT article_id FROM versions) USING (article_id)
)
SELECT text_id FROM standing SEMI JOIN ignored_articles USING (article_id)
EXCEPT
SELECT text_id FROM standing ANTI JOIN ignored_articles USING (article_id)
"""
_SAME_WORDS = """
WITH named AS (SELECT text_id FROM named_articles UNION SELECT id FROM named_ids),
copies AS (
    SELECT text_id FROM text_groups
    SEMI JOIN (SELECT text_group_id FROM text_groups SEMI JOIN named USING (text_id)) AS groups USING (text_group_id)
)
SELECT text_a, text_b FROM found_pairs SEMI JOIN copies ON text_a = text_id WHERE rule = 'same_words'
"""


def refuse_contradictions(night: Night, same: Iterable[Same] = (), more: Iterable[str] = ()) -> None:
    """Raise Blocked, with a row in `quality`, where the overrides can't all hold; `same` is what is known to be one."""
    said = [*contradictions(night.overrides, same), *more]
    if said:
        sentence = f"the overrides contradict themselves: {' '.join(said)}"
        finding = Finding("overrides", "contradictions", "overrides", float(len(said)), 0.0, False, True, (), sentence)
        write_down(night, [finding])
        raise Blocked([finding])


def state(night: Night) -> None:
    """Make visible to SQL what the overrides say of articles and sources, and the keys of what changed since last night."""
    registry = night.sources()
    of_article: dict[str, dict[str, Any]] = {
        row.key: {"article_id": row.key} for row in night.overrides if row.kind in ("set_source", "set_date")
    }
    sources = []
    for row in night.overrides:
        if row.kind == "set_source":
            source = _source(row.value, registry)
            sources.append(source)
            of_article[row.key] |= {"source_id": source["source_id"]}
        elif row.kind == "set_date":
            stamp = row.date
            of_article[row.key] |= {
                "published_at": stamp.value,
                "published_precision": stamp.precision,
                "published_raw": row.value,
                "tz_method": stamp.tz_method,
            }
    night.keep("article_overrides", pa.Table.from_pylist(list(of_article.values()), schema=_ARTICLE_OVERRIDES))
    night.keep("override_sources", pa.Table.from_pylist(sources, schema=_SOURCES))
    ignored = [
        {"article_id": row.key, "ignored_at": datetime.combine(row.decided_on, time(), UTC)}
        for row in night.overrides
        if row.kind == "ignore"
    ]
    night.keep("ignored_articles", pa.Table.from_pylist(ignored, schema=_IGNORED))
    night.keep("actor_overrides", _actors(night.overrides))
    night.keep("overruled_keys", _touched_keys(night))
    night.keep("was_overrides", night.before("overrides"))


def _source(value: str, registry: SourceRegistry) -> dict[str, str | None]:
    """Return the source that a set_source names, by id, domain or name; one that is given by id alone has no name here."""
    if value.startswith("src_"):
        return {"source_id": value, "name": None, "domain": None}
    if "." in value and " " not in value:
        return {"source_id": registry.source_id_for_domain(value), "name": value, "domain": value}
    return {"source_id": registry.source_id_for_name(value), "name": value, "domain": None}


def _actors(overrides: Iterable[Override]) -> pa.Table:
    rows = [
        {
            "kind": row.kind,
            "name": row.key,
            "learnt_id": learnt_id(row.key),
            "actor_id": row.value,
        }
        for row in overrides
        if row.kind in NAMING
    ]
    return pa.Table.from_pylist(rows, schema=_ACTORS)


def _touched_keys(night: Night) -> pa.Table:
    """Return key_id of the records that decisions speak of which came or went since last night."""
    before = night.before("overrides", "override_id", "key", "value").to_pylist()
    now = {row.override_id: (row.key, row.value) for row in night.overrides}
    was = {row["override_id"]: (row["key"], row["value"] or "") for row in before}
    ids = {id_ for changed in now.keys() ^ was.keys() for id_ in (now.get(changed) or was[changed])}
    if not ids:
        return pa.table({"key_id": pa.array([], pa.string())})
    night.keep("changed_ids", _ids(ids))
    return night.find(_TOUCHED)


def part_texts(night: Night) -> None:
    """Put the text groups together anew where people decided of wording; refuse what can't hold, now that copies are known."""
    if not night.overrides:
        for name, nothing in _NOTHING.items():
            night.keep(name, nothing)
        return
    founders = anchors(night.before("story_lineage"))
    pins = [row for row in night.overrides if row.kind == "pin"]
    ids = {id_ for row in night.overrides for id_ in (row.key, row.value)}
    night.keep("named_ids", _ids(ids | {founders[row.value] for row in pins if row.value in founders}))
    named = night.find(_NAMED_ARTICLES)
    night.keep("named_articles", named)
    same = [*_same(named.to_pylist(), founders, pins), *_columns(night.query(_SAME_WORDS))]
    refuse_contradictions(night, same, [*_unknown_stories(pins, founders), *_unknown_sources(night)])
    text_of = dict(_columns(named.select(["article_id", "text_id"])))
    joined, parted = (_links(night.overrides, kind) for kind in ("must_link", "cannot_link"))
    constraints = TextConstraints(
        # That two articles are one story says nothing of their wording; that they are two says they are no copies.
        together=tuple(pair for pair in joined if pair[0][0] == pair[1][0] == "t"),
        apart=tuple((text_of.get(a, a), text_of.get(b, b)) for a, b in parted),
        alone=_ignored_texts(night),
    )
    if constraints.texts:
        night.keep("named_texts", _ids(constraints.texts))
        words = night.query("SELECT text_id, body FROM texts SEMI JOIN named_texts ON text_id = id WHERE body <> ''")
        copies = NearCopies(night.query("FROM text_groups"), night.query("FROM found_pairs"))
        copies = overruled(copies, constraints, dict(_columns(words)))
        night.keep("text_groups", copies.groups)
        night.keep("found_pairs", copies.pairs)
    night.keep("stated_overrides", _stated(night.overrides, founders))


def story_constraints(night: Night) -> Constraints:
    """Return what people decided of stories, between text groups."""
    if not night.overrides:
        return Constraints()
    groups = dict(
        _columns(
            night.query(
                "SELECT article_id AS id, text_group_id FROM named_articles JOIN text_groups USING (text_id) "
                "UNION SELECT id, text_group_id FROM named_ids JOIN text_groups ON id = text_id"
            )
        )
    )
    founders = anchors(night.before("story_lineage"))
    pins = [(row.key, founders[row.value]) for row in night.overrides if row.kind == "pin"]
    return Constraints(
        together=tuple(_between([*_links(night.overrides, "must_link"), *pins], groups)),
        apart=tuple(_between(_links(night.overrides, "cannot_link"), groups)),
    )


def loosened(held: pa.Table, apart: Iterable[TextPair], lost: pa.Table) -> pa.Table:
    """Return what keeps company for want of words (story_id, text_group_id) without what people parted from it.

    Of a story that holds a parted pair, only what has lost its words (`lost`: text_group_id) stays together, and nothing named.
    """
    members: dict[str, set[str]] = {}
    for story, group in _columns(held):
        members.setdefault(story, set()).add(group)
    broken = [pair for pair in apart if any(set(pair) <= groups for groups in members.values())]
    if not broken:
        return held
    stories = {story for story, groups in members.items() if any(set(pair) <= groups for pair in broken)}
    wordless = set(lost["text_group_id"].to_pylist()) - {group for pair in broken for group in pair}
    kept = [story not in stories or group in wordless for story, group in _columns(held)]
    return held.filter(pa.array(kept, pa.bool_()))


def _ignored_texts(night: Night) -> frozenset[str]:
    if not any(row.kind == "ignore" for row in night.overrides):
        return frozenset()
    return frozenset(night.find(_IGNORED_TEXTS)["text_id"].to_pylist())


def _between(pairs: Iterable[TextPair], groups: Mapping[str, str]) -> Iterable[TextPair]:
    for a, b in pairs:
        if a in groups and b in groups and groups[a] != groups[b]:
            yield groups[a], groups[b]


def _links(overrides: Iterable[Override], kind: str) -> list[TextPair]:
    return [(row.key, row.value) for row in overrides if row.kind == kind and kind in LINKS]


def _same(named: list[dict[str, str]], founders: Mapping[str, str], pins: Iterable[Override]) -> Iterable[Same]:
    """Yield what is one: articles and their texts, pinned stories and their founding articles, and where these are now."""
    story_of = {row["article_id"]: row["story_id"] for row in named}
    for row in named:
        yield row["article_id"], row["text_id"]
    for pin in pins:
        if founder := founders.get(pin.value):
            yield pin.value, founder
            if story := story_of.get(founder):
                yield pin.value, story


def _unknown_stories(pins: Iterable[Override], founders: Mapping[str, str]) -> Iterable[str]:
    for pin in pins:
        if pin.value not in founders:
            yield f"{pin} names a story that was never published."


def _unknown_sources(night: Night) -> Iterable[str]:
    known = night.query("SELECT DISTINCT source_id FROM override_sources SEMI JOIN source_list USING (source_id)")
    sources = set(known["source_id"].to_pylist())
    for row in night.overrides:
        if row.kind == "set_source" and row.value.startswith("src_") and row.value not in sources:
            yield f"{row} names a source that nobody knows; give its name or domain."


def _stated(overrides: Iterable[Override], founders: Mapping[str, str]) -> pa.Table:
    """Return the overrides as rows; `anchor_id` is the article by which a pinned story is found."""
    rows = [
        {
            "override_id": row.override_id,
            "kind": row.kind,
            "key": row.key,
            "value": row.value or None,
            "named_id": learnt_id(row.key) if row.kind in NAMING else None,
            "author": row.author,
            "decided_date": row.decided_on,
            "reason": row.reason,
            "anchor_id": founders.get(row.value),
        }
        for row in overrides
    ]
    return pa.Table.from_pylist(rows, schema=_STATED)


def _ids(ids: Iterable[str]) -> pa.Table:
    return pa.table({"id": pa.array(sorted(ids), pa.string())})


def _columns(table: pa.Table) -> list[tuple[str, str]]:
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
