"""What people decided of stories holds: before any score, under average linkage, in every order, and it is shown as evidence."""

import random
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_cluster import FIRST, SECOND, ids, stories
from tests.test_similarity import BUDGET, FERRY, FERRY_TOO, TABLE, WEIGHTS, node, nodes
from transforms.stories.constraints import Constraints
from transforms.stories.linkage import average_linkage
from transforms.stories.relate import Related, relate

Row = dict[str, Any]


def folded(*rows: Row, together: tuple[tuple[Row, Row], ...] = (), apart: tuple[tuple[Row, Row], ...] = ()) -> Related:
    named = [tuple((a["node_id"], b["node_id"]) for a, b in pairs) for pairs in (together, apart)]
    return relate(nodes(*rows), WEIGHTS, TABLE, constraints=Constraints(*named))


def decided(related: Related) -> dict[frozenset[str], tuple[str, str | None]]:
    rows = related.evidence.to_pylist()
    return {frozenset((row["node_a"], row["node_b"])): (row["decision"], row["veto"]) for row in rows}


def test_what_must_be_together_is_and_says_who_joined_it() -> None:
    ferry, budget = node(FERRY), node(BUDGET)
    related = folded(ferry, budget, together=((ferry, budget),))
    assert stories(related) == {ids(ferry, budget)}
    assert decided(related) == {ids(ferry, budget): ("override", None)}


def test_what_must_be_apart_is_and_says_who_parted_it() -> None:
    ferry, too = node(FERRY), node(FERRY_TOO)
    assert stories(folded(ferry, too)) == {ids(ferry, too)}
    related = folded(ferry, too, apart=((ferry, too),))
    assert stories(related) == {ids(ferry), ids(too)}
    assert decided(related) == {ids(ferry, too): ("veto", "override")}


def test_a_third_text_joins_one_of_two_that_are_apart_and_the_other_pair_says_why() -> None:
    ferry, too, third = node(FERRY), node(FERRY_TOO), node(FERRY_TOO + " " + FERRY)
    related = folded(ferry, too, third, apart=((ferry, too),))
    assert sorted(map(len, stories(related))) == [1, 2]
    assert sorted(decided(related).values()) == [("accept", None), ("veto", "override"), ("veto", "override")]


def test_a_person_overrules_a_veto() -> None:
    related = folded(node(FIRST), node(SECOND), together=((node(FIRST), node(SECOND)),))
    assert len(stories(related)) == 1


@pytest.mark.parametrize("joined", [True, False])
def test_a_round_up_joins_a_story_by_order_only_and_bridges_nothing(joined: bool) -> None:
    ferry, too, budget = node(FERRY), node(FERRY_TOO), node(BUDGET)
    round_up = node(FERRY + " " + BUDGET) | {"joinable": False}
    related = folded(ferry, too, budget, round_up, together=((budget, round_up),) if joined else ())
    expected = {ids(budget, round_up)} if joined else {ids(budget), ids(round_up)}
    assert stories(related) == {ids(ferry, too), *expected}


def test_what_is_not_there_constrains_nothing() -> None:
    ferry, too = node(FERRY), node(FERRY_TOO)
    assert folded(ferry, too, together=((ferry, node(BUDGET)),)).clusters.equals(folded(ferry, too).clusters)


SENTENCES = (FERRY + " " + FERRY_TOO + " " + BUDGET + " " + FIRST).split(". ")


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(SENTENCES), min_size=2, max_size=6), min_size=3, max_size=8),
    st.randoms(use_true_random=False),
)
def test_constraints_hold_in_every_order_and_members_reach_each_other(
    texts: list[list[str]], chance: random.Random
) -> None:
    rows = list({row["node_id"]: row for row in (node(". ".join(text)) for text in texts)}.values())
    pairs = list(combinations(rows, 2))
    chance.shuffle(pairs)
    together, apart = _agreeing(pairs[:2], pairs[2:4])
    related = folded(*rows, together=together, apart=apart)
    chance.shuffle(rows)
    again = folded(*rows, together=together, apart=apart)
    assert related.clusters.equals(again.clusters) and related.evidence.equals(again.evidence)
    story_of = {row["node_id"]: row["cluster_id"] for row in related.clusters.to_pylist()}
    assert all(story_of[a["node_id"]] == story_of[b["node_id"]] for a, b in together)
    assert all(story_of[a["node_id"]] != story_of[b["node_id"]] for a, b in apart)
    accepted = [pair for pair, (decision, _) in decided(related).items() if decision in ("accept", "override")]
    for story in stories(related):
        reached = {min(story)}
        for _ in story:
            reached |= {node for pair in accepted if pair & reached for node in pair}
        assert reached == story


Pairs = tuple[tuple[Row, Row], ...]


def _agreeing(together: list[tuple[Row, Row]], apart: list[tuple[Row, Row]]) -> tuple[Pairs, Pairs]:
    """Return the constraints without those apart that the others contradict."""
    part: dict[str, str] = {}
    for a, b in together:
        one, other = (part.get(row["node_id"], row["node_id"]) for row in (a, b))
        names = {one, other, *(name for name, root in part.items() if root in (one, other))}
        part |= dict.fromkeys({*names, a["node_id"], b["node_id"]}, min(names))
    roots = [[part.get(row["node_id"], row["node_id"]) for row in pair] for pair in apart]
    return tuple(together), tuple(pair for pair, (a, b) in zip(apart, roots, strict=True) if a != b)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda p: p[0] < p[1]), st.integers(0, 100), max_size=20
    ),
    st.integers(1, 7),
)
def test_constrained_linkage_is_the_plain_definition(scores: dict[tuple[int, int], int], other: int) -> None:
    pairs = sorted(scores)
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    values = np.array([scores[p] for p in pairs], dtype=np.int64)
    # 0 and `other` are one; each of the rest is apart from the next but one.
    rest = [i for i in range(1, 8) if i != other]
    apart = list(zip(rest, rest[2:], strict=False))
    found = average_linkage(8, left, right, values, 40, [(0, other)], apart)
    clusters = {i: [i] for i in range(8) if i != other} | {0: [0, other]}

    def average(a: int, b: int) -> int:
        if any((x, y) in apart or (y, x) in apart for x in clusters[a] for y in clusters[b]):
            return 0
        total = sum(scores.get((min(x, y), max(x, y)), 0) for x in clusters[a] for y in clusters[b])
        return int(Fraction(total, len(clusters[a]) * len(clusters[b])))

    while best := min(
        ((-average(a, b), a, b) for a, b in combinations(sorted(clusters), 2) if average(a, b) >= 40), default=None
    ):
        clusters[best[1]] += clusters.pop(best[2])
    assert found == [next(c for c, members in clusters.items() if i in members) for i in range(8)]
