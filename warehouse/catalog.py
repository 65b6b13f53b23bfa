"""One DuckDB file per snapshot: a view a table, described, and the views and macros analysts meet first.

Views name their files by absolute path: DuckDB resolves a relative one from the reader's working directory, and has no way to
say "beside this file". So the catalog works from any directory and in any DuckDB >= 1.0, and stops working when the warehouse is
moved; `open_catalog` says so, and the next publish, or `Warehouse.rebuild_catalog`, builds it anew.
"""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from warehouse import macros, storage
from warehouse.bucket import filesystem
from warehouse.disk import DISK, Disk
from warehouse.objects import ObjectStore
from warehouse.schema import TABLES, Table
from warehouse.snapshot import Snapshot, refuse_newer
from warehouse.store import SETTINGS, VIEWS, Place, StoreSettings, is_remote

CATALOG = "catalog.duckdb"
# The statements a catalog was built by: tells whether it is stale, and shows any reader what it is made of.
_STATEMENTS = "catalog.sql"
_SUMS = "catalog.sha256"
_SUMMED = (CATALOG, _STATEMENTS, VIEWS)
# Readable by DuckDB 1.5 as well as by 2.x; older formats forget which WITH of a macro is not to be materialized.
_STORAGE_VERSION = "v1.5.0"
# What lies on a disk is there sooner than a thread that fetches it has woken up: a row by its id is found in 5/6 of the CPU time.
_OF_DISK = ("async_threads = 0",)
# To look through ten million titles again took 200 CPU ms where they were kept, 317 where not, of which a third was copying from the
# system's memory; in pieces of 16 KiB (DuckDB's number) 266, of 1 MiB 221. For the first time it takes twice as long.
_KEPT = ("cache_local_files = true", "external_file_cache_local_max_block_size = 4194304")
# Operators that change something; since DuckDB 2.0 COPY may hide in a WITH of a SELECT.
_WRITES = ("COPY", "INSERT", "UPDATE", "DELETE", "MERGE_INTO", "EXPORT")
# Table functions that only read. Others may run a statement that no plan shows (json_execute_serialized_sql) or write a file.
_READS = re.compile(
    r"(READ_|PARQUET_|DUCKDB_|PRAGMA_|JSON_(EACH|TREE)|(RANGE|GENERATE_SERIES|UNNEST|REPEAT|REPEAT_ROW|GLOB|TEST_ALL_TYPES)\Z)"
)
# Where DuckDB says what line of a statement it speaks of, and quotes it.
_LINE = re.compile(r"(?<=\n\nLINE )\d+(?=: )")
_EXPLAIN = re.compile(r"\s*EXPLAIN\s+(ANALYZE\s+)?(?!\s*\()", re.IGNORECASE)


class CatalogError(RuntimeError):
    """There is no catalog to open, or it belongs to another place; the message says which."""


class ReadOnlyError(RuntimeError):
    """A statement would do more than read."""


def build(snapshot: Path, log: Path, views_sql: str, path: Path, tables: Mapping[str, Table] = TABLES) -> None:
    """Build the catalog of a snapshot's folder at `path`, in one step: a reader finds the old file or the new one.

    It has one view a table (snapshot tables over their files, log tables over those under `log`), a one-row view `snapshot`
    (number, parent, run_id, night, schema_version, data_hash, location, numbers: its own and those it replaced), COMMENTs, and then what `views_sql` creates.
    Raises duckdb.Error where `views_sql` does not fit the tables.
    """
    _build(statements(snapshot, log, tables), views_sql, path, DISK)


def build_if_stale(
    snapshot: Path, log: Path, views_sql: str, tables: Mapping[str, Table] = TABLES, disk: Disk = DISK
) -> bool:
    """Build a snapshot's own catalog unless it stands and is what would be built; return whether it was built."""
    wanted = statements(snapshot, log, tables)
    text = ";\n".join([*wanted, views_sql])
    known = snapshot / _STATEMENTS
    if known.exists() and known.read_bytes() == text.encode() and not faults(snapshot):
        return False
    _build(wanted, views_sql, snapshot / CATALOG, disk)
    disk.write_text(text, known)
    disk.write_text(_sums(snapshot), snapshot / _SUMS)
    return True


def faults(snapshot: Path) -> list[str]:
    """Return a sentence where the catalog of a snapshot's folder, or what it was built from, is not what was built."""
    sums = snapshot / _SUMS
    whole = all((snapshot / name).is_file() for name in _SUMMED)
    if whole and sums.is_file() and sums.read_bytes() == _sums(snapshot).encode():
        return []
    return [f"the catalog in {snapshot} is not what was built; newsfold rebuild catalog builds it anew."]


def _sums(snapshot: Path) -> str:
    # In the form of sha256sum, so that `sha256sum -c` checks it too.
    return "".join(f"{storage.sha256(snapshot / name)}  {name}\n" for name in _SUMMED)


def statements(snapshot: Path, log: Path, tables: Mapping[str, Table] = TABLES) -> list[str]:
    """Return the CREATE VIEW and COMMENT statements of a snapshot's catalog, without the caller's views."""

    def select(table: Table) -> str:
        folder = (log if table.kind == "log" else snapshot).resolve() / table.name
        return _select(table, folder)

    return _statements(Snapshot(snapshot.resolve()), select, tables)


def _statements(snapshot: Snapshot, select: Callable[[Table], str], tables: Mapping[str, Table]) -> list[str]:
    found = list(_snapshot_view(snapshot))
    for table in tables.values():
        found.append(f"CREATE VIEW {_name(table.name)} AS {select(table)}")
        found.append(f"COMMENT ON VIEW {_name(table.name)} IS {_text(table.row)}")
        for column in table.columns:
            found.append(f"COMMENT ON COLUMN {_name(table.name)}.{_name(column.name)} IS {_text(column.description)}")
    return found


def open_catalog(
    root: Place,
    at: Snapshot | None = None,
    settings: StoreSettings = SETTINGS,
    tables: Mapping[str, Table] = TABLES,
    keep_read: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Return a read-only connection to the catalog of the current snapshot, or of another, that reaches no file outside the
    warehouse; UTC.

    With `keep_read`, of a folder and for who asks again and again: what was read stays in DuckDB's memory until that is wanted,
    as it does of a database file. It changes nothing where this process has the catalog open already.

    Extensions, configuration and Python variables are out of reach too. DuckDB has no setting against writing inside an
    allowed folder: give statements of strangers to `ask`, which refuses them. One process has one such database a file: a
    connection opened earlier to the same catalog without these settings is locked down with it.
    Raises CatalogError where nothing is published yet, or the warehouse was moved (or copied) after the catalog was built;
    that of an older snapshot is then built anew, aside. Of a warehouse in a bucket it is built in memory each time, and reads
    s3:// files through fsspec; `settings` say how to reach it.
    """
    if is_remote(root):
        return _open_remote(str(root), at, settings, tables)
    link = Path(root).resolve() / "current"
    if at is None and not link.is_symlink():
        raise CatalogError(f"Nothing is published in {root} yet.")
    snapshot = at.path if at else link.resolve(strict=True)
    if not (snapshot / CATALOG).exists():
        if at is not None:
            return _open_aside(snapshot, _of_disk(keep_read))
        raise CatalogError(f"{snapshot} has no catalog: rebuild it, or run a night.")
    connection = duckdb.connect(snapshot / CATALOG, read_only=True)
    _harden(connection, _folders(snapshot), _of_disk(keep_read))
    location, version = connection.execute("SELECT location, schema_version FROM snapshot").fetchone() or (None, "0")
    refuse_newer(version, str(root))
    if location != str(snapshot):
        connection.close()
        if at is not None:
            return _open_aside(snapshot, _of_disk(keep_read))
        raise CatalogError(f"The catalog was built for {location}, not {snapshot}: rebuild it, or run a night.")
    return connection


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    """Run statements that only read (SELECT, FROM, SHOW, DESCRIBE, SUMMARIZE, plain EXPLAIN) and return the last one's result.

    Raises ReadOnlyError for any other, before the first of them runs; duckdb.Error for what DuckDB refuses, whose message
    quotes the statement as it was given, or, where a macro of the catalog refuses, is that macro's sentence alone.
    """
    found = connection.extract_statements(sql)
    if not found:
        raise ReadOnlyError("There is no statement to run.")
    try:
        for statement in found:
            _refuse_writes(connection, statement.query)
        for statement in found:
            connection.execute(statement)
    except duckdb.InvalidInputException as error:
        said = str(error).removeprefix("Invalid Input Error: ").partition("\n\nLINE ")[0]
        raise duckdb.InvalidInputException(said) from None
    return connection


def _build(wanted: list[str], views_sql: str, path: Path, disk: Disk) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    disk.remove(temporary)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {_text(str(temporary))} AS newsfold (STORAGE_VERSION {_text(_STORAGE_VERSION)})")
        connection.execute("USE newsfold")
        _create(connection, wanted, views_sql)
        connection.execute("USE memory")
        connection.execute("DETACH newsfold")
    # Opened for writing, by a reader who forgot to say otherwise, it would shut every other process out.
    disk.protect(temporary)
    disk.put_in_place(temporary, path)


def _create(connection: duckdb.DuckDBPyConnection, wanted: list[str], views_sql: str) -> None:
    connection.execute("BEGIN")
    for statement in wanted:
        connection.execute(statement)
    macros.create(connection, (view.query for view in connection.extract_statements(views_sql)))
    macros.describe(connection)
    connection.execute("COMMIT")


def _open_remote(
    url: str, at: Snapshot | None, settings: StoreSettings, tables: Mapping[str, Table]
) -> duckdb.DuckDBPyConnection:
    store = ObjectStore(url, settings)
    pointer = store.current()
    if at is None and pointer is None:
        raise CatalogError(f"Nothing is published in {url} yet.")
    number = at.number if at else pointer.number if pointer else 0
    snapshot = Snapshot(store.folder(number), store)

    def select(table: Table) -> str:
        log = table.kind == "log"
        urls = store.log_urls(table.name) if log else snapshot.urls(table.name)
        options = f"union_by_name = {str(log).lower()}, hive_partitioning = false"
        return f"SELECT * FROM read_parquet({_newest_first(urls)}, {options})" if urls else _no_rows(table)

    connection = duckdb.connect()
    connection.register_filesystem(filesystem(settings))
    # Imported here, as who publishes builds the catalogs of folders: only that of a bucket looks for past nights itself.
    from warehouse.history import macro
    from warehouse.publish import Warehouse

    views = macro(Warehouse(url, tables, store=store), snapshot) + store.fetch(number, VIEWS).read_text(
        encoding="utf-8"
    )
    _create(connection, _statements(snapshot, select, tables), views)
    _harden(connection, [store.location])
    return connection


def _of_disk(keep_read: bool) -> tuple[str, ...]:
    return _OF_DISK + _KEPT if keep_read else _OF_DISK


def _open_aside(snapshot: Path, more: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    """Return a connection to a catalog of this snapshot that is built for it alone, and gone from the disk already."""
    views = snapshot / VIEWS
    with tempfile.TemporaryDirectory(prefix="newsfold-catalog-") as folder:
        path = Path(folder) / CATALOG
        build(
            snapshot, snapshot.parent.parent / "log", views.read_text(encoding="utf-8") if views.exists() else "", path
        )
        connection = duckdb.connect(path, read_only=True)
    _harden(connection, _folders(snapshot), more)
    return connection


def _folders(snapshot: Path) -> list[str]:
    return [str(snapshot.parent), str(snapshot.parent.parent / "log")]


def _snapshot_view(snapshot: Snapshot) -> Iterator[str]:
    manifest = snapshot.manifest
    run = manifest["run"]
    numbers = [snapshot.number, *manifest.get("replaces", ())]
    columns = {
        "number": (f"{snapshot.number}::INTEGER", "number of the snapshot"),
        "parent": (f"{_text(manifest['parent'])}::INTEGER", "number of the one it was made from; NULL for the first"),
        "run_id": (_text(run["run_id"]), "run that made it"),
        "night": (f"{_text(run.get('night'))}::DATE", "logical night of that run"),
        "schema_version": (_text(manifest["schema_version"]), "version of the declarations it was written under"),
        "data_hash": (_text(manifest["data_hash"]), "hash over every data file"),
        "location": (_text(snapshot.location), "folder its files are in"),
        "numbers": (f"{numbers}::INTEGER[]", "its number and those it replaced"),
    }
    yield "CREATE VIEW snapshot AS SELECT " + ", ".join(f"{value} AS {name}" for name, (value, _) in columns.items())
    yield "COMMENT ON VIEW snapshot IS 'one row: the snapshot that this catalog shows'"
    for name, (_, description) in columns.items():
        yield f"COMMENT ON COLUMN snapshot.{name} IS {_text(description)}"


def _select(table: Table, folder: Path) -> str:
    if not any(folder.rglob("*.parquet")):
        return _no_rows(table)
    if table.kind == "log":
        # Nights of an older declaration lack its newer columns.
        return f"SELECT * FROM read_parquet({_glob(folder, '*.parquet')}, union_by_name = true)"
    files = [_escaped(str(path)) for path in folder.rglob("*.parquet")]
    return f"SELECT * FROM read_parquet({_newest_first(files)}, hive_partitioning = false)"


def _newest_first(files: Iterable[str]) -> str:
    """Return the list of a table's files with those of the newest month first, and of none last.

    Who asks for the newest so many rows is answered by the first files: DuckDB then passes over what only holds older ones.
    """
    listed = sorted(files, key=lambda file: (Path(file).parent.name[:1].isdigit(), file), reverse=True)
    return f"[{', '.join(map(_text, listed))}]"


def _no_rows(table: Table) -> str:
    with duckdb.connect() as connection:
        connection.register("declared", storage.empty(table))
        types = connection.execute("SELECT column_name, column_type FROM (DESCRIBE declared)").fetchall()
    columns = ", ".join(f"NULL::{type_} AS {_name(name)}" for name, type_ in types)
    return f"SELECT {columns} WHERE false"


def _harden(connection: duckdb.DuckDBPyConnection, folders: list[str], more: tuple[str, ...] = ()) -> None:
    # TimeZone must be GLOBAL, or a second connection of this process comes up with the machine's zone. The order matters:
    # folders can be allowed only while access is on, and nothing can be set once the configuration is locked.
    if connection.execute("SELECT current_setting('lock_configuration')").fetchall() == [(True,)]:
        return
    spill = Path(tempfile.gettempdir()) / f"newsfold-spill-{os.getpid()}"
    # A view's pattern is held against the list before it is expanded, its files after.
    allowed = ", ".join(_text(spelling) for folder in folders for spelling in (folder, _escaped(folder)))
    for setting in (
        "GLOBAL TimeZone = 'UTC'",
        # Of a long query it would be drawn into the answer.
        "enable_progress_bar = false",
        # A published file never changes: its footer is read once.
        "parquet_metadata_cache = true",
        *more,
        f"temp_directory = {_text(str(spill))}",
        f"allowed_directories = [{allowed}]",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def _refuse_writes(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    # What this does not recognise as a plain EXPLAIN keeps its type, and is refused for it.
    inner = _EXPLAIN.sub("", sql, count=1)
    (statement,) = connection.extract_statements(inner)
    if statement.type != duckdb.StatementType.SELECT:
        raise ReadOnlyError(f"The warehouse is only read: {statement.type.name} is refused.")
    try:
        # On a line of its own, which a message that quotes a line of the statement leaves out.
        plan = connection.execute(f"EXPLAIN (FORMAT json)\n{statement.query}").fetchall()[0][1]
    except duckdb.Error as error:
        raise type(error)(_LINE.sub(lambda line: str(int(line[0]) - 1), str(error))) from None
    for node in _nodes(json.loads(plan)):
        operator, function = str(node["name"]).upper(), str(node["extra_info"].get("Function", "")).upper()
        if any(word in operator for word in _WRITES) or (function and not _READS.match(function)):
            raise ReadOnlyError(f"The warehouse is only read: {function or operator} is refused.")


def _nodes(plan: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in plan:
        yield node
        yield from _nodes(node["children"])


def _glob(folder: Path, pattern: str) -> str:
    return _text(f"{_escaped(str(folder))}/{pattern}")


def _escaped(folder: str) -> str:
    # Wildcards in the folder's own name stand for themselves.
    return re.sub(r"([*?\[])", r"[\1]", folder)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: object) -> str:
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"
