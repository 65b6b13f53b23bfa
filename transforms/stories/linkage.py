"""Average linkage over a sparse list of scores: exact, and the same for every order of its input.

Unweighted pair-group average (Sokal and Michener 1958); a pair without a score counts as 0. Two clusters are joined while the
best average reaches the threshold and some score across is strong, or one of them has several items and the average is high enough
without; of equal averages the pair with the smallest members goes first. Items that must be together are one cluster before that
begins; clusters with items that must be apart are never joined, whatever their average.

Two limits hold besides. Crowds: clusters of several items each are joined only where they are nearly as alike across as they are
inside, for two events of one kind look like one event when any two texts are compared, and like two when the crowds are. Drift:
clusters that span too many days together are joined only by a much better average.

Compiled. Clusters are known by their smallest item. What lies between two of them is one edge, which is in the list of each.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled, woven
from transforms.stories.shelf import UNDATED, Integers

RowPair = tuple[int, int]
# (average, negative; the smaller cluster; the other; the edge between them)
_Offer = tuple[int, int, int, int]
# What is known of an edge: it has scores, one of them is strong, its ends must stay apart, it is gone.
_SCORED, _STRONG, _APART, _GONE = (1 << bit for bit in range(4))
_NOWHERE = -1
# More than any average, any crowd, and any day.
_ENDLESS = 1 << 60


@dataclass(frozen=True, slots=True)
class Limits:
    """What two clusters must meet besides the threshold; scores in the unit of the threshold."""

    # On the open sets (bench/stories.py) crowds of 3 or 4 do best; at .8 of the looser inside the share of false merges of
    # same-kind events is .13, at .85 .10, at .9 .09 while stories begin to fall apart.
    crowd: int = 4
    crowd_share: float = 0.85
    drift_days: int = 120
    drift_score: int = 600_000


_NO_LIMITS = Limits(crowd=_ENDLESS, drift_score=0)


class _Asked(NamedTuple):
    threshold: int
    company: int
    crowd: int
    crowd_share: float
    drift_days: int
    drift_score: int


class _Clusters(NamedTuple):
    """A row a cluster: the one it went into, items, sum of the scores inside, first and last day, first and last place of its edges.

    A row an edge: sum of the scores, what is known of it. Two places an edge, 2 * edge and 2 * edge + 1, one in the list of each
    of the clusters that it ends in (`ends`); `behind` is the next place of that list. `between` is scratch, a row a cluster.
    """

    into: Integers
    items: Integers
    inside: Integers
    earliest: Integers
    latest: Integers
    first: Integers
    last: Integers
    sums: Integers
    known: npt.NDArray[np.uint8]
    ends: Integers
    behind: Integers
    between: Integers


def average_linkage(
    n: int,
    left: Integers,
    right: Integers,
    scores: Integers,
    threshold: int,
    together: Iterable[RowPair] = (),
    apart: Iterable[RowPair] = (),
    limits: Limits | None = None,
    days: Integers | None = None,
    strongest: int = 0,
    company: int | None = None,
) -> list[int]:
    """Return, for each of n items, the smallest item of its cluster; scores and threshold are integers of one unit.

    A pair is named once. `together` and `apart` are pairs of items that are one cluster, and that never are; the caller sees that
    they agree. `days` are those of the items, UNDATED where unknown; without `limits` the threshold is all there is, but that two
    clusters are joined only where the best score across is at least `strongest`, or where one has several items and the average is
    at least `company` (None: never).
    """
    limits = limits or _NO_LIMITS
    asked = _Asked(
        threshold,
        _ENDLESS if company is None else company,
        limits.crowd,
        limits.crowd_share,
        limits.drift_days,
        limits.drift_score,
    )
    clusters = _clusters(
        np.full(n, UNDATED, np.int64) if days is None else days.astype(np.int64),
        *_edges(n, left, right, scores, strongest, _pairs(apart)),
    )
    labels: list[int] = _linked(clusters, _pairs(together), asked).tolist()
    return labels


def _pairs(named: Iterable[RowPair]) -> Integers:
    return np.array(sorted({(min(pair), max(pair)) for pair in named}), dtype=np.int64).reshape(-1, 2)


def _edges(
    n: int, left: Integers, right: Integers, scores: Integers, strongest: int, apart: Integers
) -> tuple[Integers, Integers, npt.NDArray[np.uint8]]:
    """Return the ends, the sum and what is known of each edge; those that must stay apart have one though nothing is alike."""
    keys = np.minimum(left, right) * n + np.maximum(left, right)
    known = np.where(scores >= strongest, _SCORED | _STRONG, _SCORED).astype(np.uint8)
    parted = np.setdiff1d(apart[:, 0] * n + apart[:, 1], keys) if len(apart) else keys[:0]
    if len(apart):
        known[np.isin(keys, apart[:, 0] * n + apart[:, 1])] |= _APART
    keys = np.concatenate([keys, parted])
    ends = np.stack([keys // n, keys % n], axis=1).reshape(-1)
    sums = np.concatenate([scores.astype(np.int64), np.zeros(len(parted), np.int64)])
    return ends, sums, np.concatenate([known, np.full(len(parted), _APART, np.uint8)])


def _clusters(days: Integers, ends: Integers, sums: Integers, known: npt.NDArray[np.uint8]) -> _Clusters:
    """Return clusters of one item each."""
    n, undated = len(days), days == UNDATED
    first, last = np.full(n, _NOWHERE, np.int64), np.full(n, _NOWHERE, np.int64)
    clusters = _Clusters(
        np.arange(n),
        np.ones(n, np.int64),
        np.zeros(n, np.int64),
        np.where(undated, _ENDLESS, days),
        np.where(undated, -_ENDLESS, days),
        first,
        last,
        sums,
        known,
        ends,
        np.full(len(ends), _NOWHERE, np.int64),
        np.full(n, _NOWHERE, np.int64),
    )
    _list_edges(clusters)
    return clusters


@compiled
def _list_edges(clusters: _Clusters) -> None:
    for place in range(len(clusters.ends)):
        _append(clusters, clusters.ends[place], place)


@woven
def _append(clusters: _Clusters, cluster: int, place: int) -> None:
    """Put a place at the end of the list of a cluster."""
    if clusters.last[cluster] == _NOWHERE:
        clusters.first[cluster] = place
    else:
        clusters.behind[clusters.last[cluster]] = place
    clusters.last[cluster], clusters.behind[place] = place, _NOWHERE


@compiled
def _linked(clusters: _Clusters, together: Integers, asked: _Asked) -> Integers:
    """Join what must be together, then the best while there is one; return the cluster of each item."""
    offers: list[_Offer] = [(0, 0, 0, 0) for _ in range(0)]
    for a, b in together:
        low, high = _cluster_of(clusters.into, a), _cluster_of(clusters.into, b)
        if low != high:
            _join(clusters, min(low, high), max(low, high))
    for edge in range(len(clusters.sums)):
        average = _average(clusters, edge)
        if _may_join(clusters, edge, average, asked):
            offers.append(_offer(clusters, edge, average))
    heapify(offers)
    while len(offers) > 0:
        offer = heappop(offers)
        _, kept, gone, edge = offer
        average = _average(clusters, edge)
        # Since it was offered either cluster may have become another.
        if _may_join(clusters, edge, average, asked) and offer == _offer(clusters, edge, average):
            _join(clusters, kept, gone)
            _offer_all(clusters, kept, offers, asked)
    labels = np.empty(len(clusters.into), np.int64)
    for item in range(len(labels)):
        # Clusters go into smaller ones.
        labels[item] = item if clusters.into[item] == item else labels[clusters.into[item]]
    return labels


@compiled
def _cluster_of(into: Integers, item: int) -> int:
    while into[item] != item:
        item = int(into[item])
    return item


@woven
def _offer(clusters: _Clusters, edge: int, average: int) -> _Offer:
    a, b = int(clusters.ends[2 * edge]), int(clusters.ends[2 * edge + 1])
    return -average, min(a, b), max(a, b), edge


@compiled
def _offer_all(clusters: _Clusters, cluster: int, offers: list[_Offer], asked: _Asked) -> None:
    """Offer to join a cluster with each that it may be joined with."""
    place = int(clusters.first[cluster])
    while place != _NOWHERE:
        edge = place >> 1
        average = _average(clusters, edge)
        if _may_join(clusters, edge, average, asked):
            heappush(offers, _offer(clusters, edge, average))
        place = int(clusters.behind[place])


@compiled
def _average(clusters: _Clusters, edge: int) -> int:
    a, b = clusters.ends[2 * edge], clusters.ends[2 * edge + 1]
    return int(clusters.sums[edge] // (clusters.items[a] * clusters.items[b]))


@compiled
def _may_join(clusters: _Clusters, edge: int, average: int, asked: _Asked) -> bool:
    """Return whether the ends of an edge, of this average, have a strong score across, or do without, and meet the limits."""
    known, a, b = clusters.known[edge], clusters.ends[2 * edge], clusters.ends[2 * edge + 1]
    if average < asked.threshold or known & (_SCORED | _APART | _GONE) != _SCORED:
        return False
    items_a, items_b = clusters.items[a], clusters.items[b]
    # Several items vouch for each other.
    if not known & _STRONG and not (items_a + items_b > 2 and average >= asked.company):
        return False
    if average < asked.drift_score and _span(clusters, a, b) > asked.drift_days:
        return False
    if min(items_a, items_b) < asked.crowd:
        return True
    return average >= asked.crowd_share * min(_cohesion(clusters, a), _cohesion(clusters, b))


@compiled
def _span(clusters: _Clusters, a: int, b: int) -> int:
    """Return the days from the first to the last of two clusters; less than none where both are undated."""
    return int(max(clusters.latest[a], clusters.latest[b]) - min(clusters.earliest[a], clusters.earliest[b]))


@compiled
def _cohesion(clusters: _Clusters, cluster: int) -> float:
    """Return the average score inside a cluster of several items."""
    items = clusters.items[cluster]
    return float(clusters.inside[cluster] / (items * (items - 1) // 2))


@compiled
def _join(clusters: _Clusters, kept: int, gone: int) -> None:
    """Make one cluster of two."""
    clusters.into[gone] = kept
    clusters.items[kept] += clusters.items[gone]
    clusters.inside[kept] += clusters.inside[gone]
    clusters.earliest[kept] = min(clusters.earliest[kept], clusters.earliest[gone])
    clusters.latest[kept] = max(clusters.latest[kept], clusters.latest[gone])
    of_kept, of_gone = clusters.first[kept], clusters.first[gone]
    clusters.first[kept] = clusters.last[kept] = _NOWHERE
    for start in (of_kept, of_gone):
        place = int(start)
        while place != _NOWHERE:
            following = int(clusters.behind[place])
            _take_over(clusters, place, kept, gone)
            place = following
    place = int(clusters.first[kept])
    while place != _NOWHERE:
        clusters.between[clusters.ends[place ^ 1]] = _NOWHERE
        place = int(clusters.behind[place])


@woven
def _take_over(clusters: _Clusters, place: int, kept: int, gone: int) -> None:
    """Put an edge of either into the list of the cluster that is kept, or into its edge to the same other."""
    edge, other = place >> 1, clusters.ends[place ^ 1]
    if not clusters.known[edge] & _GONE:
        own = clusters.between[other]
        if other in (kept, gone):
            clusters.inside[kept] += clusters.sums[edge]
            clusters.known[edge] |= _GONE
        elif own != _NOWHERE:
            clusters.sums[own] += clusters.sums[edge]
            clusters.known[own] |= clusters.known[edge]
            clusters.known[edge] |= _GONE
        else:
            clusters.ends[place] = kept
            clusters.between[other] = edge
            _append(clusters, kept, place)
