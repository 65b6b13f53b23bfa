"""The next snapshot in the making: what a night found, written file by file, and everything else taken over as it was."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from warehouse import snapshot, storage
from warehouse.disk import Disk
from warehouse.merge import Difference, merged
from warehouse.schema import Table
from warehouse.snapshot import DataFile, Snapshot
from warehouse.storage import Ordered, Rows
from warehouse.store import Store

# A table by month: ("YYYY-MM", or "undated" for rows without a day; its rows, or what they are to differ in), each month once.
Months = Iterable[tuple[str, pa.Table | Difference]]

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])|undated")
# Above every month's number, so that the undated come last, as they do in the sort.
_UNDATED = 2**62


class PublishError(RuntimeError):
    """What was handed over cannot be published; the message says why."""


class Stage:
    """A folder of the store in which the next snapshot takes shape, and the list of its files so far."""

    def __init__(
        self, store: Store, disk: Disk, parent: Snapshot | None, tables: Mapping[str, Table], run_id: str
    ) -> None:
        self.root = store.stage(run_id)
        self.files: list[DataFile] = []
        self._store, self._disk, self._tables, self._run_id = store, disk, tables, run_id
        self._parent = parent.number if parent else 0
        self._known = {file.path: file for file in parent.files} if parent else {}

    def add_derived(self, name: str, rows: pa.Table | Months) -> None:
        """Write a derived table: whole, or the months that are named, all others being taken over; no rows, no month."""
        declared = self._tables[name]
        if not isinstance(rows, pa.Table):
            self.carry(name, but=self._add_months(declared, rows))
            return
        whole = storage.enforce(rows, declared)
        for folder, part in by_month(whole, declared):
            self._add(declared, part, folder / "data.parquet")
        if not whole.num_rows:
            self._add(declared, whole, Path("empty.parquet"))

    def add_facts(self, name: str, rows: pa.Table) -> None:
        """Write a run's new rows of a fact table; none, no file. Refuses other rows under a run already published."""
        declared = self._tables[name]
        for folder, part in ordered_by_month(storage.ordered(rows, declared), declared):
            file = self._add(declared, part, folder / f"{self._run_id}.parquet")
            known = self._known.get(file.path)
            if known is not None and known.sha256 != file.sha256:
                raise PublishError(f"Run {self._run_id} has published other rows of {name} before.")

    def carry(self, name: str, but: Collection[str] = ()) -> None:
        """Take over what the parent has of a table: all but files just written, and these months."""
        declared = self._tables[name]
        added = {file.path for file in self.files}
        for file in self._known.values():
            if file.table == name and file.rows and file.path not in added and file.month not in but:
                self._carry(file, declared)
        if not any(file.table == name for file in self.files):
            self._add(declared, storage.empty(declared), Path("empty.parquet"))

    def rewrite(self, name: str, rows: pa.Table, inside: Path, run_id: str) -> DataFile:
        """Write a file of a table anew under a path inside it, still as the work of the run that wrote it first."""
        declared = self._tables[name]
        return self._add(declared, storage.enforce(rows, declared), inside, run_id)

    def take(self, file: DataFile, number: int) -> None:
        """Take over a file of another snapshot as it is."""
        self.files.append(self._store.keep(self.root, file, number))

    def fill_gaps(self) -> None:
        """Give every table that has no file yet the one that stands for no rows."""
        have = {file.table for file in self.files}
        for declared in self._tables.values():
            if declared.kind != "log" and declared.name not in have:
                self._add(declared, storage.empty(declared), Path("empty.parquet"))

    def _add_months(self, declared: Table, months: Months) -> set[str]:
        self._refuse_unless_by_month(declared)
        given: set[str] = set()
        for month, rows in months:
            if not _MONTH.fullmatch(month) or month in given:
                raise PublishError(
                    f"Table {declared.name}: {month!r} is no month (YYYY-MM or undated), or is named twice."
                )
            given.add(month)
            part = self._month(declared, month, rows)
            if part.num_rows:
                self._add(declared, part, Path(month) / "data.parquet")
            # Or they would be held while the next month is made.
            del rows, part
        return given

    def _month(self, declared: Table, month: str, rows: pa.Table | Difference) -> Rows:
        comes = rows.comes if isinstance(rows, Difference) else rows
        if found := [name for name in _months_in(_month_numbers(comes, declared)).values() if name != month]:
            raise PublishError(f"Table {declared.name}, month {month}: there are rows of {', '.join(found)}.")
        if not isinstance(rows, Difference):
            return storage.ordered(rows, declared)
        stands = self._known.get(f"{declared.name}/{month}/data.parquet")
        n_stand, n_said = stands.rows if stands else 0, len(rows.goes)
        if n_said != n_stand:
            raise PublishError(
                f"Table {declared.name}, month {month}: it is said of {n_said} rows whether they go, and {n_stand} stand."
            )
        if stands is None:
            return storage.ordered(comes, declared)
        return merged(self._store.fetch_data(self._parent, stands), rows, declared)

    def _refuse_unless_by_month(self, declared: Table) -> None:
        if declared.partition is None:
            raise PublishError(f"Table {declared.name} is not kept by month: publish it whole.")
        if any(file.table == declared.name and file.rows and file.month is None for file in self._known.values()):
            raise PublishError(f"Table {declared.name} was not kept by month until now: publish it whole once.")

    def _add(self, declared: Table, rows: pa.Table | Rows, inside: Path, run_id: str | None = None) -> DataFile:
        path = self.root / declared.name / inside
        self._disk.folders(path.parent, sync=False)
        with self._disk.create(path) as sink:
            storage.write_parquet(rows, sink, lookups=declared.lookups, searched=declared.searched)
        file = snapshot.describe(path, self.root, rows, declared, run_id or self._run_id)
        known = self._known.get(file.path)
        file = self._store.place(self.root, file, (self._parent, known) if known else None)
        self.files.append(file)
        return file

    def _carry(self, file: DataFile, declared: Table) -> None:
        if file.schema_hash == storage.schema_hash(declared.schema):
            self.files.append(self._store.keep(self.root, file, self._parent))
        else:
            rows = storage.read_parquet(self._store.fetch_data(self._parent, file))
            inside = Path(file.path).relative_to(declared.name)
            self._add(declared, storage.conform_older(rows, declared), inside)


def by_month(table: pa.Table, declared: Table) -> Iterator[tuple[Path, pa.Table]]:
    """Yield a table's rows by the folder they lie in: their month, or none."""
    if not table.num_rows:
        return
    if declared.partition is None:
        yield Path(), table
        return
    numbers = _month_numbers(table, declared)
    # Where the partition leads the sort, a month is one slice, which copies nothing.
    for number, month in _months_in(numbers).items():
        here = pc.equal(numbers, number)
        if declared.sort[:1] == (declared.partition,):
            yield Path(month), table.slice(pc.index(here, True).as_py(), pc.sum(here).as_py())
        else:
            yield Path(month), table.filter(here)


def _month_numbers(table: pa.Table, declared: Table) -> pa.ChunkedArray:
    days = table.column(declared.partition)
    return pc.fill_null(pc.add(pc.multiply(pc.year(days), 12), pc.month(days)), _UNDATED)


def _months_in(numbers: pa.ChunkedArray) -> dict[int, str]:
    return {
        number: "undated" if number == _UNDATED else f"{(number - 1) // 12:04}-{(number - 1) % 12 + 1:02}"
        for number in sorted(pc.unique(numbers).to_pylist())
    }


def ordered_by_month(rows: Ordered, declared: Table) -> Iterator[tuple[Path, Ordered]]:
    """Yield a table's rows by the folder they lie in, as by_month does, none of them copied where the partition leads the sort."""
    if rows.order is None or declared.sort[:1] != (declared.partition,):
        yield from ((folder, Ordered(part, None)) for folder, part in by_month(rows.rows(), declared))
        return
    narrow = Ordered(rows.table.select([declared.partition]), rows.order).rows()
    start = 0
    for folder, part in by_month(narrow, declared):
        yield folder, rows.slice(start, part.num_rows)
        start += part.num_rows
