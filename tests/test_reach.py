"""A night looks at what it touches, and finds for it what a look at everything finds."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_cluster import FIRST, bodies_of, ids, stories
from tests.test_similarity import BUDGET, FERRY, FERRY_TOO, TABLE, WEIGHTS, node, nodes
from transforms.stories.cluster import ClusterSettings, alike
from transforms.stories.constraints import Constraints
from transforms.stories.learn import BARE, learn
from transforms.stories.memory import Memory, grown, keys_of, no_memory
from transforms.stories.reach import Book, at_once, node_ids, numbers_of, reached
from transforms.stories.regions import sharing
from transforms.stories.relate import relate, takes_part
from transforms.stories.shelf import DAY, taken

# So much of neighbours is asked for that few texts show what comes of it.
NARROW = ClusterSettings(window_days=30, shown_below=0.5, shared_neighbours=0.6)
SENTENCES = (FERRY + " " + FERRY_TOO + " " + BUDGET + " " + FIRST).split(". ")
DAYS = [None, *(date(2021, 9, 1) + timedelta(days=step) for step in (0, 3, 20, 31, 70))]


class Standing:
    """Stories and evidence as nights leave them that each look at what they touch."""

    def __init__(self) -> None:
        self.memory, self.node_of = no_memory(), list[str]()
        self.rows, self.story, self.evidence = dict[str, dict[str, Any]](), dict[str, str](), list[dict[str, Any]]()
        self.compared, self.named, self.standing = set[str](), frozenset[str](), np.empty(0, np.int64)

    def night(self, rows: dict[str, dict[str, Any]], constraints: Constraints) -> None:
        was, self.rows = self.rows, rows
        touched = {node_id for node_id in {*was, *rows} if was.get(node_id) != rows.get(node_id)}
        # What people decide, and decide no more, touches what they name.
        touched, self.named = touched | constraints.nodes | self.named, constraints.nodes
        table = nodes(*rows.values()).select(BARE.names)
        self._learn(table.filter(_is_in(table, touched)), constraints)
        book, numbers = self._book(), numbers_of(sorted(touched))
        stood, compared = self.standing, table.filter(takes_part(table, constraints))
        self.standing = np.sort(book.rows_of(keys_of(compared)))
        found, regions = reached(book, stood, self.standing, numbers, constraints, NARROW.shared_neighbours)
        for batch in at_once(found, regions, 3):
            groups = set(node_ids(batch))
            pairs = self.memory.measured.pairs
            ends = [
                {self.node_of[a], self.node_of[b]}
                for a, b in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
            ]
            beyond = {node_id for both in ends if both & groups for node_id in both} - groups
            asked = table.filter(_is_in(table, groups | beyond))
            related = relate(
                asked, WEIGHTS, TABLE, NARROW, constraints, self.memory, bodies_of([*rows.values()]), sorted(beyond)
            )
            assert not related.learnt.keys
            self.memory = grown(self.memory, related.learnt)
            self.story = {node_id: story for node_id, story in self.story.items() if node_id not in groups}
            self.story |= dict(zip(*(column.to_pylist() for column in related.clusters.columns), strict=True))
            self.evidence = [row for row in self.evidence if not {row["node_a"], row["node_b"]} & groups]
            self.evidence += related.evidence.to_pylist()
            self.compared |= groups

    def _learn(self, touched: pa.Table, constraints: Constraints) -> None:
        known = set(self.memory.keys)
        compared = touched.filter(takes_part(touched, constraints))
        new = compared.filter(pa.array([key not in known for key in keys_of(compared)], pa.bool_()))
        bodies, memory = bodies_of([*self.rows.values()]), self.memory
        part = np.flatnonzero(memory.joinable)
        # In two parts, as files of months are.
        parts = [rows for rows in np.split(part, [len(part) // 2]) if len(rows)]
        within = [(rows, taken(memory.shelf, rows)) for rows in parts]
        learnt = learn(new, WEIGHTS, TABLE, NARROW, len(memory.keys), lambda days: within, bodies)
        self.memory, self.node_of = grown(memory, learnt), self.node_of + new["node_id"].to_pylist()

    def _book(self) -> Book:
        memory = Memory.of_tables(**self.memory.tables())
        ties = alike(memory.measured.pairs, memory.measured.vetoes, WEIGHTS, NARROW)
        left, right = (
            side[ties].astype(np.int32) for side in (memory.measured.pairs.left, memory.measured.pairs.right)
        )
        keys, named = numbers_of(memory.keys), numbers_of(self.node_of)
        return Book(keys, named, memory.shelf.scalars[:, DAY], memory.joinable, left, right)


def _is_in(table: pa.Table, wanted: set[str] | frozenset[str]) -> pa.ChunkedArray:
    return pc.is_in(table["node_id"], value_set=pa.array(sorted(wanted), pa.string()))


def _sorted(evidence: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(evidence, key=lambda row: (row["node_a"], row["node_b"]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(SENTENCES), min_size=2, max_size=6), min_size=2, max_size=9),
    st.integers(1, 4),
    st.data(),
)
def test_nights_that_look_at_what_they_touch_leave_what_a_look_at_everything_finds(
    texts: list[list[str]], n_nights: int, data: st.DataObject
) -> None:
    every = {row["node_id"]: row for row in (node(". ".join(text)) for text in texts)}
    standing, constraints = Standing(), Constraints()
    for _ in range(n_nights):
        chosen = data.draw(st.sets(st.sampled_from(sorted(every))))
        days = data.draw(st.lists(st.sampled_from(DAYS), min_size=len(chosen), max_size=len(chosen)))
        joinable = data.draw(
            st.lists(st.booleans() if len(chosen) < 4 else st.just(True), min_size=len(chosen), max_size=len(chosen))
        )
        rows = {
            node_id: every[node_id] | {"date": day, "joinable": joins}
            for node_id, day, joins in zip(sorted(chosen), days, joinable, strict=True)
        }
        if len(chosen) > 1 and data.draw(st.booleans()):
            pair = sorted(data.draw(st.permutations(sorted(chosen)))[:2])
            constraints = data.draw(
                st.sampled_from([Constraints(together=((pair[0], pair[1]),)), Constraints(apart=((pair[0], pair[1]),))])
            )
        standing.night(rows, constraints)
        anew = relate(nodes(*rows.values()), WEIGHTS, TABLE, NARROW, constraints)
        assert standing.story == dict(zip(*(column.to_pylist() for column in anew.clusters.columns), strict=True))
        assert _sorted(standing.evidence) == _sorted(anew.evidence.to_pylist())


def _text(day: date | None, *sentences: int) -> dict[str, Any]:
    return node(". ".join(SENTENCES[number] for number in sentences), None, day)


def test_what_people_join_further_apart_than_the_window_makes_nobody_neighbours() -> None:
    september, october = date(2021, 9, 1), date(2021, 10, 2)
    joined, too = _text(october, 0, 6, 7, 0), _text(september, 3, 1)
    others = [
        _text(date(2021, 9, 4), 3, 3),
        _text(None, 1, 4, 7, 5),
        _text(None, 1, 6, 6),
        _text(september, 1, 2, 2, 2, 5, 7),
    ]
    constraints = Constraints(together=((joined["node_id"], too["node_id"]),))
    rows = {row["node_id"]: row for row in (joined, too, *others)}
    standing = Standing()
    standing.night(rows, constraints)
    anew = relate(nodes(*rows.values()), WEIGHTS, TABLE, NARROW, constraints)
    assert standing.story == dict(zip(*(column.to_pylist() for column in anew.clusters.columns), strict=True))


def test_what_people_join_though_nobody_sought_it_parts_no_neighbours() -> None:
    # Two neighbours of each other alone share all they have; with one more of one of them it would be two thirds.
    alike = replace(NARROW, shared_neighbours=0.7)
    one, other = _text(None, 0, 2, 4), _text(None, 0, 2, 4, 1)
    listing = _text(None, 2, 4, 1) | {"joinable": False}
    constraints = Constraints(together=((other["node_id"], listing["node_id"]),))
    clusters = relate(nodes(one, other, listing), WEIGHTS, TABLE, alike, constraints).clusters
    assert len(set(clusters["cluster_id"].to_pylist())) == 1


def test_a_story_that_nothing_touches_is_not_looked_at() -> None:
    ferry, too, budget, vote = node(FERRY), node(FERRY_TOO), node(BUDGET), node(f"{BUDGET} The vote was on Friday.")
    standing = Standing()
    standing.night({row["node_id"]: row for row in (ferry, too, budget)}, Constraints())
    standing.compared.clear()
    standing.night({row["node_id"]: row for row in (ferry, too, budget, vote)}, Constraints())
    assert standing.compared == ids(budget, vote)


def test_further_apart_than_the_window_nothing_is_compared_but_undated_texts() -> None:
    first, last = date(2021, 9, 1), date(2021, 9, 1) + timedelta(days=31)
    far, near = (
        node(f"{FERRY} Boats searched.", day=last),
        node(f"{FERRY} Boats searched.", day=last - timedelta(days=1)),
    )
    for other, joined in ((far, False), (near, True), (far | {"date": None}, True)):
        related = relate(nodes(node(FERRY, day=first), other), WEIGHTS, TABLE, NARROW)
        assert (len(stories(related)) == 1) == joined
        assert bool(related.evidence.num_rows) == joined
    said = Constraints(together=(tuple(sorted(ids(node(FERRY), far))),))  # type: ignore[arg-type]
    assert len(stories(relate(nodes(node(FERRY, day=first), far), WEIGHTS, TABLE, NARROW, said))) == 1


def test_regions_are_taken_whole_some_at_a_time() -> None:
    groups, regions = np.arange(7, dtype=np.uint64), np.array([0, 0, 0, 2, 5, 5, 9])
    parts = [part.tolist() for part in at_once(groups, regions, 2)]
    assert [node for part in parts for node in part] == list(range(7))
    assert all(regions[part[0] - 1] != regions[part[0]] for part in parts[1:])
    assert len(parts) > 1
    assert [part.tolist() for part in at_once(groups[:0], regions[:0], 2)] == []


def test_two_texts_tie_that_share_enough_of_their_neighbours() -> None:
    star, crowd = [(0, leaf) for leaf in range(1, 6)], [(a, b) for a in range(6, 10) for b in range(a + 1, 10)]
    pairs = [*star, *crowd, (5, 6), (10, 11)]
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    kept = {pair for pair, keeps in zip(pairs, sharing(12, left, right, 0.5).tolist(), strict=True) if keeps}
    # One that many are alike ties nobody, a bridge ties nothing; a crowd does, and so do two alone.
    assert kept == {*crowd, (10, 11)}
    assert sharing(12, left, right, 0.0).all()
