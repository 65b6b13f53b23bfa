"""One published state of the warehouse: immutable files and the manifest that names each of them."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from warehouse import storage
from warehouse.schema import TABLES, Table

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class DataFile:
    """One Parquet file: its table, path inside the snapshot, size and hash; `low` and `high` bound its first sort column."""

    table: str
    path: str
    rows: int
    bytes: int
    sha256: str
    schema_hash: str
    low: str | None
    high: str | None

    @property
    def month(self) -> str | None:
        """The month it holds, as "YYYY-MM" or "undated"; None where its table is not kept by month."""
        parts = self.path.split("/")
        return parts[1] if len(parts) == 3 else None


@dataclass(frozen=True)
class Snapshot:
    """One published state; `path` is resolved, so that a reader keeps to it while the next one is published."""

    path: Path

    @property
    def number(self) -> int:
        """Its number: 1 for the first, never reused once published."""
        return int(self.path.name)

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest as written."""
        manifest: dict[str, Any] = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        return manifest

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
        wanted = [file for file in files if months is None or file.month is None or file.month in months]
        return [self.path / file.path for file in wanted]

    def read(
        self,
        table: str,
        columns: list[str] | None = None,
        tables: Mapping[str, Table] = TABLES,
        months: Collection[str] | None = None,
    ) -> pa.Table:
        """Return a table's rows in declared form and order, or some columns or months of them; every page is checked.

        Raises KeyError for a table that is not declared, FileNotFoundError for one the snapshot does not have.
        """
        declared = tables[table]
        paths = self.paths(table, months)
        if columns is not None:
            needed = {*columns, *declared.sort, *declared.key}
            declared = replace(declared, columns=tuple(column for column in declared.columns if column.name in needed))
        wanted = {column.name for column in declared.columns}
        parts = [storage.read_parquet(path, wanted) for path in paths]
        whole = storage.conform_older(pa.concat_tables(parts) if parts else storage.empty(declared), declared)
        return whole if columns is None else whole.select(columns)

    def verify(self) -> list[str]:
        """Return a sentence for every data file that is gone or no longer the bytes the manifest names; none is good."""
        faults = []
        for file in self.files:
            path = self.path / file.path
            if not path.is_file():
                faults.append(f"{file.path} is missing.")
            elif storage.sha256(path) != file.sha256:
                faults.append(f"{file.path} is not the file that was published: its hash differs from the manifest's.")
        return faults


def describe(path: Path, root: Path, table: pa.Table, declared: Table) -> DataFile:
    """Return the manifest entry of a file just written under root with these rows."""
    column = table.column((declared.sort + declared.key)[0])
    bounds = pc.min_max(column).as_py()
    return DataFile(
        table=declared.name,
        path=path.relative_to(root).as_posix(),
        rows=table.num_rows,
        bytes=path.stat().st_size,
        sha256=storage.sha256(path),
        schema_hash=storage.schema_hash(declared.schema),
        low=None if bounds["min"] is None else str(bounds["min"]),
        high=None if bounds["max"] is None else str(bounds["max"]),
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
) -> str:
    """Return the manifest as JSON; days and instants of `run` become ISO text, anything else JSON has no word for is a TypeError."""
    ordered = sorted(files, key=lambda file: (file.table, file.path))
    manifest = {
        "schema_version": schema_version,
        "snapshot": number,
        "parent": parent,
        "line": list(line),
        "run": dict(run),
        "data_hash": hash_of(ordered),
        "files": [asdict(file) for file in ordered],
    }
    return json.dumps(manifest, indent=1, default=_plain) + "\n"


def _plain(value: object) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(f"A manifest cannot hold {value!r}.")
