"""The example world, run for three nights: what the pipeline finds is what its hand-made gold says."""

import json
import random
import shutil
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.actor_gold import score
from tests.nights import EXAMPLES, NIGHTS, ask, run
from transforms.enrich.registry import alias_key, learnt_id

GOLD: dict[str, Any] = json.loads((EXAMPLES / "gold.json").read_text("utf-8"))
ARTICLES: dict[str, dict[str, Any]] = GOLD["articles"]


@pytest.fixture(scope="session")
def found(three_nights: Path) -> dict[str, dict[str, Any]]:
    """Every article of the warehouse under the label the gold gives it."""
    rows = ask(
        three_nights,
        "SELECT articles.*, sources.name AS publisher, sources.domain, body FROM articles "
        "JOIN sources USING (source_id) JOIN (SELECT text_id, body FROM texts) USING (text_id)",
    )
    labels = {gold["record_key"]: label for label, gold in ARTICLES.items()}
    return {labels[row["record_key"]]: row for row in rows}


def partition(found: dict[str, dict[str, Any]], column: str) -> set[frozenset[str]]:
    parts: defaultdict[str, set[str]] = defaultdict(set)
    for label, row in found.items():
        parts[row[column]].add(label)
    return set(map(frozenset, parts.values()))


def test_every_article_and_no_other_is_there(found: dict[str, dict[str, Any]]) -> None:
    assert set(found) == set(ARTICLES)


def test_a_correction_is_told_beside_the_version_that_brought_it(three_nights: Path) -> None:
    rows = ask(
        three_nights,
        "SELECT change, metric, before, after, cause FROM run_changes WHERE entity_id IN "
        "(SELECT article_id FROM articles WHERE is_corrected) AND change IN ('correction', 'new_version') ORDER BY change",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("correction", "is_corrected", "false", "true", "new_version"),
        ("new_version", "n_versions", "1", "2", "new_version"),
    ]


def test_every_record_has_its_fate(three_nights: Path) -> None:
    rows = ask(
        three_nights,
        "SELECT night, n_in, n_loaded, n_exact_repeat, n_new_version, n_quarantined FROM runs ORDER BY night",
    )
    for row in rows:
        night = row["night"].isoformat()
        fates = [record["fate"] for name, record in GOLD["records"].items() if name.startswith(night)]
        refused = [name for name in GOLD["refused"] if name.startswith(night)]
        assert row["n_loaded"] == fates.count("loaded")
        assert row["n_exact_repeat"] == fates.count("exact_repeat")
        assert row["n_new_version"] == fates.count("new_version")
        assert row["n_quarantined"] == len(refused)
        assert row["n_in"] == len(fates) + len(refused)


def test_what_is_refused_is_named_with_a_reason(three_nights: Path) -> None:
    rows = ask(three_nights, "SELECT path, reason_code, detail FROM quarantine")
    refused = {"/".join(Path(row["path"]).parts[-2:]) for row in rows}
    assert refused == {name.partition("#")[0] for name in GOLD["refused"]}
    assert all(row["reason_code"] and row["detail"] for row in rows)


def test_stories_are_exactly_those_of_the_gold(found: dict[str, dict[str, Any]]) -> None:
    assert partition(found, "story_id") == {frozenset(story["articles"]) for story in GOLD["stories"].values()}


def test_text_groups_are_exactly_those_of_the_gold(found: dict[str, dict[str, Any]]) -> None:
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for label, article in ARTICLES.items():
        groups[article["text_group"]].add(label)
    assert partition(found, "text_group_id") == set(map(frozenset, groups.values()))


def test_titles(found: dict[str, dict[str, Any]]) -> None:
    assert {label: row["title"] for label, row in found.items()} == {
        label: article["title"] and " ".join(article["title"].split()) for label, article in ARTICLES.items()
    }


def test_publishers_are_named_and_each_outlet_is_one_source(found: dict[str, dict[str, Any]]) -> None:
    outlets: defaultdict[str | None, set[str]] = defaultdict(set)
    for label, article in ARTICLES.items():
        outlets[article["publisher"]].add(found[label]["source_id"])
    assert all(len(ids) == 1 for ids in outlets.values()), outlets
    assert outlets[None] == {"src_unknown"}
    assert len(set().union(*outlets.values())) == len(outlets)


def test_dates_with_their_precision(found: dict[str, dict[str, Any]]) -> None:
    wrong = {}
    for label, article in ARTICLES.items():
        row = found[label]
        gold = article["published"] and datetime.fromisoformat(article["published"])
        if gold and gold.tzinfo is None:
            gold = gold.replace(tzinfo=UTC)
        if (row["published_at"], row["published_precision"]) != (gold, article["published_precision"]):
            wrong[label] = (row["published_at"], row["published_precision"], gold, article["published_precision"])
    assert wrong == {}


def test_cited_outlets(three_nights: Path) -> None:
    rows = ask(
        three_nights,
        "SELECT record_key, list(DISTINCT alias) AS aliases FROM article_citations JOIN articles USING (article_id) "
        "JOIN source_aliases ON cited_source_id = source_aliases.source_id "
        "WHERE level IN ('report', 'fact') GROUP BY record_key, cited_source_id",
    )
    cited: defaultdict[str, list[set[str]]] = defaultdict(list)
    for row in rows:
        cited[row["record_key"]].append({alias.casefold() for alias in row["aliases"]})
    wrong = {}
    for label, article in ARTICLES.items():
        outlets = cited[article["record_key"]]
        missed = [name for name in article["cited"] if not any(name.casefold() in names for names in outlets)]
        beyond = [names for names in outlets if not any(name.casefold() in names for name in article["cited"])]
        if missed or beyond:
            wrong[label] = (missed, beyond)
    assert wrong == {}


def test_kinds_of_content(found: dict[str, dict[str, Any]]) -> None:
    assert {label: row["content_type"] for label, row in found.items()} == {
        label: article["content_type"] for label, article in ARTICLES.items()
    }


def test_furniture_is_gone_and_no_sentence_is_lost(found: dict[str, dict[str, Any]]) -> None:
    left = {
        label: [s for s in article["must_not_contain"] if plain(s) in found[label]["body"]]
        for label, article in ARTICLES.items()
    }
    lost = {
        label: [s for s in article["must_contain"] if plain(s) not in plain(found[label]["body"])]
        for label, article in ARTICLES.items()
    }
    assert {label: lines for label, lines in left.items() if lines} == {}
    assert {label: lines for label, lines in lost.items() if lines} == {}


def test_originators(three_nights: Path, found: dict[str, dict[str, Any]]) -> None:
    names = {
        row["story_id"]: row["name"]
        for row in ask(
            three_nights, "SELECT story_id, name FROM stories JOIN sources ON originator_source_id = source_id"
        )
    }
    for story in GOLD["stories"].values():
        if story["originator"]:
            assert names.get(found[story["articles"][0]]["story_id"]) == story["originator"]


def test_actors_are_found_and_told_apart(three_nights: Path, found: dict[str, dict[str, Any]]) -> None:
    mentions = ask(
        three_nights,
        "SELECT record_key AS article, if(part = 'title', 0, 1) AS part, start_char, end_char, actor_id "
        "FROM article_mentions JOIN articles USING (article_id)",
    )
    texts = {row["record_key"]: (row["title"] or "", row["body"]) for row in found.values()}
    listed = {
        article["record_key"]: {name: actor["aliases"] for name, actor in article.get("actors", {}).items()}
        for article in ARTICLES.values()
    }
    actors = score(texts, mentions, listed)
    assert actors.missed == []
    assert actors.wrong() == []
    ids = actors.id_of()
    assert set(ids) == {name for names in listed.values() for name in names}
    assert len(set(ids.values())) == len(ids), "two actors share an id"


def test_an_actor_learnt_by_a_name_leads_to_the_one_registered_by_it(three_nights: Path) -> None:
    """Whoever keeps the id of yesterday's learnt actor finds it again after the name was registered."""
    rows = ask(three_nights, "SELECT alias, actor_id FROM actor_aliases WHERE method = 'registry'")
    wanted = {learnt_id(row["alias"]): row["actor_id"] for row in rows if alias_key(row["alias"])}
    ids = ", ".join(f"('{old}')" for old in wanted)
    found = ask(three_nights, f"SELECT old, resolve_actor(old) AS new FROM (VALUES {ids}) AS t(old)")
    assert {row["old"]: row["new"] for row in found} == wanted
    learnt = ask(three_nights, "SELECT resolve_actor('act_0123456789abcdef') AS id")
    assert learnt == [{"id": "act_0123456789abcdef"}]


def plain(text: str) -> str:
    return " ".join(text.split())


def memberships(root: Path) -> set[tuple[frozenset[str], frozenset[str], frozenset[str]]]:
    """What must not depend on how the records came: stories, text groups and origins, by record key."""
    rows = ask(root, "SELECT record_key, story_id, text_group_id, origin_id, version_no FROM articles")
    parts = []
    for column in ("story_id", "text_group_id", "origin_id"):
        by: defaultdict[str, set[str]] = defaultdict(set)
        for row in rows:
            by[row[column]].add(row["record_key"])
        parts.append({row["record_key"]: frozenset(by[row[column]]) for row in rows})
    return {(parts[0][key], parts[1][key], parts[2][key]) for key in parts[0]}


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_one_night_or_three_and_any_order_of_files(three_nights: Path, tmp_path: Path, seed: int) -> None:
    shuffled = tmp_path / "dumps"
    files = [file for night in NIGHTS for file in sorted(night.iterdir())]
    random.Random(seed).shuffle(files)
    for number, file in enumerate(files):
        # A night in a folder's name is no part of the feed, so all stay in one.
        folder = shuffled / f"2026-01-01T{number:04}"
        folder.mkdir(parents=True)
        shutil.copy(file, folder / file.name)
    run([shuffled], tmp_path / "warehouse", "2026-03-04")
    assert memberships(tmp_path / "warehouse") == memberships(three_nights)
