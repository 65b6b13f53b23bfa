"""What earlier nights read and compared, so that a night compares its own texts only.

A text is read, and a pair measured, as a function of nothing but itself (and of weights and document frequencies, which the keeper
of a memory sees to): what is remembered stays true whatever became of the night, and whoever forgets it all finds it again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.stories.regions import PARTED
from transforms.stories.shelf import SHELVED, Shelf, as_table, beside, from_table
from transforms.stories.similarity import FEATURES, Pairs
from transforms.text import content_hash

Codes = npt.NDArray[np.int64]
# text_id -> body, of the texts asked for.
Bodies = Callable[[Sequence[str]], Mapping[str, str]]

_SPAN = pa.struct([("text_id", pa.string()), ("start_char", pa.int32()), ("end_char", pa.int32())])
# A row a text: what it was compared as, whether it takes part, and its columns of the shelf.
TEXTS = pa.schema([pa.field("key", pa.string()), pa.field("joinable", pa.bool_()), *SHELVED])
# A row a pair that came near a story: rows of TEXTS (the earlier first), features in millionths, its veto as a code.
PAIRS = pa.schema(
    [
        ("left", pa.int32()),
        ("right", pa.int32()),
        ("features", pa.list_(pa.int32(), len(FEATURES))),
        ("veto", pa.int8()),
    ]
)
# A row a pair that was shown: rows of TEXTS (that of the smaller node id first), and what ties the two.
TOLD = pa.schema([("a", pa.int32()), ("b", pa.int32()), ("terms", pa.list_(pa.string())), ("spans", pa.list_(_SPAN))])


@dataclass(frozen=True)
class Measured:
    """Pairs with what was measured of them: features, and the veto (a place in cluster.VETOES)."""

    pairs: Pairs
    vetoes: Codes

    def only(self, mask: npt.NDArray[np.bool_]) -> "Measured":
        """Return the pairs that the mask keeps."""
        return Measured(self.pairs.only(mask), self.vetoes[mask])


@dataclass(frozen=True)
class Memory:
    """Texts by the order in which they came (`keys`, see `keys_of`), the pairs among them that came near a story, what was told of

    some, and how regions fell into stories (regions.PARTED).
    """

    keys: list[str]
    joinable: npt.NDArray[np.bool_]
    shelf: Shelf
    measured: Measured
    told: pa.Table
    parted: pa.Table

    def tables(self) -> dict[str, pa.Table]:
        """Return the memory as tables of TEXTS, PAIRS, TOLD and PARTED, by the names texts, pairs, told and parted."""
        pairs, width = self.measured.pairs, len(FEATURES)
        texts = as_table(self.shelf)
        features = pa.FixedSizeListArray.from_arrays(pairs.features.astype(np.int32).reshape(-1), width)
        columns = [
            pairs.left.astype(np.int32),
            pairs.right.astype(np.int32),
            features,
            self.measured.vetoes.astype(np.int8),
        ]
        return {
            "texts": pa.table([pa.array(self.keys, pa.string()), self.joinable, *texts.columns], schema=TEXTS),
            "pairs": pa.table(columns, schema=PAIRS),
            "told": self.told,
            "parted": self.parted,
        }

    @classmethod
    def of_tables(cls, texts: pa.Table, pairs: pa.Table, told: pa.Table, parted: pa.Table) -> "Memory":
        """Return the memory that tables hold."""
        features = np.array(pairs["features"].combine_chunks().flatten(), dtype=np.int64).reshape(-1, len(FEATURES))
        left, right = (np.array(pairs[side], dtype=np.int64) for side in ("left", "right"))
        return cls(
            texts["key"].to_pylist(),
            np.array(texts["joinable"].to_pylist(), dtype=bool),
            from_table(texts),
            Measured(Pairs(left, right, features), np.array(pairs["veto"], dtype=np.int64)),
            told,
            parted,
        )


def no_memory() -> Memory:
    """Return the memory of nothing."""
    return Memory.of_tables(TEXTS.empty_table(), PAIRS.empty_table(), TOLD.empty_table(), PARTED.empty_table())


def grown(memory: Memory, more: Memory) -> Memory:
    """Return a memory with what a night added; the rows that `more` names count on from those of the memory."""
    one, other = memory.measured, more.measured
    pairs = Pairs(*(np.concatenate([getattr(m.pairs, n) for m in (one, other)]) for n in ("left", "right", "features")))
    return Memory(
        memory.keys + more.keys,
        np.concatenate([memory.joinable, more.joinable]),
        beside([memory.shelf, more.shelf]),
        Measured(pairs, np.concatenate([one.vetoes, other.vetoes])),
        pa.concat_tables([memory.told, more.told]),
        pa.concat_tables([memory.parted, more.parted]),
    )


def keys_of(nodes: pa.Table) -> list[str]:
    """Return of each node (node_id, text_id, title, date, cited, joinable) a hash of all that its comparison rests on."""
    names = ("node_id", "text_id", "title", "date", "cited", "joinable")
    return [
        content_hash("", node, text, title, day and day.isoformat(), *(cited or ()), str(joinable))
        for node, text, title, day, cited, joinable in zip(*(nodes[name].to_pylist() for name in names), strict=True)
    ]
