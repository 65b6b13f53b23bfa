"""A byte stream with its head read ahead, so that its format is known before it is read."""

from collections.abc import Iterator
from typing import BinaryIO

CHUNK = 1 << 20
HEAD = 1 << 16


class Source:
    """A binary stream; `head` is its first 64 KiB, and `chunks` yields everything, head included, once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.head = self._read_head()

    def chunks(self) -> Iterator[bytes]:
        """Yield the whole stream in pieces of about 1 MiB."""
        yield self.head
        while piece := self._stream.read(CHUNK):
            yield piece

    def whole(self, limit: int) -> tuple[bytes | None, int]:
        """Return the bytes (None if there are more than `limit`) and their number."""
        kept, size = bytearray(), 0
        for piece in self.chunks():
            size += len(piece)
            if size <= limit:
                kept += piece
        return (bytes(kept) if size <= limit else None), size

    def _read_head(self) -> bytes:
        head = b""
        while len(head) < HEAD and (piece := self._stream.read(HEAD - len(head))):
            head += piece
        return head
