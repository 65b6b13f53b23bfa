"""Plain text: one file is one record, and its name is the record's key."""

from collections.abc import Iterator

from transforms.read.decode import decode
from transforms.read.reading import Item, Reading
from transforms.read.refuse import refuse
from transforms.read.source import Source
from transforms.records import RawRecord

_BLANK = "\x00\ufeff \t\r\n\f\v"


def read(source: Source, name: str, how: Reading) -> Iterator[Item]:
    """Yield the file as one record with field `body`, or its refusal (record_too_large, empty_file)."""
    limit = how.limits.max_record
    data, size = source.whole(limit)
    if data is None:
        yield refuse(0, size, "record_too_large", f"one text of {size} bytes; the limit is {limit}", source.head)
        return
    text, note = decode(data)
    if not (text[:64].strip(_BLANK) or text.strip(_BLANK)):
        yield refuse(0, size, "empty_file", "the file holds nothing but blanks")
        return
    yield RawRecord(name, 0, size, {"body": text}, {"text_encoding": note} if note else {})
