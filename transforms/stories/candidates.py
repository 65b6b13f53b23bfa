"""Which pairs of texts are worth comparing, those that share enough of their heaviest words, and how far each is compared."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled
from transforms.stories.kernel import Index
from transforms.stories.lookup import Rows
from transforms.stories.shelf import HEAVY, Integers, Keys, Packed, Shelf


@dataclass(frozen=True, slots=True)
class CandidateSettings:
    """Candidates share heavy words: products of impacts from `heavy`; of dated texts further apart than `far_days` from `far_heavy`.

    Floors that hold 99.1% of the gold pairs of the open sets (bench/stories.py), of each set no fewer than a floor of the cosine
    by the same words alone, which leaves half again as many pairs of real articles.
    """

    heavy: float = 0.15
    far_days: int = 14
    far_heavy: float = 0.5
    # Texts looked up at a time; bounds memory and moves nothing.
    rows_at_once: int = 2000


def index_of(shelf: Shelf, takes_part: npt.NDArray[np.bool_], asking: Integers) -> Index:
    """Return which of the texts that take part hold each of the heaviest words of those that ask."""
    keys = np.unique((_of_rows(shelf, asking) >> np.uint64(32)).astype(np.uint32))
    # Hashes lie evenly: a look at the upper bits leaves one or two keys to compare.
    bits = max(1, len(keys)).bit_length()
    uppers = np.arange((1 << bits) + 1, dtype=np.uint64) << np.uint64(32 - bits)
    starts, rows, impacts = _posted(
        shelf.starts, shelf.heavy, takes_part, keys, np.searchsorted(keys, uppers), 32 - bits
    )
    return Index(starts, keys, rows, impacts)


def _of_rows(shelf: Shelf, rows: Integers) -> Packed:
    lengths = np.diff(shelf.starts[:, HEAVY])
    asked = np.zeros(shelf.n, dtype=bool)
    asked[rows] = True
    words: Packed = shelf.heavy[np.repeat(asked, lengths)]
    return words


@compiled
def _posted(
    starts: Integers, heavy: Packed, takes_part: npt.NDArray[np.bool_], keys: Keys, firsts: Integers, shift: int
) -> tuple[Integers, Rows, npt.NDArray[np.uint16]]:
    """Return for each key the rows of the texts that hold it, ascending, and their impacts there."""
    places, posts, n = np.full(len(heavy), -1, np.int32), np.zeros(len(keys) + 1, np.int64), len(starts) - 1
    for row in range(n):
        if not takes_part[row]:
            continue
        for at in range(starts[row, HEAVY], starts[row + 1, HEAVY]):
            key = np.uint32(heavy[at] >> _32)
            upper = key >> np.uint32(shift)
            for place in range(firsts[upper], firsts[upper + np.uint32(1)]):
                if keys[place] == key:
                    places[at] = place
                    posts[place + 1] += 1
    posts = np.cumsum(posts)
    rows, impacts, ends = np.empty(posts[-1], np.int32), np.empty(posts[-1], np.uint16), posts[:-1].copy()
    for row in range(n):
        for at in range(starts[row, HEAVY], starts[row + 1, HEAVY]):
            place = places[at]
            if place >= 0:
                rows[ends[place]], impacts[ends[place]] = row, heavy[at] & _IMPACT
                ends[place] += 1
    return posts, rows, impacts


_32, _IMPACT = np.uint64(32), np.uint64(0xFFFF)
