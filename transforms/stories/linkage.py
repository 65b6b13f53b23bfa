"""Average linkage over a sparse list of scores: exact, and the same for every order of its input.

Unweighted pair-group average (Sokal and Michener 1958); a pair without a score counts as 0. Two clusters are joined while the
best average reaches the threshold and some score across is strong, or one of them has several items and the average is high enough
without; of equal averages the pair with the smallest members goes first. Items that must be together are one cluster before that
begins; clusters with items that must be apart are never joined, whatever their average.

Two limits hold besides. Crowds: clusters of several items each are joined only where they are nearly as alike across as they are
inside, for two events of one kind look like one event when any two texts are compared, and like two when the crowds are. Drift:
clusters that span too many days together are joined only by a much better average.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from transforms.stories.shelf import UNDATED, Integers

RowPair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """What two clusters must meet besides the threshold; scores in the unit of the threshold."""

    # On the open sets (bench/stories.py) crowds of 3 or 4 do best; at .8 of the looser inside the share of false merges of
    # same-kind events is .13, at .85 .10, at .9 .09 while stories begin to fall apart.
    crowd: int = 4
    crowd_share: float = 0.85
    drift_days: int = 120
    drift_score: int = 600_000


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

    `together` and `apart` are pairs of items that are one cluster, and that never are; the caller sees that they agree. `days`
    are those of the items, UNDATED where unknown; without `limits` the threshold is all there is, but that two clusters are
    joined only where the best score across is at least `strongest`, or where one has several items and the average is at least
    `company` (None: never).
    """
    clusters = _Clusters(n, left.tolist(), right.tolist(), scores.tolist(), threshold, limits, days, strongest, company)
    clusters.constrain(together, apart)
    while (pair := clusters.best()) is not None:
        clusters.join(*pair)
    return clusters.labels


class _Clusters:
    """Clusters known by their smallest member, with the sums of scores between those that have any."""

    def __init__(
        self,
        n: int,
        left: list[int],
        right: list[int],
        scores: list[int],
        threshold: int,
        limits: Limits | None,
        days: Integers | None,
        strongest: int,
        company: int | None,
    ) -> None:
        self.labels = list(range(n))
        self.threshold, self.limits, self._company = threshold, limits, company
        self._inside: defaultdict[int, int] = defaultdict(int)
        self._days = {
            item: (day, day) for item, day in enumerate([] if days is None else days.tolist()) if day != UNDATED
        }
        self._members = {item: [item] for item in range(n)}
        self._sums: dict[int, dict[int, int]] = {item: {} for item in range(n)}
        # Between which clusters some score is as strong as a join asks for.
        self._strong: defaultdict[int, set[int]] = defaultdict(set)
        self._apart: defaultdict[int, set[int]] = defaultdict(set)
        self._heap: list[tuple[int, int, int]] = []
        for a, b, score in zip(left, right, scores, strict=True):
            self._sums[a][b] = self._sums[b][a] = score
            if score >= strongest:
                self._strong[a].add(b)
                self._strong[b].add(a)
            self._offer(a, b)
        heapq.heapify(self._heap)

    def constrain(self, together: Iterable[RowPair], apart: Iterable[RowPair]) -> None:
        """Join what must be together, and remember what must not."""
        for a, b in together:
            low, high = sorted((self.labels[a], self.labels[b]))
            if low != high:
                self.join(low, high)
        for a, b in apart:
            self._apart[self.labels[a]].add(self.labels[b])
            self._apart[self.labels[b]].add(self.labels[a])

    def best(self) -> RowPair | None:
        """Return the two clusters of the highest average that reaches the threshold, smaller first; None when there is none."""
        while self._heap:
            negative, a, b = heapq.heappop(self._heap)
            if self._average(a, b) == -negative and b not in self._apart.get(a, ()) and self._meet(a, b, -negative):
                return a, b
        return None

    def _meet(self, a: int, b: int, average: int) -> bool:
        """Return whether two clusters of this average have a strong score across, or do without, and meet the limits."""
        if b not in self._strong.get(a, ()) and not self._in_company(a, b, average):
            return False
        if self.limits is None:
            return True
        if average < self.limits.drift_score and self._span(a, b) > self.limits.drift_days:
            return False
        if min(len(self._members[a]), len(self._members[b])) < self.limits.crowd:
            return True
        return average >= self.limits.crowd_share * min(self._cohesion(a), self._cohesion(b))

    def _in_company(self, a: int, b: int, average: int) -> bool:
        """Return whether one of two clusters has several items, which vouch for each other, and the average is high enough."""
        several = len(self._members[a]) + len(self._members[b]) > 2
        return several and self._company is not None and average >= self._company

    def _span(self, a: int, b: int) -> int:
        days = [self._days[cluster] for cluster in (a, b) if cluster in self._days]
        return max(last for _, last in days) - min(first for first, _ in days) if days else 0

    def _cohesion(self, cluster: int) -> float:
        """Return the average score inside a cluster of several items."""
        size = len(self._members[cluster])
        return self._inside[cluster] / (size * (size - 1) // 2)

    def join(self, kept: int, gone: int) -> None:
        """Make one cluster of two."""
        for item in self._members[gone]:
            self.labels[item] = kept
        self._members[kept] += self._members.pop(gone)
        if gone in self._days:
            first, last = self._days.pop(gone)
            earliest, latest = self._days.get(kept, (first, last))
            self._days[kept] = min(first, earliest), max(last, latest)
        sums = self._sums[kept]
        self._inside[kept] += self._inside.pop(gone, 0) + sums.get(gone, 0)
        for other, total in self._sums.pop(gone).items():
            del self._sums[other][gone]
            if other != kept:
                sums[other] = self._sums[other][kept] = sums.get(other, 0) + total
        for related in (self._apart, self._strong):
            for other in related.pop(gone, ()):
                related[other].remove(gone)
                if other != kept:
                    related[other].add(kept)
                    related[kept].add(other)
        for other in sums:
            self._offer(kept, other)

    def _average(self, a: int, b: int) -> int | None:
        total = self._sums.get(a, {}).get(b)
        return None if total is None else total // (len(self._members[a]) * len(self._members[b]))

    def _offer(self, a: int, b: int) -> None:
        average = self._average(a, b)
        if average is not None and average >= self.threshold:
            heapq.heappush(self._heap, (-average, min(a, b), max(a, b)))
