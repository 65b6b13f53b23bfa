"""Regions of texts that pairs alike enough to join a story connect: no story reaches beyond one.

How a region falls into stories follows from its texts and from what people decided of them, so it is worked out once and kept:
a night clusters the regions that its own texts and decisions touch.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from transforms.stories.constraints import RowConstraints
from transforms.stories.shelf import Integers
from transforms.text import content_hash

# A row a region: what it was clustered as (see `region_key`), and the first text of each text's story, by place in the region.
PARTED = pa.schema([("key", pa.string()), ("labels", pa.list_(pa.int32()))])


def regions_of(n: int, left: Integers, right: Integers) -> list[Integers]:
    """Return the rows, ascending, of each region of several of n texts that the pairs connect."""
    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    _, component = connected_components(links, directed=False)
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
