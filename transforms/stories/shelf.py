"""What stays known of texts once they are read, as columns of numbers: some six kilobytes a text.

A ragged column `x` of text i is x[x_starts[i]:x_starts[i + 1]]. Everything is a function of the text alone and of the document
frequencies, so a shelf can be kept, and texts put beside each other that were read on different nights.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Integers = npt.NDArray[np.int64]

# Marks of a word: in the headline, in the lead, in a name of the lead, in a name behind a word of place, rare.
TITLE, LEAD, LEAD_NAME, PLACE, RARE = (1 << bit for bit in range(5))
UNDATED = -1
# Columns of `scalars`: day since 1970 (-1: undated), latest year stated (0: none), weekdays of the lead as bits, squared
# lengths of the vectors, and sums of the weights of headline and lead names.
DAY, YEAR, WEEKDAYS, N_WORDS, L_WORDS, L_NAMES, L_RARE, L_TITLE, L_NUMBERS, S_TITLE, S_LEAD_NAMES = range(11)


class Shelf(NamedTuple):
    """Words (sorted keys; idf in 1/256, count, count inside names, marks), runs of three words (lowest bit: quoted), figures,
    heaviest words with their share of the vector, stated days, ordinals, final scores, credited outlets; and `scalars`, a row
    a text.
    """

    words_starts: Integers
    words: npt.NDArray[np.uint32]
    idf: npt.NDArray[np.uint16]
    counts: npt.NDArray[np.uint8]
    named: npt.NDArray[np.uint8]
    marks: npt.NDArray[np.uint8]
    phrases_starts: Integers
    phrases: npt.NDArray[np.uint32]
    numbers_starts: Integers
    numbers: npt.NDArray[np.uint32]
    numbers_idf: npt.NDArray[np.uint16]
    numbers_lead: npt.NDArray[np.uint8]
    heavy_starts: Integers
    heavy: npt.NDArray[np.uint32]
    heavy_share: npt.NDArray[np.uint16]
    days_starts: Integers
    days: Integers
    ordinals_starts: Integers
    ordinals: Integers
    results_starts: Integers
    results: Integers
    cited_starts: Integers
    cited: npt.NDArray[np.uint32]
    scalars: Integers

    @property
    def n(self) -> int:
        """How many texts there are."""
        return len(self.scalars)


RAGGED = {
    "words": ("words", "idf", "counts", "named", "marks"),
    "phrases": ("phrases",),
    "numbers": ("numbers", "numbers_idf", "numbers_lead"),
    "heavy": ("heavy", "heavy_share"),
    "days": ("days",),
    "ordinals": ("ordinals",),
    "results": ("results",),
    "cited": ("cited",),
}
_TYPES: dict[str, type[np.generic]] = {
    "words": np.uint32, "idf": np.uint16, "counts": np.uint8, "named": np.uint8, "marks": np.uint8, "phrases": np.uint32,
    "numbers": np.uint32, "numbers_idf": np.uint16, "numbers_lead": np.uint8, "heavy": np.uint32, "heavy_share": np.uint16,
    "days": np.int64, "ordinals": np.int64, "results": np.int64, "cited": np.uint32,
}  # fmt: skip


def roomy_shelf(n: int, room: int) -> Shelf:
    """Return a shelf of n texts with nothing in it, with room for so many words of all together; see `trimmed`."""
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for group, names in RAGGED.items():
        columns[f"{group}_starts"] = np.zeros(n + 1, dtype=np.int64)
        # Three figures may state two days.
        columns |= {name: np.empty(2 * room if name == "days" else room, dtype=_TYPES[name]) for name in names}
    return Shelf(**columns, scalars=np.zeros((n, S_LEAD_NAMES + 1), dtype=np.int64))  # type: ignore[arg-type]


def trimmed(shelf: Shelf) -> Shelf:
    """Return the shelf without the room it did not need."""
    columns = {
        name: getattr(shelf, name)[: getattr(shelf, f"{group}_starts")[-1]].copy()
        for group, names in RAGGED.items()
        for name in names
    }
    return shelf._replace(**columns)


def beside(shelves: Sequence[Shelf]) -> Shelf:
    """Return the texts of several shelves on one, in their order."""
    if not shelves:
        return trimmed(roomy_shelf(0, 0))
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for group, names in RAGGED.items():
        lengths = [np.diff(getattr(shelf, f"{group}_starts")) for shelf in shelves]
        columns[f"{group}_starts"] = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
        columns |= {name: np.concatenate([getattr(shelf, name) for shelf in shelves]) for name in names}
    return Shelf(**columns, scalars=np.concatenate([shelf.scalars for shelf in shelves]))  # type: ignore[arg-type]


def taken(shelf: Shelf, rows: Integers) -> Shelf:
    """Return some texts of a shelf, in the order asked for."""
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for group, names in RAGGED.items():
        starts: Integers = getattr(shelf, f"{group}_starts")
        lengths = np.diff(starts)[rows]
        ends = np.cumsum(lengths)
        places = np.arange(int(lengths.sum())) + np.repeat(starts[:-1][rows] - (ends - lengths), lengths)
        columns[f"{group}_starts"] = np.concatenate([[0], ends]).astype(np.int64)
        columns |= {name: getattr(shelf, name)[places] for name in names}
    return Shelf(**columns, scalars=shelf.scalars[rows])  # type: ignore[arg-type]


SHELVED = pa.schema(
    [
        *(
            pa.field(name, pa.large_list(pa.from_numpy_dtype(np.dtype(_TYPES[name]))))
            for names in RAGGED.values()
            for name in names
        ),
        pa.field("scalars", pa.list_(pa.int64(), S_LEAD_NAMES + 1)),
    ]
)


def as_table(shelf: Shelf) -> pa.Table:
    """Return the shelf as a table of SHELVED, one row a text."""
    columns = [
        pa.LargeListArray.from_arrays(getattr(shelf, f"{group}_starts"), getattr(shelf, name))
        for group, names in RAGGED.items()
        for name in names
    ]
    scalars = pa.FixedSizeListArray.from_arrays(shelf.scalars.reshape(-1), S_LEAD_NAMES + 1)
    return pa.table([*columns, scalars], schema=SHELVED)


def from_table(table: pa.Table) -> Shelf:
    """Return the shelf that a table of SHELVED holds."""
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for group, names in RAGGED.items():
        for name in names:
            lists = table[name].combine_chunks()
            columns[name] = np.array(lists.flatten(), dtype=_TYPES[name])
            lengths = np.diff(np.asarray(lists.offsets)) if len(lists) else np.empty(0, np.int64)
            columns[f"{group}_starts"] = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    scalars = np.array(table["scalars"].combine_chunks().flatten(), dtype=np.int64).reshape(-1, S_LEAD_NAMES + 1)
    return Shelf(**columns, scalars=scalars)  # type: ignore[arg-type]


def bytes_of(shelf: Shelf) -> int:
    """Return how much memory a shelf takes."""
    return sum(column.nbytes for column in shelf)
