"""`newsfold explain A B`: why two articles are, or are not, one text or one story, with all that decided it.

What a night decided is read from the warehouse; a pair that no night came near is looked at now, by the same measures. What is
forgotten is not looked at, and nothing of it is shown.
"""

import json
import sys
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow as pa

from flows.explained import lines
from flows.resources import Resources
from flows.text_model import WEIGHTS
from transforms.clean.urls import address
from transforms.dedupe.overlap import of_two
from transforms.stories.frequencies import read_frequencies
from transforms.stories.judge import Contribution, contributions, judge, log_odds, score_of
from transforms.stories.kernel import MILLION
from transforms.stories.profiles import NODES
from transforms.stories.similarity import Weights
from transforms.text import content_hash, sentences
from warehouse.catalog import CatalogError, open_catalog
from warehouse.store import Place

Row = dict[str, Any]
# Of which nothing is compared.
UNJOINABLE = ("roundup", "liveblog", "listing", "stub")
# As much of a sentence as one reads at a glance; live text can be one sentence of a page.
_LONGEST_SENTENCE = 400
# Features and scores are cut to six decimals.
_CUT_OFF = 0.00001

_FIND = """
SELECT article_id, title, source_id, report_date, url, status, content_type, dup_level, text_id, text_filed_date, text_group_id, story_id
FROM articles
WHERE $name IN (article_id, url, record_key, text_id) OR url_norm = $normal
ORDER BY text_id <> $name, dup_level <> 'founder', article_id
"""
_IGNORED = "SELECT author, decided_date, reason FROM overrides WHERE kind = 'ignore' AND key IN (SELECT unnest($keys))"
_TEXT_PAIRS = "SELECT * EXCLUDE (filed_date) FROM text_pairs WHERE text_a = least($a, $b) AND text_b = greatest($a, $b)"
_JOINED_TEXTS = """
SELECT text_a, text_b, containment FROM text_pairs SEMI JOIN (SELECT text_id FROM articles WHERE text_group_id = $group) ON text_a = text_id
WHERE decision = 'joined'
"""
_FOUNDER = "SELECT article_id FROM articles WHERE text_group_id = $group AND dup_level = 'founder'"
_EVIDENCE = "SELECT * FROM merge_evidence WHERE article_a = least($a, $b) AND article_b = greatest($a, $b)"
_ACCEPTED = """
SELECT article_a, article_b, score, decision FROM merge_evidence JOIN articles ON article_a = article_id
WHERE decision IN ('accept', 'override') AND story_id = $story
"""
# The texts that stood for the two groups, as transforms/tables/story_nodes.sql chooses them.
_NODES = """
WITH standing AS (
    SELECT
        text_group_id AS node_id,
        first(text_id ORDER BY n_words DESC, text_id) AS text_id,
        min(published_at::DATE) FILTER (published_precision IN ('second', 'minute', 'hour', 'day')) AS date
    FROM articles WHERE text_group_id IN ($a, $b) GROUP BY ALL
),
titles AS (
    SELECT node_id, first(title ORDER BY standing.text_id = articles.text_id DESC, article_id) AS title
    FROM articles JOIN standing ON text_group_id = node_id WHERE title IS NOT NULL GROUP BY ALL
),
cited AS (
    SELECT text_id, list(DISTINCT cited_source_id ORDER BY cited_source_id) AS cited
    FROM source_citations SEMI JOIN standing USING (text_id) JOIN sources ON cited_source_id = source_id
    WHERE level = 'report' AND kind <> 'wire' GROUP BY ALL
)
SELECT node_id, text_id, body, title, date, coalesce(cited, []) AS cited, true AS joinable
FROM standing JOIN texts USING (text_id) LEFT JOIN titles USING (node_id) LEFT JOIN cited USING (text_id)
WHERE body <> ''
"""
_BODIES = "SELECT text_id, body FROM texts WHERE text_id IN (SELECT unnest($ids)) AND body <> ''"
_OVERRIDES = """
SELECT kind, key, value, author, decided_date, reason FROM overrides
WHERE NOT is_stale AND kind IN ('must_link', 'cannot_link', 'pin') AND (key IN (SELECT unnest($ids)) OR value IN (SELECT unnest($ids)))
ORDER BY decided_date, override_id
"""


def explain(root: Place, name_a: str, name_b: str, as_json: bool = False) -> int:
    """Print why the two are, or are not, one text and one story; returns 0, or 1 where one can't be found."""
    try:
        with open_catalog(root) as connection:
            found = explanation(connection, name_a, name_b)
    except (CatalogError, LookupError) as error:
        print(f"newsfold: {error.args[0]}", file=sys.stderr)
        return 1
    if as_json:
        print(json.dumps(found, default=str, ensure_ascii=False, indent=1))
    else:
        print("\n".join(lines(found)))
    return 0


def explanation(connection: duckdb.DuckDBPyConnection, name_a: str, name_b: str) -> Row:
    """Return all that decided of two articles, named by id, URL, record key or text id; docs/overrule.md tells its fields.

    Raises LookupError, with a sentence, for a name that means no article or several.
    """
    a, b = _find(connection, name_a), _find(connection, name_b)
    looked_at = [{name: each[name] for name in _SHOWN} for each in (a, b)]
    text = _text(connection, a, b)
    return {"articles": looked_at, "text": text, "story": _story(connection, a, b, text["together"])}


_SHOWN = (
    "article_id", "title", "source_id", "report_date", "url", "status", "content_type", "text_id", "text_group_id", "story_id",
)  # fmt: skip


def rows(connection: duckdb.DuckDBPyConnection, sql: str, **values: object) -> list[Row]:
    """Return the rows of a query as dictionaries."""
    result = connection.execute(sql, values)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _find(connection: duckdb.DuckDBPyConnection, name: str) -> Row:
    found = rows(connection, _FIND, name=name, normal=address(name).normal)
    if not found:
        if ignored := rows(connection, _IGNORED, keys=[name, *_address_id(name)]):
            said = "{author} on {decided_date}: {reason}".format(**ignored[0])
            raise LookupError(f"{name!r} is in no story and no count: an override ignores it, by {said}.")
        raise LookupError(f"there is no article {name!r}: give an article_id, a URL, a record key or a text_id.")
    if len(found) > 1 and found[0]["text_id"] != name:
        ids = ", ".join(row["article_id"] for row in found[:5])
        raise LookupError(f"{name!r} names {len(found)} articles, say which: {ids}.")
    return found[0]


def _address_id(name: str) -> list[str]:
    normal = address(name).normal
    return [content_hash("a_", "url", normal)] if normal else []


def _forgotten(*articles: Row) -> bool:
    return any(article["status"] == "forgotten" for article in articles)


def _text(connection: duckdb.DuckDBPyConnection, a: Row, b: Row) -> Row:
    """Return what decided of the wording."""
    found: Row = {"together": a["text_group_id"] == b["text_group_id"], "same_words": a["text_id"] == b["text_id"]}
    found |= dict.fromkeys(("jaccard", "containment", "decision", "rule")) | {"chain": []}
    if found["same_words"]:
        return found | {"jaccard": 1.0, "containment": 1.0, "decision": "joined", "rule": "same_text"}
    pair = rows(connection, _TEXT_PAIRS, a=a["text_id"], b=b["text_id"])
    if pair:
        found |= {name: pair[0][name] for name in ("jaccard", "containment", "decision", "rule")}
    elif not _forgotten(a, b):
        bodies = [row["body"] for row in rows(connection, _BODIES, ids=[a["text_id"], b["text_id"]])]
        found |= of_two(*bodies) if len(bodies) == 2 else {}
    if found["together"] and found["decision"] != "joined":
        edges = rows(connection, _JOINED_TEXTS, group=a["text_group_id"])
        ways = [(row["text_a"], row["text_b"], row) for row in edges]
        found["chain"] = shortest(ways, a["text_id"], b["text_id"])
    return found


def _story(connection: duckdb.DuckDBPyConnection, a: Row, b: Row, one_text: bool) -> Row:
    """Return what decided of the story."""
    together = a["story_id"] == b["story_id"]
    found: Row = {
        "together": together,
        "story_ids": [a["story_id"], b["story_id"]],
        "one_text": one_text,
        "evidence": None,
    }
    found |= {"chain": [], "why_not_compared": None, "overrides": []}
    if one_text:
        return found
    founders = [rows(connection, _FOUNDER, group=each["text_group_id"])[0]["article_id"] for each in (a, b)]
    evidence = rows(connection, _EVIDENCE, a=founders[0], b=founders[1])
    row = evidence[0] | {"measured": "by the night"} if evidence else _measured(connection, a, b)
    found["evidence"] = _evidence(connection, row, _forgotten(a, b)) if row else None
    found["why_not_compared"] = None if evidence else _why_not_compared(a, b, row)
    if together and not (evidence and row and row["decision"] in ("accept", "override")):
        accepted = rows(connection, _ACCEPTED, story=a["story_id"])
        found["chain"] = shortest([(each["article_a"], each["article_b"], each) for each in accepted], *founders)
    ids = {a["article_id"], b["article_id"], a["text_id"], b["text_id"], *founders}
    ids |= {step[side] for step in found["chain"] for side in ("article_a", "article_b")}
    found["overrides"] = rows(connection, _OVERRIDES, ids=sorted(ids))
    return found


def _why_not_compared(a: Row, b: Row, measured: Row | None) -> str:
    for article in (a, b):
        if article["status"] == "forgotten" or (measured is None and article["content_type"] not in UNJOINABLE):
            return f"{article['article_id']} is forgotten: nothing is left to compare, and it stays where it was."
        if article["content_type"] in UNJOINABLE:
            return f"{article['article_id']} is a {article['content_type']}, which joins no story."
    return "They share too few rare words, names and numbers to come near the threshold."


def _measured(connection: duckdb.DuckDBPyConnection, a: Row, b: Row) -> Row | None:
    """Return the evidence of a pair that no night came near, looked at now; None where one has no words left."""
    if _forgotten(a, b):
        return None
    nodes = pa.Table.from_pylist(rows(connection, _NODES, a=a["text_group_id"], b=b["text_group_id"]), schema=NODES)
    if nodes.num_rows < 2:
        return None
    weights, frequencies = _similarity()
    return judge(nodes, weights, frequencies) | {"measured": "now"}


def _similarity() -> tuple[Weights, Any]:
    shipped = Resources.similarity()
    return Weights.parse(shipped[0]), read_frequencies(shipped[1])


def _evidence(connection: duckdb.DuckDBPyConnection, row: Row, hidden: bool) -> Row:
    weights, features, known = _scored_by(row)
    return {
        **{name: row[name] for name in ("score", "threshold", "decision", "veto", "measured")},
        "margin": round(row["score"] - row["threshold"], 6),
        # The others of its story vouch for it, which asks less than two texts alone.
        "in_company": row["threshold"] < weights.threshold / MILLION,
        "log_odds": round(log_odds(row["score"]), 6),
        "threshold_log_odds": round(log_odds(row["threshold"]), 6),
        # A night of other weights decided by these features, but by how much each counted is not known here.
        "features": [asdict(each) if known else asdict(each) | {"contribution": None} for each in features],
        "terms": [] if hidden else row["terms"],
        "sentences": [] if hidden else _sentences(connection, row),
    }


def _scored_by(row: Row) -> tuple[Weights, list[Contribution], bool]:
    """Return the weights that scored a row, what each feature added by them, and whether they are known: those without a text model or with one."""
    every = [Weights.parse(Resources.similarity(model)[0]) for model in WEIGHTS]
    added = [(weights, contributions(weights, row)) for weights in every]
    fitting = [each for each in added if abs(score_of(each[1]) - row["score"]) < _CUT_OFF]
    return *(fitting or added)[0], bool(fitting)


def _sentences(connection: duckdb.DuckDBPyConnection, row: Row) -> list[Row]:
    """Return each shared rare term with the sentence it stands in, in both texts."""
    ids = sorted({span["text_id"] for span in row["spans"]})
    bodies = {each["text_id"]: each["body"] for each in rows(connection, _BODIES, ids=ids)}
    spans = {text: sentences(body) for text, body in bodies.items()}
    found = []
    for number, span in enumerate(row["spans"]):
        if body := bodies.get(span["text_id"]):
            start, end = _around(spans[span["text_id"]], span)
            term = row["terms"][number // 2]
            found.append({"term": term, **span, "sentence": " ".join(body[start:end].split())})
    return found


def _around(spans: Iterable[tuple[int, int]], span: Mapping[str, int]) -> tuple[int, int]:
    start, end = next(((s, e) for s, e in spans if s <= span["start_char"] < e), (span["start_char"], span["end_char"]))
    if end - start > _LONGEST_SENTENCE:
        start = max(start, span["start_char"] - _LONGEST_SENTENCE // 2)
        end = min(end, start + _LONGEST_SENTENCE)
    return start, end


def shortest(edges: Iterable[tuple[str, str, Row]], start: str, end: str) -> list[Row]:
    """Return the rows on a shortest way along edges, of equals the first by name; none where there is no way."""
    links: defaultdict[str, dict[str, Row]] = defaultdict(dict)
    for a, b, row in edges:
        links[a][b] = links[b][a] = row
    came_from: dict[str, str] = {start: start}
    waiting = deque([start])
    while waiting and end not in came_from:
        here = waiting.popleft()
        for there in sorted(links[here]):
            if there not in came_from:
                came_from[there] = here
                waiting.append(there)
    if end not in came_from:
        return []
    steps = [end]
    while steps[-1] != start:
        steps.append(came_from[steps[-1]])
    return [links[one][other] for one, other in pairwise(steps[::-1])]
