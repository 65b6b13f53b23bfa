"""A stream of text in UTF-16 or UTF-32, or behind a byte order mark, as the UTF-8 that readers cut."""

import codecs
from collections.abc import Iterator

from transforms.read.decode import bom_encoding, wide_encoding
from transforms.read.source import Source


def encoding_of(head: bytes) -> str:
    """Return the encoding that a mark or the look of the bytes says; utf-8 where neither does."""
    mark = bom_encoding(head)
    return mark[0] if mark else wide_encoding(head) or "utf-8"


def as_utf8(source: Source) -> Iterator[bytes]:
    """Yield the stream without its mark, in UTF-8 if it was wide; what is neither comes as it is."""
    encoding = encoding_of(source.head)
    mark = bom_encoding(source.head)
    skip = mark[1] if mark else 0
    if encoding == "utf-8":
        for chunk in source.chunks():
            yield chunk[skip:]
            skip = 0
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in source.chunks():
        yield decoder.decode(chunk[skip:]).encode("utf-8", "replace")
        skip = 0
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
