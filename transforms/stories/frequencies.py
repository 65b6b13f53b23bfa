"""How common a term is, frozen: tonight's batch must not move yesterday's decisions.

The table is built from open news corpora by `python -m bench.stories_frequencies`; it is part of the configuration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from transforms.stories.tokens import Hashes, hashes_of

SCHEMA = pa.schema([("kind", pa.string()), ("term", pa.string()), ("df", pa.int32())])
WORD, NUMBER = "word", "number"
# One row of this kind holds the number of documents counted.
DOCUMENTS = "documents"
# Weights are integers, in 1/256 of a natural logarithm: sums of products are then exact in any order.
UNIT = 256
# The df of a term that is not listed: below what the table keeps.
_UNSEEN = 2


@dataclass(frozen=True)
class Frequencies:
    """Sorted 64-bit hashes of the terms of one kind, and in how many of `n_documents` each was seen."""

    hashes: Hashes
    df: npt.NDArray[np.int64]
    n_documents: int

    def idf(self) -> npt.NDArray[np.uint16]:
        """Return ln(n / df) of each term in 1/256, at least 1."""
        distinct, places = np.unique(self.df, return_inverse=True)
        return np.array([self._idf(df) for df in distinct.tolist()], dtype=np.uint16)[places]

    @property
    def unseen_idf(self) -> int:
        """The same of a term that is not listed."""
        return self._idf(_UNSEEN)

    def _idf(self, df: int) -> int:
        return max(1, round(UNIT * log(self.n_documents / df)))


@lru_cache(maxsize=1)
def read_frequencies(parquet: bytes) -> Mapping[str, Frequencies]:
    """Return the frequencies of each kind (word, number) from the bytes of the artefact's Parquet file.

    Raises ValueError where the artefact is not whole.
    """
    table = pq.read_table(pa.BufferReader(parquet), schema=SCHEMA)
    return {kind: frequencies(table, kind) for kind in (WORD, NUMBER)}


def frequencies(table: pa.Table, kind: str) -> Frequencies:
    """Return the frequencies of one kind (word, number) from the artefact (kind, term, df).

    Raises ValueError where the table does not say how many documents were counted, or holds nothing of the kind.
    """
    documents, rows = (_rows(table, of) for of in (DOCUMENTS, kind))
    if len(documents) != 1 or not rows:
        raise ValueError(f"The document frequencies hold no {DOCUMENTS} row or no term of kind {kind!r}.")
    keys, places = np.unique(hashes_of([term for term, _ in rows]), return_index=True)
    df = np.array([count for _, count in rows], dtype=np.int64)
    return Frequencies(keys, df[places], documents[0][1])


def _rows(table: pa.Table, kind: str) -> list[tuple[str, int]]:
    columns = (table[name].to_pylist() for name in SCHEMA.names)
    return [(term, df) for of, term, df in zip(*columns, strict=True) if of == kind]
