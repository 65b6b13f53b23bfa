"""The stories of some text groups, and the evidence for every pair that came near the threshold."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.stories.cluster import (
    DATE_GAP,
    VETOES,
    ClusterSettings,
    alike,
    clusters_of,
    score_over_gap,
    tied,
    vetoes_of,
)
from transforms.stories.constraints import NO_CONSTRAINTS, Constraints, RowConstraints
from transforms.stories.evidence import decisions, evidence_table, told_of
from transforms.stories.frequencies import Frequencies
from transforms.stories.kernel import MILLION
from transforms.stories.learn import BARE, learn
from transforms.stories.memory import Bodies, Codes, Measured, Memory, grown, keys_of, no_memory
from transforms.stories.regions import PARTED, decided_of, labels_of, parted_as, region_key, regions_of
from transforms.stories.shelf import DAY, Integers, Shelf, taken
from transforms.stories.similarity import Asked, Pairs, Weights, compared_pairs, measured_pairs

CLUSTERS = pa.schema([("node_id", pa.string()), ("cluster_id", pa.string())])
# Texts whose regions are clustered at a time.
_CLUSTERED_AT_ONCE = 4_000


@dataclass(frozen=True)
class Related:
    """`clusters`: node_id, cluster_id (the smallest node_id of its story); `evidence`: see evidence.EVIDENCE; `learnt`: what was
    not in the memory before.
    """

    clusters: pa.Table
    evidence: pa.Table
    learnt: Memory


def relate(
    nodes: pa.Table,
    weights: Weights,
    known: Mapping[str, Frequencies],
    settings: ClusterSettings | None = None,
    constraints: Constraints = NO_CONSTRAINTS,
    memory: Memory | None = None,
    bodies: Bodies | None = None,
    beyond: Collection[str] = (),
) -> Related:
    """Fold text groups into stories and say why.

    `nodes`: node_id (unique), text_id, body, title (nullable), date (date32, nullable), cited (list of source ids),
    joinable (False: a round-up, live blog, listing or stub, which stays alone); `known`: the document frequencies of each kind.
    `constraints`: what people decided; it holds whatever the scores say, also for what is not joinable.
    `memory`: what was found with these weights, frequencies and settings before; it spares work and changes nothing. With
    `bodies` the nodes need no body: it is asked for those that are new.
    `beyond`: node ids that the others are compared with and that are in no story with them (see reach.py); they are in no cluster
    here, and in no evidence among themselves.
    Every member of a story reaches every other over rows of evidence whose decision is accept or override. Neither the order of
    the rows nor their number decides anything about a pair.
    """
    settings, memory = settings or ClusterSettings(), memory or no_memory()
    bodies = bodies or _bodies_in(nodes)
    nodes = nodes.select(BARE.names).cast(BARE).sort_by("node_id")
    compared = nodes.filter(takes_part(nodes, constraints))
    rows, learnt = _learnt(compared, weights, known, settings, memory, bodies)
    whole = grown(memory, learnt)
    decided = constraints.in_rows(compared["node_id"].to_pylist())
    found, sought = _tonights(whole, rows, decided, weights, settings)
    outside = pc.is_in(compared["node_id"], value_set=pa.array(sorted(beyond), pa.string())).to_numpy()
    inside = ~(outside[found.pairs.left] & outside[found.pairs.right])
    found, sought = found.only(inside), sought[inside]
    pairs, scores = found.pairs, weights.scores(found.pairs.features)
    labels, parted = _stories(whole, rows, outside, found, sought, decided, weights, settings)
    together = labels[pairs.left] == labels[pairs.right]
    strong, gapped = scores >= weights.threshold, found.vetoes == VETOES.index(DATE_GAP)
    in_company = _in_company(len(rows), found, scores, together, strong, decided, settings)
    asked = np.maximum(score_over_gap(whole.shelf, rows, pairs, settings), weights.threshold)
    shown = (strong & ~gapped) | in_company | decided.names(pairs.left, pairs.right)
    shown |= ~together & (scores >= asked - round(settings.shown_below * MILLION))
    near, near_scores = pairs.only(shown), scores[shown]
    needed = np.where(in_company[shown], settings.company_score, weights.threshold)
    fates = decisions(
        near_scores,
        [VETOES[code] or None for code in np.where(strong, found.vetoes, 0)[shown].tolist()],
        together[shown],
        needed,
        joined=decided.joins(near.left, near.right),
        parted=decided.parts(near.left, near.right, labels)
        & ((near_scores >= weights.threshold) | decided.names(near.left, near.right)),
    )
    told, words = told_of(whole, compared, rows, near, bodies, settings.similarity.reading.first_words)
    asking = nodes.filter(pc.invert(pc.is_in(nodes["node_id"], value_set=pa.array(sorted(beyond), pa.string()))))
    return Related(
        clusters=_clusters(asking, compared["node_id"].to_pylist(), labels),
        evidence=evidence_table(compared["node_id"], near, near_scores, fates, needed, words),
        learnt=replace(learnt, told=told, parted=parted),
    )


def takes_part(nodes: pa.Table, constraints: Constraints) -> pa.ChunkedArray:
    """Return which nodes are compared at all: those that are joinable, and those that people decided of."""
    named = pc.is_in(nodes["node_id"], value_set=pa.array(sorted(constraints.nodes), pa.string()))
    return pc.or_(nodes["joinable"], named)


def _learnt(
    compared: pa.Table,
    weights: Weights,
    known: Mapping[str, Frequencies],
    settings: ClusterSettings,
    memory: Memory,
    bodies: Bodies,
) -> tuple[Integers, Memory]:
    """Return the row of each node in the memory once grown, and what it is to grow by: new nodes, and their pairs with all."""
    keys, row_of = keys_of(compared), {key: row for row, key in enumerate(memory.keys)}
    rows = np.array([row_of.get(key, -1) for key in keys], dtype=np.int64)
    new = rows < 0
    rows[new] = np.arange(int(new.sum())) + len(memory.keys)
    if not new.any():
        return rows, no_memory()
    remembered = np.flatnonzero(memory.joinable)
    within = [(remembered, taken(memory.shelf, remembered))] if len(remembered) else []
    fresh = compared.filter(pa.array(new))
    return rows, learn(fresh, weights, known, settings, len(memory.keys), lambda days: within, bodies)


def _in_company(
    n: int,
    found: Measured,
    scores: Integers,
    together: npt.NDArray[np.bool_],
    strong: npt.NDArray[np.bool_],
    decided: RowConstraints,
    settings: ClusterSettings,
) -> npt.NDArray[np.bool_]:
    """Return the pairs that hold a story together where no strong one does: those between parts that strong ones make of it."""
    pairs, meets = found.pairs, together & (found.vetoes == 0)
    held = (meets & strong) | (together & decided.joins(pairs.left, pairs.right))
    part = labels_of(n, pairs.left[held], pairs.right[held])
    kept: npt.NDArray[np.bool_] = meets & (part[pairs.left] != part[pairs.right]) & (scores >= settings.company_score)
    return kept


def _bodies_in(nodes: pa.Table) -> Bodies:
    bodies = dict(zip(nodes["text_id"].to_pylist(), nodes["body"].to_pylist(), strict=True))
    return lambda asked: {text_id: bodies[text_id] for text_id in asked}


def _tonights(
    memory: Memory, rows: Integers, decided: RowConstraints, weights: Weights, settings: ClusterSettings
) -> tuple[Measured, npt.NDArray[np.bool_]]:
    """Return the pairs between tonight's nodes (`rows` of the memory, by node id), named ones besides, by tonight's numbers.

    And of each whether it was sought, and not only named: neighbours are what was sought (see reach.py), whatever people name.
    """
    place = np.full(len(memory.keys), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    pairs = memory.measured.pairs
    left, right = place[pairs.left], place[pairs.right]
    here = (left >= 0) & (right >= 0)
    left, right, features, vetoes = left[here], right[here], pairs.features[here], memory.measured.vetoes[here]
    n_sought = len(left)
    if len(decided.pairs[0]):
        named = measured_pairs(memory.shelf, rows[decided.pairs[0]], rows[decided.pairs[1]])
        scores = weights.scores(named.features)
        of_named = vetoes_of(memory.shelf, named, scores, settings.company_score, settings)
        left, right = np.concatenate([left, decided.pairs[0]]), np.concatenate([right, decided.pairs[1]])
        features, vetoes = np.concatenate([features, named.features]), np.concatenate([vetoes, of_named])
    low, high = np.minimum(left, right), np.maximum(left, right)
    # Sorted, and once each: a named pair may have been worth comparing as well.
    _, once = np.unique(low * len(rows) + high, return_index=True)
    return Measured(Pairs(low[once], high[once], features[once]), vetoes[once]), once < n_sought


def _stories(
    memory: Memory,
    rows: Integers,
    outside: npt.NDArray[np.bool_],
    found: Measured,
    sought: npt.NDArray[np.bool_],
    decided: RowConstraints,
    weights: Weights,
    settings: ClusterSettings,
) -> tuple[Integers, pa.Table]:
    """Return for each of tonight's nodes (`rows` of the memory) the first of its story, and the regions that nobody parted before.

    Those `outside` are neighbours of the others, and in no region with them. Of the pairs only those that were `sought` make neighbours.
    """
    pairs = found.pairs
    ties = alike(pairs, found.vetoes, weights, settings) & sought
    left, right = tied(len(rows), pairs, ties, decided.joins(pairs.left, pairs.right), settings)
    inside = ~(outside[left] | outside[right])
    keys = [memory.keys[row] for row in rows.tolist()]
    said, known = (
        decided_of(decided, keys),
        dict(zip(*(memory.parted[c].to_pylist() for c in PARTED.names), strict=True)),
    )
    labels, touched = np.arange(len(rows)), {}
    for region in regions_of(len(rows), left[inside], right[inside]):
        key = region_key(region, keys, said)
        if key in known:
            labels[region] = region[known[key]]
        else:
            touched[key] = region
    for regions in _at_once(list(touched.values())):
        members = np.concatenate(regions)
        number = np.repeat(np.arange(len(regions), dtype=np.int32), [len(region) for region in regions])
        order = np.argsort(members)
        members, number = members[order], number[order]
        labels[members] = members[_parted(memory, rows[members], number, decided.among(members), weights, settings)]
    return labels, parted_as(list(touched), [np.searchsorted(region, labels[region]) for region in touched.values()])


def _at_once(regions: list[Integers]) -> Iterator[list[Integers]]:
    """Yield the regions, a few thousand texts at a time: what is measured inside them is all in memory."""
    begins = np.cumsum([0, *(len(region) for region in regions)])[:-1]
    for _, batch in groupby(range(len(regions)), key=lambda place: int(begins[place]) // _CLUSTERED_AT_ONCE):
        yield [regions[place] for place in batch]


def _parted(
    memory: Memory,
    rows: Integers,
    regions: npt.NDArray[np.int32],
    decided: RowConstraints,
    weights: Weights,
    settings: ClusterSettings,
) -> Integers:
    """Return for each of some rows of the memory the first of its story: all pairs inside their regions are measured."""
    shelf, takes_part = taken(memory.shelf, rows), memory.joinable[rows]
    # Nine pairs in ten are negligible, and given up before they are measured to the end.
    asked = Asked((round(settings.negligible * MILLION),))
    blocks = compared_pairs(shelf, settings.similarity, None, weights, asked, takes_part, regions)
    found = [_Scored(*_NO_SCORES)]
    found += (_scored(shelf, pairs, decided, weights, settings) for pairs in _with_named(shelf, blocks, decided))
    left, right, scores, vetoes = (np.concatenate([each[place] for each in found]) for place in range(4))
    # Features are nine tenths of what pairs take, and asked for no more.
    pairs = Pairs(left, right, np.empty((len(left), 0), dtype=np.int64))
    days = shelf.scalars[:, DAY]
    return np.array(
        clusters_of(days, pairs, scores, vetoes, weights.threshold, settings, decided, regions), dtype=np.int64
    )


class _Scored(NamedTuple):
    """What clustering asks of pairs."""

    left: Integers
    right: Integers
    scores: Integers
    vetoes: Codes


_NO_SCORES = (np.empty(0, np.int64),) * 4


def _scored(
    shelf: Shelf, pairs: Pairs, decided: RowConstraints, weights: Weights, settings: ClusterSettings
) -> _Scored:
    """Return the pairs that may be joined, or that people named."""
    scores = weights.scores(pairs.features)
    vetoes = vetoes_of(shelf, pairs, scores, round(settings.average * MILLION), settings)
    kept = ((vetoes == 0) & (scores >= round(settings.negligible * MILLION))) | decided.names(pairs.left, pairs.right)
    return _Scored(pairs.left[kept], pairs.right[kept], scores[kept], vetoes[kept])


def _with_named(shelf: Shelf, blocks: Iterable[Pairs], decided: RowConstraints) -> Iterator[Pairs]:
    """Yield the pairs, and at the end those that people named; each pair once."""
    for pairs in blocks:
        yield pairs.only(~decided.names(pairs.left, pairs.right))
    if len(decided.pairs[0]):
        yield measured_pairs(shelf, *decided.pairs)


def _clusters(nodes: pa.Table, compared: list[str], labels: Integers) -> pa.Table:
    story_of = dict(zip(compared, (compared[label] for label in labels.tolist()), strict=True))
    node_ids = nodes["node_id"].to_pylist()
    return pa.table([node_ids, [story_of.get(node_id, node_id) for node_id in node_ids]], schema=CLUSTERS)
