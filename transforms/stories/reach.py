"""How far a night reaches: the text groups whose stories its own can change, and no others.

A story lies in one region of texts that ties connect (regions.py), so a night that looks at the regions that are not what they were
finds for them what a look at everything would find.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.stories.constraints import Constraints, NodePair
from transforms.stories.regions import labels_of, sharing
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
    `share`: of neighbours (cluster.ClusterSettings.shared_neighbours). A region is reached that has a touched text, or is not what it was:
    a text may bring others together, or part them, that it does not lie beside. Regions that people told apart are reached together.
    """
    was, now = (_regions(book, rows, constraints.together, share) for rows in (before, after))
    apart = _rows(book, after, constraints.apart)
    place = np.full(len(book.nodes), -1, dtype=np.int64)
    place[before] = was
    was_of, n = place[after], int(now.max(initial=-1)) + 1
    one = np.full(n, -1, dtype=np.int64)
    one[now] = was_of
    other = np.isin(book.nodes[after], touched) | (was_of < 0) | (was_of != one[now])
    changed = np.bincount(now, other, n) > 0
    changed |= np.bincount(now, minlength=n) != np.append(np.bincount(was), 0)[one]
    place[after] = now
    group = labels_of(n, *(place[side] for side in apart))
    changed = (np.bincount(group, changed) > 0)[group]
    asked = changed[now]
    nodes, regions = book.nodes[after[asked]], group[now[asked]].astype(np.int64)
    others = np.setdiff1d(touched, nodes)
    nodes, regions = np.append(nodes, others), np.append(regions, n + np.arange(len(others)))
    order = np.argsort(regions, kind="stable")
    return nodes[order], regions[order]


def _regions(book: Book, rows: Integers, together: Iterable[NodePair], share: float) -> npt.NDArray[np.int32]:
    """Return the number of the region of each of some rows."""
    place = np.full(len(book.nodes), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    left, right = place[book.left], place[book.right]
    here = (left >= 0) & (right >= 0)
    left, right = left[here], right[here]
    kept = sharing(len(rows), left, right, share)
    joined = [place[side] for side in _rows(book, rows, together)]
    ties = (np.append(side[kept], more) for side, more in zip((left, right), joined, strict=True))
    return labels_of(len(rows), *ties)


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
