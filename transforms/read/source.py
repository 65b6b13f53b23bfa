"""A byte stream with its head read ahead, so that its format is known before it is read."""

from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import BinaryIO

from transforms.read.refuse import Damaged

CHUNK = 1 << 20
HEAD = 1 << 16


class Source:
    """A binary stream; `head` is its first 64 KiB, and `chunks` yields everything, head included, once.

    Whatever reading the stream raises (OSError, Damaged) comes through.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._start = stream.tell() if stream.seekable() else None
        self.head = self._read_head()

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """Yield the whole stream in pieces of about `size` bytes, however little it gives at a time: readers join pieces to long lines."""
        yield self.head
        # A head that is not full was the whole stream.
        while len(self.head) >= HEAD:
            held: list[bytes] = []
            left = size
            try:
                while left > 0 and (piece := self._stream.read(left)):
                    held.append(piece)
                    left -= len(piece)
            except Damaged:
                # What came before the damage may hold whole records.
                yield b"".join(held)
                raise
            if not held:
                return
            yield held[0] if len(held) == 1 else b"".join(held)

    def whole(self, limit: int) -> tuple[bytes | None, int]:
        """Return the bytes (None if there are more than `limit`) and their number."""
        if len(self.head) < HEAD:
            return (self.head if len(self.head) <= limit else None), len(self.head)
        kept, size = bytearray(), 0
        for piece in self.chunks():
            size += len(piece)
            if size <= limit:
                kept += piece
        return (bytes(kept) if size <= limit else None), size

    def rewound(self, spool: Callable[[], BinaryIO], limit: int) -> BinaryIO:
        """Return a seekable stream at the first byte: the stream itself, or a copy in `spool` where it comes only once.

        Raises Damaged (unseekable_too_large) for more than `limit` bytes to copy.
        """
        if self._start is not None:
            self._stream.seek(self._start)
            return self._stream
        copy = spool()
        size = 0
        for piece in self.chunks():
            size += copy.write(piece)
            if size > limit:
                detail = f"an archive of more than {limit} bytes in a stream that can be read only once"
                raise Damaged("unseekable_too_large", detail)
        copy.seek(0)
        return copy

    def chunks_from(self, offset: int, size: int = CHUNK) -> Iterator[bytes]:
        """Yield what lies behind the first `offset` bytes, as `chunks` does; what can't be sought is read and dropped."""
        if self._start is not None:
            self._stream.seek(self._start + offset)
            yield from iter(lambda: self._stream.read(size), b"")
            return
        for piece in self.chunks(size):
            kept = piece[offset:]
            offset = max(0, offset - len(piece))
            if kept:
                yield kept

    @property
    def comes_once(self) -> bool:
        """Whether the stream can't be read again."""
        return self._start is None

    def _read_head(self) -> bytes:
        head = self._stream.read(HEAD) or b""
        if type(self._stream) is BufferedReader:
            # Gives less than it is asked for at its end alone.
            return head
        while len(head) < HEAD and (piece := self._stream.read(HEAD - len(head))):
            head += piece
        return head
