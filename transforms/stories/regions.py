"""Regions of texts that ties connect: no story reaches beyond one.

Two texts tie where they are alike enough to join a story and share enough of their neighbours, each text being one of its own. Without
the second the ties of real nights percolate: one text in two alike another by chance connects everything (21,947 of 37,547 real articles
in one region; with it the largest has 605), and a night would have to look at years to place one text. Clustering by shared
neighbours: Jarvis and Patrick 1973.

How a region falls into stories follows from its texts and from what people decided of them, so it is worked out once and kept:
a night clusters the regions that its own texts and decisions touch.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from transforms.compiled import compiled, woven
from transforms.stories.constraints import RowConstraints
from transforms.stories.shelf import Integers
from transforms.text import content_hash

_Row = np.int64 | np.int32
_Rows = npt.NDArray[np.int64] | npt.NDArray[np.int32]
# A row a region: what it was clustered as (see `region_key`), and the first text of each text's story, by place in the region.
PARTED = pa.schema([("key", pa.string()), ("labels", pa.list_(pa.int32()))])


def sharing(n: int, left: Integers, right: Integers, share: float) -> npt.NDArray[np.bool_]:
    """Return which of the distinct pairs, which are all that n texts have of neighbours, share so much of them (Jaccard, each with itself)."""
    of = neighbours(n, left, right, np.ones(n, dtype=bool))
    return _sharing(of.starts, of.others, left, right, thousandths(share))


class Neighbours(NamedTuple):
    """The neighbours of text i, ascending: others[starts[i]:starts[i + 1]]."""

    starts: Integers
    others: npt.NDArray[np.int32]


@compiled
def neighbours(n: int, left: _Rows, right: _Rows, here: npt.NDArray[np.bool_]) -> Neighbours:
    """Return the neighbours that distinct pairs make of n texts, between those that are `here`."""
    starts = np.zeros(n + 1, np.int64)
    for pair in range(len(left)):
        if here[left[pair]] and here[right[pair]]:
            starts[left[pair] + 1] += 1
            starts[right[pair] + 1] += 1
    starts = np.cumsum(starts)
    some, others, ends = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int32), starts[:-1].copy()
    for pair in range(len(left)):
        if here[left[pair]] and here[right[pair]]:
            some[ends[left[pair]]], some[ends[right[pair]]] = right[pair], left[pair]
            ends[left[pair]] += 1
            ends[right[pair]] += 1
    # Handed out in the order of the rows they come to each row sorted.
    ends = starts[:-1].copy()
    for row in range(n):
        for place in range(starts[row], starts[row + 1]):
            other = some[place]
            others[ends[other]] = row
            ends[other] += 1
    return Neighbours(starts, others)


def thousandths(share: float) -> int:
    """Return a share as compiled loops take it: whole numbers are the same on every machine."""
    return round(1000 * share)


@compiled
def _sharing(
    starts: Integers, others: npt.NDArray[np.int32], left: Integers, right: Integers, least: int
) -> npt.NDArray[np.bool_]:
    kept = np.zeros(len(left), np.bool_)
    for pair in range(len(left)):
        kept[pair] = _share(starts, others, left[pair], right[pair], least)
    return kept


@woven
def _share(starts: Integers, others: npt.NDArray[np.int32], left: _Row, right: _Row, least: int) -> bool:
    a, b, a_end, b_end = starts[left], starts[right], starts[left + 1], starts[right + 1]
    # So many in common are enough, as of the two themselves both hold both: (common + 2) / (all - common) is at least the share.
    lacking = -((2000 - least * (a_end - a + b_end - b)) // (1000 + least))
    while lacking > 0 and min(a_end - a, b_end - b) >= lacking:
        one, other = others[a], others[b]
        lacking -= one == other
        a, b = a + (one <= other), b + (other <= one)
    return bool(lacking <= 0)


@compiled
def beside(graph: Neighbours, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which texts are neighbours of some."""
    found = np.zeros(len(rows), np.bool_)
    for row in np.flatnonzero(rows):
        for place in range(graph.starts[row], graph.starts[row + 1]):
            found[graph.others[place]] = True
    return found


@compiled
def flood(graphs: tuple[Neighbours, Neighbours], wet: npt.NDArray[np.bool_], least: int) -> None:
    """Let everything be `wet`, a mask of the texts, that ties of either graph connect to what is; `least`: as in `connected`."""
    queue = np.flatnonzero(wet)
    while len(queue):
        found = np.empty(len(wet), np.int64)
        count = 0
        for row in queue:
            for graph in graphs:
                for place in range(graph.starts[row], graph.starts[row + 1]):
                    other = graph.others[place]
                    if not wet[other] and _share(graph.starts, graph.others, row, other, least):
                        wet[other] = True
                        found[count] = other
                        count += 1
        queue = found[:count].copy()


@compiled
def connected(graph: Neighbours, inside: npt.NDArray[np.bool_], least: int) -> npt.NDArray[np.int64]:
    """Return for each text `inside` the number of its region, of ties to others inside; -1 for those outside.

    `inside`: a mask of the texts; `least`: the share of neighbours that two must have in common to tie, in thousandths.
    """
    labels = np.where(inside, -2, -1)
    queue, n_regions = np.empty(len(inside), np.int64), 0
    for first in np.flatnonzero(inside):
        if labels[first] != -2:
            continue
        labels[first] = n_regions
        queue[0], done, known = first, 0, 1
        while done < known:
            row = queue[done]
            done += 1
            for place in range(graph.starts[row], graph.starts[row + 1]):
                other = graph.others[place]
                # Whether two tie is only asked where it is not known yet that the other is of the region.
                if labels[other] == -2 and _share(graph.starts, graph.others, row, other, least):
                    labels[other] = n_regions
                    queue[known] = other
                    known += 1
        n_regions += 1
    return labels


def labels_of(n: int, left: Integers, right: Integers) -> npt.NDArray[np.int32]:
    """Return the number of the region of each of n texts that the pairs connect."""
    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    labels: npt.NDArray[np.int32] = connected_components(links, directed=False)[1]
    return labels


def regions_of(n: int, left: Integers, right: Integers) -> list[Integers]:
    """Return the rows, ascending, of each region of several of n texts that the pairs connect."""
    component = labels_of(n, left, right)
    order = np.argsort(component, kind="stable")
    bounds = np.flatnonzero(np.diff(component[order])) + 1
    return [rows for rows in np.split(order, bounds) if len(rows) > 1]


def region_key(rows: Integers, keys: Sequence[str], decided: Mapping[int, Sequence[str]]) -> str:
    """Return a hash of all that the stories of a region rest on: the keys of its texts, and what was decided of each."""
    said = (each for place, row in enumerate(rows.tolist()) for each in (keys[row], *decided.get(row, ())))
    return content_hash("", *said)


def decided_of(constraints: RowConstraints, keys: Sequence[str]) -> dict[int, list[str]]:
    """Return for each row that is named what was decided of it, as `region_key` takes it."""
    said: dict[int, list[str]] = {}
    for word, pairs in (("together", constraints.together), ("apart", constraints.apart)):
        for a, b in pairs:
            said.setdefault(a, []).append(f"{word} {keys[b]}")
    return said


def parted_as(keys: Sequence[str], labels: Sequence[Integers]) -> pa.Table:
    """Return a table of PARTED."""
    return pa.table([pa.array(keys, pa.string()), pa.array(list(labels), PARTED.field("labels").type)], schema=PARTED)
