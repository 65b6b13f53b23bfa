"""Web archives: WARC and WET, one record a page fetched; requests, revisits and what is no page are passed over and counted."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from transforms.read import http
from transforms.read.decode import decode
from transforms.read.html import decode_page
from transforms.read.reading import Item, Reading
from transforms.read.refuse import Damaged, refuse
from transforms.read.sniff import Format, sniff
from transforms.read.source import CHUNK, HEAD, Source
from transforms.read.unpack import Unpacked
from transforms.records import RawRecord, Rejected, Skipped

_MAGIC = b"WARC/"
_NEXT = b"\r\n\r\nWARC/"
# Named fields of one record; Common Crawl writes 1 kB.
_HEADER_LIMIT = 1 << 16
_PAGES = {"", "text/html", "application/xhtml+xml", "text/plain", "text/xhtml"}


class _Header(NamedTuple):
    """The named fields of a record by lower-case name, where it starts and where its block does."""

    fields: dict[str, str]
    start: int
    block: int

    @property
    def length(self) -> int:
        """Bytes of the block as stated, -1 where they are not."""
        stated = self.fields.get("content-length", "")
        return int(stated) if stated.isascii() and stated.isdecimal() and len(stated) < 16 else -1


def read(source: Source, name: str, how: Reading) -> Iterator[Item]:
    """Yield one record for each page of a WARC, one for each text of a WET.

    Refusals: wrong_length (a block that does not end where its Content-Length says), truncated_warc, corrupt_warc, record_too_large,
    those of transforms/read/http.py and, of compressed ones, of transforms/read/unpack.py; each costs itself.
    """
    chunks = source.chunks()
    yield from _Records(lambda: next(chunks, b""), 0, how).items()


def resume(source: Source, name: str, how: Reading, offset: int) -> Iterator[Item]:
    """Yield what `read` would from byte `offset` on."""
    chunks = source.chunks_from(offset)
    yield from _Records(lambda: next(chunks, b""), offset, how).items()


def read_members(unpacked: Unpacked, how: Reading, offset: int = 0) -> Iterator[Item]:
    """Yield what `read` would of compressed members, read up to byte `offset` before; a damaged one is refused, and reading goes on behind it."""
    records = _Records(lambda: unpacked.read(CHUNK), offset, how)
    while True:
        try:
            yield from records.items()
            return
        except Damaged as error:
            yield records.broken(error)
            if error.reason_code == "compression_bomb" or not unpacked.resync():
                return


class _Records:
    def __init__(self, take: Callable[[], bytes], start: int, how: Reading) -> None:
        self._take = take
        self._how = how
        # `_buffer` holds the stream from byte `_base`, where the next record begins or is looked for.
        self._buffer, self._base = b"", start
        self._failure: Damaged | None = None

    def broken(self, error: Damaged) -> Rejected:
        """Return the refusal of what was under way when the stream broke, and forget it."""
        start, end = self._base, self._base + len(self._buffer)
        preview, self._buffer, self._base = self._buffer[:800], b"", end
        return refuse(start, end, error.reason_code, str(error), preview)

    def items(self) -> Iterator[Item]:
        while self._find_start():
            header = self._header()
            yield header if isinstance(header, Rejected) else self._record(header)

    def _more(self) -> bool:
        """Take some more of the stream. Damage is raised the second time: what lies before it may be whole."""
        self._fail()
        try:
            piece = self._take()
        except Damaged as error:
            self._failure = error
            return False
        self._buffer += piece
        return bool(piece)

    def _fail(self) -> None:
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _drop(self, size: int) -> None:
        self._buffer, self._base = self._buffer[size:], self._base + size

    def _find_start(self) -> bool:
        """Stand at the next record's first byte; blanks before it are let be."""
        while True:
            if self._buffer[:1] in (b"\r", b"\n"):
                self._drop(len(self._buffer) - len(self._buffer.lstrip(b"\r\n")))
            if len(self._buffer) >= len(_MAGIC) or not self._more():
                return bool(self._buffer)

    def _header(self) -> "_Header | Rejected":
        while (end := self._buffer.find(b"\r\n\r\n")) < 0 and len(self._buffer) <= _HEADER_LIMIT and self._more():
            pass
        if end < 0:
            self._fail()
        if not self._buffer.startswith(_MAGIC):
            return self._resync("corrupt_warc", "no record begins here")
        if end < 0:
            return self._resync(
                "truncated_warc" if len(self._buffer) <= _HEADER_LIMIT else "corrupt_warc", "a header without an end"
            )
        fields: dict[str, str] = {}
        for line in self._buffer[:end].decode("utf-8", "replace").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            fields.setdefault(name.strip().lower(), value.strip())
        return _Header(fields, self._base, self._base + end + 4)

    def _record(self, header: _Header) -> Item:
        length, limit = header.length, self._how.limits.max_record
        if length < 0:
            return self._resync("wrong_length", "a record that does not say how long it is")
        if length > limit:
            return self._too_large(header)
        block = header.block - self._base
        end = block + length
        while len(self._buffer) < end + len(_NEXT) and self._more():
            pass
        behind = self._buffer[end : end + len(_NEXT)]
        if len(self._buffer) < end:
            self._fail()
            reason = "wrong_length" if _NEXT in self._buffer[block - 4 :] else "truncated_warc"
            return self._resync(
                reason, f"a block of {length} bytes of which {len(self._buffer) - block} are there", block
            )
        if not _NEXT.startswith(behind) and not behind.startswith(b"\r\n\r\n"):
            return self._resync("wrong_length", f"the block does not end after the {length} bytes it states", block)
        data = self._buffer[block:end]
        self._drop(end)
        return _page(header, data, self._how)

    def _too_large(self, header: _Header) -> Rejected:
        """Pass over a block that is not held, as far as the next record, wherever that begins."""
        start, stated = header.start, header.block + header.length
        preview = self._buffer[:800]
        self._drop(header.block - self._base - 4)
        while (found := self._buffer.find(_NEXT)) < 0:
            self._drop(max(0, len(self._buffer) - len(_NEXT) + 1))
            if not self._more():
                self._drop(len(self._buffer))
                break
        end = self._base + max(found, 0)
        self._drop(max(found, 0))
        if end == stated or (found < 0 and end - stated in (0, 2, 4)):
            detail = f"a record of {header.length} bytes; the limit is {self._how.limits.max_record}"
            return refuse(start, end, "record_too_large", detail, preview)
        return refuse(
            start,
            end,
            "wrong_length" if found >= 0 else "truncated_warc",
            f"a block of {header.length} bytes, as stated",
            preview,
        )

    def _resync(self, reason: str, detail: str, after: int = 1) -> Rejected:
        """Refuse what begins here and stand at the next record, sought from `after` bytes on."""
        start, preview = self._base, self._buffer[:800]
        after = max(1, after - 4)
        self._drop(after)
        while (found := self._buffer.find(_NEXT)) < 0:
            self._drop(max(0, len(self._buffer) - len(_NEXT) + 1))
            if not self._more():
                self._drop(len(self._buffer))
                break
        self._drop(max(found, 0))
        return refuse(start, self._base, reason, detail, preview)


def _page(header: _Header, data: bytes, how: Reading) -> Item:
    kind, start, end = header.fields.get("warc-type", "").lower(), header.start, header.block + len(data)
    if kind not in ("response", "resource", "conversion"):
        return Skipped(kind or "untyped")
    media, body = header.fields.get("content-type", ""), data
    if kind == "response":
        if not header.fields.get("warc-target-uri", "http").strip("<").startswith("http"):
            return Skipped("no page")
        try:
            response = http.parse(data, how.limits)
        except Damaged as error:
            return refuse(start, end, error.reason_code, str(error), data)
        if not 200 <= response.status < 300:
            return Skipped(f"status {response.status}")
        media, body = response.headers.get("content-type", ""), response.body
    return _record_of(header, kind, media, body, start, end)


def _record_of(header: _Header, kind: str, media: str, body: bytes, start: int, end: int) -> Item:
    name, _, parameters = media.partition(";")
    if name.strip().lower() not in _PAGES:
        return Skipped(name.strip().lower()[:60])
    said = header.fields
    fields = {"url": said.get("warc-target-uri", "").strip("<> "), "fetched": said.get("warc-date", "")}
    fields = {field: value for field, value in fields.items() if value}
    extra = {"warc_truncated": said["warc-truncated"]} if "warc-truncated" in said else {}
    charset = parameters.partition("charset=")[2].strip(" \"';") or None
    found = sniff(body[:HEAD])
    if found is Format.EMPTY:
        return refuse(start, end, "no_text", "an empty body", body)
    if found is Format.HTML or (
        kind == "response" and found is not Format.BINARY and name.strip().lower() != "text/plain"
    ):
        page, note = decode_page(body, charset)
        return RawRecord(said.get("warc-record-id"), start, end, fields, extra | _noted(note), page)
    if found is Format.BINARY or found in (Format.ZIP, Format.GZIP, Format.ZSTD, Format.BZIP2, Format.XZ, Format.TAR):
        return refuse(start, end, "binary", f"a body that says it is {name or 'a page'} and is not", body)
    text, note = decode(body, charset)
    return RawRecord(said.get("warc-record-id"), start, end, fields | {"body": text}, extra | _noted(note))


def _noted(note: str | None) -> dict[str, str]:
    return {"text_encoding": note} if note else {}
