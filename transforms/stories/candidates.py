"""Which pairs of texts are worth comparing: those that share enough of their heaviest words."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from transforms.stories.frequencies import Frequencies
from transforms.stories.vectors import ONE, Bags, Integers, Matrix, heaviest, in_blocks, unit_vectors, vocabulary


@dataclass(frozen=True, slots=True)
class CandidateSettings:
    """Candidates share heavy words: so many of each text, none that a tenth of all articles have, a partial cosine from .04.

    They hold 99.0% of the gold pairs of the open sets (bench/stories.py); from .08 on it would be 97%, at twice the speed.
    """

    heavy_terms: int = 60
    heavy_share: float = 0.10
    cosine: float = 0.04
    # Rows multiplied at a time; bounds memory and moves nothing.
    rows_at_once: int = 500


def candidates(words: Bags, known: Frequencies, settings: CandidateSettings) -> Iterator[tuple[Integers, Integers]]:
    """Yield pairs of row numbers (left < right) in blocks; over all blocks they are sorted and distinct."""
    matrix = _heavy_vectors(words, known, settings)
    others, floor = matrix.T.tocsr(), round(settings.cosine * ONE)
    for begin in range(0, matrix.shape[0], settings.rows_at_once):
        block = (matrix[begin : begin + settings.rows_at_once] @ others).tocoo()
        left, right = block.coords[0].astype(np.int64) + begin, block.coords[1].astype(np.int64)
        kept = (block.data >= floor) & (left < right)
        left, right = left[kept], right[kept]
        order = np.lexsort((right, left))
        yield left[order], right[order]


def _heavy_vectors(words: Bags, known: Frequencies, settings: CandidateSettings) -> Matrix:
    """Return unit vectors of which only the heaviest uncommon words are left: their products are a part of the cosine."""
    columns = vocabulary(words, in_texts=2)

    def vectors(block: Bags) -> Matrix:
        weights = block.weights(known)
        heavy = known.share(block.terms) <= settings.heavy_share
        heavy[heavy] = heaviest(block.kept(heavy), weights[heavy], settings.heavy_terms)
        return unit_vectors(block, weights, columns, heavy)

    return in_blocks(words, vectors)
