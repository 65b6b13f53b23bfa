"""How far a night reaches: the text groups whose stories its own can change, and no others.

A story lies in one region of texts that ties connect (regions.py), so a night that looks at the regions that are not what they were
finds for them what a look at everything would find.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.stories.constraints import Constraints, NodePair
from transforms.stories.regions import Neighbours, beside, connected, flood, labels_of, neighbours, thousandths
from transforms.stories.shelf import Integers, Packed

Mask = npt.NDArray[np.bool_]


class Book(NamedTuple):
    """What is at hand of every remembered text, by row: what it was compared as (`keys`) and its node, as numbers; its day; whether it

    takes part; and the pairs of rows that are alike enough to tie, whatever became of the two since.
    """

    keys: Packed
    nodes: Packed
    days: Integers
    joinable: Mask
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]

    def rows_of(self, keys: Sequence[str]) -> Integers:
        """Return the row of each key (memory.keys_of), -1 where it is not remembered."""
        wanted, order = numbers_of(keys), np.argsort(self.keys, kind="stable")
        if not len(order):
            return np.full(len(wanted), -1, dtype=np.int64)
        place = order[np.minimum(np.searchsorted(self.keys, wanted, sorter=order), len(order) - 1)]
        rows: Integers = np.where(self.keys[place] == wanted, place, -1)
        return rows

    def grown(self, more: "Book") -> "Book":
        """Return the book with more rows behind its own."""
        return Book(*(np.concatenate([getattr(book, name) for book in (self, more)]) for name in self._fields))


def numbers_of(ids: Iterable[str]) -> Packed:
    """Return ids that end in 16 hex digits as numbers."""
    return np.array([int(id_[-16:], 16) for id_ in ids], dtype=np.uint64)


def node_ids(nodes: Packed) -> list[str]:
    """Return numbers as ids of text groups."""
    return [f"g_{number:016x}" for number in nodes.tolist()]


def reached(
    book: Book, before: Integers, after: Integers, touched: Packed, constraints: Constraints, share: float
) -> tuple[Packed, Integers]:
    """Return the nodes whose stories tonight can change, and for each a number of its region, ascending.

    `before`, `after`: the rows that stood last night and that stand tonight, ascending; `touched`: nodes that came, went or changed;
    `share`: of neighbours (cluster.ClusterSettings.shared_neighbours). What two texts share of neighbours can change where one of
    them is a neighbour of what is touched: the regions of all these are reached, as they were and as they are, and what people named
    beside them.
    """
    n = len(book.nodes)
    stood, stands = _mask(n, before), _mask(n, after)
    graphs = neighbours(n, book.left, book.right, stood), neighbours(n, book.left, book.right, stands)
    named = [_rows(book, after, pairs) for pairs in (constraints.together, constraints.apart)]
    left, right = (np.concatenate(sides) for sides in zip(*named, strict=True))
    wet = np.isin(book.nodes, touched) & (stood | stands)
    wet |= beside(graphs[0], wet) | beside(graphs[1], wet)
    while True:
        flood(graphs, wet, thousandths(share))
        half = wet[left] != wet[right]
        if not half.any():
            break
        wet[left[half]] = wet[right[half]] = True
    was, now = np.flatnonzero(wet & stood), np.flatnonzero(wet & stands)
    own = _regions(graphs[0], was, (left, right), share), _regions(graphs[1], now, (left, right), share)
    asked = _changed(n, was, now, own, np.isin(book.nodes[now], touched))
    nodes, regions = book.nodes[now[asked]], own[1][asked]
    others = np.setdiff1d(touched, nodes)
    nodes = np.append(nodes, others)
    regions = np.append(regions, regions.max(initial=-1) + 1 + np.arange(len(others)))
    order = np.argsort(regions, kind="stable")
    return nodes[order], regions[order]


def _changed(n: int, was: Integers, now: Integers, regions: tuple[Integers, Integers], touched: Mask) -> Mask:
    """Return which rows of `now` lie in regions with a touched one, or that are not what they were; `regions`: of either rows."""
    before, after = regions
    region_of = np.full(n, -1, dtype=np.int64)
    region_of[was] = before
    came_from, n_regions = region_of[now], int(after.max(initial=-1)) + 1
    one = np.full(n_regions, -1, dtype=np.int64)
    one[after] = came_from
    changed = np.bincount(after, touched | (came_from < 0) | (came_from != one[after]), n_regions) > 0
    sizes = np.append(np.bincount(before), 0)
    changed |= np.bincount(after, minlength=n_regions) != sizes[one]
    return changed[after]


def _mask(n: int, rows: Integers) -> Mask:
    mask = np.zeros(n, dtype=bool)
    mask[rows] = True
    return mask


def _regions(graph: Neighbours, rows: Integers, named: tuple[Integers, Integers], share: float) -> Integers:
    """Return the number of the region of each of some rows that are whole regions; those `named` count as one."""
    labels = connected(graph, _mask(len(graph.starts) - 1, rows), thousandths(share))
    left, right = (labels[side] for side in named)
    here = (left >= 0) & (right >= 0)
    return labels_of(int(labels.max(initial=-1)) + 1, left[here], right[here])[labels[rows]].astype(np.int64)


def _rows(book: Book, rows: Integers, pairs: Iterable[NodePair]) -> tuple[Integers, Integers]:
    """Return those of the rows that pairs of nodes name, where both are there."""
    named = np.array([numbers_of(pair) for pair in pairs], dtype=np.uint64).reshape(-1, 2)
    here = rows[np.isin(book.nodes[rows], named)]
    row_of = dict(zip(book.nodes[here].tolist(), here.tolist(), strict=True))
    found = [(row_of[a], row_of[b]) for a, b in named.tolist() if a in row_of and b in row_of]
    both = np.array(found, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def at_once(nodes: Packed, regions: Integers, most: int) -> Iterator[Packed]:
    """Yield whole regions (as `reached` returns them), some `most` nodes at a time or one that is larger."""
    begins = np.flatnonzero(np.diff(regions, prepend=-1))
    _, firsts = np.unique(begins // most, return_index=True)
    yield from (part for part in np.split(nodes, begins[firsts][1:]) if len(part))
