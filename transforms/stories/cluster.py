"""Stories out of similarities: vetoes, average linkage, and the evidence for every pair that came near the threshold."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from transforms.stories.constraints import NO_CONSTRAINTS, Constraints, RowConstraints
from transforms.stories.evidence import decisions, evidence_table
from transforms.stories.frequencies import Frequencies
from transforms.stories.kernel import HEADLINES_NUMBER, MILLION, NUMBERS, PLACES, conflicts
from transforms.stories.linkage import Limits, average_linkage
from transforms.stories.profiles import NODES, Profiles
from transforms.stories.shelf import DAY, UNDATED, Integers, Shelf
from transforms.stories.similarity import (
    DAYS_APART,
    FEATURES,
    Pairs,
    SimilaritySettings,
    Weights,
    compare,
    joined,
)

CLUSTERS = pa.schema([("node_id", pa.string()), ("cluster_id", pa.string())])
DATE_GAP, NUMBER_CONFLICT, PLACE_CONFLICT = "date_gap", "number_conflict", "place_conflict"
VETOES = ("", DATE_GAP, NUMBER_CONFLICT, PLACE_CONFLICT)
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """When alike is one story."""

    similarity: SimilaritySettings = field(default_factory=SimilaritySettings)
    # Dates are often wrong, and 30% of the real pairs of the open sets lie more than 14 days apart: a gap asks for a better
    # score, a season's gap for a much better one; it forbids nothing. Of undated texts, the nearest days they state count so.
    gap_days: int = 14
    gap_score: float = 0.6
    long_gap_days: int = 60
    long_gap_score: float = 0.8
    # How crowds meet, and how far a story may drift before a follow-up of its own opens.
    limits: Limits = field(default_factory=Limits)
    # Two places, two final scores: past this score the wording itself says that it is one event. (Headlines of a 12th and a
    # 13th package may well stand over the same words; no score makes them one.)
    conflict_score: float = 0.95
    # Leads that share more of their names than this stand in one place, whatever else each of them names: with the
    # shipped weights 38 of 98 vetoes for place were wrong on the open sets without this bound, 10 of 26 with it, at the same
    # share of false merges (python -m bench.stories).
    conflict_names: float = 0.35
    # Scores under this count as none: they move no average that matters, and are nine tenths of all.
    negligible: float = 0.05
    # Refused pairs are shown down to this distance under the threshold.
    shown_below: float = 0.05


@dataclass(frozen=True)
class Related:
    """`clusters`: node_id, cluster_id (the smallest node_id of its story); `evidence`: see evidence.EVIDENCE."""

    clusters: pa.Table
    evidence: pa.Table


def relate(
    nodes: pa.Table,
    weights: Weights,
    known: Mapping[str, Frequencies],
    settings: ClusterSettings | None = None,
    constraints: Constraints = NO_CONSTRAINTS,
) -> Related:
    """Fold text groups into stories and say why.

    `nodes`: node_id (unique), text_id, body, title (nullable), date (date32, nullable), cited (list of source ids),
    joinable (False: a round-up, live blog, listing or stub, which stays alone); `known`: the document frequencies of each kind.
    `constraints`: what people decided; it holds whatever the scores say, also for what is not joinable.
    Every member of a story reaches every other over rows of evidence whose decision is accept or override. Neither the order of
    the rows nor their number decides anything about a pair.
    """
    settings = settings or ClusterSettings()
    nodes = nodes.select(NODES.names).cast(NODES).sort_by("node_id")
    named = pc.is_in(nodes["node_id"], value_set=pa.array(sorted(constraints.nodes), pa.string()))
    compared = nodes.filter(pc.or_(nodes["joinable"], named))
    rows = constraints.in_rows(compared["node_id"].to_pylist())
    profiles, pairs, scores = _scored(compared, weights, known, settings, rows)
    vetoes = vetoes_of(profiles.shelf, pairs, scores, weights.threshold, settings)
    labels = np.array(clusters_of(profiles.shelf, pairs, scores, vetoes, weights.threshold, settings, rows))
    together = labels[pairs.left] == labels[pairs.right]
    shown = (scores >= weights.threshold) | rows.names(pairs.left, pairs.right)
    shown |= ~together & (scores >= weights.threshold - round(settings.shown_below * MILLION))
    near, near_scores = pairs.only(shown), scores[shown]
    decided = decisions(
        near_scores,
        [VETOES[code] or None for code in vetoes[shown].tolist()],
        together[shown],
        weights.threshold,
        joined=rows.joins(near.left, near.right),
        parted=rows.parts(near.left, near.right, labels)
        & ((near_scores >= weights.threshold) | rows.names(near.left, near.right)),
    )
    return Related(
        clusters=_clusters(nodes, profiles.node_ids, labels),
        evidence=evidence_table(
            compared, profiles, near, near_scores, decided, weights.threshold, settings.similarity.reading.first_words
        ),
    )


def _scored(
    compared: pa.Table,
    weights: Weights,
    known: Mapping[str, Frequencies],
    settings: ClusterSettings,
    named: RowConstraints,
) -> tuple[Profiles, Pairs, Integers]:
    """Return the pairs that may be joined, or that are named, with their scores."""
    profiles, blocks = compare(compared, known, settings.similarity, also=named.pairs)
    joinable = np.array(compared["joinable"].to_pylist(), dtype=bool)
    negligible = round(settings.negligible * MILLION)

    def worth(block: Pairs) -> npt.NDArray[np.bool_]:
        alike = weights.scores(block.features) >= negligible
        kept: npt.NDArray[np.bool_] = alike & joinable[block.left] & joinable[block.right]
        return kept | named.names(block.left, block.right)

    # Nine pairs in ten go here, before they take memory.
    pairs = joined(block.only(worth(block)) for block in blocks)
    if named.together or named.apart:
        # A named pair may have been worth comparing as well.
        pairs = pairs.only(np.unique(pairs.left * named.n + pairs.right, return_index=True)[1])
    return profiles, pairs, weights.scores(pairs.features)


def _clusters(nodes: pa.Table, compared: list[str], labels: Integers) -> pa.Table:
    story_of = dict(zip(compared, (compared[label] for label in labels.tolist()), strict=True))
    node_ids = nodes["node_id"].to_pylist()
    return pa.table([node_ids, [story_of.get(node_id, node_id) for node_id in node_ids]], schema=CLUSTERS)


def clusters_of(
    shelf: Shelf,
    pairs: Pairs,
    scores: Integers,
    vetoes: Codes,
    threshold: int,
    settings: ClusterSettings,
    constraints: RowConstraints | None = None,
) -> list[int]:
    """Return for each text the smallest text of its story (both as row numbers); a vetoed pair counts as unlike."""
    constraints = constraints or RowConstraints(shelf.n)
    kept = (vetoes == 0) & (scores >= round(settings.negligible * MILLION))
    edges = (kept & (scores >= threshold)) | constraints.joins(pairs.left, pairs.right)
    kept &= _one_component(shelf.n, pairs, edges)
    return average_linkage(
        shelf.n, pairs.left[kept], pairs.right[kept], scores[kept], threshold, constraints.together, constraints.apart,
        settings.limits, shelf.scalars[:, DAY],
    )  # fmt: skip


def vetoes_of(shelf: Shelf, pairs: Pairs, scores: Integers, threshold: int, settings: ClusterSettings) -> Codes:
    """Return for each pair, as its place in VETOES, why it may not be joined although its score says so."""
    against, conflict_score = conflicts(shelf, pairs.left, pairs.right), round(settings.conflict_score * MILLION)
    elsewhere = pairs.features[:, list(FEATURES).index("f_lead_names")] < round(settings.conflict_names * MILLION)
    weak = scores < conflict_score
    reasons = [
        scores < threshold,
        scores < _score_over_gap(shelf, pairs, settings),
        (against == HEADLINES_NUMBER) | (weak & (against == NUMBERS)),
        weak & elsewhere & (against == PLACES),
    ]
    codes: Codes = np.select(
        reasons, [0, *(VETOES.index(veto) for veto in (DATE_GAP, NUMBER_CONFLICT, PLACE_CONFLICT))]
    )
    return codes


def _score_over_gap(shelf: Shelf, pairs: Pairs, settings: ClusterSettings) -> Integers:
    """Return the score that the days between two texts ask for; 0 where they are close or one is undated and states no days."""
    left, right = shelf.scalars[pairs.left, DAY], shelf.scalars[pairs.right, DAY]
    apart = np.where((left != UNDATED) & (right != UNDATED), np.abs(left - right), 0)
    steps = np.array([0, round(settings.gap_score * MILLION), round(settings.long_gap_score * MILLION)])
    stated = pairs.features[:, list(FEATURES).index("f_stated_days")] > DAYS_APART[settings.gap_days]
    asked: Integers = np.maximum(
        steps[np.searchsorted([settings.gap_days, settings.long_gap_days], apart)], stated * steps[1]
    )
    return asked


def _one_component(n: int, pairs: Pairs, edges: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which pairs lie inside one connected component of the edges: no other pair can be joined."""
    links = (np.ones(int(edges.sum()), dtype=np.int8), (pairs.left[edges], pairs.right[edges]))
    _, component = connected_components(coo_array(links, shape=(n, n)), directed=False)
    inside: npt.NDArray[np.bool_] = component[pairs.left] == component[pairs.right]
    return inside
