"""Texts as sparse integer vectors: products of integers are exact, so no batch size and no library moves a decision."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from transforms.dedupe.shingles import Hashes
from transforms.stories.frequencies import UNIT, Frequencies

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
# scipy.sparse has no types of its own.
Matrix = Any

# A vector of unit length has weights in 1/32768, so that a product is an integer in 2^-30 and fits 32 bits.
LENGTH = 1 << 15
ONE = LENGTH * LENGTH
_TEXTS_AT_ONCE = 2000
# 1 + ln(count) in the unit of the idf; no text of interest repeats a word more often than the list is long.
_COUNT_WEIGHT = np.array([0] + [round(UNIT * (1 + log(count))) for count in range(1, 4096)], dtype=np.int64)


@dataclass(frozen=True)
class Bags:
    """Term counts of many texts: text i holds terms[starts[i]:starts[i+1]], sorted and distinct, with their counts."""

    starts: Integers
    terms: Hashes
    counts: npt.NDArray[np.int32]

    def of(self, text: int) -> Hashes:
        """Return the terms of one text."""
        return self.terms[self.starts[text] : self.starts[text + 1]]

    @property
    def rows(self) -> Integers:
        """The text each term belongs to."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def kept(self, mask: Mask) -> "Bags":
        """Return the bags without the terms that the mask leaves out."""
        kept_before = np.concatenate([[0], np.cumsum(mask)])
        return Bags(kept_before[self.starts], self.terms[mask], self.counts[mask])

    def blocks(self) -> Iterator["Bags"]:
        """Yield the bags of a few thousand texts at a time, in order."""
        for begin in range(0, len(self.starts) - 1, _TEXTS_AT_ONCE):
            starts = self.starts[begin : begin + _TEXTS_AT_ONCE + 1]
            inside = slice(starts[0], starts[-1])
            yield Bags(starts - starts[0], self.terms[inside], self.counts[inside])

    def weights(self, frequencies: Frequencies) -> Integers:
        """Return the weight of each term in its text: (1 + ln count) times idf, in 1/65536."""
        counts = np.minimum(self.counts, len(_COUNT_WEIGHT) - 1)
        return _COUNT_WEIGHT[counts] * frequencies.idf(self.terms)

    def row_sums(self, values: Integers) -> Integers:
        """Return the sum of the values of each text."""
        before = np.concatenate([[0], np.cumsum(values)])
        sums: Integers = before[self.starts[1:]] - before[self.starts[:-1]]
        return sums


def bags(texts: Iterable[Hashes]) -> Bags:
    """Return the bags of texts given as runs of term hashes."""
    counted = [np.unique(terms, return_counts=True) for terms in texts]
    starts = np.cumsum([0] + [len(terms) for terms, _ in counted])
    terms = np.concatenate([np.empty(0, np.uint64), *(terms for terms, _ in counted)])
    return Bags(starts, terms, np.concatenate([np.empty(0), *(counts for _, counts in counted)]).astype(np.int32))


def together(parts: Sequence[Bags]) -> Bags:
    """Return the bags of several batches as one, in their order."""
    before = np.cumsum([0] + [len(part.terms) for part in parts[:-1]])
    starts = [part.starts[1:] + offset for part, offset in zip(parts, before, strict=True)]
    terms, counts = np.concatenate([part.terms for part in parts]), np.concatenate([part.counts for part in parts])
    return Bags(np.concatenate([[0], *starts]), terms, counts)


def vocabulary(bag: Bags, in_texts: int = 1) -> Hashes:
    """Return the sorted terms that at least so many of the texts hold: the columns of matrices that are to be multiplied."""
    terms, texts = np.unique(bag.terms, return_counts=True)
    return terms[texts >= in_texts]


def in_blocks(bag: Bags, vectors: Callable[[Bags], Matrix]) -> Matrix:
    """Return the vectors of all texts, made a block at a time: the steps between take ten times the room of the result."""
    return sparse.vstack([vectors(block) for block in bag.blocks()] or [vectors(bag)], format="csr")


def unit_vectors(bag: Bags, weights: Integers, columns: Hashes, kept: Mask | None = None) -> Matrix:
    """Return one row a text, of Euclidean length 1 in 1/32768 over all its terms: the kept ones, and those in the columns."""
    length = np.sqrt(bag.row_sums(weights * weights).astype(np.float64))
    data = np.rint(weights * (LENGTH / np.maximum(length, 1.0))[bag.rows])
    return _matrix(bag, data, columns) if kept is None else _matrix(bag.kept(kept), data[kept], columns)


def share_vectors(bag: Bags, weights: Integers, columns: Hashes) -> Matrix:
    """Return one row a text, whose weights sum to 1 in 1/32768 over all its terms, in or out of the columns."""
    total = bag.row_sums(weights).astype(np.float64)
    return _matrix(bag, np.rint(weights * (LENGTH / np.maximum(total, 1.0))[bag.rows]), columns)


def presence(bag: Bags, columns: Hashes) -> Matrix:
    """Return one row a text with 1 in 1/32768 for every column it holds."""
    return _matrix(bag, np.full(len(bag.terms), float(LENGTH)), columns)


def heaviest(bag: Bags, weights: Integers, count: int) -> Mask:
    """Return a mask of the `count` heaviest terms of each text; ties go to the smaller hash."""
    order = np.lexsort((bag.terms, -weights, bag.rows))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(bag.starts[:-1], np.diff(bag.starts))
    mask: Mask = rank < count
    return mask


def pair_products(rows_of_left: Matrix, rows_of_right: Matrix, left: Integers, right: Integers) -> Integers:
    """Return rows_of_left[left[i]] . rows_of_right[right[i]] in 2^-30 for each i, exactly; equal `left` must stand together."""
    products = np.zeros(len(left), dtype=np.int64)
    if not len(left):
        return products
    spread = np.zeros(rows_of_left.shape[1], dtype=np.int32)
    begins = np.flatnonzero(np.r_[True, left[1:] != left[:-1]])
    for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(left)], strict=True):
        row = slice(rows_of_left.indptr[left[begin]], rows_of_left.indptr[left[begin] + 1])
        columns = rows_of_left.indices[row]
        spread[columns] = rows_of_left.data[row]
        products[begin:end] = rows_of_right[right[begin:end]] @ spread
        spread[columns] = 0
    return products


def _matrix(bag: Bags, data: npt.NDArray[np.float64], columns: Hashes) -> Matrix:
    places = np.searchsorted(columns, bag.terms).astype(np.int32)
    kept = np.zeros(len(bag.terms), dtype=bool)
    inside = places < len(columns)
    kept[inside] = columns[places[inside]] == bag.terms[inside]
    starts = np.concatenate([[0], np.cumsum(kept)])[bag.starts].astype(np.int32)
    shape = (len(bag.starts) - 1, max(1, len(columns)))
    return sparse.csr_array((data[kept].astype(np.int32), places[kept], starts), shape=shape)
