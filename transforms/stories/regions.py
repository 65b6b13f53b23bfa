"""Regions of texts that ties connect: no story reaches beyond one.

Two texts tie where they are alike enough to join a story and share enough of their neighbours, each text being one of its own. Without
the second the ties of real nights percolate: one text in two alike another by chance connects everything (21,947 of 37,547 real articles
in one region; with it the largest has some 200), and a night would have to look at years to place one text. Clustering by shared
neighbours: Jarvis and Patrick 1973.

How a region falls into stories follows from its texts and from what people decided of them, so it is worked out once and kept:
a night clusters the regions that its own texts and decisions touch.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from transforms.compiled import compiled
from transforms.stories.constraints import RowConstraints
from transforms.stories.shelf import Integers
from transforms.text import content_hash

# A row a region: what it was clustered as (see `region_key`), and the first text of each text's story, by place in the region.
PARTED = pa.schema([("key", pa.string()), ("labels", pa.list_(pa.int32()))])


def sharing(n: int, left: Integers, right: Integers, share: float) -> npt.NDArray[np.bool_]:
    """Return which of the distinct pairs, which are all that n texts have of neighbours, share so much of them (Jaccard, each with itself)."""
    ends, others = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.lexsort((others, ends))
    starts = np.searchsorted(ends[order], np.arange(n + 1))
    return _sharing(starts, others[order], left, right, round(1000 * share))


@compiled
def _sharing(
    starts: Integers, others: Integers, left: Integers, right: Integers, thousandths: int
) -> npt.NDArray[np.bool_]:
    kept = np.zeros(len(left), np.bool_)
    for pair in range(len(left)):
        a, b = starts[left[pair]], starts[right[pair]]
        a_end, b_end, common = starts[left[pair] + 1], starts[right[pair] + 1], 0
        n_either = a_end - a + b_end - b
        while a < a_end and b < b_end:
            one, other = others[a], others[b]
            common += one == other
            a, b = a + (one <= other), b + (other <= one)
        # Of the two themselves both hold both.
        kept[pair] = 1000 * (common + 2) >= thousandths * (n_either - common)
    return kept


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
