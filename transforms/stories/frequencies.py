"""How common a term is, frozen: tonight's batch must not move yesterday's decisions.

The table is built from open news corpora by `python -m bench.stories_frequencies`; it is part of the configuration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from transforms.dedupe.shingles import Hashes, WordHashes

SCHEMA = pa.schema([("kind", pa.string()), ("term", pa.string()), ("df", pa.int32())])
WORD, PAIR, NUMBER = "word", "pair", "number"
# One row of this kind holds the number of documents counted.
DOCUMENTS = "documents"
# Weights are integers, in 1/256 of a natural logarithm: sums of products are then exact in any order.
UNIT = 256
# The df of a term that is not listed: below what the table keeps, and for pairs the middle of what it leaves out.
_UNSEEN = {WORD: 2, PAIR: 12, NUMBER: 2}


@dataclass(frozen=True)
class Frequencies:
    """Sorted 64-bit hashes of the terms of one kind, and in how many of `n_documents` each was seen."""

    hashes: Hashes
    df: npt.NDArray[np.int64]
    n_documents: int
    unseen: int

    def share(self, terms: Hashes) -> npt.NDArray[np.float64]:
        """Return the share of documents that hold each term, 0..1."""
        return self._df(terms) / self.n_documents

    def idf(self, terms: Hashes) -> npt.NDArray[np.int64]:
        """Return ln(n / df) of each term in 1/256, at least 1."""
        distinct, places = np.unique(self._df(terms), return_inverse=True)
        scaled = [max(1, round(UNIT * log(self.n_documents / df))) for df in distinct.tolist()]
        return np.array(scaled, dtype=np.int64)[places]

    def _df(self, terms: Hashes) -> npt.NDArray[np.int64]:
        places = np.minimum(np.searchsorted(self.hashes, terms), len(self.hashes) - 1)
        return np.where(self.hashes[places] == terms, self.df[places], self.unseen)


@lru_cache(maxsize=1)
def read_frequencies(parquet: bytes) -> Mapping[str, Frequencies]:
    """Return the frequencies of each kind (word, pair, number) from the bytes of the artefact's Parquet file.

    Raises ValueError where the artefact is not whole.
    """
    table, hashes = pq.read_table(pa.BufferReader(parquet), schema=SCHEMA), WordHashes()
    return {kind: frequencies(table, kind, hashes) for kind in (WORD, PAIR, NUMBER)}


def frequencies(table: pa.Table, kind: str, hashes: WordHashes) -> Frequencies:
    """Return the frequencies of one kind (word, pair, number) from the artefact (kind, term, df).

    Raises ValueError where the table does not say how many documents were counted, or holds nothing of the kind.
    """
    documents, rows = (_rows(table, of) for of in (DOCUMENTS, kind))
    if len(documents) != 1 or not rows:
        raise ValueError(f"The document frequencies hold no {DOCUMENTS} row or no term of kind {kind!r}.")
    keys = _hashes([term for term, _ in rows], hashes)
    order = np.argsort(keys)
    df = np.array([count for _, count in rows], dtype=np.int64)
    return Frequencies(keys[order], df[order], documents[0][1], _UNSEEN[kind])


def pair_hashes(words: Hashes) -> Hashes:
    """Return one hash for each pair of neighbouring words."""
    return words[:-1] * np.uint64(0x9E3779B97F4A7C15) + words[1:]


def _hashes(terms: Sequence[str], hashes: WordHashes) -> Hashes:
    return np.array([_hash(term, hashes) for term in terms], dtype=np.uint64)


def _hash(term: str, hashes: WordHashes) -> int:
    found = hashes.of(term.split(" "))
    return int(found[0] if len(found) == 1 else pair_hashes(found)[0])


def _rows(table: pa.Table, kind: str) -> list[tuple[str, int]]:
    columns = (table[name].to_pylist() for name in SCHEMA.names)
    return [(term, df) for of, term, df in zip(*columns, strict=True) if of == kind]
