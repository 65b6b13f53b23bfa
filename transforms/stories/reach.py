"""How far a night reaches: the text groups whose stories its own can change, and no others.

A story lies in one region of texts that pairs tie (regions.py), so a night that looks at the regions of what it touches, as they were
and as they will be, finds for them what a look at everything would find.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from transforms.stories.constraints import NodePair
from transforms.stories.shelf import Integers, Packed

Mask = npt.NDArray[np.bool_]


class Book(NamedTuple):
    """What is at hand of every remembered text, by row: what it was compared as (`keys`) and its node, as numbers; its day; whether it

    takes part; and the pairs of rows that tie a region, whatever became of the two since.
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


def reached(book: Book, touched: Packed, named: Iterable[NodePair]) -> tuple[Packed, Integers]:
    """Return all nodes of the regions in which a touched one lies, as they were at any time and are; and the number of each's region,

    ascending. `named` pairs tie as well. What is remembered of a text that has changed since, or is gone, still ties: its region may have parted.
    """
    ties = [numbers_of(side) for side in zip(*named, strict=True)] or [np.empty(0, np.uint64)] * 2
    nodes, place = np.unique(np.concatenate([book.nodes, touched, *ties]), return_inverse=True)
    of_row, of_touched, of_ties = np.split(place, np.cumsum([len(book.nodes), len(touched)]))
    of_left, of_right = np.split(of_ties, 2)
    left, right = np.concatenate([of_row[book.left], of_left]), np.concatenate([of_row[book.right], of_right])
    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(len(nodes), len(nodes)))
    _, region = connected_components(links, directed=False)
    inside = np.isin(region, np.unique(region[of_touched]))
    found, of_found = nodes[inside], region[inside]
    order = np.argsort(of_found, kind="stable")
    return found[order], of_found[order]


def at_once(nodes: Packed, regions: Integers, most: int) -> Iterator[Packed]:
    """Yield whole regions (as `reached` returns them), some `most` nodes at a time or one that is larger."""
    begins = np.flatnonzero(np.diff(regions, prepend=-1))
    _, firsts = np.unique(begins // most, return_index=True)
    yield from (part for part in np.split(nodes, begins[firsts][1:]) if len(part))
