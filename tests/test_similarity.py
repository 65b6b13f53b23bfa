"""The one similarity: what each feature sees, and that no score depends on its batch."""

import random
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from transforms.dedupe.shingles import WordHashes
from transforms.stories.calendar import nearest, of_date, stated_days
from transforms.stories.events import event_marks, number_conflict
from transforms.stories.frequencies import WORD, frequencies, read_frequencies
from transforms.stories.profiles import NODES
from transforms.stories.similarity import FEATURES, MILLION, SimilaritySettings, Weights, compare, joined
from transforms.stories.terms import Forms, comparable, names, numbers, tokens
from transforms.text import text_id

ROOM = Path(__file__).resolve().parents[1] / "transforms" / "stories"
TABLE = read_frequencies((ROOM / "document_frequencies.parquet").read_bytes())
WEIGHTS = Weights.parse((ROOM / "weights.json").read_text("utf-8"))

FERRY = (
    "A ferry carrying 212 people capsized off Port Lindis on Tuesday, killing at least 41, the coastguard said. "
    "Captain Odo Marenko had reported an engine failure at dawn. Rescue boats from Port Lindis reached the wreck in an hour."
)
FERRY_TOO = (
    "At least 41 people died when the ferry Star of Lindis capsized near Port Lindis, the coastguard said on Tuesday. "
    "Odo Marenko, its captain, had radioed that an engine failed; 212 people were aboard."
)
BUDGET = (
    "Parliament in Carrow passed the budget by 88 votes to 61 after finance minister Hela Brandt cut the tax on fuel. "
    "The opposition under Tomas Ulrik called the vote a disgrace."
)


def node(body: str, title: str | None = None, day: date | None = None, cited: tuple[str, ...] = ()) -> dict[str, Any]:
    identity = text_id(body)
    return {
        "node_id": "g_" + identity[2:],
        "text_id": identity,
        "body": body,
        "title": title,
        "date": day,
        "cited": list(cited),
        "joinable": True,
    }


def nodes(*rows: dict[str, Any]) -> pa.Table:
    return pa.table({name: pa.array([row[name] for row in rows], NODES.field(name).type) for name in NODES.names})


def features(
    *rows: dict[str, Any], settings: SimilaritySettings | None = None
) -> dict[tuple[str, str], dict[str, float]]:
    profiles, blocks = compare(nodes(*rows).sort_by("node_id"), TABLE, settings or SimilaritySettings())
    pairs = joined(blocks)
    ids = profiles.node_ids
    return {
        (ids[a], ids[b]): dict(zip(FEATURES, (values / MILLION).tolist(), strict=True))
        for a, b, values in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.features, strict=True)
    }


def only(*rows: dict[str, Any]) -> dict[str, float]:
    found = features(*rows)
    assert len(found) == 1
    return next(iter(found.values()))


def test_two_reports_of_one_event_score_high_and_another_event_is_no_candidate() -> None:
    found = features(node(FERRY), node(FERRY_TOO), node(BUDGET))
    scores = WEIGHTS.scores(np.array([[round(v * MILLION) for v in f.values()] for f in found.values()]))
    assert set(found) == {tuple(sorted((node(FERRY)["node_id"], node(FERRY_TOO)["node_id"])))}
    assert scores[0] > WEIGHTS.threshold


def test_every_feature_lies_between_0_and_1() -> None:
    for row in features(
        node(FERRY, "Ferry capsizes"), node(FERRY_TOO, "Ferry disaster"), node(FERRY + " " + BUDGET)
    ).values():
        assert all(0 <= value <= 1 for value in row.values())


def test_a_text_and_its_longer_self_agree_in_lead_and_headline() -> None:
    found = only(
        node(FERRY, "Ferry capsizes off Port Lindis"), node(FERRY + " It sank.", "Ferry capsizes off Port Lindis")
    )
    assert found["f_title"] > 0.999
    assert found["f_words"] > 0.9


@pytest.mark.parametrize(("apart", "low", "high"), [(0, 0.0, 0.0), (3, 0.05, 0.1), (14, 0.8, 0.9), (400, 1.0, 1.0)])
def test_distance_in_days_grows_to_one(apart: int, low: float, high: float) -> None:
    days = date(2021, 9, 4), date.fromordinal(date(2021, 9, 4).toordinal() + apart)
    assert low <= only(node(FERRY, day=days[0]), node(FERRY_TOO, day=days[1]))["f_days"] <= high


def test_an_undated_text_has_no_distance() -> None:
    assert only(node(FERRY, day=date(2021, 9, 4)), node(FERRY_TOO))["f_days"] == 0


def test_days_a_text_states_stand_in_for_a_missing_date() -> None:
    late = FERRY_TOO + " He had spoken on September 23."
    assert only(node(FERRY, day=date(2021, 9, 22)), node(late))["f_stated_days"] < 0.05
    assert only(node(FERRY, day=date(2021, 7, 4)), node(late))["f_stated_days"] == 1
    assert only(node(FERRY, day=date(2021, 7, 4)), node(late, day=date(2021, 7, 4)))["f_stated_days"] == 0


def test_outlets_credited_for_the_report_agree_or_differ() -> None:
    both = only(node(FERRY, cited=("src_a", "src_b")), node(FERRY_TOO, cited=("src_b",)))
    other = only(node(FERRY, cited=("src_a",)), node(FERRY_TOO, cited=("src_b",)))
    none = only(node(FERRY, cited=("src_a",)), node(FERRY_TOO))
    assert (both["f_cited"], both["f_cited_other"]) == (1, 0)
    assert (other["f_cited"], other["f_cited_other"]) == (0, 1)
    assert (none["f_cited"], none["f_cited_other"]) == (0, 0)


def test_a_pair_scores_the_same_in_any_company_and_any_order() -> None:
    pair = [node(FERRY, "Ferry capsizes"), node(FERRY_TOO, "Ferry disaster")]
    company = [node(BUDGET), *(node(f"{FERRY} {BUDGET} Case {i}.") for i in range(9))]
    key = tuple(sorted(row["node_id"] for row in pair))
    everybody = pair + company
    random.Random(1).shuffle(everybody)
    assert features(*pair)[key] == features(*everybody)[key]  # type: ignore[index]


def test_no_texts_no_pairs() -> None:
    assert features() == {}


def test_weights_of_other_features_are_refused() -> None:
    with pytest.raises(ValueError, match="The weights name the features"):
        Weights.parse('{"threshold": 0.5, "intercept": 0, "weights": {"f_mood": 1}}')


def test_shipped_weights_count_nothing_against_its_meaning() -> None:
    against = {"f_cited_other", "f_days", "f_stated_days", "f_years"}
    signs = dict(zip(FEATURES, WEIGHTS.values.tolist(), strict=True))
    assert all(weight <= 0 if name in against else weight >= 0 for name, weight in signs.items())


def test_the_score_is_the_logistic_curve_in_millionths() -> None:
    flat = Weights(np.zeros(len(FEATURES), dtype=np.int64), 0, 500_000)
    assert flat.scores(np.zeros((1, len(FEATURES)), dtype=np.int64)).tolist() == [500_000]
    for intercept in (-30.0, -2.345678, 1.5, 30.0):
        found = Weights(flat.values, round(intercept * MILLION), 0).scores(np.zeros((1, len(FEATURES)), dtype=np.int64))
        assert abs(found[0] - MILLION / (1 + np.exp(-intercept))) <= 1


def test_rarer_words_weigh_more_and_names_of_states_weigh_alike() -> None:
    hashes = WordHashes()
    known = TABLE[WORD]
    common, rare, home, abroad = known.idf(hashes.of(["president", "sarcophagus", "washington", "islamabad"])).tolist()
    assert common < rare
    assert home == abroad


def test_frequencies_without_a_count_of_documents_are_refused() -> None:
    with pytest.raises(ValueError, match="document frequencies"):
        frequencies(pa.table({"kind": [WORD], "term": ["said"], "df": [9]}), WORD, WordHashes())


@pytest.mark.parametrize(
    ("word", "form"),
    [("Shootings", "shooting"), ("Nigeria’s", "nigeria"), ("Parties", "party"), ("US", "us"), ("virus", "virus")],
)
def test_words_compare_without_case_possessive_and_plural(word: str, form: str) -> None:
    assert comparable(word) == form


def test_names_are_runs_of_capitals_without_openers_and_across_abbreviations() -> None:
    found = tokens(
        "The minister met Gen. Asim Munir in Karachi, Pakistan. Critics said Munir left. Mr. J. Khan agreed.",
        99,
        Forms(),
    )
    runs = [" ".join(found.forms[first:behind]) for first, behind in names(found)]
    assert runs == ["gen asim munir", "karachi", "pakistan", "munir", "khan"]


def test_figures_lose_their_separators() -> None:
    text = "1,300 of 21 people paid $4.5 million"
    assert numbers(text, len(text)) == ["1300", "21", "4.5"]


def test_stated_days_in_the_common_forms() -> None:
    text = "On September 23, again on Aug. 26, 2021, 4 August 2023 and 2021-09-04; May I ask, on 31 February?"
    days = stated_days(text, len(text))
    assert {year for _, year in days} == {0, 2021, 2023}
    assert len(days) == 4
    assert nearest(days, frozenset({of_date(date(1999, 9, 21))})) == 2


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("EU adopts 12th package of sanctions", "EU adopts 13th package of sanctions", True),
        ("EU adopts 12th package of sanctions", "Twelfth package of sanctions adopted", False),
        ("Colts win 31-24", "Colts win 20-13", True),
        ("Colts win 31-24", "Jaguars lose 24-31", False),
        ("A 19th century house burns", "An 18th century house burns", False),
        ("A fire kills 12", "A fire kills 13", False),
    ],
)
def test_ordinals_and_results_tell_events_of_one_kind_apart(one: str, other: str, differ: bool) -> None:
    marks = []
    for title in (one, other):
        found = tokens("It happened.", 9, Forms())
        marks.append(event_marks(title, "It happened.", found, names(found), 9, WordHashes()))
    assert number_conflict(*marks) is differ
