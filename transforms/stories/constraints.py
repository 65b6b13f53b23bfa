"""What people decided of stories: which text groups are one story whatever the score, and which never are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from transforms.stories.linkage import RowPair
from transforms.stories.shelf import Integers

NodePair = tuple[str, str]
Mask = npt.NDArray[np.bool_]
_Node = TypeVar("_Node", str, int)


@dataclass(frozen=True)
class Constraints:
    """Pairs of node ids that are one story (`together`) and that are not (`apart`); the caller sees that they agree."""

    together: tuple[NodePair, ...] = ()
    apart: tuple[NodePair, ...] = ()

    @property
    def nodes(self) -> frozenset[str]:
        """The node ids that are named."""
        return frozenset(node for pair in self.together + self.apart for node in pair)

    def in_rows(self, node_ids: Sequence[str]) -> "RowConstraints":
        """Return the constraints between these nodes, as pairs of row numbers (left < right), sorted and distinct."""
        named = self.nodes
        row_of = {node: row for row, node in enumerate(node_ids) if node in named}
        return RowConstraints(len(node_ids), _rows(self.together, row_of), _rows(self.apart, row_of))


NO_CONSTRAINTS = Constraints()


@dataclass(frozen=True)
class RowConstraints:
    """The same between `n` rows."""

    n: int
    together: tuple[RowPair, ...] = ()
    apart: tuple[RowPair, ...] = ()

    @property
    def pairs(self) -> tuple[Integers, Integers]:
        """All pairs that are named, as columns of left and right."""
        both = np.array(sorted({*self.together, *self.apart}), dtype=np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def among(self, rows: Integers) -> "RowConstraints":
        """Return the constraints between some rows (ascending), as places among them."""
        place = {row: number for number, row in enumerate(rows.tolist())}
        return RowConstraints(len(rows), *(_rows(pairs, place) for pairs in (self.together, self.apart)))

    def names(self, left: Integers, right: Integers) -> Mask:
        """Return which of the pairs are named."""
        return self._among(left, right, self.together + self.apart)

    def joins(self, left: Integers, right: Integers) -> Mask:
        """Return which of the pairs are named as one story."""
        return self._among(left, right, self.together)

    def parts(self, left: Integers, right: Integers, labels: Integers) -> Mask:
        """Return which of the pairs lie in two stories (`labels`, of each row) that hold a pair named as apart."""
        stories = [(int(labels[a]), int(labels[b])) for a, b in self.apart]
        of_left, of_right = labels[left], labels[right]
        return self._among(of_left, of_right, [*stories, *((b, a) for a, b in stories)])

    def _among(self, left: Integers, right: Integers, named: Sequence[RowPair]) -> Mask:
        if not named:
            return np.zeros(len(left), dtype=bool)
        return np.isin(left * self.n + right, [a * self.n + b for a, b in named])


def _rows(pairs: Iterable[tuple[_Node, _Node]], row_of: Mapping[_Node, int]) -> tuple[RowPair, ...]:
    known = ((row_of[a], row_of[b]) for a, b in pairs if a in row_of and b in row_of)
    return tuple(sorted({(min(pair), max(pair)) for pair in known if pair[0] != pair[1]}))
