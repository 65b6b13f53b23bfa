"""A single HTML page: one file is one record, and its name is the record's key."""

import re
from collections.abc import Iterator

from transforms.read.decode import decode
from transforms.read.limits import ReadLimits
from transforms.read.refuse import refuse
from transforms.read.source import Source
from transforms.records import RawRecord, Rejected

# The HTML standard looks for the declaration in the first 1,024 bytes; pages in the wild are later.
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_DECLARATION_WINDOW = 8192


def read(source: Source, name: str, limits: ReadLimits) -> Iterator[RawRecord | Rejected]:
    """Yield the page as one record with `html`, or its refusal (record_too_large)."""
    data, size = source.whole(limits.max_record)
    if data is None:
        yield refuse(
            0, size, "record_too_large", f"one page of {size} bytes; the limit is {limits.max_record}", source.head
        )
        return
    declared = _CHARSET.search(data, 0, _DECLARATION_WINDOW)
    page, note = decode(data, declared.group(1).decode("ascii") if declared else None)
    yield RawRecord(name, 0, size, {}, {"text_encoding": note} if note else {}, page)
