"""What stays known of texts once they are read, as columns of numbers: some five kilobytes a text.

Column `x` of text i is x[starts[i, X]:starts[i + 1, X]]. Everything is a function of the text alone and of the document frequencies,
so a shelf can be kept, and texts put beside each other that were read on different nights.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.compiled import woven

Integers = npt.NDArray[np.int64]
Packed = npt.NDArray[np.uint64]
Keys = npt.NDArray[np.uint32]

# Marks of a word: in the headline, in the lead, in a name of the lead, in a name behind a word of place, rare.
TITLE, LEAD, LEAD_NAME, PLACE, RARE = (1 << bit for bit in range(5))
UNDATED = -1
# Columns of `scalars`: day since 1970 (-1: undated), latest year stated (0: none), weekdays of the lead as bits, squared
# lengths of the vectors, sums of the weights of headline and lead names, and how many runs of words stand in quotes.
(
    DAY, YEAR, WEEKDAYS, L_WORDS, L_NAMES, L_RARE, L_TITLE, L_NUMBERS, S_TITLE, S_LEAD_NAMES, QUOTES, N_SCALARS
) = range(12)  # fmt: skip
# Columns of `starts`, in the order of RAGGED.
WORDS, PHRASES, NUMBERS, HEAVY, DAYS, ORDINALS, RESULTS, CITED, MEANING = range(9)
N_STARTS = 9
# More of a word, or of a name, counts as so many.
MOST_COUNTED, MOST_NAMED = 255, 127


class Shelf(NamedTuple):
    """Words (packed, see `packed_word`), runs of three words (lowest bit: quoted), figures (packed, see `packed_figure`), heaviest
    words (key, and in the lower 32 bits the impact), stated days, ordinals, final scores, credited outlets, each
    sorted but the heaviest words; where a text model says the texts point (see meaning.direction); and `scalars`, a row a text.
    """

    starts: Integers
    words: Packed
    phrases: Keys
    numbers: Packed
    heavy: Packed
    days: Integers
    ordinals: Integers
    results: Integers
    cited: Keys
    meaning: npt.NDArray[np.int8]
    scalars: Integers

    @property
    def n(self) -> int:
        """How many texts there are."""
        return len(self.scalars)


@woven
def packed_word(key: int, idf: int, marks: int, named: int, count: int) -> np.uint64:
    """Return a word as one number: its key in 32 bits, idf (1/256) in 12, marks in 5, count inside names in 7, count in 8."""
    return np.uint64(key << 32 | idf << 20 | marks << 15 | named << 8 | count)


@woven
def key_of(packed: np.uint64) -> int:
    """Return the key of a word, a figure or a heaviest word."""
    return int(packed >> np.uint64(32))


@woven
def idf_of(word: np.uint64) -> int:
    """Return the idf of a word, in 1/256."""
    return int(word >> np.uint64(20)) & 4095


@woven
def marks_of(word: np.uint64) -> int:
    """Return the marks of a word."""
    return int(word >> np.uint64(15)) & 31


@woven
def named_of(word: np.uint64) -> int:
    """Return how often a word stands inside names."""
    return int(word >> np.uint64(8)) & MOST_NAMED


@woven
def count_of(word: np.uint64) -> int:
    """Return how often a word stands in the body."""
    return int(word) & MOST_COUNTED


@woven
def packed_figure(key: int, idf: int, leading: int) -> np.uint64:
    """Return a figure as one number: its key in 32 bits, idf in 31, and whether it stands in the lead or headline in the last."""
    return np.uint64(key << 32 | idf << 1 | leading)


RAGGED: dict[str, type[np.generic]] = {
    "words": np.uint64, "phrases": np.uint32, "numbers": np.uint64, "heavy": np.uint64, "days": np.int64, "ordinals": np.int64,
    "results": np.int64, "cited": np.uint32, "meaning": np.int8,
}  # fmt: skip


def roomy_shelf(n: int, room: int) -> Shelf:
    """Return a shelf of n texts with nothing in it, with room for so many words of all together; see `trimmed`."""
    # Three figures may state two days.
    columns = {name: np.empty(2 * room if name == "days" else room, dtype=of) for name, of in RAGGED.items()}
    return _shelf(np.zeros((n + 1, N_STARTS), dtype=np.int64), columns, np.zeros((n, N_SCALARS), dtype=np.int64))


def _shelf(starts: Integers, columns: dict[str, npt.NDArray[np.generic]], scalars: Integers) -> Shelf:
    return Shelf(starts=starts, scalars=scalars, **columns)  # type: ignore[arg-type]


def trimmed(shelf: Shelf) -> Shelf:
    """Return the shelf without the room it did not need."""
    columns = {name: getattr(shelf, name)[: shelf.starts[-1, place]].copy() for place, name in enumerate(RAGGED)}
    return _shelf(shelf.starts, columns, shelf.scalars)


def beside(shelves: Sequence[Shelf]) -> Shelf:
    """Return the texts of several shelves on one, in their order; where all are on one already, that one."""
    shelves = [shelf for shelf in shelves if shelf.n]
    if not shelves:
        return trimmed(roomy_shelf(0, 0))
    if len(shelves) == 1:
        return shelves[0]
    columns = {name: np.concatenate([getattr(shelf, name) for shelf in shelves]) for name in RAGGED}
    lengths = np.concatenate([np.diff(shelf.starts, axis=0) for shelf in shelves])
    return _shelf(_starts(lengths), columns, np.concatenate([shelf.scalars for shelf in shelves]))


def _starts(lengths: Integers) -> Integers:
    return np.concatenate([np.zeros((1, N_STARTS), dtype=np.int64), np.cumsum(lengths, axis=0)])


def taken(shelf: Shelf, rows: Integers) -> Shelf:
    """Return some texts of a shelf, in the order asked for."""
    lengths = np.diff(shelf.starts, axis=0)[rows]
    starts = _starts(lengths)
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for place, name in enumerate(RAGGED):
        moved = np.repeat(shelf.starts[:-1, place][rows] - starts[:-1, place], lengths[:, place])
        columns[name] = getattr(shelf, name)[np.arange(len(moved)) + moved]
    return _shelf(starts, columns, shelf.scalars[rows])


SHELVED = pa.schema(
    [
        *(pa.field(name, pa.large_list(pa.from_numpy_dtype(np.dtype(of)))) for name, of in RAGGED.items()),
        pa.field("scalars", pa.list_(pa.int64(), N_SCALARS)),
    ]
)


def as_table(shelf: Shelf) -> pa.Table:
    """Return the shelf as a table of SHELVED, one row a text."""
    columns = [
        pa.LargeListArray.from_arrays(np.ascontiguousarray(shelf.starts[:, place]), getattr(shelf, name))
        for place, name in enumerate(RAGGED)
    ]
    scalars = pa.FixedSizeListArray.from_arrays(shelf.scalars.reshape(-1), N_SCALARS)
    return pa.table([*columns, scalars], schema=SHELVED)


def from_table(table: pa.Table) -> Shelf:
    """Return the shelf that a table of SHELVED holds."""
    columns: dict[str, npt.NDArray[np.generic]] = {}
    lengths = np.zeros((table.num_rows, N_STARTS), dtype=np.int64)
    for place, (name, of) in enumerate(RAGGED.items()):
        lists = table[name].combine_chunks()
        columns[name] = np.array(lists.flatten(), dtype=of)
        lengths[:, place] = np.diff(np.asarray(lists.offsets)) if len(lists) else 0
    scalars = np.array(table["scalars"].combine_chunks().flatten(), dtype=np.int64).reshape(-1, N_SCALARS)
    return _shelf(_starts(lengths), columns, scalars)


def bytes_of(shelf: Shelf) -> int:
    """Return how much memory a shelf takes."""
    return sum(column.nbytes for column in shelf)
