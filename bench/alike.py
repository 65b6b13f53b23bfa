"""Months that no night touches, laid down quickly: one month of a made world, published as any is, again and again under other ids and days.

python -m bench.growth --articles 10000000 --laid 30 --months 6 --warehouse DIR

What questions and nights read of such months is what the month they are copied from has: as many rows, keys, days, words in titles.
What differs from a world that is built night by night: they have 28 days each, the same titles and sources in each, bodies cut to
their first characters (so these months are smaller than true ones), no story goes on from one to the next, and the spans of
evidence name texts of the first. Ids differ from month to month in their last two digits.
"""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bench.world import World
from flows.resources import Resources
from flows.settings import Settings
from warehouse.publish import NoChange, Warehouse
from warehouse.schema import TABLES, Table
from warehouse.snapshot import Snapshot

# Days of every laid month: as many as any month has.
DAYS = 28
# What is left of a body.
FIRST_CHARACTERS = 60
# What names an article, a text, a story, a record: ids of everything else are the same in every month.
_IDS = r"(^|/)(a|t|g|s|o|q|rec)_[0-9a-f]{16}$"
_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)


def lay(world: World, root: Path, months: int, build: Callable[[World, Path], Snapshot]) -> None:
    """Put `months` months, as dense as the world's, before its first into a warehouse; `build` makes the one they are copied from."""
    first = _first_days(world, months)
    days = (world.last_night - _before(world.last_night.replace(day=1), world.months - 1)).days + 1
    last = first[0].replace(day=DAYS)
    pattern = World(world.articles * DAYS // days, world.seed + 1, 1, last, world.n_sources, world.n_actors)
    scratch = root.parent / "pattern"
    made = build(pattern, scratch / "warehouse")
    warehouse = Warehouse(root)
    current = warehouse.current()
    views = Resources.load(Settings()).views
    for number in range(current.number if current else 0, months):
        copy = _Copy(made, number, first[number] - first[0])
        run = {"run_id": f"laid-{number:03}", "night": first[number].replace(day=DAYS)}
        facts = {name: copy.rows(table) for name, table in TABLES.items() if table.kind == "fact"}
        derived = {
            name: [(f"{first[number]:%Y-%m}", copy.rows(table))] if table.partition else copy.whole(table, months)
            for name, table in TABLES.items()
            if table.kind == "derived" and (table.partition or number == months - 1)
        }
        found = warehouse.publish(facts, derived, run, views)
        if isinstance(found, NoChange):
            raise ValueError(f"month {first[number]:%Y-%m} was laid before")
        print(f"laid month {number + 1} of {months}: {first[number]:%Y-%m}", flush=True)
    shutil.rmtree(scratch)


class _Copy:
    """The rows of a published month under the ids and days of another."""

    def __init__(self, made: Snapshot, number: int, later: timedelta) -> None:
        # Numbers of a world stand for the same ids whatever its seed: none of a copy may be those of the months that follow.
        self._made, self._digits, self._later = made, number + 1, later

    def rows(self, table: Table) -> pa.Table:
        """Return a table's rows as those of the other month."""
        rows = self._made.read(table.name)
        columns = {name: self._column(rows.column(name)) for name in rows.column_names}
        if table.name == "texts":
            cut = pc.utf8_slice_codeunits(columns["body"], 0, FIRST_CHARACTERS)
            columns["body"] = pc.if_else(pc.equal(rows["kind"], "body"), cut, columns["body"])
        return pa.table(columns).cast(table.schema)

    def whole(self, table: Table, months: int) -> pa.Table:
        """Return a table that counts over all months as it is when they are all there."""
        rows = self._made.read(table.name)
        columns = {name: rows.column(name) for name in rows.column_names}
        for field in rows.schema:
            if field.type == pa.int64():
                columns[field.name] = pc.multiply(columns[field.name], pa.scalar(months, pa.int64()))
            elif field.name == "last_date":
                columns[field.name] = self._column(columns[field.name])
        return pa.table(columns).cast(table.schema)

    def _column(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        if pa.types.is_date32(values.type):
            return pc.add(values.cast(pa.int32()), pa.scalar(self._later.days, pa.int32())).cast(pa.date32())
        if pa.types.is_timestamp(values.type):
            return pc.add(values, pa.scalar(self._later))
        return self._renamed(values) if pa.types.is_string(values.type) else values

    def _renamed(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return ids with other last digits, so that their order is the same, and other words as they are."""
        sample = values.slice(0, 1_000).drop_null()
        if not pc.any(pc.match_substring_regex(sample, _IDS)).as_py():
            return values
        return pa.chunked_array([self._with_digits(chunk) for chunk in values.chunks], pa.string())

    def _with_digits(self, values: pa.Array) -> pa.Array:
        values = pa.concat_arrays([values]) if values.offset else values
        validity, bounds, words = values.buffers()
        ends = np.frombuffer(bounds, np.int32)[: len(values) + 1]
        named = pc.fill_null(pc.match_substring_regex(values, _IDS), False).to_numpy(zero_copy_only=False)
        at = ends[1:][named] - 2
        letters = np.frombuffer(words, np.uint8).copy()
        number = _value(letters[at]) * 16 + _value(letters[at + 1])
        number ^= self._digits
        letters[at], letters[at + 1] = _DIGITS[number >> 4], _DIGITS[number & 15]
        return pa.Array.from_buffers(pa.string(), len(values), [validity, bounds, pa.py_buffer(letters)])


def _value(digits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    value: npt.NDArray[np.uint8] = np.where(digits >= 97, digits - 87, digits - 48).astype(np.uint8)
    return value


def _first_days(world: World, months: int) -> list[date]:
    """Return the first day of each of so many months before the world's, oldest first."""
    begin = world.last_night.replace(day=1)
    return [_before(begin, world.months - 1 + months - number) for number in range(months)]


def _before(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
