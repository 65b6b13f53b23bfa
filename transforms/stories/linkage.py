"""Average linkage over a sparse list of scores: exact, and the same for every order of its input.

Unweighted pair-group average (Sokal and Michener 1958); a pair without a score counts as 0. Two clusters are joined while the
best average reaches the threshold; of equal averages the pair with the smallest members goes first. Items that must be together
are one cluster before that begins; clusters with items that must be apart are never joined, whatever their average.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable

from transforms.stories.vectors import Integers

RowPair = tuple[int, int]


def average_linkage(
    n: int,
    left: Integers,
    right: Integers,
    scores: Integers,
    threshold: int,
    together: Iterable[RowPair] = (),
    apart: Iterable[RowPair] = (),
) -> list[int]:
    """Return, for each of n items, the smallest item of its cluster; scores and threshold are integers of one unit.

    `together` and `apart` are pairs of items that are one cluster, and that never are; the caller sees that they agree.
    """
    clusters = _Clusters(n, left.tolist(), right.tolist(), scores.tolist(), threshold)
    clusters.constrain(together, apart)
    while (pair := clusters.best()) is not None:
        clusters.join(*pair)
    return clusters.labels


class _Clusters:
    """Clusters known by their smallest member, with the sums of scores between those that have any."""

    def __init__(self, n: int, left: list[int], right: list[int], scores: list[int], threshold: int) -> None:
        self.labels = list(range(n))
        self.threshold = threshold
        self._members = {item: [item] for item in range(n)}
        self._sums: dict[int, dict[int, int]] = {item: {} for item in range(n)}
        self._apart: defaultdict[int, set[int]] = defaultdict(set)
        self._heap: list[tuple[int, int, int]] = []
        for a, b, score in zip(left, right, scores, strict=True):
            self._sums[a][b] = self._sums[b][a] = score
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
            if self._average(a, b) == -negative and b not in self._apart.get(a, ()):
                return a, b
        return None

    def join(self, kept: int, gone: int) -> None:
        """Make one cluster of two."""
        for item in self._members[gone]:
            self.labels[item] = kept
        self._members[kept] += self._members.pop(gone)
        sums = self._sums[kept]
        for other, total in self._sums.pop(gone).items():
            del self._sums[other][gone]
            if other != kept:
                sums[other] = self._sums[other][kept] = sums.get(other, 0) + total
        for other in self._apart.pop(gone, ()):
            self._apart[other].remove(gone)
            self._apart[other].add(kept)
            self._apart[kept].add(other)
        for other in sums:
            self._offer(kept, other)

    def _average(self, a: int, b: int) -> int | None:
        total = self._sums.get(a, {}).get(b)
        return None if total is None else total // (len(self._members[a]) * len(self._members[b]))

    def _offer(self, a: int, b: int) -> None:
        average = self._average(a, b)
        if average is not None and average >= self.threshold:
            heapq.heappush(self._heap, (-average, min(a, b), max(a, b)))
