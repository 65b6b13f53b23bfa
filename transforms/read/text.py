"""Plain text: one file is one record, and its name is the record's key."""

from collections.abc import Iterator

from transforms.read.decode import decode
from transforms.read.limits import ReadLimits
from transforms.read.refuse import refuse
from transforms.read.source import Source
from transforms.records import RawRecord, Rejected


def read(source: Source, name: str, limits: ReadLimits) -> Iterator[RawRecord | Rejected]:
    """Yield the file as one record with field `body`, or its refusal (record_too_large, empty_file)."""
    data, size = source.whole(limits.max_record)
    if data is None:
        yield refuse(
            0, size, "record_too_large", f"one text of {size} bytes; the limit is {limits.max_record}", source.head
        )
        return
    text, note = decode(data)
    if not text.strip("\x00\ufeff \t\r\n\f\v"):
        yield refuse(0, size, "empty_file", "the file holds nothing but blanks")
        return
    yield RawRecord(name, 0, size, {"body": text}, {"text_encoding": note} if note else {})
