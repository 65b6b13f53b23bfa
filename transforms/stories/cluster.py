"""Stories out of similarities: vetoes, average linkage, and the evidence for every pair that came near the threshold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from transforms.stories.against import HEADLINES_NUMBER, NAMES, NUMBERS, PLACES, conflicts
from transforms.stories.constraints import NO_CONSTRAINTS, Constraints, RowConstraints
from transforms.stories.evidence import decisions, evidence_table, told_of
from transforms.stories.frequencies import Frequencies
from transforms.stories.kernel import MILLION
from transforms.stories.linkage import Limits, average_linkage
from transforms.stories.memory import Bodies, Codes, Measured, Memory, grown, keys_of, no_memory
from transforms.stories.profiles import NODES, profiles
from transforms.stories.regions import PARTED, decided_of, parted_as, region_key, regions_of
from transforms.stories.shelf import DAY, UNDATED, Integers, Shelf, beside, taken
from transforms.stories.similarity import (
    DAYS_APART,
    FEATURES,
    Asked,
    Pairs,
    SimilaritySettings,
    Weights,
    compared_pairs,
    joined,
    measured_pairs,
)

CLUSTERS = pa.schema([("node_id", pa.string()), ("cluster_id", pa.string())])
DATE_GAP, NUMBER_CONFLICT, PLACE_CONFLICT = "date_gap", "number_conflict", "place_conflict"
NAME_CONFLICT, TEMPLATE = "name_conflict", "template"
VETOES = ("", DATE_GAP, NUMBER_CONFLICT, PLACE_CONFLICT, NAME_CONFLICT, TEMPLATE)
# Texts whose words are in memory at a time.
_READ_AT_ONCE = 10_000
# Texts whose regions are clustered at a time.
_CLUSTERED_AT_ONCE = 4_000
BARE = pa.schema([field for field in NODES if field.name != "body"])


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """When alike is one story."""

    similarity: SimilaritySettings = field(default_factory=SimilaritySettings)
    # Dates are often wrong, and 30% of the real pairs of the open sets lie more than 14 days apart: a gap asks for a better
    # score, a season's gap for a much better one; it forbids nothing. Of undated texts, the nearest days they state count so.
    # Of the pairs of real articles a season apart that score from .8 to .9 forty were drawn and read: none told one event
    # (allsides_37k). The open sets score alike from .8 to .9; with .93 stories of outlets_dated fall apart.
    gap_days: int = 14
    gap_score: float = 0.6
    long_gap_days: int = 60
    long_gap_score: float = 0.9
    # Two stories are joined where some pair across reaches the threshold, and all pairs across reach this on average: of one event
    # one text is told briefly and one at length, and each is like some other. On the open sets .25 to .35 do alike.
    average: float = 0.3
    # A story that has several texts takes one in without a pair so strong, where all pairs across reach this on average: its texts
    # vouch for each other, as two that stand alone do not. Chosen on the open sets (python -m bench.stories).
    company: float = 0.5
    # How crowds meet, and how far a story may drift before a follow-up of its own opens.
    limits: Limits = field(default_factory=Limits)
    # Two places, two names, two final scores: past this score the wording itself says that it is one event. (Headlines of a
    # 12th and a 13th package may well stand over the same words; no score makes them one.)
    conflict_score: float = 0.95
    # Leads that share more of their names than this stand in one place, whatever else each of them names: with the
    # shipped weights 38 of 98 vetoes for place were wrong on the open sets without this bound, 10 of 26 with it, at the same
    # share of false merges (python -m bench.stories).
    conflict_names: float = 0.35
    # A name of the headline that its text names so often is whom or what it tells of: where neither text has the other's at all,
    # two events. Of such pairs on the open sets 89 tell two events and 8 one; with 3 it is 113 and 23, with 5 62 and 2. Of 30
    # drawn from the load set and read some 26 tell two.
    named_often: int = 4
    # Wording that two texts share (as f_phrases; .7 is 66 runs of three words) while neither has so much of the words of the
    # other's headline is that of a template, of a page's furniture or of a passage that a series repeats. The open sets hold
    # no such pair; of 30 drawn from the load set and read all but one tell two events.
    template_phrases: float = 0.7
    template_title: float = 0.2
    # Scores under this count as none: they move no average that matters, and are nine tenths of all.
    negligible: float = 0.05
    # Refused pairs are shown down to this distance under the threshold, or under what the days between them ask for.
    shown_below: float = 0.05

    @property
    def company_score(self) -> int:
        """`company` as scores are counted."""
        return round(self.company * MILLION)


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
) -> Related:
    """Fold text groups into stories and say why.

    `nodes`: node_id (unique), text_id, body, title (nullable), date (date32, nullable), cited (list of source ids),
    joinable (False: a round-up, live blog, listing or stub, which stays alone); `known`: the document frequencies of each kind.
    `constraints`: what people decided; it holds whatever the scores say, also for what is not joinable.
    `memory`: what was found with these weights, frequencies and settings before; it spares work and changes nothing. With
    `bodies` the nodes need no body: it is asked for those that are new.
    Every member of a story reaches every other over rows of evidence whose decision is accept or override. Neither the order of
    the rows nor their number decides anything about a pair.
    """
    settings, memory = settings or ClusterSettings(), memory or no_memory()
    bodies = bodies or _bodies_in(nodes)
    nodes = nodes.select(BARE.names).cast(BARE).sort_by("node_id")
    named = pc.is_in(nodes["node_id"], value_set=pa.array(sorted(constraints.nodes), pa.string()))
    compared = nodes.filter(pc.or_(nodes["joinable"], named))
    rows, learnt = _learnt(compared, weights, known, settings, memory, bodies)
    whole = grown(memory, learnt)
    decided = constraints.in_rows(compared["node_id"].to_pylist())
    found = _tonights(whole, rows, decided, weights, settings)
    pairs, scores = found.pairs, weights.scores(found.pairs.features)
    labels, parted = _stories(whole, rows, found, decided, weights, settings)
    together = labels[pairs.left] == labels[pairs.right]
    strong, gapped = scores >= weights.threshold, found.vetoes == VETOES.index(DATE_GAP)
    in_company = _in_company(len(rows), found, scores, together, strong, decided, settings)
    asked = np.maximum(_score_over_gap(whole.shelf, rows, pairs, settings), weights.threshold)
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
    return Related(
        clusters=_clusters(nodes, compared["node_id"].to_pylist(), labels),
        evidence=evidence_table(compared["node_id"], near, near_scores, fates, needed, words),
        learnt=replace(learnt, told=told, parted=parted),
    )


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
    inside = _one_component(n, pairs, (meets & strong) | (together & decided.joins(pairs.left, pairs.right)))
    kept: npt.NDArray[np.bool_] = meets & ~inside & (scores >= settings.company_score)
    return kept


def _bodies_in(nodes: pa.Table) -> Bodies:
    bodies = dict(zip(nodes["text_id"].to_pylist(), nodes["body"].to_pylist(), strict=True))
    return lambda asked: {text_id: bodies[text_id] for text_id in asked}


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
    fresh = compared.filter(pa.array(new))
    shelf = beside([_read(part, known, settings, bodies) for part in _parts(fresh)])
    takes_part = np.array(fresh["joinable"].to_pylist(), dtype=bool)
    joinable, whole = np.concatenate([memory.joinable, takes_part]), beside([memory.shelf, shelf])
    asking = np.flatnonzero(takes_part) + len(memory.keys)
    measured = _measured(whole, joinable, asking, weights, settings)
    added = [key for key, is_new in zip(keys, new.tolist(), strict=True) if is_new]
    return rows, replace(no_memory(), keys=added, joinable=takes_part, shelf=shelf, measured=measured)


def _parts(nodes: pa.Table) -> list[pa.Table]:
    return [nodes.slice(begin, _READ_AT_ONCE) for begin in range(0, nodes.num_rows, _READ_AT_ONCE)]


def _read(nodes: pa.Table, known: Mapping[str, Frequencies], settings: ClusterSettings, bodies: Bodies) -> Shelf:
    text_ids = nodes["text_id"].to_pylist()
    of_texts = bodies(text_ids)
    body = pa.array([of_texts[text_id] for text_id in text_ids], pa.string())
    return profiles(nodes.append_column("body", body), known, settings.similarity.reading).shelf


def _measured(
    shelf: Shelf, joinable: npt.NDArray[np.bool_], asking: Integers, weights: Weights, settings: ClusterSettings
) -> Measured:
    """Return the pairs with an asking text that come near a story."""
    least = least_scores(weights, settings)
    pairs = joined(compared_pairs(shelf, settings.similarity, asking, weights, least, joinable))
    scores = weights.scores(pairs.features)
    return Measured(pairs, vetoes_of(shelf, pairs, scores, settings.company_score, settings))


def least_scores(weights: Weights, settings: ClusterSettings) -> Asked:
    """Return from which score on a pair may join a text to a story, or is shown where it does not."""
    below = round(settings.shown_below * MILLION)
    gaps = (0, round(settings.gap_score * MILLION), round(settings.long_gap_score * MILLION))
    near, far, furthest = (min(max(gap, weights.threshold) - below, max(gap, settings.company_score)) for gap in gaps)
    days = (near,) * (settings.gap_days + 1) + (far,) * (settings.long_gap_days - settings.gap_days) + (furthest,)
    return Asked(days, int(DAYS_APART[settings.gap_days]), far)


def _tonights(
    memory: Memory, rows: Integers, decided: RowConstraints, weights: Weights, settings: ClusterSettings
) -> Measured:
    """Return the pairs between tonight's nodes (`rows` of the memory, by node id), named ones besides, by tonight's numbers."""
    place = np.full(len(memory.keys), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    pairs = memory.measured.pairs
    left, right = place[pairs.left], place[pairs.right]
    here = (left >= 0) & (right >= 0)
    left, right, features, vetoes = left[here], right[here], pairs.features[here], memory.measured.vetoes[here]
    if len(decided.pairs[0]):
        named = measured_pairs(memory.shelf, rows[decided.pairs[0]], rows[decided.pairs[1]])
        scores = weights.scores(named.features)
        of_named = vetoes_of(memory.shelf, named, scores, settings.company_score, settings)
        left, right = np.concatenate([left, decided.pairs[0]]), np.concatenate([right, decided.pairs[1]])
        features, vetoes = np.concatenate([features, named.features]), np.concatenate([vetoes, of_named])
    low, high = np.minimum(left, right), np.maximum(left, right)
    # Sorted, and once each: a named pair may have been worth comparing as well.
    _, once = np.unique(low * len(rows) + high, return_index=True)
    return Measured(Pairs(low[once], high[once], features[once]), vetoes[once])


def _stories(
    memory: Memory,
    rows: Integers,
    found: Measured,
    decided: RowConstraints,
    weights: Weights,
    settings: ClusterSettings,
) -> tuple[Integers, pa.Table]:
    """Return for each of tonight's nodes (`rows` of the memory) the first of its story, and the regions that nobody parted before."""
    edges = (found.vetoes == 0) & (weights.scores(found.pairs.features) >= settings.company_score)
    edges |= decided.joins(found.pairs.left, found.pairs.right)
    keys = [memory.keys[row] for row in rows.tolist()]
    said, known = (
        decided_of(decided, keys),
        dict(zip(*(memory.parted[c].to_pylist() for c in PARTED.names), strict=True)),
    )
    labels, touched = np.arange(len(rows)), {}
    for region in regions_of(len(rows), found.pairs.left[edges], found.pairs.right[edges]):
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
    found = compared_pairs(shelf, settings.similarity, None, weights, asked, takes_part, regions)
    pairs = _with_named(shelf, joined(found), decided)
    scores = weights.scores(pairs.features)
    vetoes = vetoes_of(shelf, pairs, scores, round(settings.average * MILLION), settings)
    days = shelf.scalars[:, DAY]
    return np.array(clusters_of(days, pairs, scores, vetoes, weights.threshold, settings, decided), dtype=np.int64)


def _with_named(shelf: Shelf, pairs: Pairs, decided: RowConstraints) -> Pairs:
    """Return pairs and those that people named, sorted, each once."""
    both = joined([pairs, measured_pairs(shelf, *decided.pairs)]) if len(decided.pairs[0]) else pairs
    _, once = np.unique(both.left * shelf.n + both.right, return_index=True)
    return Pairs(both.left[once], both.right[once], both.features[once])


def _clusters(nodes: pa.Table, compared: list[str], labels: Integers) -> pa.Table:
    story_of = dict(zip(compared, (compared[label] for label in labels.tolist()), strict=True))
    node_ids = nodes["node_id"].to_pylist()
    return pa.table([node_ids, [story_of.get(node_id, node_id) for node_id in node_ids]], schema=CLUSTERS)


def clusters_of(
    days: Integers,
    pairs: Pairs,
    scores: Integers,
    vetoes: Codes,
    threshold: int,
    settings: ClusterSettings,
    constraints: RowConstraints | None = None,
) -> list[int]:
    """Return for each text (`days`: its own, or UNDATED) the smallest text of its story, as row numbers; a vetoed pair counts as unlike."""
    n = len(days)
    constraints = constraints or RowConstraints(n)
    kept = (vetoes == 0) & (scores >= round(settings.negligible * MILLION))
    edges = (kept & (scores >= settings.company_score)) | constraints.joins(pairs.left, pairs.right)
    kept &= _one_component(n, pairs, edges)
    return average_linkage(
        n, pairs.left[kept], pairs.right[kept], scores[kept], round(settings.average * MILLION), constraints.together,
        constraints.apart, settings.limits, days, threshold, settings.company_score,
    )  # fmt: skip


def vetoes_of(shelf: Shelf, pairs: Pairs, scores: Integers, threshold: int, settings: ClusterSettings) -> Codes:
    """Return for each pair, as its place in VETOES, why it may not be joined although its score says so."""
    against = conflicts(shelf, pairs.left, pairs.right, settings.named_often)
    weak = scores < round(settings.conflict_score * MILLION)
    elsewhere = _feature(pairs, "f_lead_names") < round(settings.conflict_names * MILLION)
    templated = _feature(pairs, "f_phrases") >= round(settings.template_phrases * MILLION)
    templated &= _feature(pairs, "f_title_found") < round(settings.template_title * MILLION)
    reasons = [
        scores < threshold,
        scores < _score_over_gap(shelf, np.arange(shelf.n), pairs, settings),
        (against == HEADLINES_NUMBER) | (weak & (against == NUMBERS)),
        weak & (against == NAMES),
        weak & elsewhere & (against == PLACES),
        weak & templated,
    ]
    said = (DATE_GAP, NUMBER_CONFLICT, NAME_CONFLICT, PLACE_CONFLICT, TEMPLATE)
    codes: Codes = np.select(reasons, [0, *(VETOES.index(veto) for veto in said)])
    return codes


def _feature(pairs: Pairs, name: str) -> Integers:
    return pairs.features[:, list(FEATURES).index(name)]


def _score_over_gap(shelf: Shelf, rows: Integers, pairs: Pairs, settings: ClusterSettings) -> Integers:
    """Return the score that the days between two texts ask for; 0 where they are close or one is undated and states no days."""
    days = shelf.scalars[rows, DAY]
    left, right = days[pairs.left], days[pairs.right]
    apart = np.where((left != UNDATED) & (right != UNDATED), np.abs(left - right), 0)
    steps = np.array([0, round(settings.gap_score * MILLION), round(settings.long_gap_score * MILLION)])
    stated = _feature(pairs, "f_stated_days") > DAYS_APART[settings.gap_days]
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
