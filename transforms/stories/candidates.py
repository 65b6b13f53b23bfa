"""Which pairs of texts are worth comparing: those that share enough of their heaviest words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.stories.kernel import MILLION, alike, sought
from transforms.stories.profiles import SHARE
from transforms.stories.shelf import Integers, Shelf


@dataclass(frozen=True, slots=True)
class CandidateSettings:
    """Candidates share heavy words: a partial cosine from `heavy`, and a cosine of all words from `cosine`.

    They hold 99.0% of the gold pairs of the open sets (bench/stories.py). Of dated texts a season apart more could be asked: at .1 and
    .12 a long window is searched with far fewer pairs, but 98.8% are held, and weights learnt of those score worse.
    """

    heavy: float = 0.04
    cosine: float = 0.06
    far_days: int = 60
    far_heavy: float = 0.04
    far_cosine: float = 0.06
    # Texts looked up at a time; bounds memory and moves nothing.
    rows_at_once: int = 2000


class _Index(NamedTuple):
    starts: Integers
    keys: npt.NDArray[np.uint32]
    rows: npt.NDArray[np.int32]
    shares: npt.NDArray[np.uint16]


def candidates(
    shelf: Shelf, settings: CandidateSettings, asking: Integers | None = None
) -> Iterator[tuple[Integers, Integers]]:
    """Yield pairs of row numbers (left < right) in blocks: distinct, and sorted where every text asks.

    Only pairs with an asking text (rows, ascending) are yielded; without any named, all ask.
    """
    rows = np.arange(shelf.n) if asking is None else asking
    new = np.zeros(shelf.n, dtype=bool)
    new[rows] = True
    index = _index(shelf)
    for begin in range(0, len(rows), settings.rows_at_once):
        left, right = sought(
            shelf.heavy_starts, shelf.heavy, shelf.heavy_share, *index, rows[begin : begin + settings.rows_at_once], new, shelf.scalars,
            round(settings.heavy * SHARE * SHARE), settings.far_days, round(settings.far_heavy * SHARE * SHARE), shelf.n,
        )  # fmt: skip
        order = np.lexsort((right, left))
        a, b = left[order].astype(np.int64), right[order].astype(np.int64)
        kept = alike(
            shelf, a, b, round(settings.cosine * MILLION), settings.far_days, round(settings.far_cosine * MILLION)
        )
        yield a[kept], b[kept]


def _index(shelf: Shelf) -> _Index:
    rows = np.repeat(np.arange(shelf.n, dtype=np.int32), np.diff(shelf.heavy_starts))
    order = np.argsort(shelf.heavy, kind="stable")
    keys, starts, texts = np.unique(shelf.heavy[order], return_index=True, return_counts=True)
    # A word of one text alone finds nothing.
    kept = np.repeat(texts > 1, texts)
    order, keys, texts = order[kept], keys[texts > 1], texts[texts > 1]
    starts = np.concatenate([[0], np.cumsum(texts)]).astype(np.int64)
    return _Index(starts, keys, rows[order], shelf.heavy_share[order])
