"""The right to be forgotten: what is known of an article by its words goes, what was counted stays.

A tombstone is the hash of an article's or a source's id; the URL or name it came from is nowhere kept. Rows of a forgotten
article stay, without what it said: no title, address, byline, place, boilerplate or unknown field; its texts, their mentions and
quotes lose their words, and so do aliases found in them. A text that another article carries as well keeps its words, as they are that
article's too. Names of actors and outlets that no other text gives go with it; who they were is told by an id alone.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from transforms.identify import key_id, source_id
from transforms.records import CleanRecord
from transforms.sources import SourceRegistry
from transforms.text import content_hash, text_id

FORGOTTEN = "(forgotten)"

# What the plan is made of: each query returns one column of ids; `keys` holds the tombstones. Every kept snapshot is looked at.
PLAN = {
    "articles": """
        SELECT DISTINCT article_id FROM articles
        WHERE sha256('article:' || article_id) IN (SELECT key FROM keys) OR sha256('source:' || source_id) IN (SELECT key FROM keys)
        UNION
        SELECT article_id FROM article_versions WHERE sha256('article:' || article_id) IN (SELECT key FROM keys)
        UNION
        -- A withdrawn article stands in no table of its source.
        SELECT v.article_id
        FROM article_versions AS v JOIN records ON v.text_id = records.text_id AND v.article_id = key_id
        JOIN source_spellings AS said
            ON said_by = 'record' AND source_name IS NOT DISTINCT FROM name AND source_domain IS NOT DISTINCT FROM domain
        WHERE withdrawn_at IS NOT NULL AND sha256('source:' || said.source_id) IN (SELECT key FROM keys)
    """,
    "records": """
        SELECT DISTINCT record_id
        FROM records JOIN article_versions AS v
            ON records.text_id = v.text_id AND records.title_text_id IS NOT DISTINCT FROM v.title_text_id
        JOIN f_articles USING (article_id)
        LEFT JOIN (SELECT DISTINCT article_id, feed, url_norm, record_key FROM articles) AS a USING (article_id)
        WHERE key_id = article_id OR records.feed = a.feed
            AND records.url_norm IS NOT DISTINCT FROM a.url_norm AND records.record_key IS NOT DISTINCT FROM a.record_key
    """,
    "texts": """
        SELECT unnest([text_id, title_text_id]) AS text_id FROM records SEMI JOIN f_records USING (record_id)
        EXCEPT
        SELECT unnest([text_id, title_text_id]) FROM records ANTI JOIN f_records USING (record_id)
    """,
    "actors": """
        SELECT actor_id FROM actor_mentions SEMI JOIN f_texts USING (text_id) WHERE regexp_matches(actor_id, '_[0-9a-f]{16}$')
        EXCEPT
        SELECT actor_id FROM actor_mentions ANTI JOIN f_texts USING (text_id)
    """,
    "aliases": """
        SELECT DISTINCT actor_id || chr(10) || unnest([alias, name]) AS alias FROM text_aliases SEMI JOIN f_texts USING (text_id)
        EXCEPT
        SELECT DISTINCT actor_id || chr(10) || unnest([alias, name]) FROM text_aliases ANTI JOIN f_texts USING (text_id)
    """,
    "credits": """
        (SELECT cited_name FROM text_citations SEMI JOIN f_texts USING (text_id)
         UNION SELECT unnest(agency_credits) FROM records SEMI JOIN f_records USING (record_id))
        EXCEPT
        (SELECT cited_name FROM text_citations ANTI JOIN f_texts USING (text_id)
         UNION SELECT unnest(agency_credits) FROM records ANTI JOIN f_records USING (record_id)
         UNION SELECT source_name FROM records)
    """,
    "sources": """
        SELECT cited_source_id FROM source_citations SEMI JOIN f_texts USING (text_id)
        WHERE regexp_matches(cited_source_id, '_[0-9a-f]{16}$')
            AND cited_source_id NOT IN (SELECT source_id FROM sources WHERE in_corpus)
        EXCEPT
        SELECT cited_source_id FROM source_citations ANTI JOIN f_texts USING (text_id)
    """,
}  # fmt: skip
# The words by which logs are searched: addresses, keys, headlines, authors, bodies.
SAID = """
    SELECT unnest([url, url_norm, record_key, title] || byline) AS words FROM records SEMI JOIN f_records USING (record_id)
    UNION
    SELECT body FROM texts SEMI JOIN f_texts USING (text_id)
    UNION
    SELECT name FROM actors SEMI JOIN f_actors USING (actor_id)
    UNION
    SELECT name FROM sources SEMI JOIN f_sources ON source_id = cited_source_id
"""

# Shorter words stand in sentences that have nothing to do with the article.
_SHORTEST = 6
# So many characters in a row are not in two texts by chance.
_WINDOW = 30


@dataclass(frozen=True)
class Forgotten:
    """The ids that are forgotten, by kind (the names of PLAN), and the words they stood for."""

    ids: Mapping[str, frozenset[str]]
    words: frozenset[str] = frozenset()


def tombstone(kind: str, id_: str) -> str:
    """Return the key under which an article or a source is remembered as forgotten: a hash, from which nothing is read."""
    return hashlib.sha256(f"{kind}:{id_}".encode()).hexdigest()


def is_forgotten(record: CleanRecord, feed: str, registry: SourceRegistry, tombstones: Collection[str]) -> bool:
    """Return whether a record is of an article or a source that was forgotten."""
    if not tombstones:
        return False
    key = key_id(record, feed)
    articles = {key, content_hash("a_", key, text_id(record.body))}
    # By either: a source forgotten by its name may come with a domain one day, and the other way round.
    sources = {source_id(record.source_name, None, registry), source_id(None, record.source_domain, registry)}
    sources |= {registry.source_id_for_name(record.source_name)} if record.source_name else set()
    sources |= {registry.source_id_for_domain(record.source_domain)} if record.source_domain else set()
    names = [("article", id_) for id_ in articles] + [("source", id_) for id_ in sources if id_]
    return any(tombstone(kind, id_) in tombstones for kind, id_ in names)


def scrub(name: str, rows: pa.Table, forgotten: Forgotten) -> pa.Table:
    """Return the rows of a table of the snapshot without what is forgotten; the very same object where there is nothing of it."""
    by_text = [Rule("texts", ("text_id",))] if "text_id" in rows.column_names else []
    for rule in _RULES.get(name, by_text):
        hit = _hits(rows, rule, forgotten.ids.get(rule.ids, frozenset()))
        if pc.any(hit).as_py():
            rows = rows.filter(pc.invert(hit)) if rule.change is None else _changed(rows, hit, rule)
    return rows


def scrub_log(rows: pa.Table, forgotten: Forgotten) -> pa.Table:
    """Return the rows of a log table with every text cell that repeats words of what is forgotten replaced."""
    needles = [words for words in forgotten.words if _SHORTEST <= len(words) <= 300]
    bodies = " ".join(re.sub(r"\s+", " ", words) for words in sorted(forgotten.words) if len(words) > _WINDOW)
    ids = frozenset().union(*forgotten.ids.values())
    for column in rows.schema:
        values = rows.column(column.name).to_pylist()
        cleaned = [_cleaned(value, needles, bodies) for value in values]
        if column.name in ("before", "after"):
            about = zip(rows["entity_id"].to_pylist(), rows["article_id"].to_pylist(), cleaned, strict=True)
            cleaned = [
                None if (entity in ids or article in ids) and not _is_number(value) else value
                for entity, article, value in about
            ]
        if cleaned != values:
            rows = _with(rows, column.name, cleaned)
    return rows


def without(run: Mapping[str, Any], forgotten: Forgotten) -> dict[str, Any]:
    """Return what a manifest says of its run without words of what is forgotten (a dump's file may be named after it)."""
    needles = [words for words in forgotten.words if _SHORTEST <= len(words) <= 300]
    return {name: _cleaned(value, needles, "") for name, value in run.items()}


_NOTHING: dict[str, Any] = {"byline": [], "agency_credits": [], "removed": [], "extra": [], "terms": [], "spans": []}
_SAYS = (
    "record_key",
    "url",
    "url_norm",
    "transport_host",
    "title",
    "byline",
    "dateline_place",
    "agency_credits",
    "published_raw",
)


@dataclass(frozen=True)
class Rule:
    """What becomes of the rows whose columns name such an id: the columns of `change` get its values; without one they go.

    `fill` gives a column that is NULL the value of another; `key` tells rows apart after the change: of equals the first stays,
    with what all say in the column `total`. A row that says FORGOTTEN in the column `unless` is left as it is.
    """

    ids: str
    columns: tuple[str, ...]
    change: Mapping[str, Any] | None = None
    key: tuple[str, ...] = ()
    fill: Mapping[str, str] = field(default_factory=dict)
    total: str = ""
    unless: str = ""


_NO_ALIAS = {"alias": FORGOTTEN, "method": "surname"}
# A table that is not named loses the rows of forgotten texts.
_RULES: dict[str, list[Rule]] = {
    "records": [Rule("records", ("record_id",), {name: _NOTHING.get(name) for name in (*_SAYS, "removed", "extra")})],
    "texts": [Rule(ids, ("text_id",), {"body": ""}) for ids in ("texts", "worn")],
    "text_aliases": [
        # A short form means nobody outside its text, so that the placeholder is no alias.
        Rule("actors", ("actor_id",), _NO_ALIAS | {"name": FORGOTTEN}, ("text_id", "actor_id")),
        Rule("aliases", ("actor_id", "name"), unless="name"),
        # Under a full name that others give it is counted on.
        Rule("texts", ("text_id",), _NO_ALIAS, ("text_id", "actor_id")),
    ],
    "text_citations": [Rule("credits", ("cited_name",), {"cited_name": FORGOTTEN})],
    # Whom a text names, quotes or credits, by id, in which sentence, how often and in what tone, are counts: days of actors and of
    # pairs are counted from them again whenever an article of the day comes.
    "actor_mentions": [Rule("texts", ("text_id",), {"surface": ""})],
    "quotes": [Rule("texts", ("text_id",), {"verb": None, "speaker_surface": None, "quote_group_id": None})],
    "text_actors": [],
    "source_citations": [],
    "text_tones": [Rule("texts", ("text_id",), {"start_char": None, "end_char": None})],
    "articles": [
        Rule("articles", ("article_id",), {name: _NOTHING.get(name) for name in _SAYS} | {"status": "forgotten"})
    ],
    "article_versions": [Rule("articles", ("article_id",), {"removed": [], "extra": []})],
    "stories": [Rule("articles", ("medoid_article_id",), {"title": None})],
    "merge_evidence": [
        Rule("articles", (column,), {"terms": [], "spans": []}) for column in ("article_a", "article_b")
    ],
    "actors": [Rule("actors", ("actor_id",), {"name": FORGOTTEN})],
    "actor_redirects": [],
    "actor_aliases": [Rule("actors", ("actor_id",)), Rule("aliases", ("actor_id", "alias"))],
    "actor_spellings": [
        Rule("actors", ("actor_id",), {"name": FORGOTTEN}, ("actor_id", "type"), total="n_uses"),
        Rule("aliases", ("actor_id", "name"), unless="name"),
    ],
    "sources": [Rule("sources", ("source_id",), {"name": FORGOTTEN, "domain": None})],
    "source_aliases": [Rule("credits", ("alias",))],
    "overrides": [Rule("articles", (column,), {"reason": FORGOTTEN}) for column in ("key", "value")],
    "source_spellings": [
        Rule(
            "credits",
            ("name",),
            {"name": FORGOTTEN, "said_by": "citation"},
            ("said_by", "name", "domain", "named_id"),
            {"named_id": "source_id"},
        )
    ],
}


def _hits(rows: pa.Table, rule: Rule, ids: Collection[str]) -> pa.ChunkedArray:
    values = rows.column(rule.columns[0])
    for other in rule.columns[1:]:
        values = pc.binary_join_element_wise(values, rows.column(other), "\n")
    hit = pc.fill_null(pc.is_in(values, value_set=pa.array(sorted(ids), pa.string())), False)
    return pc.and_(hit, pc.not_equal(rows.column(rule.unless), FORGOTTEN)) if rule.unless else hit


def _changed(rows: pa.Table, hit: pa.ChunkedArray, rule: Rule) -> pa.Table:
    """Return the rows with the rule's values where it hits; the same object where they had them before."""
    mask, columns = hit.to_pylist(), rows.to_pydict() if rule.key or rule.fill else {}
    before = rows
    for name, value in (rule.change or {}).items():
        if name in rows.column_names:
            old = rows.column(name).to_pylist()
            rows = _with(rows, name, [value if here else was for here, was in zip(mask, old, strict=True)])
    for name, other in rule.fill.items():
        pairs = zip(mask, columns[name], columns[other], strict=True)
        rows = _with(rows, name, [o if here and value is None else value for here, value, o in pairs])
    if rule.key:
        first: dict[tuple[Any, ...], int] = {}
        keys = enumerate(zip(mask, *(rows.column(name).to_pylist() for name in rule.key), strict=True))
        stands_for = [first.setdefault(key[1:], at) if key[0] else at for at, key in keys]
        if rule.total:
            totals = Counter[int]()
            for at, value in zip(stands_for, columns[rule.total], strict=True):
                totals[at] += value
            rows = _with(rows, rule.total, [totals[at] for at in range(rows.num_rows)])
        rows = rows.filter(pa.array([at == place for at, place in enumerate(stands_for)]))
    return before if rows.equals(before) else rows


def _with(rows: pa.Table, name: str, values: list[Any]) -> pa.Table:
    index = rows.schema.get_field_index(name)
    column = rows.schema.field(index)
    return rows.set_column(index, column, pa.chunked_array([pa.array(values, column.type)]))


def _cleaned(value: Any, needles: list[str], bodies: str) -> Any:
    if isinstance(value, str):
        return FORGOTTEN if _repeats(value, needles, bodies) else value
    if isinstance(value, list):
        return [_cleaned(item, needles, bodies) for item in value]
    if isinstance(value, dict):
        return {name: _cleaned(item, needles, bodies) for name, item in value.items()}
    return value


def _repeats(value: str, needles: list[str], bodies: str) -> bool:
    if any(needle in value for needle in needles):
        return True
    plain = re.sub(r"\s+", " ", value)
    return any(plain[i : i + _WINDOW] in bodies for i in range(len(plain) - _WINDOW + 1))


def _is_number(value: str | None) -> bool:
    return (
        value is None
        or re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?|(s|a|src)_\w+|forgotten|withdrawn|active", value) is not None
    )
