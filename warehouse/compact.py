"""Compaction: the many small files that nights add to a month of a fact table become one."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from warehouse import storage
from warehouse.publish import Warehouse
from warehouse.rewrite import Rewritten, Taken, rewrite
from warehouse.schema import Table
from warehouse.snapshot import DataFile, Snapshot


@dataclass(frozen=True)
class CompactSettings:
    """When files are merged; which ones is a function of the manifest alone."""

    # A month gets one file a night from its own nights and from late arrivals; opening one costs a reader about a
    # millisecond, so a month of eight costs as much as a small query.
    merge_at: int = 8
    # Files of this size are no longer small: merging them would write much to save few opens, and one merge holds this much
    # times its number of files in memory.
    small_bytes: int = 32_000_000


@dataclass(frozen=True)
class Compacted:
    """What a compaction did: the snapshot readers see now, and how many files became how many."""

    snapshot: Snapshot
    n_before: int
    n_after: int


def compact(
    house: Warehouse, settings: CompactSettings = CompactSettings(), after: Callable[[str], None] = lambda step: None
) -> Compacted | None:
    """Merge the small fact files of what readers see, month by month; None where nothing is to be merged.

    The caller holds the lock. Rows, their order and every derived file stay as they are. `after` is told of the steps of
    warehouse.rewrite.
    """
    current = house.current()
    if current is None:
        return None
    facts = {name for name, table in house.tables.items() if table.kind == "fact"}
    groups = {
        (name, group[0].month): group
        for name in sorted(facts)
        for group in _groups([file for file in current.files if file.table == name], settings)
    }
    if not groups:
        return None

    def edit(declared: Table, files: Sequence[DataFile]) -> Iterator[Taken | Rewritten]:
        merged = {file.path for group in groups.values() for file in group}
        yield from (Taken(file, current.number) for file in files if file.path not in merged)
        for (name, _), group in groups.items():
            if name == declared.name:
                yield _merge(house, current, declared, group)

    new = rewrite(house, current, edit, {}, after=after)
    return Compacted(new, sum(len(group) for group in groups.values()), len(groups))


def _groups(files: Sequence[DataFile], settings: CompactSettings) -> Iterator[list[DataFile]]:
    """Yield the files of each month that are to become one."""
    months: defaultdict[str | None, list[DataFile]] = defaultdict(list)
    for file in files:
        if file.bytes < settings.small_bytes:
            months[file.month].append(file)
    yield from (group for group in months.values() if len(group) >= settings.merge_at)


def _merge(house: Warehouse, current: Snapshot, declared: Table, group: Sequence[DataFile]) -> Rewritten:
    parts = [
        storage.conform_older(storage.read_parquet(house.store.fetch_data(current.number, file)), declared)
        for file in group
    ]
    runs = hashlib.sha256("\n".join(sorted(file.path for file in group)).encode()).hexdigest()[:16]
    inside = Path(group[0].path).relative_to(declared.name).parent / f"c_{runs}.parquet"
    return Rewritten(inside, pa.concat_tables(parts), f"c_{runs}")
