"""One published state of the warehouse: immutable files and the manifest that names each of them."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as dataset

from warehouse import storage
from warehouse.scan import OF_TEXTS, scan
from warehouse.schema import SCHEMA_VERSION, TABLES, Table
from warehouse.store import MANIFEST, Store, is_remote

_WITHOUT_CHECKSUM = {"schema_version", "snapshot", "parent", "run", "data_hash", "files"}


class DamagedError(RuntimeError):
    """What is stored is not what was published; the message names it."""


class NewerSchemaError(RuntimeError):
    """A newer release wrote the warehouse; the message says which."""


@dataclass(frozen=True)
class DataFile:
    """One Parquet file: its table, path inside the snapshot, size and hash, and which run wrote it.

    `low` and `high` are its sort key in its first and last row (columns of the sort order, then of the key, as text; a NULL
    sorts last). `key` is where an object store has its bytes, under the warehouse's URL.
    """

    table: str
    path: str
    rows: int
    bytes: int
    sha256: str
    schema_hash: str
    low: list[str | None] | str | None
    high: list[str | None] | str | None
    run_id: str | None = None
    key: str | None = None

    @property
    def month(self) -> str | None:
        """The month it holds, as "YYYY-MM" or "undated"; None where its table is not kept by month."""
        parts = self.path.split("/")
        return parts[1] if len(parts) == 3 else None


@dataclass(frozen=True)
class Snapshot:
    """One published state; `path` is resolved, so that a reader keeps to it while the next one is published.

    With a store that is remote, `path` is a local folder that holds what was fetched of it.
    """

    path: Path
    store: Store | None = field(default=None, compare=False, repr=False)

    @property
    def number(self) -> int:
        """Its number: 1 for the first, never reused once published."""
        return int(self.path.name)

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest as written; raises DamagedError where it is not."""
        path = self.path / MANIFEST if self.store is None else self.store.fetch(self.number, MANIFEST)
        return parse_manifest(path.read_bytes(), f"{path.parent.name}/{path.name}")

    @property
    def is_readable(self) -> bool:
        """Whether its manifest is as it was written; of its files that says nothing."""
        try:
            return bool(self.manifest)
        except DamagedError:
            return False

    @property
    def data_hash(self) -> str:
        """Hash over (table, path, SHA-256) of every data file: equal hashes, equal bytes."""
        return str(self.manifest["data_hash"])

    @cached_property
    def files(self) -> tuple[DataFile, ...]:
        """Every data file, by table and path."""
        return tuple(DataFile(**entry) for entry in self.manifest["files"])

    def months(self, table: str) -> list[str]:
        """Return the months ("YYYY-MM", then "undated") of which the snapshot has rows of a table that is kept by month."""
        return sorted({file.month for file in self.files if file.table == table and file.month is not None})

    def paths(self, table: str, months: Collection[str] | None = None) -> list[Path]:
        """Return the files of a table, by path; with `months` those of these months, and any that are not kept by month.

        Raises FileNotFoundError for a table the snapshot does not have; the list is empty where it has none of the months.
        """
        files = [file for file in self.files if file.table == table]
        if not files:
            raise FileNotFoundError(f"Snapshot {self.number} has no table {table}.")
        return [self._local(file) for file in files if _in(file, months)]

    @property
    def location(self) -> str:
        """Its folder, or the URL of its folder."""
        return str(self.path) if self.store is None else self.store.place_of(self.number)

    def urls(self, table: str, months: Collection[str] | None = None) -> list[str]:
        """Return the files of a table, as `paths` does, where other readers find them: s3://… of a warehouse in a bucket."""
        if self.store is None or not is_remote(self.store.location):
            return [str(path) for path in self.paths(table, months)]
        root = self.store.location
        return [f"{root}/{file.key}" for file in self.files if file.table == table and _in(file, months)]

    def read(
        self,
        table: str,
        columns: list[str] | None = None,
        tables: Mapping[str, Table] = TABLES,
        months: Collection[str] | None = None,
    ) -> pa.Table:
        """Return a table's rows in declared form and order, or some columns or months of them; every page is checked.

        None of a table that was declared after the snapshot was published. Raises KeyError for a table that is not declared,
        DamagedError where a file is missing.
        """
        declared = tables[table]
        paths = self.paths(table, months) if self._has(table) else []
        if columns is not None:
            needed = {*columns, *declared.sort, *declared.key}
            declared = replace(declared, columns=tuple(column for column in declared.columns if column.name in needed))
        wanted = {column.name for column in declared.columns}
        if missing := [path for path in paths if not path.is_file()]:
            raise DamagedError(f"{table}: {missing[0]} is missing; newsfold verify tells what to do.")
        parts = [storage.read_parquet(path, wanted) for path in paths]
        whole = storage.conform_older(pa.concat_tables(parts) if parts else storage.empty(declared), declared)
        return whole if columns is None else whole.select(columns)

    def scan(
        self, table: str, months: Collection[str] | None = None, tables: Mapping[str, Table] = TABLES
    ) -> dataset.Dataset:
        """Return a table, or some months of it, as `read` does, but piece by piece and in no particular order."""
        schema = tables[table].schema
        paths = [str(path) for path in self.paths(table, months)] if self._has(table) else []
        return scan(paths, schema) if paths else dataset.dataset(schema.empty_table())

    def pick(
        self,
        table: str,
        column: str,
        values: pa.Array,
        columns: list[str],
        months: Collection[str] | None = None,
        tables: Mapping[str, Table] = TABLES,
    ) -> pa.Table:
        """Return some columns of the rows that have one of these values, in no particular order.

        A file is checked whole, by its hash: where wide columns are read that is a tenth of the work of checking its pages.
        Raises DamagedError for one that is not as published.
        """
        files = [file for file in self.files if file.table == table and _in(file, months)]
        for file in files:
            if self._digest(file) != file.sha256:
                raise DamagedError(
                    f"{_where(file)}: {file.path} is not what was published; newsfold verify tells what to do."
                )
        found = [
            dataset.dataset(self._local(file)).to_table(
                columns=columns, filter=dataset.field(column).isin(values), **asdict(OF_TEXTS)
            )
            for file in files
        ]
        return pa.concat_tables([tables[table].schema.empty_table().select(columns), *found])

    def verify(self, table: str | None = None) -> list[str]:
        """Re-read every byte (of a table); return a sentence for each file that is not what the manifest names, none where all are.

        Raises DamagedError where the manifest itself is damaged.
        """
        faults = []
        for file in self.files:
            if table is not None and file.table != table:
                continue
            found = self._digest(file)
            if found != file.sha256:
                what = (
                    "is missing"
                    if found is None
                    else "is not what was published (its hash differs from the manifest's)"
                )
                faults.append(f"{_where(file)}: {file.path} {what}; newsfold rebuild {file.table} restores it.")
        return faults

    def _has(self, table: str) -> bool:
        return any(file.table == table for file in self.files)

    def _local(self, file: DataFile) -> Path:
        return self.path / file.path if self.store is None else self.store.fetch_data(self.number, file)

    def _digest(self, file: DataFile) -> str | None:
        if self.store is not None:
            return self.store.digest(self.number, file)
        path = self.path / file.path
        return storage.sha256(path) if path.is_file() else None


def describe(path: Path, root: Path, table: pa.Table | storage.Rows, declared: Table, run_id: str) -> DataFile:
    """Return the manifest entry of a file just written under root with these rows, which are in declared order."""
    rows = storage.Ordered(table, None) if isinstance(table, pa.Table) else table
    keys = rows.narrow(declared.order)
    return DataFile(
        table=declared.name,
        path=path.relative_to(root).as_posix(),
        rows=rows.num_rows,
        bytes=path.stat().st_size,
        sha256=storage.sha256(path),
        schema_hash=storage.schema_hash(declared.schema),
        low=_sort_key(keys.slice(0, 1).rows()),
        high=_sort_key(keys.slice(max(keys.num_rows - 1, 0), 1).rows()),
        run_id=run_id,
    )


def hash_of(files: Iterable[DataFile]) -> str:
    """Return the data hash of these files; their order does not matter."""
    lines = sorted(f"{file.table}\0{file.path}\0{file.sha256}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def manifest_text(
    number: int,
    parent: int | None,
    schema_version: str,
    run: Mapping[str, Any],
    files: Iterable[DataFile],
    line: Sequence[int] = (),
    also: Mapping[str, Any] | None = None,
) -> str:
    """Return the manifest as JSON, with what else it is to hold; days and instants of `run` become ISO text, anything else JSON has no word for is a TypeError."""
    ordered = sorted(files, key=lambda file: (file.table, file.path))
    manifest = {
        "schema_version": schema_version,
        "snapshot": number,
        "parent": parent,
        "line": list(line),
        **(also or {}),
        "run": dict(run),
        "data_hash": hash_of(ordered),
        "files": [asdict(file) for file in ordered],
    }
    text = json.dumps(manifest, indent=1, default=_plain)[2:] + "\n"
    return _vouching(text.encode()).decode() + text


def refuse_newer(written: str, where: str, known: str = SCHEMA_VERSION) -> None:
    """Raise NewerSchemaError where a warehouse is of a newer schema than this code knows."""
    if [int(part) for part in written.split(".")] > [int(part) for part in known.split(".")]:
        raise NewerSchemaError(
            f"{where} is of schema {written}, and this release knows {known}: use the release that wrote it, or a newer one."
        )


def marks(parent: Snapshot | None) -> dict[str, Any]:
    """Return what a manifest hands on to the next: the tombstones its files honour, the day from which texts have words."""
    names = ("forgotten", "bodies_from")
    return {name: parent.manifest[name] for name in names if name in parent.manifest} if parent else {}


def parse_manifest(text: bytes, name: str) -> Mapping[str, Any]:
    """Return a manifest, read back; raises DamagedError where a single bit of it is not as it was written."""
    head = _vouching(b"")
    try:
        manifest: dict[str, Any] = json.loads(text)
        # Release 0.1 wrote no checksum.
        sound = set(manifest) == _WITHOUT_CHECKSUM or text[: len(head)] == _vouching(text[len(head) :])
    except ValueError:
        sound = False
    if not sound:
        raise DamagedError(
            f"{name} is not the manifest that was published; restore it from a copy, or leave it behind: newsfold rollback NIGHT."
        )
    return manifest


def _vouching(rest: bytes) -> bytes:
    """Return the first line of a manifest, of a length that never differs: the hash of all that follows it."""
    return b'{\n "checksum": "' + hashlib.sha256(rest).hexdigest().encode() + b'",\n'


def _sort_key(row: pa.Table) -> list[str | None]:
    values = [column.to_pylist() for column in row.columns]
    return [None if value[0] is None else str(value[0]) for value in values if value]


def _in(file: DataFile, months: Collection[str] | None) -> bool:
    return months is None or file.month is None or file.month in months


def _where(file: DataFile) -> str:
    return file.table if file.month is None else f"{file.table}, month {file.month}"


def _plain(value: object) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(f"A manifest cannot hold {value!r}.")
