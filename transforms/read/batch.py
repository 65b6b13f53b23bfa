"""Many records at once, with their provenance: rows of tables stay Arrow columns until records are asked for, records are rows when asked."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc

from transforms.read.decode import decode
from transforms.read.fields import FieldNames
from transforms.read.refuse import refuse
from transforms.records import RawRecord, Rejected, Skipped
from transforms.tombstone import withdrawal

# Records that are handed on together: a second or two of work for what cleans them, some megabytes of text.
ROWS, WEIGHT = 200, 4_000_000
# What a reader finds: a record, the refusal of what can't be one, or what was passed over.
Item = RawRecord | Rejected | Skipped


class Batch(ABC):
    """Some records and refusals of one dump in its order: the one thing that readers hand on, as Arrow or as records, whichever is asked for."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of records and refusals."""

    @property
    @abstractmethod
    def weight(self) -> int:
        """About how many bytes or characters it holds."""

    @abstractmethod
    def parts(self, rows: int) -> "Iterator[Batch]":
        """Yield it in parts of at most so many rows, where it is made of rows that can be parted."""

    @abstractmethod
    def records(self) -> Iterator[RawRecord | Rejected]:
        """Yield each record, or its refusal."""

    @abstractmethod
    def arrow(self) -> pa.RecordBatch:
        """Return a row for each under our names: `start`, `end`, then what holds a field of ours, then all else as `extra.<name>`."""


@dataclass(slots=True)
class Records(Batch):
    """Records as a reader made them one by one; `skipped` counts by reason what was passed over among them."""

    items: list[RawRecord | Rejected] = field(default_factory=list)
    weight: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.items)

    def add(self, item: Item) -> None:
        """Put in one more."""
        if isinstance(item, Skipped):
            self.skipped[item.reason] += 1
            return
        self.items.append(item)
        if isinstance(item, RawRecord):
            self.weight += (
                len(item.html or "") + sum(map(len, item.fields.values())) + sum(map(len, item.extra.values()))
            )

    def parts(self, rows: int) -> Iterator[Batch]:
        """Yield this batch as it is, if anything is in it."""
        if self.items or self.skipped:
            yield self

    def records(self) -> Iterator[RawRecord | Rejected]:
        """Yield them."""
        return iter(self.items)

    def arrow(self) -> pa.RecordBatch:
        """Return a row for each; of a refusal, `reason_code`, `detail` and `preview` tell."""
        rows = [_row(item) for item in self.items]
        names = dict.fromkeys(("start", "end", *(name for row in rows for name in row)))
        return pa.RecordBatch.from_pydict(
            {
                name: pa.array([row.get(name) for row in rows], pa.int64() if name in ("start", "end") else pa.string())
                for name in names
            }
        )


def _row(item: RawRecord | Rejected) -> dict[str, Any]:
    if isinstance(item, Rejected):
        said: dict[str, Any] = {name: getattr(item, name) for name in ("reason_code", "detail", "preview")}
    else:
        said = {"key": item.key} | dict(item.fields) | {"html": item.html}
        said |= {f"extra.{name}": value for name, value in item.extra.items()}
    said = {"start": item.start, "end": item.end, "member": item.member} | said
    return {name: value for name, value in said.items() if value is not None}


@dataclass(slots=True)
class Table(Batch):
    """Some rows of a table: `columns` as the dump has them, each row being one record, from `starts` to `ends` of the dump."""

    columns: pa.RecordBatch
    starts: pa.Int64Array
    ends: pa.Int64Array
    fields: FieldNames

    def __len__(self) -> int:
        return int(self.columns.num_rows)

    @property
    def weight(self) -> int:
        """Bytes of the columns."""
        return int(self.columns.nbytes)

    def parts(self, rows: int) -> Iterator[Batch]:
        """Yield slices."""
        return (self.slice(start, rows) for start in range(0, len(self), rows))

    def slice(self, start: int, length: int) -> "Table":
        """Return `length` rows from `start` on, sharing their bytes."""
        columns, starts, ends = (each.slice(start, length) for each in (self.columns, self.starts, self.ends))
        return Table(columns, starts, ends, self.fields)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as Arrow's own stream: pickled as they are, the columns of a part would carry the bytes of the whole."""
        plain = [
            each.dictionary_decode() if pa.types.is_dictionary(each.type) else each for each in self.columns.columns
        ]
        names = ["start", "end", *self.columns.schema.names]
        rows = pa.RecordBatch.from_arrays([self.starts, self.ends, *plain], names=names)
        sink = pa.BufferOutputStream()
        with ipc.new_stream(sink, rows.schema) as stream:
            stream.write_batch(rows)
        return _arrived, (sink.getvalue().to_pybytes(), self.fields)

    def arrow(self) -> pa.RecordBatch:
        """Return the columns under our names, their values as the dump has them."""
        names: list[str] = []
        for name in self.columns.schema.names:
            field = self.fields.field_of(name)
            names.append(field if field and field not in names else f"extra.{name}")
        return pa.RecordBatch.from_arrays(
            [self.starts, self.ends, *self.columns.columns], names=["start", "end", *names]
        )

    def records(self) -> Iterator[RawRecord | Rejected]:
        """Yield the record of each row, or its refusal (no_text)."""
        names = self.columns.schema.names
        to_record = self.fields.to_record
        columns = [values(column) for column in self.columns.columns]
        for start, end, *row in zip(self.starts.to_pylist(), self.ends.to_pylist(), *columns, strict=True):
            record = to_record(dict(zip(names, row, strict=True)), start, end)
            yield record if says_something(record) else no_text(record)


def gathered(parts: Iterable[Item | Table]) -> Iterator[Batch]:
    """Yield what a reader finds as batches: rows of tables as they come, records up to ROWS or the one that makes them weigh WEIGHT.

    What was found before the stream fails (OSError) is yielded first.
    """
    held = Records()
    try:
        for part in parts:
            if not isinstance(part, Table):
                held.add(part)
            if isinstance(part, Table) or len(held) >= ROWS or held.weight >= WEIGHT:
                yield from held.parts(ROWS)
                held = Records()
            if isinstance(part, Table):
                yield part
    except OSError:
        yield from held.parts(ROWS)
        raise
    yield from held.parts(ROWS)


def _arrived(rows: bytes, fields: FieldNames) -> Table:
    (batch,) = ipc.open_stream(rows)
    columns = pa.RecordBatch.from_arrays(batch.columns[2:], names=batch.schema.names[2:])
    return Table(columns, batch.column(0), batch.column(1), fields)


def says_something(record: RawRecord) -> bool:
    """Return whether a record has a text or a page, or withdraws an article."""
    body = record.fields.get("body")
    return bool(body and not body.isspace()) or record.html is not None or withdrawal(record.extra) is not None


def no_text(record: RawRecord) -> Rejected:
    """Return the refusal of a row that says nothing."""
    said = str(dict(record.fields) | dict(record.extra))[:800].encode("utf-8", "replace")
    return refuse(record.start, record.end, "no_text", "no field holds a text", said)


def weights(columns: pa.RecordBatch) -> tuple[int, int] | None:
    """Return the bytes of all rows and at most those of the heaviest, values that stand in many rows counted in each; None if unsure."""
    whole = heaviest = 0
    for column in columns.columns:
        if pa.types.is_dictionary(column.type) and is_text(column.type.value_type):
            lengths = pc.take(pc.binary_length(column.dictionary), column.indices)
        elif is_text(column.type):
            lengths = pc.binary_length(column)
        elif pa.types.is_nested(column.type) or pa.types.is_dictionary(column.type):
            return None
        else:
            lengths = pa.scalar(_LONGEST_NUMBER)
            whole += _LONGEST_NUMBER * (len(column) - 1)
        whole += pc.sum(lengths).as_py() or 0
        heaviest += pc.max(lengths).as_py() or 0
    return whole, heaviest


# Digits of a decimal of 256 bits and of a float, with room.
_LONGEST_NUMBER = 100


def unique(names: Iterable[str]) -> list[str]:
    """Return column names, the nameless and the second of a name told apart by their place."""
    found: dict[str, None] = {}
    for place, name in enumerate(names, 1):
        found[name if name and name not in found else f"{name or 'column'}_{place}"] = None
    return list(found)


def is_text(type_: pa.DataType) -> bool:
    """Return whether values of a type are text, or bytes that may be."""
    return bool(
        pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_binary(type_)
        or pa.types.is_large_binary(type_)
    )


def values(column: pa.Array) -> list[Any]:
    """Return a column as Python values: text as str, instants and decimals as they print, nested values as they are."""
    if pa.types.is_dictionary(column.type) and len(column.dictionary) >= len(column):
        return values(column.dictionary_decode())
    if pa.types.is_dictionary(column.type):
        words = values(column.dictionary)
        return [None if i is None else words[i] for i in column.indices.to_pylist()]
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return _text_values(column)
    if is_text(column.type) or pa.types.is_boolean(column.type) or pa.types.is_integer(column.type):
        return list(column.to_pylist())
    if pa.types.is_nested(column.type) or pa.types.is_floating(column.type):
        return [_plain(value) for value in column.to_pylist()]
    return list(pc.cast(column, pa.string()).to_pylist())


def _text_values(column: pa.Array) -> list[str | None]:
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
