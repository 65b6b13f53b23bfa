"""`newsfold explain A B`: why two articles are, or are not, one text or one story, in sentences."""

import itertools
import sys
from collections import defaultdict, deque
from typing import Any

import duckdb

from transforms.clean.urls import address
from transforms.stories.similarity import FEATURES
from warehouse.catalog import CatalogError, open_catalog
from warehouse.store import Place

_FIND = """
SELECT article_id, title, source_id, text_id, text_group_id, story_id, report_date, content_type
FROM articles WHERE $name IN (article_id, url, record_key) OR url_norm = $normal ORDER BY article_id
"""
_PAIR = "SELECT * FROM text_pairs WHERE text_a = least($a, $b) AND text_b = greatest($a, $b)"
_FOUNDER = "SELECT article_id FROM articles WHERE text_group_id = $group AND dup_level = 'founder'"
_EVIDENCE = "SELECT * FROM merge_evidence WHERE article_a = least($a, $b) AND article_b = greatest($a, $b)"
_ACCEPTED = """
SELECT article_a, article_b, score FROM merge_evidence JOIN articles ON article_a = article_id
WHERE decision IN ('accept', 'override') AND story_id = $story
"""
_SPANS = """
SELECT text_id, substring(body, greatest(start_char - 40, 0) + 1, end_char - greatest(start_char - 40, 0) + 40) AS words
FROM (SELECT unnest(spans, recursive := true) FROM merge_evidence WHERE article_a = least($a, $b) AND article_b = greatest($a, $b))
JOIN texts USING (text_id)
QUALIFY row_number() OVER (PARTITION BY text_id ORDER BY start_char) <= 3
ORDER BY text_id, start_char
"""
_VETOES = {
    "date_gap": "they lie too far apart in time",
    "number_conflict": "they speak of different numbers of the same thing",
    "place_conflict": "they speak of different places",
    "override": "an override parts them",
}


def explain(root: Place, name_a: str, name_b: str) -> int:
    """Print why the two are, or are not, one text and one story; returns 0, or 1 where one can't be found."""
    try:
        with open_catalog(root) as connection:
            a, b = _find(connection, name_a), _find(connection, name_b)
            for line in (_describe(a), _describe(b), "", *_texts(connection, a, b), *_story(connection, a, b)):
                print(line)
    except (CatalogError, LookupError) as error:
        print(f"newsfold: {error.args[0]}", file=sys.stderr)
        return 1
    return 0


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, **values: object) -> list[dict[str, Any]]:
    result = connection.execute(sql, values)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _find(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, Any]:
    found = _rows(connection, _FIND, name=name, normal=address(name).normal)
    if not found:
        raise LookupError(f"there is no article {name!r}: give an article_id, a URL or a record key.")
    if len(found) > 1:
        ids = ", ".join(row["article_id"] for row in found[:5])
        raise LookupError(f"{name!r} names {len(found)} articles, say which: {ids}.")
    return found[0]


def _describe(article: dict[str, Any]) -> str:
    return (
        f"{article['article_id']}  {article['report_date']}  {article['source_id']}  {article['title'] or '(no title)'}"
    )


def _texts(connection: duckdb.DuckDBPyConnection, a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    if a["text_id"] == b["text_id"]:
        return [f"One text: the same words, {a['text_id']}."]
    pairs = _rows(connection, _PAIR, a=a["text_id"], b=b["text_id"])
    together = a["text_group_id"] == b["text_group_id"]
    lines = ["One text group: the same wording." if together else "Two texts: not the same wording."]
    for pair in pairs:
        overlap = f"{pair['jaccard']:.0%} of all their word 5-shingles, {pair['containment']:.0%} of the shorter one's"
        lines.append(f"  They share {overlap}: {pair['decision']} by rule {pair['rule']}.")
    if not pairs:
        lines.append(
            "  They are joined through other copies."
            if together
            else "  They share too few word sequences to be compared."
        )
    return lines


def _story(connection: duckdb.DuckDBPyConnection, a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    together = a["story_id"] == b["story_id"]
    lines = [f"One story: {a['story_id']}." if together else f"Two stories: {a['story_id']} and {b['story_id']}."]
    if a["text_group_id"] == b["text_group_id"]:
        return [*lines, "  Copies of one text are always one story."]
    founders = [_rows(connection, _FOUNDER, group=each["text_group_id"])[0]["article_id"] for each in (a, b)]
    evidence = _rows(connection, _EVIDENCE, a=founders[0], b=founders[1])
    if not evidence:
        lines.append(_why_not_compared(a, b))
    for row in evidence:
        lines += _judgement(connection, row)
    if together and not any(row["decision"] == "accept" for row in evidence):
        lines += _chain(connection, a["story_id"], founders[0], founders[1])
    return lines


def _why_not_compared(a: dict[str, Any], b: dict[str, Any]) -> str:
    for article in (a, b):
        if article["content_type"] in ("roundup", "liveblog", "listing", "stub"):
            return f"  {article['article_id']} is a {article['content_type']}, which joins no story."
    return "  They share too few rare words, names and numbers to come near the threshold."


def _judgement(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> list[str]:
    side = "above" if row["score"] >= row["threshold"] else "below"
    distance = abs(row["score"] - row["threshold"])
    lines = [
        f"  Score {row['score']:.3f}, {distance:.3f} {side} the threshold {row['threshold']:.3f}: {row['decision']}."
    ]
    if row["veto"]:
        lines.append(f"  Veto: {_VETOES[row['veto']]}.")
    features = {what: row[name] for name, what in FEATURES.items() if row[name]}
    shown = ", ".join(f"{what} {value:.2f}" for what, value in sorted(features.items(), key=lambda item: -item[1]))
    lines.append(f"  What counted: {shown or 'nothing'}.")
    if row["terms"]:
        lines.append(f"  Rare words both have: {', '.join(row['terms'])}.")
    for span in _rows(connection, _SPANS, a=row["article_a"], b=row["article_b"]):
        lines.append(f"    {span['text_id']}: … {' '.join(span['words'].split())} …")
    return lines


def _chain(connection: duckdb.DuckDBPyConnection, story: str, start: str, end: str) -> list[str]:
    """Return the shortest way from one article to the other through accepted pairs."""
    links: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for row in _rows(connection, _ACCEPTED, story=story):
        links[row["article_a"]][row["article_b"]] = links[row["article_b"]][row["article_a"]] = row["score"]
    came_from: dict[str, str] = {start: start}
    waiting = deque([start])
    while waiting and end not in came_from:
        here = waiting.popleft()
        for there in sorted(links[here]):
            if there not in came_from:
                came_from[there] = here
                waiting.append(there)
    steps = [end]
    while steps[-1] != start:
        steps.append(came_from[steps[-1]])
    way = steps[::-1]
    return ["  They are joined through others:"] + [
        f"    {one} - {other}: score {links[one][other]:.3f}" for one, other in itertools.pairwise(way)
    ]
