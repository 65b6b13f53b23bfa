"""Parquet and Arrow IPC: columns to records, some rows at a time; provenance is the number of the row."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import ipc

from transforms.read.decode import decode
from transforms.read.jsonl import says_something
from transforms.read.reading import Item, Reading
from transforms.read.refuse import Damaged, refuse
from transforms.read.source import Source

# Rows that are Python objects at a time, and rows of a first look at how large they are.
_ROWS, _FIRST_ROWS = 512, 16
_THRIFT_LIMIT = 64 << 20
_ERRORS = (pa.ArrowException, OSError, ValueError, OverflowError, KeyError)


def read_parquet(source: Source, name: str, how: Reading) -> Iterator[Item]:
    """Yield one record a row; pages are held against their checksums.

    Refusals: corrupt_parquet (what is left of the file), compression_bomb, record_too_large, no_text.
    """
    stream = source.rewound(how.spool, how.limits.max_unseekable)
    size = _size(stream)
    try:
        file = pq.ParquetFile(
            stream,
            page_checksum_verification=True,
            pre_buffer=False,
            thrift_string_size_limit=_THRIFT_LIMIT,
            thrift_container_size_limit=_THRIFT_LIMIT,
        )
        strings = [str(f.name) for f in file.schema_arrow if _is_text(f.type)]
        # A value that stands in many rows is kept once: a small file can say a large text a million times.
        file = pq.ParquetFile(
            stream, metadata=file.metadata, page_checksum_verification=True, pre_buffer=False, read_dictionary=strings
        )
    except _ERRORS as error:
        yield refuse(0, size, "corrupt_parquet", _first_line(error), source.head[:8])
        return
    batches = file.iter_batches(batch_size=_ROWS, use_threads=False)
    yield from _records(batches, file.metadata.num_rows, size, "corrupt_parquet", how)


def read_ipc(source: Source, name: str, how: Reading) -> Iterator[Item]:
    """Yield one record a row of an Arrow file or stream. Refusals: corrupt_arrow, compression_bomb, record_too_large, no_text."""
    stream = source.rewound(how.spool, how.limits.max_unseekable)
    size = _size(stream)
    try:
        is_file = source.head.startswith(b"ARROW1")
        reader = ipc.open_file(stream) if is_file else ipc.open_stream(stream)
        batches = (reader.get_batch(i) for i in range(reader.num_record_batches)) if is_file else iter(reader)
    except _ERRORS as error:
        yield refuse(0, size, "corrupt_arrow", _first_line(error), source.head[:8])
        return
    yield from _records(_validated(batches), None, size, "corrupt_arrow", how)


def _size(stream: Any) -> int:
    start = stream.tell()
    size = int(stream.seek(0, 2)) - int(start)
    stream.seek(start)
    return size


def _validated(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        batch.validate(full=True)
        yield batch


def _records(
    batches: Iterator[pa.RecordBatch], expected: int | None, size: int, reason: str, how: Reading
) -> Iterator[Item]:
    row = spent = 0
    try:
        for batch in batches:
            for start in range(0, batch.num_rows, _ROWS):
                for record in _rows(batch.slice(start, _ROWS)):
                    item, weight = _record(record, row, how)
                    yield item
                    row, spent = row + 1, spent + weight
                    if spent > max(how.limits.ratio_grace, how.limits.max_ratio * size):
                        raise Damaged("compression_bomb", f"{size} bytes became more than {spent}")
    except Damaged as error:
        yield refuse(row, max(row, expected or row), error.reason_code, str(error))
    except _ERRORS as error:
        yield refuse(row, max(row, expected or row), reason, f"rows from {row} on can't be read: {_first_line(error)}")
    else:
        if expected is not None and row != expected:
            yield refuse(row, max(row, expected), reason, f"the file has {row} rows and says it has {expected}")


def _record(record: dict[str, object], row: int, how: Reading) -> tuple[Item, int]:
    read = how.fields.to_record(record, row, row + 1)
    weight = sum(map(len, read.fields.values())) + len(read.html or "") + sum(map(len, read.extra.values()))
    if weight > how.limits.max_record:
        detail = f"a row of {weight} characters; the limit is {how.limits.max_record}"
        return refuse(row, row + 1, "record_too_large", detail), weight
    if not says_something(read):
        return refuse(row, row + 1, "no_text", "no field holds a text", str(record)[:800].encode()), weight
    return read, weight


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, object]]:
    names = unique([str(name) for name in batch.schema.names])
    columns = [_values(column) for column in batch.columns]
    if not columns:
        return
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def unique(names: Iterable[str]) -> list[str]:
    """Return column names, the nameless and the second of a name told apart by their place."""
    found: dict[str, None] = {}
    for place, name in enumerate(names, 1):
        found[name if name and name not in found else f"{name or 'column'}_{place}"] = None
    return list(found)


def _is_text(type_: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_binary(type_)
        or pa.types.is_large_binary(type_)
    )


def _values(column: pa.Array) -> list[Any]:
    """Return a column as Python values: text as str, instants and decimals as they print, nested values as they are."""
    if pa.types.is_dictionary(column.type):
        words = _values(column.dictionary)
        return [None if i is None else words[i] for i in column.indices.to_pylist()]
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return text_values(column)
    if _is_text(column.type) or pa.types.is_boolean(column.type) or pa.types.is_integer(column.type):
        return list(column.to_pylist())
    if pa.types.is_nested(column.type) or pa.types.is_floating(column.type):
        return [_plain(value) for value in column.to_pylist()]
    return list(pc.cast(column, pa.string()).to_pylist())


def text_values(column: pa.Array) -> list[str | None]:
    """Return binary values as text, decoded one by one where they are not all UTF-8."""
    try:
        large = pa.types.is_large_binary(column.type)
        return list(column.cast(pa.large_string() if large else pa.string()).to_pylist())
    except pa.ArrowInvalid:
        return [None if value is None else decode(value).text for value in column.to_pylist()]


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return decode(value).text
    if isinstance(value, list):
        # A map comes as pairs.
        if value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
            return {str(key): _plain(held) for key, held in value}
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(held) for key, held in value.items()}
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:300] or type(error).__name__
