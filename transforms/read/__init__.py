"""Bytes to records: a dump's format is told from its content, and each format has one small reader."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from transforms.read import gzip, html, jsonl, text
from transforms.read.limits import ReadLimits
from transforms.read.refuse import refuse
from transforms.read.sniff import Format, sniff
from transforms.read.source import HEAD, Source
from transforms.records import RawRecord, Rejected

__all__ = ["HEAD", "READERS", "Format", "ReadLimits", "read", "sniff"]

Reader = Callable[[Source, str, ReadLimits], Iterator[RawRecord | Rejected]]

READERS: dict[Format, Reader] = {
    Format.TEXT: text.read,
    Format.HTML: html.read,
    Format.JSONL: jsonl.read,
    Format.JSON: jsonl.read_document,
}
_REFUSALS = {
    Format.XML: ("unsupported_format", "an XML document; feeds are not read yet"),
    Format.BINARY: ("binary", "not text"),
}
_GZIP_SUFFIX = ".gz"


def read(stream: BinaryIO, name: str, limits: ReadLimits | None = None) -> Iterator[RawRecord | Rejected]:
    """Yield the records of one dump, and a refusal for each record, or for the file, that cannot be one.

    `stream` is at the dump's first byte and need not be seekable; `name` becomes the key of a file that is a single record (without .gz).
    Offsets are bytes of the decompressed dump. Errors of the stream itself (OSError) are the caller's.
    """
    limits = limits or ReadLimits()
    start = stream.tell() if stream.seekable() else None
    source = Source(stream)
    if sniff(source.head) is Format.GZIP:
        archive = gzip.rewound(source, stream, start, limits)
        plain = archive if isinstance(archive, Rejected) else gzip.open_verified(archive, limits)
        if isinstance(plain, Rejected):
            yield plain
            return
        source, name = Source(plain), name.removesuffix(_GZIP_SUFFIX)
    yield from _read_plain(source, name, limits)


def _read_plain(source: Source, name: str, limits: ReadLimits) -> Iterator[RawRecord | Rejected]:
    kind = sniff(source.head)
    if kind is Format.EMPTY:
        # A head of blanks may have a text behind it; the text reader looks.
        kind = Format.TEXT
    if kind is Format.GZIP:
        yield refuse(0, source.whole(0)[1], "nested_archive", "an archive inside an archive", source.head)
    elif kind in _REFUSALS:
        yield refuse(0, source.whole(0)[1], *_REFUSALS[kind], source.head)
    else:
        yield from READERS[kind](source, name, limits)
