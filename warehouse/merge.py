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
import pyarrow.parquet as pq

from warehouse import storage
from warehouse.schema import Table
from warehouse.storage import Ordered


@dataclass(frozen=True)
class Difference:
    """What a month is to differ in: whether each row of its file goes (nothing stood: none), and the rows that come, in any order."""

    goes: npt.NDArray[np.bool_]
    comes: pa.Table


def merged(path: Path, difference: Difference, declared: Table) -> "Ordered | Merged":
    """Return the rows of a file less those that go and with those that come, in declared order.

    `goes` is of as many rows as the file has. Raises DeclarationError as storage.ordered does, OSError where a page fails its checksum,
    that may be when rows are asked for.
    """
    comes = storage.conform(difference.comes, declared)
    if difference.goes.all():
        return storage.in_order(comes, declared)
    return Merged(path, difference.goes, comes, declared)


class Merged:
    """Rows as `merged` returns them; any order of the file is right, its own takes the least memory."""

    def __init__(self, path: Path, goes: npt.NDArray[np.bool_], comes: pa.Table, declared: Table) -> None:
        # Who reads ahead and with threads takes up to twice the CPU time, and who writes waits for the processor, not for the file.
        self._file = pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=True)
        self._declared, self.schema, self._comes = declared, declared.schema, comes
        groups = self._file.metadata
        self._starts = np.cumsum([0, *(groups.row_group(number).num_rows for number in range(groups.num_row_groups))])
        self._stood = int(self._starts[-1])
        stays = np.flatnonzero(~goes)
        keys = storage.read_parquet(path, declared.order)
        self._keys = pa.concat_tables(
            [self._whole(keys, declared.order).take(pa.array(stays)), comes.select(declared.order)]
        )
        numbers = np.concatenate([stays, self._stood + np.arange(comes.num_rows)])
        self._by_key = storage.order_of(self._keys, declared)
        self._order = numbers[self._by_key]
        self._at_hand: dict[int, pa.Table] = {}

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return len(self._order)

    def slice(self, start: int, rows: int) -> Ordered:
        """Return some rows, from a place in the order on; the row groups that they are in stay at hand until others are asked for."""
        wanted = self._order[start : start + rows]
        is_new = wanted >= self._stood
        if is_new.all():
            return Ordered(self._comes, wanted - self._stood)
        group = np.searchsorted(self._starts, wanted, side="right") - 1
        self._look_at(np.unique(group[~is_new]).tolist())
        pieces, place, begin = [], np.empty(len(wanted), np.int64), 0
        for number, held in self._at_hand.items():
            # No more than the rows from the first to the last that is wanted: the pieces are copied into one.
            here = group == number
            first, last = int(wanted[here].min()), int(wanted[here].max())
            pieces.append(held.slice(first - self._starts[number], last + 1 - first))
            place[here] = wanted[here] - first + begin
            begin += last + 1 - first
        if is_new.any():
            pieces.append(self._comes)
            place[is_new] = wanted[is_new] - self._stood + begin
        found = pa.concat_tables(pieces)
        return Ordered(found, None if np.array_equal(place, np.arange(found.num_rows)) else place)

    def narrow(self, names: Sequence[str]) -> Ordered:
        """Return some of the columns that order the rows."""
        return Ordered(self._keys.select(names), self._by_key)

    def _look_at(self, groups: list[int]) -> None:
        self._at_hand = {number: rows for number, rows in self._at_hand.items() if number in groups}
        for number in groups:
            if number not in self._at_hand:
                self._at_hand[number] = self._whole(
                    self._file.read_row_group(number, use_threads=False), self.schema.names
                )

    def _whole(self, rows: pa.Table, names: Sequence[str]) -> pa.Table:
        return (
            storage.wider(rows, self._declared)
            .select(names)
            .cast(pa.schema([self.schema.field(name) for name in names]))
        )
