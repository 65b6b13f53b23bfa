"""How a table becomes bytes and comes back: declared form, deterministic Parquet, checksums."""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.disk import DISK
from warehouse.schema import Column, Table

fsync, put_in_place = DISK.sync, DISK.put_in_place


class DeclarationError(ValueError):
    """A table cannot take its declared form; the message names table and column."""


@dataclass(frozen=True)
class ParquetSettings:
    """How files are written; changing any of these changes the bytes, and so the hash, of every file."""

    # zstd 1-3 and 122,880 rows (DuckDB's own row group) won the format comparison of the design: small, and one group
    # is one unit of work for a reader's thread. Of 37,554 real bodies (226 MB) level 2 took 1.0 CPU s and 85 MB, level 3
    # 1.4 and 80, level 1 0.95 and 93; a month of 300,000 articles is the same at all three.
    compression: str = "zstd"
    compression_level: int = 2
    row_group_rows: int = 122_880
    # A group of bodies of that many rows would be 700 MB: what one row group holds is what a writer and a reader of one row hold.
    # Other tables stay under it at a full group.
    row_group_text_bytes: int = 128_000_000
    # Share of row groups read in vain where a looked-up value is not in them. Filters are rounded up to a power of two, so
    # that this costs the 256 KiB a full group which 0.01 costs: over 10 million rows in 36 files one row by its id took 18-21
    # CPU ms with such filters and 340-430 without, for 14% more bytes in the columns that have them.
    bloom_false_positives: float = 0.002
    # Words of which over half of the first rows are all different get no dictionary: it would be filled to its limit and given
    # up in each row group, and read first for any row. A month of 280,000 articles took 0.5 CPU s to write instead of 0.8,
    # and one of them 20 CPU ms to read by its id instead of 34.
    dictionary_sample_rows: int = 2_000
    # Of a table that is asked for single rows, of all its columns: one row costs the group it is in, and to look for it costs every
    # group's bounds and Bloom filter. Of 40,000, 66,000, 70,000 and 94,000 rows of articles the second is where both together are least.
    lookup_group_cells: int = 63 * 66_000
    # Of that group a reader unpacks only the pages its rows are in, two of DuckDB's vectors each; of one they cost it as much. To find an article
    # by its id, or those of a story, took a sixth more with Arrow's pages of 20,000 rows, groups of 40,000, bounds of all words and packed story ids.
    lookup_page_rows: int = 2 * 2_048


SETTINGS = ParquetSettings()

Ints = npt.NDArray[np.int64]

# As pyarrow names itself in a footer.
_WRITER = re.compile(r"parquet-cpp-arrow version \d+\.\d+\.\d+")
# A chunk of Arrow's `string` holds at most 2 GiB, and `take` builds one chunk.
_STRING_LIMIT = 2**31 - 1
# Under this a column in several chunks may be copied into one.
_COPIED_WHOLE = 2**26


@dataclass(frozen=True)
class Ordered:
    """Rows of a table in an order of their own (None: as they stand), taken a piece at a time: so writing them takes no second copy."""

    table: pa.Table
    order: Ints | None

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return int(self.table.num_rows if self.order is None else len(self.order))

    def slice(self, start: int, rows: int) -> "Ordered":
        """Return some rows, from a place in the order on."""
        if self.order is None:
            return Ordered(self.table.slice(start, rows), None)
        return Ordered(self.table, self.order[start : start + rows])

    @property
    def schema(self) -> pa.Schema:
        """The columns."""
        return self.table.schema

    def narrow(self, names: Sequence[str]) -> "Ordered":
        """Return some of the columns."""
        return Ordered(self.table.select(names), self.order)

    def rows(self) -> pa.Table:
        """Return the rows as a table."""
        if self.order is None:
            return self.table
        order = pa.array(self.order)
        return pa.Table.from_arrays([_take(column, order) for column in self.table.columns], schema=self.table.schema)


class Rows(Protocol):
    """Rows of a table in an order, of which no more is held than is asked for."""

    @property
    def num_rows(self) -> int:
        """How many rows there are."""

    @property
    def schema(self) -> pa.Schema:
        """The columns."""

    def slice(self, start: int, rows: int) -> Ordered:
        """Return some rows, from a place in the order on."""

    def narrow(self, names: Sequence[str]) -> Ordered:
        """Return some of the columns that order the rows."""


def enforce(table: pa.Table, declared: Table) -> pa.Table:
    """Return the table in its declared form: columns in order and cast, rows sorted by sort columns, then key, NULLs last.

    Columns must be exactly the declared ones, in any order. Raises DeclarationError for a missing or undeclared column, for a
    NULL where none may be, and for a value that does not fit its type (nothing is rounded, cut or given a time zone).
    """
    return ordered(table, declared).rows()


def ordered(table: pa.Table, declared: Table) -> Ordered:
    """Return the table in its declared form, as `enforce` does, where the rows are not to be copied all at once."""
    return in_order(conform(table, declared), declared)


def conform(table: pa.Table, declared: Table) -> pa.Table:
    """Return the table in its declared columns, rows as they stand; raises DeclarationError as `enforce` does."""
    found, expected = set(table.column_names), {column.name for column in declared.columns}
    if len(found) != table.num_columns:
        raise DeclarationError(f"Table {declared.name} has a column name twice: {table.column_names}.")
    if found != expected:
        missing, extra = sorted(expected - found), sorted(found - expected)
        raise DeclarationError(f"Table {declared.name} lacks columns {missing} and has undeclared columns {extra}.")
    arrays = [_cast(table.column(column.name), column, declared.name) for column in declared.columns]
    return pa.Table.from_arrays(arrays, schema=declared.schema)


def in_order(table: pa.Table, declared: Table) -> Ordered:
    """Return a table of the declared columns in its declared order."""
    order = order_of(table, declared)
    return Ordered(table, None if np.array_equal(order, np.arange(table.num_rows)) else order)


def order_of(table: pa.Table, declared: Table) -> Ints:
    """Return the numbers of a table's rows in their declared order; it need have no other columns than `declared.order`.

    A column is looked at only in rows that those before leave equal: of articles in order of their stories half need no look at their ids.
    """
    order = np.arange(table.num_rows)
    place = np.zeros(table.num_rows, np.int64)
    for name in declared.order:
        equal = np.flatnonzero((np.bincount(place) > 1)[place])
        if not len(equal):
            break
        column = table.column(name)
        ranks, size = _ranks(column if len(equal) == table.num_rows else column.take(pa.array(equal)))
        place *= size
        place[equal] += ranks
        order = np.argsort(place, kind="stable")
        place[order] = np.cumsum(np.diff(place[order], prepend=place[order[:1]]) != 0)
    return order


def wider(table: pa.Table, declared: Table) -> pa.Table:
    """Return a table written under an older declaration with the nullable columns that it lacks, all NULL."""
    for column in declared.columns:
        if column.nullable and column.name not in table.column_names:
            table = table.append_column(pa.field(column.name, column.type), pa.nulls(table.num_rows, column.type))
    return table


def conform_older(table: pa.Table, declared: Table) -> pa.Table:
    """Return a table written under an older declaration in today's form: new nullable columns are NULL; else as enforce."""
    return enforce(wider(table, declared), declared)


def empty(declared: Table) -> pa.Table:
    """Return the declared table without a row."""
    table: pa.Table = declared.schema.empty_table()
    return table


def write_parquet(
    table: pa.Table | Rows,
    sink: BinaryIO | Path,
    settings: ParquetSettings = SETTINGS,
    lookups: Collection[str] = (),
    searched: Collection[str] = (),
) -> None:
    """Write the table; equal rows in equal order give equal bytes, however the table is chunked.

    Pages carry checksums, and row groups a Bloom filter for each of the columns `lookups`; the columns `searched` are not compressed.
    The bytes also depend on the version of pyarrow, which names itself in the footer.
    """
    given = Ordered(table, None) if isinstance(table, pa.Table) else table
    schema = given.schema.remove_metadata()
    most = _most_rows(schema, settings, bool(lookups))
    first = given.slice(0, most)
    rows = _fitting(first, settings)
    paths = _paths(schema)
    repeating = _repeating(first.slice(0, settings.dictionary_sample_rows).rows(), paths)
    del first
    bloom = {"ndv": rows, "fpp": settings.bloom_false_positives}
    # Bounds of words that hardly repeat exclude nothing; of those that are looked up, DuckDB 1.5 asks no filter without them.
    bounded = [path for path in paths if path in repeating or path in lookups] if lookups else True
    # Pages break where chunks break, so each row group is handed over as one chunk.
    with pq.ParquetWriter(
        sink,
        schema,
        compression={path: "none" if path in searched else settings.compression for path in paths},
        compression_level={path: settings.compression_level for path in paths if path not in searched},
        write_page_checksum=True,
        bloom_filter_options=dict.fromkeys(lookups, bloom),
        use_dictionary=repeating,
        column_encoding=_encodings(schema, repeating),
        write_statistics=bounded,
        max_rows_per_page=settings.lookup_page_rows if lookups else None,
    ) as writer:
        # No group has more rows than the first: its Bloom filters are of that size.
        start = 0
        while start < max(given.num_rows, 1):
            some = given.slice(start, rows)
            group = some.slice(0, _fitting(some, settings)).rows().replace_schema_metadata(None).combine_chunks()
            writer.write_table(group, row_group_size=rows)
            start += rows if group.num_rows == 0 else group.num_rows


def _most_rows(schema: pa.Schema, settings: ParquetSettings, is_looked_up: bool) -> int:
    cells = settings.lookup_group_cells // len(schema) if is_looked_up else settings.row_group_rows
    return max(1, min(settings.row_group_rows, cells))


def _fitting(some: Ordered, settings: ParquetSettings) -> int:
    """Return how many of these rows make a group: a function of the rows alone, so that the bytes are one too."""
    words = [column for column in some.table.columns if pa.types.is_string(column.type)]
    if sum(column.nbytes for column in words) <= settings.row_group_text_bytes:
        return max(1, some.num_rows)
    lengths = [pc.binary_length(column) for column in words]
    if some.order is not None:
        lengths = [column.take(pa.array(some.order)) for column in lengths]
    text = np.zeros(some.num_rows, np.int64)
    for column in lengths:
        text += column.fill_null(0).to_numpy()
    return max(1, int(np.searchsorted(np.cumsum(text), settings.row_group_text_bytes, side="right")))


def _paths(schema: pa.Schema) -> list[str]:
    """Return the paths of the columns as a file has them: of a list or struct those of its leaves."""
    with pa.BufferOutputStream() as sink:
        pq.write_table(schema.empty_table(), sink)
        written = pq.read_metadata(pa.BufferReader(sink.getvalue())).schema
    return [written.column(number).path for number in range(len(written))]


def _encodings(schema: pa.Schema, repeating: Collection[str]) -> dict[str, str]:
    """Return how columns of words without a dictionary are written: their lengths first, so that a reader need not walk through them."""
    return {
        field.name: "DELTA_LENGTH_BYTE_ARRAY"
        for field in schema
        if pa.types.is_string(field.type) and field.name not in repeating
    }


def _repeating(sample: pa.Table, paths: Sequence[str]) -> list[str]:
    """Return those of the paths whose column a dictionary shortens, judged by the first rows."""
    various = {
        name
        for name, column in zip(sample.column_names, sample.columns, strict=True)
        if pa.types.is_string(column.type) and 2 * pc.count_distinct(column, mode="all").as_py() > sample.num_rows > 1
    }
    return [path for path in paths if path not in various]


def read_parquet(path: Path, columns: Collection[str] | None = None) -> pa.Table:
    """Return the file's rows, or those of these columns that it has; raises OSError where a page fails its checksum."""
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        kept = None if columns is None else [name for name in file.schema_arrow.names if name in columns]
        table: pa.Table = file.read(columns=kept)
    return table


def is_as_written(path: Path, declared: Table) -> bool:
    """Return whether writing its rows again gives the file, byte for byte: one flipped bit, and it does not.

    Of a file that another version of pyarrow wrote only the pages are checked.
    """
    try:
        rows = read_parquet(path)
        had = tuple(column for column in declared.columns if column.name in rows.column_names)
        rows = enforce(rows, replace(declared, columns=had))
        by = pq.read_metadata(path).created_by
    except (OSError, ValueError, pa.ArrowException):
        return False
    with pa.BufferOutputStream() as sink:
        write_parquet(rows, sink, lookups=declared.lookups, searched=declared.searched)
        again = sink.getvalue()
    if by != pq.read_metadata(pa.BufferReader(again)).created_by:
        return _WRITER.fullmatch(by or "") is not None
    return bool(again.equals(pa.py_buffer(path.read_bytes())))


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def schema_hash(schema: pa.Schema) -> str:
    """Return a hash of names, types and nullability, in order; it does not depend on the version of pyarrow."""
    lines = "\n".join(f"{field.name} {field.type} {'null' if field.nullable else 'not null'}" for field in schema)
    return hashlib.sha256(lines.encode()).hexdigest()


def _cast(values: pa.ChunkedArray, column: Column, table: str) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type) and pa.types.is_timestamp(values.type) and values.type.tz is None:
        raise DeclarationError(f"Column {table}.{column.name} has no time zone; instants are stored in UTC.")
    try:
        cast = values.cast(column.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DeclarationError(
            f"Column {table}.{column.name} is {values.type} and cannot be {column.type}: {error}"
        ) from error
    if not column.nullable and cast.null_count:
        raise DeclarationError(f"Column {table}.{column.name} may not be NULL and is in {cast.null_count} rows.")
    return cast


def _ranks(column: pa.ChunkedArray) -> tuple[Ints, int]:
    """Return for each value a number that orders it among the column's, NULL last, and a number above them all.

    Numbers sort thrice as fast as strings.
    """
    values = column.combine_chunks()
    if pa.types.is_string(column.type):
        encoded = values.dictionary_encode()
        n = len(encoded.dictionary)
        rank = np.full(n + 1, n, dtype=np.int64)
        rank[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(n)
        return rank[encoded.indices.fill_null(n).to_numpy()], n + 1
    ranked = pc.rank(values, sort_keys="ascending", tiebreaker="dense")
    return ranked.to_numpy().astype(np.int64), len(values) + 1


def _take(column: pa.ChunkedArray, order: pa.Array) -> pa.ChunkedArray:
    at_most = _STRING_LIMIT if column.num_chunks == 1 else min(_COPIED_WHOLE, _STRING_LIMIT)
    if not pa.types.is_string(column.type) or column.nbytes < at_most:
        return column.take(order)
    # Taking from several chunks at once would copy them all into one first.
    starts = np.cumsum([0, *(len(chunk) for chunk in column.chunks)])
    step = SETTINGS.row_group_rows
    pieces = [
        piece for start in range(0, len(order), step) for piece in _gathered(column, starts, order.slice(start, step))
    ]
    return pa.chunked_array(pieces, pa.string())


def _gathered(column: pa.ChunkedArray, starts: Ints, order: pa.Array) -> list[pa.Array]:
    """Return some values of a column, its chunks beginning at `starts`: taken chunk by chunk, then put in order."""
    rows = order.to_numpy()
    by_place = np.argsort(rows, kind="stable")
    cuts = np.searchsorted(rows[by_place], starts)
    parts = [
        chunk.take(pa.array(rows[by_place[low:high]] - start))
        for chunk, start, low, high in zip(column.chunks, starts, cuts, cuts[1:], strict=False)
        if high > low
    ]
    back = np.empty(len(rows), np.int64)
    back[by_place] = np.arange(len(rows))
    whole = pa.chunked_array(parts, pa.string())
    if whole.nbytes < _STRING_LIMIT:
        return [whole.combine_chunks().take(pa.array(back))]
    return _strings(whole.cast(pa.large_string()).combine_chunks(), pa.array(back))


def _strings(large: pa.Array, order: pa.Array) -> list[pa.Array]:
    taken = large.take(order)
    if taken.nbytes < _STRING_LIMIT:
        return [taken.cast(pa.string())]
    middle = len(order) // 2
    return _strings(large, order.slice(0, middle)) + _strings(large, order.slice(middle))
