"""Every decision can be read as sentences, also that of a pair no night came near; what is forgotten is never said again."""

import json
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from flows.explain import explanation, shortest
from flows.resources import Resources
from flows.settings import Settings
from tests.nights import ask, run
from tests.test_touched import BANK, FISH
from transforms.stories.judge import contributions, score_of
from transforms.stories.similarity import Weights
from warehouse.catalog import open_catalog

FIELDS = {
    "articles": {"article_id", "title", "source_id", "report_date", "url", "status", "content_type", "text_id", "text_group_id", "story_id"},
    "text": {"together", "same_words", "jaccard", "containment", "decision", "rule", "chain"},
    "story": {"together", "story_ids", "one_text", "evidence", "chain", "why_not_compared", "overrides"},
    "evidence": {
        "score", "threshold", "margin", "in_company", "decision", "veto", "measured", "log_odds", "threshold_log_odds", "features", "terms", "sentences",
    },
    "features": {"name", "meaning", "value", "contribution"},
    "sentences": {"term", "text_id", "start_char", "end_char", "sentence"},
}  # fmt: skip


def explained(root: Path, a: str, b: str) -> Any:
    with open_catalog(root) as connection:
        return explanation(connection, a, b)


def said(root: Path, a: str, b: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["explain", a, b, "--warehouse", str(root)]) == 0
    return capsys.readouterr().out


def narrowest(root: Path, decision: str) -> dict[str, Any]:
    return ask(root, f"FROM merge_evidence WHERE decision = '{decision}' ORDER BY abs(score - threshold), article_a")[0]


def test_a_decision_says_features_threshold_margin_and_words(
    three_nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = narrowest(three_nights, "accept")
    told = said(three_nights, row["article_a"], row["article_b"], capsys)
    intercept = Weights.parse(Resources.similarity()[0]).intercept / 1_000_000
    assert (
        f"Score {row['score']:.3f}, {row['score'] - row['threshold']:.3f} above the threshold {row['threshold']:.3f}."
        in told
    )
    assert "Accepted: one story." in told and f"every pair begins with {intercept:+.2f}" in told
    assert all(term in told.casefold() for term in row["terms"])
    assert f"To overrule it: cannot_link,{row['article_a']},{row['article_b']}" in told


def test_json_has_the_documented_fields_and_sentences_hold_their_terms(
    three_nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = narrowest(three_nights, "accept")
    assert main(["explain", row["article_a"], row["article_b"], "--json", "--warehouse", str(three_nights)]) == 0
    found = json.loads(capsys.readouterr().out)
    evidence = found["story"]["evidence"]
    parts = {"articles": found["articles"], "text": [found["text"]], "story": [found["story"]], "evidence": [evidence]}
    parts |= {name: evidence[name] for name in ("features", "sentences")}
    for name, fields in FIELDS.items():
        assert parts[name] and all(set(part) == fields for part in parts[name]), name
    assert evidence["measured"] == "by the night"
    assert all(span["term"] in span["sentence"].casefold() for span in evidence["sentences"])


def test_contributions_add_up_to_the_score_of_every_pair(three_nights: Path) -> None:
    weights = Weights.parse(Resources.similarity()[0])
    rows = ask(three_nights, "FROM merge_evidence")
    assert len(rows) > 10
    for row in rows:
        assert score_of(contributions(weights, row)) == pytest.approx(row["score"], abs=1e-5)


def test_a_pair_no_night_kept_is_measured_as_a_night_would(three_nights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = narrowest(three_nights, "accept")
    kept = explained(three_nights, row["article_a"], row["article_b"])["story"]["evidence"]
    monkeypatch.setattr("flows.explain._EVIDENCE", "SELECT * FROM merge_evidence WHERE $a = $b")
    now = explained(three_nights, row["article_a"], row["article_b"])["story"]["evidence"]
    assert now == kept | {"measured": "now"}


def test_two_stories_that_no_night_compared_say_why_they_are_two(
    three_nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = (
        row["medoid_article_id"] for row in ask(three_nights, "FROM stories ORDER BY n_copies DESC, story_id LIMIT 2")
    )
    told = said(three_nights, a, b, capsys)
    assert "Two stories: s_" in told and "no night kept this pair; measured now" in told
    assert f"To overrule it: must_link,{a},{b}" in told


def test_copies_say_that_they_are_copies_and_a_text_id_means_its_first_article(
    three_nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = ask(three_nights, "FROM text_pairs WHERE decision = 'joined' ORDER BY text_a")[0]
    told = said(three_nights, pair["text_a"], pair["text_b"], capsys)
    assert "One text: the same wording. They are copies." in told
    assert "Joined: most of both is the same." in told and "Copies of one text are always one story." in told


def test_an_article_and_itself_are_one_article(three_nights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    article = ask(three_nights, "FROM articles ORDER BY article_id LIMIT 1")[0]["article_id"]
    told = said(three_nights, article, article, capsys)
    assert "One article: both names mean it" in told and "copies" not in told
    assert told.count(article) == 1


def test_what_joins_no_story_says_its_kind(three_nights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kinds = "content_type IN ('roundup', 'liveblog', 'listing', 'stub')"
    article = ask(three_nights, f"SELECT article_id, content_type FROM articles WHERE {kinds} ORDER BY article_id")[0]
    other = ask(three_nights, f"SELECT article_id FROM articles WHERE NOT {kinds} ORDER BY article_id")[0]
    told = said(three_nights, other["article_id"], article["article_id"], capsys)
    assert f"{article['article_id']} is a {article['content_type']}, which joins no story." in told


def test_the_way_through_others_is_the_shortest() -> None:
    edges: list[tuple[str, str, dict[str, Any]]] = [(a, b, {"way": a + b}) for a, b in ("ab", "bc", "cd", "ae", "ed")]
    assert [row["way"] for row in shortest(edges, "a", "d")] == ["ae", "ed"]
    assert shortest(edges, "a", "x") == []


def test_what_is_forgotten_is_not_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root, dump = tmp_path / "w", tmp_path / "a.jsonl"
    texts = [FISH, FISH + BANK + "Zebedee Quillfeather of the Vardal Plover saw the boats. " * 3]
    records = [
        {"id": str(i), "url": f"https://alpha.example/{i}", "title": f"Plover {i}", "text": text, "date": "2026-03-02T08:00:00Z"}
        for i, text in enumerate(texts)
    ]  # fmt: skip
    dump.write_text("".join(json.dumps(record) + "\n" for record in records))
    run([dump], root, "2026-03-02", Settings(tagger="newsfold"))
    ids = [row["article_id"] for row in ask(root, "SELECT article_id FROM articles ORDER BY url")]
    before = said(root, *ids, capsys)
    assert "Score" in before and "Plover" in before
    assert main(["forget", "--url", "https://alpha.example/1", "--warehouse", str(root)]) == 0
    capsys.readouterr()
    for told in (said(root, *ids, capsys), json.dumps(explained(root, *ids), default=str)):
        assert "forgotten" in told
        assert not any(word in told for word in ("Quillfeather", "Plover 1", "boats", "branches", "alpha.example/1"))
