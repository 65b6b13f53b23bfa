"""Which pairs of texts are worth comparing, those that share enough of their heaviest words, and how far each is compared."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from transforms.stories.kernel import Index
from transforms.stories.shelf import HEAVY, Integers, Shelf


@dataclass(frozen=True, slots=True)
class CandidateSettings:
    """Candidates share heavy words: a partial cosine from `heavy`; of dated texts further apart than `far_days` from `far_heavy`.

    Of such pairs of two floors that hold 99.0% of the gold pairs of the open sets (bench/stories.py), the two that leave fewest
    pairs of real articles, which with 40 heaviest words are fewer than with 30, 50, 60 or 100.
    """

    heavy: float = 0.03
    far_days: int = 14
    far_heavy: float = 0.075
    # Texts looked up at a time; bounds memory and moves nothing.
    rows_at_once: int = 1000


def index_of(shelf: Shelf, takes_part: npt.NDArray[np.bool_], asking: Integers) -> Index:
    """Return which of the texts that take part hold each of the heaviest words of those that ask."""
    lengths = np.diff(shelf.starts[:, HEAVY])
    asks = np.zeros(shelf.n, dtype=bool)
    asks[asking] = True
    keys = (shelf.heavy >> np.uint64(32)).astype(np.uint32)
    # Tells most of the others' words from theirs for the price of a look.
    sieve = np.zeros(1 << 22, dtype=bool)
    sieve[keys[np.repeat(asks, lengths)] >> _SIEVED] = True
    held = np.flatnonzero(sieve[keys >> _SIEVED] & np.repeat(takes_part, lengths))
    held = held[np.argsort(keys[held], kind="stable")]
    keys, texts = np.unique(keys[held], return_counts=True)
    rows = np.repeat(np.arange(shelf.n, dtype=np.int32), lengths)[held]
    shares = (shelf.heavy[held] & np.uint64(0xFFFF)).astype(np.uint16)
    return Index(np.concatenate([[0], np.cumsum(texts)]).astype(np.int64), keys, rows, shares)


_SIEVED = np.uint32(10)
