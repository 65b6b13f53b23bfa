"""Ids as numbers: 16 hex digits are 64 bits, so that ten million ids can be looked up in memory."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[np.uint64]

DIGITS = 16
# Rows turned at a time: a hundred megabytes of indices.
_BATCH = 500_000
_VALUE = np.zeros(256, dtype=np.uint8)
_VALUE[np.frombuffer(b"0123456789abcdef", dtype=np.uint8)] = np.arange(16, dtype=np.uint8)


def id_number(id_: str) -> int:
    """Return the number of an id: of the 16 hex digits behind its prefix."""
    return int(id_[-DIGITS:], 16)


def id_numbers(ids: pa.ChunkedArray) -> Numbers:
    """Return the numbers of ids, in order; 0 for NULL."""
    parts = [
        _numbers(chunk.slice(start, _BATCH)) for chunk in ids.chunks for start in range(0, max(len(chunk), 1), _BATCH)
    ]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.uint64)


def _numbers(ids: pa.StringArray) -> Numbers:
    found = np.zeros(len(ids), dtype=np.uint64)
    valid = np.flatnonzero(ids.is_valid().to_numpy(zero_copy_only=False))
    if not len(valid):
        return found
    _, offsets, data = ids.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[ids.offset + 1 : ids.offset + 1 + len(ids)][valid].astype(np.int64)
    digits = _VALUE[np.frombuffer(data, dtype=np.uint8)[ends[:, None] + np.arange(-DIGITS, 0)]]
    found[valid] = ((digits[:, 0::2] << 4) | digits[:, 1::2]).view(">u8").ravel()
    return found


class KnownIds:
    """A set of ids that starts from a column of millions, held as sorted numbers, and grows by ones."""

    def __init__(self, ids: pa.ChunkedArray) -> None:
        self._sorted = np.sort(id_numbers(ids))
        self._added: set[int] = set()

    def __contains__(self, id_: str) -> bool:
        number = id_number(id_)
        place = np.searchsorted(self._sorted, np.uint64(number))
        return number in self._added or bool(place < len(self._sorted) and self._sorted[place] == number)

    def add(self, id_: str) -> None:
        """Take one more id into the set."""
        self._added.add(id_number(id_))
