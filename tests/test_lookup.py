"""The words that two texts share, looked up in slots: all are found, however they crowd."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.stories.lookup import LIKELY, clear, empty_slots, found, found_crowded, lay_out
from transforms.stories.shelf import Packed

# Keys that lie in few slots, so that most find theirs taken.
KEYS = st.sets(
    st.builds(
        lambda first, second, rest: first | second << 12 | rest << 24,
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 5),
    ),
    max_size=40,
)


def packed(keys: set[int], rest: int) -> Packed:
    return np.array([key << 32 | rest for key in sorted(keys)], dtype=np.uint64)


@settings(max_examples=100, deadline=None)
@given(KEYS, KEYS)
def test_every_shared_word_is_found_also_where_slots_are_taken(ours: set[int], theirs: set[int]) -> None:
    words, others = packed(ours, 1), packed(theirs, 2)
    slots, likely, crowded = empty_slots(), np.zeros(LIKELY, np.uint8), np.empty(len(words) + 1, np.uint64)
    n_crowded = lay_out(words, slots, likely, crowded)
    one, other = (np.empty(2 * len(others) + 1, np.uint64) for _ in range(2))
    count = found_crowded(others, crowded, n_crowded, one, other, 0)
    count = found(others, 0, len(others), slots, likely, one, other, count)
    shared = ours & theirs
    assert sorted(one[:count].tolist()) == packed(shared, 1).tolist()
    assert sorted(other[:count].tolist()) == packed(shared, 2).tolist()
    assert [word >> 32 for word in one[:count].tolist()] == [word >> 32 for word in other[:count].tolist()]
    clear(words, slots, likely)
    assert (slots == empty_slots()).all()
    assert not likely.any()
