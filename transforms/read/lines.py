"""A byte stream cut into lines with their offsets, holding at most one line of bounded length."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

_PREVIEW = 800


class Line(NamedTuple):
    """A line without its newline: bytes [start, end) of the stream; `data` is None and `head` its beginning where it is too long."""

    start: int
    end: int
    data: bytes | None
    head: bytes


def lines(chunks: Iterable[bytes], limit: int, newline: bytes = b"\n") -> Iterator[Line]:
    """Yield the lines of a stream; one longer than `limit` bytes is passed over without being held."""
    cutter = _Cutter(limit, newline)
    for chunk in chunks:
        yield from cutter.feed(chunk)
    yield from cutter.finish()


class _Cutter:
    def __init__(self, limit: int, newline: bytes) -> None:
        self._limit = limit
        self._newline = newline
        self._buffer = b""
        self._start = 0
        self._dropped = 0
        self._head = b""

    def feed(self, chunk: bytes) -> Iterator[Line]:
        data = self._buffer + chunk
        position = 0
        while (cut := self._find(data, position)) >= 0:
            yield self._line(data[position:cut])
            position = cut + len(self._newline)
            self._start += len(self._newline)
        self._buffer = data[position:]
        if len(self._buffer) > self._limit:
            # Keep what may be the first half of a newline, so that wide newlines stay aligned.
            keep = len(self._buffer) % len(self._newline)
            self._head = self._head or self._buffer[:_PREVIEW]
            self._dropped += len(self._buffer) - keep
            self._buffer = self._buffer[len(self._buffer) - keep :]

    def finish(self) -> Iterator[Line]:
        if self._buffer or self._dropped:
            yield self._line(self._buffer)

    def _find(self, data: bytes, position: int) -> int:
        cut = data.find(self._newline, position)
        while cut >= 0 and (cut - position) % len(self._newline):
            cut = data.find(self._newline, cut + 1)
        return cut

    def _line(self, data: bytes) -> Line:
        size = self._dropped + len(data)
        too_long = size > self._limit
        line = Line(self._start, self._start + size, None if too_long else data, self._head or data[:_PREVIEW])
        self._start += size
        self._dropped, self._head = 0, b""
        return line
