"""A stored HTTP response: status, headers and the body as it was before it was packed for its journey."""

import zlib
from typing import NamedTuple

import brotli
import zstandard

from transforms.read.limits import ReadLimits
from transforms.read.refuse import Damaged


class Response(NamedTuple):
    """A response: `status` (0 where none is stated), headers by lower-case name, the body decoded."""

    status: int
    headers: dict[str, str]
    body: bytes


def parse(data: bytes, limits: ReadLimits) -> Response:
    """Return a response. Raises Damaged: bad_http, truncated_body, corrupt_body, compression_bomb."""
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/"):
        raise Damaged("bad_http", "a response without a status line")
    first, *lines = head.decode("latin-1").split("\r\n")
    status = first.split(" ", 2)[1:2]
    headers: dict[str, str] = {}
    for line in lines[:1000]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    for coding in reversed(headers.get("content-encoding", "").lower().split(",")):
        body = _decoded(body, coding.strip(), limits)
    return Response(int(status[0]) if status and status[0].isdecimal() else 0, headers, body)


def _unchunked(data: bytes) -> bytes:
    """Return the body of chunks; as it is where it does not begin with one: crawlers store bodies unpacked and leave the header."""
    pieces: list[bytes] = []
    position = 0
    while True:
        end = data.find(b"\r\n", position, position + 1_000)
        size = data[position:end].partition(b";")[0].strip() if end >= 0 else b""
        if not size or len(size) > 8 or not all(c in b"0123456789abcdefABCDEF" for c in size):
            if not position:
                return data
            raise Damaged("truncated_body", f"a chunked body without its last chunk, after {position} bytes")
        n = int(size, 16)
        if n == 0:
            return b"".join(pieces)
        if len(data) < end + 2 + n:
            raise Damaged("truncated_body", f"a chunk of {n} bytes of which {len(data) - end - 2} are there")
        pieces.append(data[end + 2 : end + 2 + n])
        position = end + 2 + n + 2


def _decoded(data: bytes, coding: str, limits: ReadLimits) -> bytes:
    """Undo one content coding; a body that is not what the header says is what a crawler unpacked already."""
    try:
        if coding in ("gzip", "x-gzip"):
            return _inflate(data, 31, limits) if data.startswith(b"\x1f\x8b") else data
        if coding == "deflate":
            return _inflate(data, 15 if data[:1] in (b"\x78", b"\x58", b"\x08") else -15, limits)
        if coding == "zstd" and data.startswith(b"\x28\xb5\x2f\xfd"):
            return _pieces(zstandard.ZstdDecompressor(max_window_size=limits.max_window).decompressobj(), data, limits)
        if coding == "br" and data.lstrip()[:1] != b"<":
            return _brotli(data, limits)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise Damaged("corrupt_body", f"a body of coding {coding!r} that does not decode: {error}") from error
    return data


def _inflate(data: bytes, wbits: int, limits: ReadLimits) -> bytes:
    inner = zlib.decompressobj(wbits)
    body = inner.decompress(data, limits.max_record + 1)
    return _bounded(body, bool(inner.eof), limits)


def _brotli(data: bytes, limits: ReadLimits) -> bytes:
    inner = brotli.Decompressor()
    body = inner.process(data, output_buffer_limit=limits.max_record + 1)
    while (
        not inner.is_finished()
        and len(body) <= limits.max_record
        and (more := inner.process(b"", output_buffer_limit=limits.max_record + 1))
    ):
        body += more
    return _bounded(body, bool(inner.is_finished()), limits)


def _pieces(inner: "zstandard.ZstdDecompressionObj", data: bytes, limits: ReadLimits) -> bytes:
    body = bytearray()
    for start in range(0, len(data), 1 << 12):
        body += inner.decompress(data[start : start + (1 << 12)])
        if len(body) > limits.max_record or inner.eof:
            break
    return _bounded(bytes(body), bool(inner.eof), limits)


def _bounded(body: bytes, whole: bool, limits: ReadLimits) -> bytes:
    if len(body) > limits.max_record:
        raise Damaged("compression_bomb", f"a body that unpacks to more than {limits.max_record} bytes")
    if not whole:
        raise Damaged("truncated_body", "a compressed body that ends too soon")
    return body
