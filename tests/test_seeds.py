"""The five real dumps in one night: the stories, publishers, dates, cited outlets and actors of their hand-made gold."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.actor_gold import Score, score
from tests.nights import ask, run

# A listed alias is a common noun without a name; nothing but the sentence says who is meant.
FOUND_SHARE, RESOLVED_SHARE, WRONG_SHARE = 0.8, 0.8, 0.1


@pytest.fixture(scope="module")
def seeds(shared: Path) -> Path:
    return shared / "seeds"


@pytest.fixture(scope="module")
def gold(seeds: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((seeds / "gold.json").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def root(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("seeds") / "warehouse"
    run([seeds / "*.txt"], root, "2026-11-01")
    return root


@pytest.fixture(scope="module")
def articles(root: Path) -> dict[str, dict[str, Any]]:
    rows = ask(
        root,
        "SELECT articles.*, sources.name AS publisher, texts.body, coalesce(title, '') AS headline FROM articles "
        "JOIN sources USING (source_id) JOIN texts USING (text_id)",
    )
    return {row["record_key"][:3]: row for row in rows}


def test_three_stories(articles: dict[str, dict[str, Any]], gold: dict[str, Any]) -> None:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for key, row in articles.items():
        found[row["story_id"]].add(key)
    assert sorted(map(sorted, found.values())) == sorted(sorted(f[:3] for f in s["articles"]) for s in gold["stories"])


def test_no_two_texts_share_their_wording(articles: dict[str, dict[str, Any]]) -> None:
    assert len({row["text_group_id"] for row in articles.values()}) == len(articles) == 5


def test_publishers_titles_and_authors(articles: dict[str, dict[str, Any]], gold: dict[str, Any]) -> None:
    for key, expected in gold["articles"].items():
        row = articles[key]
        assert (row["publisher"] if row["source_id"] != "src_unknown" else None) == expected["publisher"]
        assert row["title"] == expected["title"]
        assert row["byline"] == ([expected["author"]] if expected["author"] else [])


def test_dates_with_their_precision(articles: dict[str, dict[str, Any]], gold: dict[str, Any]) -> None:
    for key, expected in gold["articles"].items():
        row, stated = articles[key], expected["published"]
        if stated is None:
            assert (row["published_at"], row["published_precision"], row["date_basis"]) == (
                None,
                "unknown",
                "first_seen",
            )
            continue
        instant = datetime.fromisoformat(stated)
        precision = "minute" if instant.tzinfo else "day"
        assert (row["published_at"], row["published_precision"]) == (
            instant if instant.tzinfo else instant.replace(tzinfo=UTC),
            precision,
        )


def test_cited_outlets_and_no_picture_credit(root: Path, gold: dict[str, Any]) -> None:
    cited: defaultdict[str, set[str]] = defaultdict(set)
    for row in ask(
        root,
        "SELECT record_key, name FROM article_citations JOIN articles USING (article_id) "
        "JOIN sources ON cited_source_id = sources.source_id WHERE level IN ('report', 'fact')",
    ):
        cited[row["record_key"][:3]].add(name(row["name"]))
    for key, expected in gold["articles"].items():
        outlets = {name(each["name"]) for each in expected["cited_sources"] if each["kind"] in ("media", "agency")}
        assert cited[key] == outlets


def test_originators_and_origins(root: Path, articles: dict[str, dict[str, Any]]) -> None:
    rows = ask(
        root,
        "SELECT story_id, sources.name, stories.n_origins FROM stories JOIN sources ON originator_source_id = source_id",
    )
    stories = {row["story_id"]: (name(row["name"]), row["n_origins"]) for row in rows}
    assert stories[articles["000"]["story_id"]] == ("cnn", 1)
    assert stories[articles["002"]["story_id"]] == ("politico", 1)
    assert stories[articles["003"]["story_id"]][0] == "express tribune"
    assert {row["origin_kind"] for row in articles.values()} <= {"rewrite", "unknown"}, (
        "none of the five is original reporting"
    )


def test_no_furniture_left_and_no_sentence_lost(seeds: Path, articles: dict[str, dict[str, Any]], root: Path) -> None:
    furniture = (
        "Google tag",
        "Advertisement",
        "No comments",
        "Also Read",
        "IMAGE SOURCE",
        "Picture Credit",
        "ift.tt",
        "Published in",
        "With ANI",
        "Reported by",
    )
    removed: defaultdict[str, str] = defaultdict(str)
    for row in ask(
        root, "SELECT record_key, unnest(removed).text AS words FROM article_versions JOIN articles USING (article_id)"
    ):
        removed[row["record_key"][:3]] += row["words"] + "\n"
    for key, row in articles.items():
        assert [words for words in furniture if words in row["body"]] == []
        raw = (seeds / row["record_key"]).read_text("utf-8")
        kept = squeezed(row["headline"] + row["body"] + removed[key])
        assert [line for line in raw.splitlines() if squeezed(line) not in kept] == []


@pytest.fixture(scope="module")
def actors(root: Path, articles: dict[str, dict[str, Any]], gold: dict[str, Any]) -> Score:
    mentions = ask(
        root,
        "SELECT record_key[1:3] AS article, if(part = 'title', 0, 1) AS part, start_char, end_char, actor_id "
        "FROM article_mentions JOIN articles USING (article_id)",
    )
    texts = {key: (row["headline"], row["body"]) for key, row in articles.items()}
    listed = {
        key: {actor["id"]: actor["aliases"] for actor in article["actors"]} for key, article in gold["articles"].items()
    }
    return score(texts, mentions, listed)


def test_aliases_are_found(actors: Score) -> None:
    total = len(actors.found) + len(actors.missed)
    assert len(actors.found) >= FOUND_SHARE * total, actors.missed


def test_actors_are_resolved_each_to_one_id(actors: Score, gold: dict[str, Any]) -> None:
    listed = {actor["id"] for article in gold["articles"].values() for actor in article["actors"]}
    ids = actors.id_of()
    assert len(ids) >= RESOLVED_SHARE * len(listed), listed - ids.keys()
    assert len(set(ids.values())) == len(ids), "two actors share an id"


def test_few_mentions_are_wrong(actors: Score) -> None:
    assert len(actors.wrong()) <= WRONG_SHARE * len(actors.resolved), actors.wrong()


def test_every_khan_of_the_dawn_article_is_the_ambassador(root: Path) -> None:
    khans = ask(
        root,
        "SELECT surface, actors.name FROM article_mentions JOIN articles USING (article_id) LEFT JOIN actors USING (actor_id) "
        "WHERE starts_with(record_key, '002') AND contains(surface, 'Khan')",
    )
    assert {"Mr. Khan", "Ambassador Khan"} <= {row["surface"] for row in khans} or len(khans) >= 5
    assert {row["name"] for row in khans} == {"Asad Majeed Khan"}


def name(outlet: str) -> str:
    return outlet.casefold().removeprefix("the ")


def squeezed(text: str) -> str:
    return "".join(text.split())
