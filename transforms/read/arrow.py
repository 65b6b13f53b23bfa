"""Parquet and Arrow IPC: columns to records, some rows at a time; provenance is the number of the row."""

import struct
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import ipc

from transforms.read.batch import Table, is_text, no_text, says_something, unique, values, weights
from transforms.read.ipc_size import claimed
from transforms.read.reading import Item, Part, Reading
from transforms.read.refuse import Damaged, refuse
from transforms.read.source import Source

# Rows that are Python objects at a time, and rows of a first look at how large they are.
_ROWS, _FIRST_ROWS = 512, 16
_THRIFT_LIMIT = 64 << 20
_IPC_FILE = b"ARROW1\x00\x00"
_ERRORS = (pa.ArrowException, OSError, ValueError, OverflowError, KeyError)


def read_parquet(source: Source, name: str, how: Reading) -> Iterator[Part]:
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
        strings = [str(f.name) for f in file.schema_arrow if is_text(f.type)]
        # A value that stands in many rows is kept once: a small file can say a large text a million times.
        file = pq.ParquetFile(
            stream, metadata=file.metadata, page_checksum_verification=True, pre_buffer=False, read_dictionary=strings
        )
    except _ERRORS as error:
        yield refuse(0, size, "corrupt_parquet", _first_line(error), source.head[:8])
        return
    batches = file.iter_batches(batch_size=_ROWS, use_threads=False)
    yield from _records(batches, file.metadata.num_rows, size, "corrupt_parquet", how)


def read_ipc(source: Source, name: str, how: Reading) -> Iterator[Part]:
    """Yield one record a row of an Arrow file or stream. Refusals: corrupt_arrow, compression_bomb, record_too_large, no_text."""
    stream = source.rewound(how.spool, how.limits.max_unseekable)
    size = _size(stream)
    try:
        batches = _ipc_batches(stream, source.head.startswith(_IPC_FILE), size, how)
    except Damaged as error:
        yield refuse(0, size, error.reason_code, str(error), source.head[:8])
        return
    except (*_ERRORS, struct.error) as error:
        yield refuse(0, size, "corrupt_arrow", _first_line(error), source.head[:8])
        return
    yield from _records(_validated(batches), None, size, "corrupt_arrow", how)


def _ipc_batches(stream: Any, is_file: bool, size: int, how: Reading) -> Iterable[pa.RecordBatch]:
    """Return the batches of a stream, or of the stream in a file, after a look at how large they say they are.

    A batch is decompressed whole, so its rows can't be weighed before. Raises Damaged (compression_bomb), pa.ArrowException, struct.error.
    """
    start = stream.tell()
    listed = ipc.open_file(stream).num_record_batches if is_file else None
    stream.seek(start + 8 * is_file)
    becomes, n_batches = claimed(stream)
    if becomes > max(how.limits.ratio_grace, how.limits.max_ratio * size):
        raise Damaged("compression_bomb", f"{size} bytes say they become {becomes}")
    # What the list at the end of a file names is not read by it: it may point anywhere.
    if listed not in (None, n_batches):
        raise pa.ArrowInvalid(f"the file lists {listed} batches and holds {n_batches}")
    stream.seek(start + 8 * is_file)
    batches: Iterable[pa.RecordBatch] = ipc.open_stream(stream)
    return batches


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
) -> Iterator[Part]:
    """Yield batches as they are while no row of them is large and they are not more than a dump of `size` bytes can hold."""
    row = spent = 0
    most = max(how.limits.ratio_grace, how.limits.max_ratio * size)
    try:
        for whole in batches:
            for start in range(0, whole.num_rows, _ROWS):
                batch = _batch(whole.slice(start, _ROWS), row, how)
                weighed = weights(batch.columns)
                if weighed and spent + weighed[0] <= most and weighed[1] <= how.limits.max_record:
                    yield batch
                    row, spent = row + len(batch), spent + weighed[0]
                    continue
                for item, weight in _one_by_one(batch, how):
                    yield item
                    row, spent = row + 1, spent + weight
                    if spent > most:
                        raise Damaged("compression_bomb", f"{size} bytes became more than {spent}")
    except Damaged as error:
        yield refuse(row, max(row, expected or row), error.reason_code, str(error))
    except _ERRORS as error:
        yield refuse(row, max(row, expected or row), reason, f"rows from {row} on can't be read: {_first_line(error)}")
    else:
        if expected is not None and row != expected:
            yield refuse(row, max(row, expected), reason, f"the file has {row} rows and says it has {expected}")


def _batch(columns: pa.RecordBatch, row: int, how: Reading) -> Table:
    names = unique([str(name) for name in columns.schema.names])
    rows = np.arange(row, row + columns.num_rows + 1, dtype=np.int64)
    return Table(columns.rename_columns(names), pa.array(rows[:-1]), pa.array(rows[1:]), how.fields)


def _one_by_one(batch: Table, how: Reading) -> Iterator[tuple[Item, int]]:
    """Yield each row's item with its weight in bytes; made one at a time, as any may be the one that is too large."""
    names = batch.columns.schema.names
    for place in range(len(batch)) if names else ():
        said = [values(column)[0] for column in batch.columns.slice(place, 1).columns]
        row = batch.starts[place].as_py()
        read = how.fields.to_record(dict(zip(names, said, strict=True)), row, row + 1)
        texts = (*read.fields.values(), read.html or "", *read.extra.values())
        weight = sum(len(text.encode("utf-8", "replace")) for text in texts)
        if weight > how.limits.max_record:
            detail = f"a row of {weight} bytes; the limit is {how.limits.max_record}"
            yield refuse(row, row + 1, "record_too_large", detail), weight
        else:
            yield read if says_something(read) else no_text(read), weight


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:300] or type(error).__name__
