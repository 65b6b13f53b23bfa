"""Bytes to records: a dump's format is told from its content, and each format has one small reader."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from transforms.read import archive, arrow, csv, feed, html, jsonl, mail, newsml, text, warc
from transforms.read.batch import ROWS, WEIGHT, Batch, Records, Table, gathered
from transforms.read.fields import FieldNames
from transforms.read.limits import ReadLimits
from transforms.read.reading import Item, Part, Reader, Reading
from transforms.read.refuse import Damaged, refuse
from transforms.read.sniff import Format, sniff
from transforms.read.source import HEAD, Source
from transforms.read.unpack import COMPRESSED, SUFFIXES, Unpacked

__all__ = [
    "HEAD",
    "READERS",
    "ROWS",
    "WEIGHT",
    "Batch",
    "FieldNames",
    "Format",
    "Item",
    "ReadLimits",
    "Reading",
    "Records",
    "Source",
    "Table",
    "batches",
    "can_grow",
    "read",
    "resume",
    "sniff",
]

READERS: dict[Format, Reader] = {
    Format.TEXT: text.read,
    # A head of blanks may have a text behind it; the text reader looks.
    Format.EMPTY: text.read,
    Format.HTML: html.read,
    Format.JSONL: jsonl.read,
    Format.JSON: jsonl.read_document,
    Format.CSV: csv.read,
    Format.PARQUET: arrow.read_parquet,
    Format.ARROW: arrow.read_ipc,
    Format.WARC: warc.read,
    Format.FEED: feed.read,
    Format.SITEMAP: feed.read,
    Format.NEWSML: newsml.read,
    Format.NITF: newsml.read,
    Format.MAIL: mail.read,
    Format.MBOX: mail.read_mbox,
}
_RESUMES = {Format.JSONL: jsonl.resume, Format.WARC: warc.resume}
_MEMBERS = {Format.ZIP: archive.zip_members, Format.TAR: archive.tar_members}
_AS_EVER = Reading()
_REFUSALS = {
    Format.XML: ("unsupported_format", "an XML document of a kind that is not read"),
    Format.BINARY: ("binary", "not text"),
}


def read(stream: BinaryIO | Source, name: str, how: Reading | ReadLimits | None = None) -> Iterator[Item]:
    """Return what `batches` does and what was passed over, one by one."""
    source = stream if isinstance(stream, Source) else Source(stream)
    reading = how if isinstance(how, Reading) else Reading(how) if how else _AS_EVER
    return _items(_read(source, name, reading, 0))


def batches(stream: BinaryIO | Source, name: str, how: Reading = _AS_EVER, offset: int = 0) -> Iterator[Batch]:
    """Return the records of one dump, a refusal for each record, or for the file, that can't be one, and what was passed over, in batches.

    `stream` is at the dump's first byte and need not be seekable; `name` becomes the key of a file that is a single record (without .gz).
    Offsets are bytes of the decompressed dump, or of the decompressed member where it is an archive of files. With `offset` reading goes on
    from there, where a reader had stopped; formats without such a place are read whole. Errors of the stream itself (OSError) are the caller's.
    """
    source = stream if isinstance(stream, Source) else Source(stream)
    return gathered(_read(source, name, how, 0, offset))


def _items(parts: Iterable[Part]) -> Iterator[Item]:
    for part in parts:
        if isinstance(part, Table):
            yield from part.records()
        else:
            yield part


def resume(stream: BinaryIO | Source, name: str, how: Reading, offset: int) -> Iterator[Item]:
    """Return what `read` would from byte `offset` on, where a reader had stopped; formats without such a place are read whole."""
    source = stream if isinstance(stream, Source) else Source(stream)
    return _items(_read(source, name, how, 0, offset))


def can_grow(source: Source, how: Reading) -> bool:
    """Return whether more may be put behind a dump's records and read alone: WARC and JSON lines, as they are or compressed."""
    kind = sniff(source.head, how.fields)
    if kind in COMPRESSED and not source.comes_once:
        kind = sniff(Unpacked(source.rewound(how.spool, 0), kind, how.limits).peek(HEAD), how.fields)
    return kind in _RESUMES


def _read(source: Source, name: str, how: Reading, depth: int, offset: int = 0) -> Iterator[Part]:
    kind = sniff(source.head, how.fields)
    try:
        if offset and kind in _RESUMES:
            yield from _RESUMES[kind](source, name, how, offset)
        elif (reader := READERS.get(kind)) is not None:
            yield from reader(source, name, how)
        elif kind in _REFUSALS:
            yield refuse(0, source.whole(0)[1], *_REFUSALS[kind], source.head)
        elif depth >= how.limits.max_nesting:
            raise Damaged(
                "nested_archive", f"an archive inside an archive, nested more than {how.limits.max_nesting} deep"
            )
        elif kind in COMPRESSED:
            yield from _read_compressed(source, kind, name, how, depth, offset)
        else:
            yield from _read_members(source, kind, how, depth)
    except Damaged as error:
        yield refuse(0, len(source.head), error.reason_code, str(error), source.head)


def _read_compressed(source: Source, kind: Format, name: str, how: Reading, depth: int, offset: int) -> Iterator[Part]:
    """Read a compressed stream twice, to verify and to read, so that no record of a broken one gets out; but a WARC, whose members stand
    for themselves, as it comes."""
    packed = source.rewound(how.spool, how.limits.max_unseekable)
    start = packed.tell()

    def unpacked() -> Unpacked:
        packed.seek(start)
        return Unpacked(packed, kind, how.limits)

    if kind is Format.GZIP and sniff(unpacked().peek(HEAD)) is Format.WARC:
        members = unpacked()
        try:
            members.skip(offset)
        except Damaged:
            # What was read before is damaged, and where its records ended can't be told.
            members, offset = unpacked(), 0
        yield from warc.read_members(members, how, offset)
        return
    unpacked().drain()
    plain = Source(cast(BinaryIO, unpacked()))
    # A compressed tar is one archive.
    below = depth if sniff(plain.head) is Format.TAR else depth + 1
    yield from _read(plain, name.removesuffix(SUFFIXES[kind]), how, below, offset)


def _read_members(source: Source, kind: Format, how: Reading, depth: int) -> Iterator[Item]:
    for member in _MEMBERS[kind](source, how, archive.Budget(how.limits)):
        if not isinstance(member, archive.Member):
            yield member
            continue
        try:
            source = Source(member.stream)
        except Damaged as error:
            yield archive.in_member(refuse(0, 0, error.reason_code, str(error)), member.name)
            continue
        for item in _items(_read(source, member.name, how, depth + 1)):
            yield archive.in_member(item, member.name)
