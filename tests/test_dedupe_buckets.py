"""A table of hashes holds what was put there, each once, and nothing else: also where all fall into one bucket, or the last."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.compiled import compiled
from transforms.dedupe import buckets

# Few low bits, so that many share a bucket and it flows over, beyond the last into the first.
VALUES = st.lists(
    st.integers(1, 2**31) | st.integers(1, 40).map(lambda high: high << 20) | st.integers(1, 40).map(lambda n: (n << 20) - 1),
    min_size=1,
    max_size=200,
)  # fmt: skip


@compiled
def filled(slots: npt.NDArray[np.uint64], values: npt.NDArray[np.uint64], sought: npt.NDArray[np.uint64]) -> tuple[int, int, int]:  # fmt: skip
    slots, table, mask = buckets.emptied(slots, len(values))
    new = held = again = 0
    for value in values:
        new += buckets.placed(table, mask, value)[2]
    for value in sought:
        held += buckets.asked(table, mask, value)[1] != 0
    for value in values:
        bucket, lane = buckets.asked(table, mask, value)
        other, same, more = buckets.placed(table, mask, value)
        again += more or bucket != other or lane != same
    return new, held, again + (len(slots) == 0)


@pytest.mark.parametrize("kind", [np.uint32, np.uint64])
@given(values=VALUES, sought=VALUES)
@settings(max_examples=100, deadline=None)
def test_a_table_holds_what_was_put_there_and_nothing_else(kind: type, values: list[int], sought: list[int]) -> None:
    used_before = np.full(64, 7, kind)
    new, held, again = filled(used_before, np.array(values, kind), np.array(sought, kind))
    assert (new, held, again) == (len(set(values)), sum(value in set(values) for value in sought), 0)
