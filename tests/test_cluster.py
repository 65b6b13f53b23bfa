"""Stories out of similarities: order-free, explained, and careful with gaps, round-ups and events of one kind."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.story_sets import load_nodes
from tests.test_similarity import BUDGET, FERRY, FERRY_TOO, TABLE, WEIGHTS, node, nodes
from transforms.stories import relate as relating
from transforms.stories.cluster import VETOES, ClusterSettings, least_scores, vetoes_of
from transforms.stories.constraints import Constraints
from transforms.stories.kernel import MILLION
from transforms.stories.linkage import Limits, average_linkage
from transforms.stories.memory import Bodies, Memory, grown, no_memory
from transforms.stories.profiles import profiles
from transforms.stories.relate import Related, relate
from transforms.stories.shelf import UNDATED
from transforms.stories.similarity import FEATURES, Asked, SimilaritySettings, Weights, compare, compared_pairs, joined

FIRST = "The European Council adopted the 12th package of sanctions against Norland in Brussels, freezing assets of 40 banks."
SECOND = "The European Council adopted the 13th package of sanctions against Norland in Brussels, freezing assets of 60 banks."


def stories(related: Related) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for row in related.clusters.to_pylist():
        groups.setdefault(row["cluster_id"], set()).add(row["node_id"])
    return {frozenset(group) for group in groups.values()}


def folded(*rows: dict[str, Any], weights: Weights = WEIGHTS) -> Related:
    return relate(nodes(*rows), weights, TABLE)


def ids(*rows: dict[str, Any]) -> frozenset[str]:
    return frozenset(row["node_id"] for row in rows)


def test_one_event_is_one_story_named_by_its_smallest_text() -> None:
    ferry, too, budget = node(FERRY), node(FERRY_TOO), node(BUDGET)
    related = folded(ferry, too, budget)
    assert stories(related) == {ids(ferry, too), ids(budget)}
    assert all(row["cluster_id"] <= row["node_id"] for row in related.clusters.to_pylist())


# Short words weigh more in capitals.
SHORT = ["The US AND THE EU MET", "they told us and the eu", "IT IS A WAR FOR OIL", "it is a war for oil"]
SENTENCES = [part for text in (FERRY, FERRY_TOO, BUDGET, FIRST, SECOND) for part in text.split(". ")]


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4), st.one_of(st.none(), st.integers(0, 90))
        ),
        min_size=2,
        max_size=9,
    )
)
def test_a_pair_is_given_up_only_where_it_can_not_come_near(texts: list[tuple[list[str], int | None]]) -> None:
    rows = [
        node(". ".join([*said, f"Copy {number}."]), day=None if day is None else date(2026, 3, 1) + timedelta(days=day))
        for number, (said, day) in enumerate(texts)
    ]
    limits = ClusterSettings()
    shelf = profiles(nodes(*rows), TABLE, limits.similarity.reading).shelf
    every = joined(compared_pairs(shelf, limits.similarity))
    scores = WEIGHTS.scores(every.features)
    asked = least_scores(WEIGHTS, limits)
    found = joined(compared_pairs(shelf, limits.similarity, weights=WEIGHTS, asked=asked))
    kept = {(a, b): tuple(row) for a, b, row in zip(found.left, found.right, found.features, strict=True)}
    # What scores the most that is asked at any distance is kept, measured as if nothing else had been.
    for left, right, score, row in zip(every.left, every.right, scores, every.features, strict=True):
        if score >= max(*asked.by_days, asked.stated):
            assert kept[left, right] == tuple(row)
    assert kept.keys() <= set(zip(every.left, every.right, strict=True))


@given(
    st.lists(st.lists(st.sampled_from([*SENTENCES, *SHORT]), min_size=1, max_size=5), min_size=2, max_size=5),
    st.sampled_from([None, *range(len(FEATURES))]),
)
def test_a_pair_is_never_given_up_that_scores_what_is_asked(texts: list[list[str]], alone: int | None) -> None:
    rows = [node(". ".join([*said, f"Copy {number}."])) for number, said in enumerate(texts)]
    limits, weights = ClusterSettings(), WEIGHTS
    if alone is not None:
        adds = np.zeros_like(WEIGHTS.adds)
        adds[alone] = 4 * np.abs(WEIGHTS.adds[alone])
        weights = replace(WEIGHTS, adds=adds)
    shelf = profiles(nodes(*rows), TABLE, limits.similarity.reading).shelf
    every = joined(compared_pairs(shelf, limits.similarity))
    for score in weights.scores(every.features).tolist():
        asked = Asked(by_days=(score,))
        found = joined(compared_pairs(shelf, limits.similarity, weights=weights, asked=asked))
        kept = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
        enough = weights.scores(every.features) >= score
        pairs = zip(every.left[enough].tolist(), every.right[enough].tolist(), strict=True)
        assert set(pairs) <= kept


def test_a_round_up_joins_nothing_and_bridges_nothing() -> None:
    ferry, budget = node(FERRY), node(BUDGET)
    round_up = node(FERRY + " " + BUDGET) | {"joinable": False}
    related = folded(ferry, budget, round_up)
    assert stories(related) == {ids(ferry), ids(budget), ids(round_up)}
    assert related.evidence.num_rows == 0


def test_two_events_of_one_kind_stay_apart_and_say_why() -> None:
    related = folded(node(FIRST), node(SECOND))
    assert len(stories(related)) == 2
    assert related.evidence.select(["decision", "veto"]).to_pylist() == [
        {"decision": "veto", "veto": "number_conflict"}
    ]


# What a series prints at the head of every issue, whatever that one is about.
REPEATED = (
    "Readers of our weekly review ask why we print both sides of every quarrel, and Marta Lindqvist of the Northern Courier gave the "
    "best answer last spring: 'A paper that prints one side teaches its readers to shout. A paper that prints two teaches them to "
    "listen, and Governor Aldous Penhallow has said as much in front of the assembly in Carrow, to the surprise of his own bench.' "
    "Penhallow, who faced a vote on his conduct of the harbour contracts that month, survived it by two voices; the Courier counted "
    "eleven members who changed their minds between breakfast and noon."
)
ISSUES = {
    "Glaciers": "Two surveys find the ice above Tarn thinner by a metre. One camp wants the cable car closed, the other a cover of fleece.",
    "School meals": "A county gives every pupil soup at noon. Cooks fear for their kitchens; parents in Osk say that the queue is short.",
    "Lighthouse keepers": "The last keeper retires in June. The coast office trusts its lamps to wires; fishermen want a face at the window.",
    "Violin strings": "Gut or steel, ask the luthiers of Brenn. Players hear no difference behind a screen, makers say that they feel one.",
}


def test_texts_made_from_one_template_are_not_one_story() -> None:
    rows = [node(f"{REPEATED} {text}", title) for title, text in ISSUES.items()]
    related = folded(*rows)
    assert stories(related) == {ids(row) for row in rows}
    # Some look like one event, and it is said why they are not.
    vetoes = Counter(row["veto"] for row in related.evidence.to_pylist() if row["score"] >= row["threshold"])
    assert vetoes["template"] and vetoes.keys() == {"template"}


def test_a_report_that_keeps_another_s_wording_under_a_headline_of_its_own_is_the_same_story() -> None:
    event = f"{REPEATED} The vote on Governor Penhallow was close."
    rows = [
        node(event, "Penhallow survives harbour vote"),
        node(f"{event} {BUDGET}", "Governor escapes over contracts"),
    ]
    assert len(stories(folded(*rows))) == 1


@pytest.mark.parametrize(
    ("apart", "score", "veto"),
    [
        (3, 0.55, None),
        (30, 0.55, "date_gap"),
        (30, 0.7, None),
        (300, 0.7, "date_gap"),
        (300, 0.9, None),
        (None, 0.55, None),
    ],
)
def test_a_gap_in_time_asks_for_a_better_score(apart: int | None, score: float, veto: str | None) -> None:
    first = date(2020, 9, 4)
    rows = nodes(node(FERRY, day=first), node(FERRY_TOO, day=None if apart is None else first + timedelta(days=apart)))
    profiles, blocks = compare(rows, TABLE, SimilaritySettings())
    scores = np.array([round(score * MILLION)], dtype=np.int64)
    found = vetoes_of(profiles.shelf, joined(blocks), scores, MILLION // 2, ClusterSettings())
    assert [VETOES[code] or None for code in found.tolist()] == [veto]


@pytest.mark.parametrize(("window", "veto"), [(20, "date_gap"), (59, "date_gap"), (60, None), (548, None)])
def test_beyond_the_window_no_score_is_enough_however_short_it_is(window: int, veto: str | None) -> None:
    first = date(2020, 9, 4)
    rows = nodes(node(FERRY, day=first), node(FERRY_TOO, day=first + timedelta(days=60)))
    profiles, blocks = compare(rows, TABLE, SimilaritySettings())
    found = vetoes_of(
        profiles.shelf, joined(blocks), np.array([MILLION]), MILLION // 2, ClusterSettings(window_days=window)
    )
    assert [VETOES[code] or None for code in found.tolist()] == [veto]


def test_evidence_shows_features_and_where_the_words_stand() -> None:
    rows = [node(FERRY), node(FERRY_TOO)]
    evidence = folded(*rows).evidence.to_pylist()[0]
    assert evidence["decision"] == "accept"
    assert evidence["score"] >= evidence["threshold"]
    assert all(0 <= evidence[name] <= 1 for name in FEATURES)
    assert {"marenko", "capsized"} <= set(evidence["terms"])
    bodies = {row["text_id"]: row["body"] for row in rows}
    shown = [bodies[span["text_id"]][span["start_char"] : span["end_char"]].casefold() for span in evidence["spans"]]
    assert len(shown) == 2 * len(evidence["terms"])
    assert all(
        word.startswith(term)
        for term, pair in zip(evidence["terms"], zip(shown[::2], shown[1::2], strict=True), strict=True)
        for word in pair
    )


def test_nothing_in_nothing_out() -> None:
    related = folded()
    assert related.clusters.num_rows == related.evidence.num_rows == 0


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.lists(
            st.sampled_from((FERRY + " " + FERRY_TOO + " " + BUDGET + " " + FIRST).split(". ")), min_size=2, max_size=6
        ),
        min_size=2,
        max_size=8,
    ),
    st.randoms(),
    # Where so much is needed of two, most texts come in by the company they keep.
    st.sampled_from([WEIGHTS, replace(WEIGHTS, threshold=970_000)]),
)
def test_stories_do_not_depend_on_order_and_reach_through_accepted_rows(
    texts: list[list[str]], chance: random.Random, weights: Weights
) -> None:
    rows = list({row["node_id"]: row for row in (node(". ".join(text)) for text in texts)}.values())
    related = folded(*rows, weights=weights)
    chance.shuffle(rows)
    again = folded(*rows, weights=weights)
    assert related.clusters.equals(again.clusters)
    assert related.evidence.equals(again.evidence)
    for story in stories(related):
        reached, added = {min(story)}, True
        accepted = [(r["node_a"], r["node_b"]) for r in related.evidence.to_pylist() if r["decision"] == "accept"]
        while added:
            found = {b for a, b in accepted if a in reached} | {a for a, b in accepted if b in reached}
            added = not found <= reached
            reached |= found
        assert reached == story


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(
            st.sampled_from((FERRY + " " + FERRY_TOO + " " + BUDGET + " " + FIRST).split(". ")), min_size=2, max_size=6
        ),
        min_size=2,
        max_size=9,
    ),
    st.data(),
)
def test_nights_of_any_size_and_order_leave_what_one_night_leaves(texts: list[list[str]], data: st.DataObject) -> None:
    days = [None, date(2021, 9, 4), date(2021, 9, 30)]
    rows = [node(". ".join(text), day=days[len(text) % 3]) for text in texts]
    rows = data.draw(st.permutations(list({row["node_id"]: row for row in rows}.values())))
    nights = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    gone = data.draw(st.sets(st.sampled_from([row["node_id"] for row in rows])))
    memory = no_memory()
    for upto in [*nights, len(rows)]:
        # What was there on some nights and is gone in the end leaves no trace, nor does going through a file.
        tonight = relate(nodes(*rows[:upto]), WEIGHTS, TABLE, memory=memory)
        memory = Memory.of_tables(**grown(memory, tonight.learnt).tables())
    left = nodes(*(row for row in rows if row["node_id"] not in gone))
    found = relate(left.drop_columns(["body"]), WEIGHTS, TABLE, memory=memory, bodies=bodies_of(rows))
    anew = relate(left, WEIGHTS, TABLE)
    assert found.clusters.equals(anew.clusters)
    assert found.evidence.equals(anew.evidence)
    assert not found.learnt.keys


def bodies_of(rows: list[dict[str, Any]]) -> Bodies:
    known = {row["text_id"]: row["body"] for row in rows}
    return lambda asked: {text_id: known[text_id] for text_id in asked}


def test_a_night_reads_its_own_texts_and_those_they_are_near_to() -> None:
    ferry, too, budget = node(FERRY), node(FERRY_TOO), node(BUDGET)
    memory = relate(nodes(ferry, budget), WEIGHTS, TABLE).learnt
    asked: list[str] = []

    def bodies(text_ids: Sequence[str]) -> Mapping[str, str]:
        asked.extend(text_ids)
        return bodies_of([ferry, too, budget])(text_ids)

    bare = nodes(ferry, too, budget).drop_columns(["body"])
    assert stories(relate(bare, WEIGHTS, TABLE, memory=memory, bodies=bodies)) == {ids(ferry, too), ids(budget)}
    assert set(asked) == {ferry["text_id"], too["text_id"]}


def test_a_night_clusters_the_regions_that_its_texts_and_decisions_touch(monkeypatch: pytest.MonkeyPatch) -> None:
    ferry, too, budget, vote = node(FERRY), node(FERRY_TOO), node(BUDGET), node(f"{BUDGET} The vote was on Friday.")
    sizes: list[int] = []
    was = relating.clusters_of

    def clusters_of(days: Any, *rest: Any) -> list[int]:
        sizes.append(len(days))
        return was(days, *rest)

    monkeypatch.setattr(relating, "clusters_of", clusters_of)
    first = relate(nodes(ferry, too, budget), WEIGHTS, TABLE).learnt
    second = relate(nodes(ferry, too, budget, vote), WEIGHTS, TABLE, memory=first)
    memory = grown(first, second.learnt)
    again = relate(nodes(ferry, too, budget, vote), WEIGHTS, TABLE, memory=memory)
    assert sizes == [2, 2]
    assert again.clusters.equals(second.clusters)
    apart = Constraints(apart=((ferry["node_id"], too["node_id"]),))
    decided = relate(nodes(ferry, too, budget, vote), WEIGHTS, TABLE, constraints=apart, memory=memory)
    assert sizes == [2, 2, 2]
    assert stories(decided) == {ids(ferry), ids(too), ids(budget, vote)}
    freed = relate(nodes(ferry, too, budget, vote), WEIGHTS, TABLE, memory=grown(memory, decided.learnt))
    assert sizes == [2, 2, 2]
    assert freed.clusters.equals(second.clusters)


def test_crowds_of_one_kind_of_event_stay_apart_where_single_texts_would_join() -> None:
    inside, across = 950_000, 600_000
    pairs = [(a, b) for a in range(8) for b in range(a + 1, 8)]
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    scores = np.array([inside if (a < 4) == (b < 4) else across for a, b in pairs], dtype=np.int64)
    assert average_linkage(8, left, right, scores, 500_000) == [0] * 8
    assert average_linkage(8, left, right, scores, 500_000, limits=Limits()) == [0, 0, 0, 0, 4, 4, 4, 4]
    assert average_linkage(8, left, right, scores, 500_000, limits=Limits(crowd=5)) == [0] * 8


def test_a_story_takes_in_a_text_that_is_like_one_of_its_texts_and_none_that_is_a_little_like_all() -> None:
    left, right = np.array([0, 0, 1]), np.array([1, 2, 2])
    one, all_alike = np.array([900_000, 800_000, 100_000]), np.array([900_000, 700_000, 700_000])
    assert average_linkage(3, left, right, one, 300_000, strongest=750_000) == [0, 0, 0]
    assert average_linkage(3, left, right, all_alike, 300_000, strongest=750_000) == [0, 0, 2]


def test_a_story_of_several_takes_in_a_text_that_is_much_like_all_and_two_texts_alone_need_more() -> None:
    left, right = np.array([0, 0, 1]), np.array([1, 2, 2])
    scores = np.array([900_000, 700_000, 500_000])
    assert average_linkage(3, left, right, scores, 300_000, strongest=750_000, company=600_000) == [0, 0, 0]
    assert average_linkage(3, left, right, scores, 300_000, strongest=750_000, company=600_001) == [0, 0, 2]
    assert average_linkage(3, left, right, scores - 200_000, 300_000, strongest=750_000, company=300_000) == [0, 1, 2]


def test_a_story_drifts_only_so_far_before_a_follow_up_opens() -> None:
    left, right = np.array([0, 1, 0]), np.array([1, 2, 2])
    scores, days = np.array([590_000] * 3), np.array([0, 100, 200])
    assert average_linkage(3, left, right, scores, 500_000, limits=Limits(), days=days) == [0, 0, 2]
    assert average_linkage(3, left, right, scores + 20_000, 500_000, limits=Limits(), days=days) == [0, 0, 0]
    days[0] = UNDATED
    assert average_linkage(3, left, right, scores, 500_000, limits=Limits(), days=days) == [0, 0, 0]


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda p: p[0] < p[1]), st.integers(0, 100), max_size=20
    ),
    st.integers(0, 100),
    st.integers(40, 100),
    st.lists(st.sampled_from([UNDATED, 0, 5, 9, 20]), min_size=8, max_size=8),
    st.sampled_from([None, Limits(crowd=2, crowd_share=0.9, drift_days=8, drift_score=70)]),
)
def test_average_linkage_is_the_plain_definition(
    scores: dict[tuple[int, int], int], strongest: int, company: int, days: list[int], limits: Limits | None
) -> None:
    pairs = sorted(scores)
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    values = np.array([scores[p] for p in pairs], dtype=np.int64)
    known: dict[str, Any] = {"limits": limits, "days": np.array(days), "strongest": strongest, "company": company}
    found = average_linkage(8, left, right, values, 40, **known)
    clusters = {i: [i] for i in range(8)}

    def score(x: int, y: int) -> int:
        return scores.get((min(x, y), max(x, y)), 0)

    def average(a: int, b: int) -> int:
        total = sum(score(x, y) for x in clusters[a] for y in clusters[b])
        return int(Fraction(total, len(clusters[a]) * len(clusters[b])))

    def cohesion(cluster: int) -> float:
        inside = [score(x, y) for x, y in combinations(clusters[cluster], 2)]
        return sum(inside) / len(inside)

    def limited(a: int, b: int, limits: Limits) -> bool:
        dated = [days[x] for x in clusters[a] + clusters[b] if days[x] != UNDATED]
        if dated and max(dated) - min(dated) > limits.drift_days and average(a, b) < limits.drift_score:
            return True
        crowds = min(len(clusters[a]), len(clusters[b])) >= limits.crowd
        return crowds and average(a, b) < limits.crowd_share * min(cohesion(a), cohesion(b))

    def meet(a: int, b: int) -> bool:
        if limits and limited(a, b, limits):
            return False
        if len(clusters[a]) + len(clusters[b]) > 2 and average(a, b) >= company:
            return True
        return any(scores.get((min(x, y), max(x, y)), -1) >= strongest for x in clusters[a] for y in clusters[b])

    while best := min(
        ((-average(a, b), a, b) for a, b in combinations(sorted(clusters), 2) if average(a, b) >= 40 and meet(a, b)),
        default=None,
    ):
        clusters[best[1]] += clusters.pop(best[2])
    assert found == [next(c for c, members in clusters.items() if i in members) for i in range(8)]


def test_the_five_seeds_are_three_stories(shared: Path) -> None:
    gold = orjson.loads((shared / "seeds" / "gold.json").read_bytes())
    rows = {}
    for name, article in gold["articles"].items():
        published = article["published"]
        text = (shared / "seeds" / article["file"]).read_text("utf-8")
        rows[name] = node(text, article["title"], date.fromisoformat(published[:10]) if published else None)
    related = relate(nodes(*rows.values()), WEIGHTS, TABLE, ClusterSettings(shown_below=1.0))
    expected = {ids(*(rows[file[:3]] for file in story["articles"])) for story in gold["stories"]}
    assert stories(related) == expected
    inside = [r["score"] for r in related.evidence.to_pylist() if r["decision"] == "accept"]
    across = [r["score"] for r in related.evidence.to_pylist() if r["decision"] != "accept"]
    assert min(inside) - max(across) > 0.2


@pytest.mark.slow
def test_among_37_thousand_real_articles_no_story_swallows_hundreds(shared: Path) -> None:
    # A ninth of them have no date; stories that anything may join would have percolated here.
    related = relate(load_nodes(shared, "allsides_37k"), WEIGHTS, TABLE)
    sizes = Counter(related.clusters["cluster_id"].to_pylist())
    assert related.clusters.num_rows > 37_000
    assert max(sizes.values()) < 200


def test_tables_have_their_columns() -> None:
    related = folded(node(FERRY), node(FERRY_TOO))
    assert related.clusters.schema == pa.schema([("node_id", pa.string()), ("cluster_id", pa.string())])
    assert set(FEATURES) < set(related.evidence.schema.names)
