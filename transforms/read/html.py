"""A single HTML page: one file is one record, and its name is the record's key."""

import re
from collections.abc import Iterator

from transforms.read.decode import Decoded, decode
from transforms.read.reading import Item, Reading
from transforms.read.refuse import refuse
from transforms.read.source import Source
from transforms.records import RawRecord

# The HTML standard looks for the declaration in the first 1,024 bytes; pages in the wild are later.
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_DECLARATION_WINDOW = 8192


def read(source: Source, name: str, how: Reading) -> Iterator[Item]:
    """Yield the page as one record with `html`, or its refusal (record_too_large)."""
    limit = how.limits.max_record
    data, size = source.whole(limit)
    if data is None:
        yield refuse(0, size, "record_too_large", f"one page of {size} bytes; the limit is {limit}", source.head)
        return
    page, note = decode_page(data)
    yield RawRecord(name, 0, size, {}, {"text_encoding": note} if note else {}, page)


def decode_page(data: bytes, declared: str | None = None) -> Decoded:
    """Return a page's text; `declared` is the encoding its transport names, before which the page's own word goes."""
    own = _CHARSET.search(data, 0, _DECLARATION_WINDOW)
    return decode(data, own.group(1).decode("ascii") if own else declared)
