"""A month with other rows: what its file holds, less the rows that go, and what comes, in order and a piece at a time.

A month that stands lies in its order already, so that writing it anew needs no more of the file than the row groups around the
rows that are written next: neither the month nor what is left of it is ever whole in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.dataset as dataset

from warehouse import storage
from warehouse.scan import scan
from warehouse.schema import Table
from warehouse.storage import Ordered


@dataclass(frozen=True)
class Difference:
    """What a month is to differ in: whether each row of its file goes (nothing stood: none), and the rows that come, in any order."""

    goes: npt.NDArray[np.bool_]
    comes: pa.Table


def merged(path: Path, difference: Difference, declared: Table) -> "Ordered | Merged":
    """Return the rows of a file less those that go and with those that come, in declared order.

    Raises DeclarationError as storage.ordered does.
    """
    comes = storage.conform(difference.comes, declared)
    if difference.goes.all():
        return storage.in_order(comes, declared)
    return Merged(path, difference.goes, comes, declared)


class Merged:
    """Rows as `merged` returns them; any order of the file is right, its own takes the least memory."""

    def __init__(self, path: Path, goes: npt.NDArray[np.bool_], comes: pa.Table, declared: Table) -> None:
        (self._file,) = scan([str(path)], declared.schema).get_fragments()
        self.schema, self._comes = declared.schema, comes
        names = declared.order
        self._keys = pa.concat_tables([self._read(None, names), comes.select(names)])
        self._starts = np.cumsum([0, *(group.num_rows for group in self._file.row_groups)])
        self._stood = int(self._starts[-1])
        order = storage.order_of(self._keys, declared)
        self._order = order[(order >= self._stood) | ~goes[np.minimum(order, self._stood - 1)]]
        self._at_hand: dict[int, pa.Table] = {}

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return len(self._order)

    def slice(self, start: int, rows: int) -> Ordered:
        """Return some rows, from a place in the order on; the row groups that they are in stay at hand until others are asked for."""
        wanted = self._order[start : start + rows]
        is_new = wanted >= self._stood
        group = np.searchsorted(self._starts, wanted, side="right") - 1
        self._look_at(np.unique(group[~is_new]).tolist())
        place = np.zeros(len(self._starts), np.int64)
        begin = 0
        for number, held in self._at_hand.items():
            place[number] = begin - self._starts[number]
            begin += held.num_rows
        place[-1] = begin - self._stood
        return Ordered(pa.concat_tables([*self._at_hand.values(), self._comes]), wanted + place[group])

    def narrow(self, names: Sequence[str]) -> Ordered:
        """Return some of the columns that order the rows."""
        return Ordered(self._keys.select(names), self._order)

    def _look_at(self, groups: list[int]) -> None:
        self._at_hand = {number: rows for number, rows in self._at_hand.items() if number in groups}
        for number in groups:
            if number not in self._at_hand:
                self._at_hand[number] = self._read([number], self.schema.names)

    def _read(self, groups: list[int] | None, names: Sequence[str]) -> pa.Table:
        file: dataset.ParquetFileFragment = self._file if groups is None else self._file.subset(row_group_ids=groups)
        # Threads take up to twice the CPU time for the same rows, and who writes waits for the processor, not for the file.
        return file.to_table(schema=self.schema, columns=list(names), use_threads=False)
