"""Compressed streams, member by member: nothing is taken for whole before its end mark and checksum were seen."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol

import zstandard

from transforms.read.limits import ReadLimits
from transforms.read.refuse import Damaged
from transforms.read.sniff import Format
from transforms.read.source import CHUNK

_PIECE = 1 << 16
# An RLE block of zstd makes 128 KiB of 4 bytes, and its decompressor knows no bound on what it returns: fed so little at a
# time it returns 128 MiB at the very most.
_ZSTD_PIECE = 1 << 12


class _Member(Protocol):
    """One member (frame, stream) under decompression, as the standard library's bz2 and lzma have it."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class _Zstd:
    def __init__(self, max_window: int) -> None:
        self._inner = zstandard.ZstdDecompressor(max_window_size=max_window).decompressobj()
        self._waiting = b""
        self._position = 0

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def needs_input(self) -> bool:
        return self._position >= len(self._waiting)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data) + self._waiting[self._position :]

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if data:
            self._waiting, self._position = data, 0
        piece = self._waiting[self._position : self._position + _ZSTD_PIECE]
        self._position += len(piece)
        return bytes(self._inner.decompress(piece))


def _member_maker(kind: Format, limits: ReadLimits) -> Callable[[], _Member]:
    makers: dict[Format, Callable[[], _Member]] = {
        Format.GZIP: _Gzip,
        Format.ZSTD: lambda: _Zstd(limits.max_window),
        Format.BZIP2: bz2.BZ2Decompressor,
        Format.XZ: lambda: lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=2 * limits.max_window),
    }
    return makers[kind]


COMPRESSED = (Format.GZIP, Format.ZSTD, Format.BZIP2, Format.XZ)
SUFFIXES = {Format.GZIP: ".gz", Format.ZSTD: ".zst", Format.BZIP2: ".bz2", Format.XZ: ".xz"}


class Unpacked(io.RawIOBase):
    """The decompressed bytes of every member of a compressed stream, zeros between members passed over.

    `read` raises Damaged: truncated_<kind> where the stream ends inside a member, corrupt_<kind> where a member does not decompress
    or fails its checksum, compression_bomb beyond the bounds on size and ratio. After damage `resync` goes on at the next gzip member.
    """

    def __init__(self, stream: BinaryIO, kind: Format, limits: ReadLimits) -> None:
        self._stream = stream
        self._kind = kind
        self._limits = limits
        self._new_member = _member_maker(kind, limits)
        self._member: _Member | None = None
        self._data = b""
        self._n_members = 0
        self._overhang = b""
        self.taken = 0
        self.given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        if not self._overhang:
            self._overhang = self._next_piece(max(size, 1))
        piece, self._overhang = self._overhang[:size], self._overhang[size:]
        return piece

    def peek(self, size: int) -> bytes:
        """Return the first bytes, as many of them as are sound; for a stream that is not read further."""
        head = b""
        try:
            while len(head) < size and (piece := self.read(size - len(head))):
                head += piece
        except Damaged:
            pass
        return head

    def drain(self) -> int:
        """Read to the end and return the number of bytes there were."""
        while self.read(CHUNK):
            pass
        return self.given

    def skip(self, size: int) -> None:
        """Read so many bytes and drop them."""
        while size and (piece := self.read(min(size, CHUNK))):
            size -= len(piece)

    def resync(self) -> bool:
        """Drop the damaged member and find the next; returns False where there is none (gzip only)."""
        self._member, self._overhang = None, b""
        data = self._data[1:]
        while (found := data.find(b"\x1f\x8b\x08")) < 0:
            fresh = self._take()
            if not fresh:
                self._data = b""
                return False
            data = data[-2:] + fresh
        self._data = data[found:]
        return True

    def _next_piece(self, size: int) -> bytes:
        while True:
            if self._member is None and not self._begin_member():
                return b""
            assert self._member is not None
            piece = self._decompress(self._member, size)
            if self._member.eof:
                self._data, self._member = self._member.unused_data, None
            if piece:
                self.given += len(piece)
                self._check_bounds()
                return piece

    def _begin_member(self) -> bool:
        data = self._data or self._take()
        while self._n_members and data and not (data := data.lstrip(b"\x00")):
            data = self._take()
        self._data = data
        if not data:
            return False
        self._member = self._new_member()
        self._n_members += 1
        return True

    def _decompress(self, member: _Member, size: int) -> bytes:
        data = b""
        if member.needs_input:
            data = self._data or self._take()
            if not data:
                raise Damaged(
                    f"truncated_{self._kind}", f"the file ends inside a compressed member, after {self.taken} bytes"
                )
        try:
            piece = member.decompress(data, size)
        except (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, ValueError, EOFError) as error:
            self._data = data or self._data
            raise Damaged(f"corrupt_{self._kind}", str(error)) from error
        self._data = b""
        return piece

    def _take(self) -> bytes:
        data = self._stream.read(_PIECE) or b""
        self.taken += len(data)
        return data

    def _check_bounds(self) -> None:
        limits = self._limits
        if self.given > limits.max_decompressed or (
            self.given > limits.ratio_grace and self.given > limits.max_ratio * self.taken
        ):
            raise Damaged("compression_bomb", f"{self.taken} bytes became more than {self.given}")
