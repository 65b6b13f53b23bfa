"""A byte stream cut into lines with their offsets, holding at most one line of bounded length."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

PREVIEW_BYTES = 800


class Line(NamedTuple):
    """A line without its newline: bytes [start, end) of the stream; `data` is None and `head` its beginning where it is too long."""

    start: int
    end: int
    data: bytes | None
    head: bytes = b""


def lines(chunks: Iterable[bytes], limit: int, newline: bytes = b"\n", base: int = 0) -> Iterator[Line]:
    """Yield the lines of a stream that begins at byte `base`; one longer than `limit` bytes is passed over without being held."""
    buffer, head = b"", b""
    start, dropped = base, 0
    width = len(newline)
    for chunk in chunks:
        parts = _split(buffer + chunk if buffer else chunk, newline)
        buffer = parts.pop()
        for data in parts:
            size = dropped + len(data)
            if size > limit:
                yield Line(start, start + size, None, head or data[:PREVIEW_BYTES])
                dropped, head = 0, b""
            else:
                yield Line(start, start + size, data)
            start += size + width
        if len(buffer) > limit:
            # Keep what may be the first half of a newline, so that wide newlines stay aligned.
            keep = len(buffer) % width
            head = head or buffer[:PREVIEW_BYTES]
            dropped += len(buffer) - keep
            buffer = buffer[len(buffer) - keep :]
    if buffer or dropped:
        size = dropped + len(buffer)
        too_long = size > limit
        yield Line(
            start, start + size, None if too_long else buffer, head or (buffer[:PREVIEW_BYTES] if too_long else b"")
        )


def runs(chunks: Iterable[bytes], limit: int, base: int = 0) -> Iterator[Line]:
    """Yield what `lines` does, but lines that end in the same chunk as one; one among them may be longer than `limit` by less than a chunk."""
    held: list[bytes] = []
    start, size = base, 0
    for chunk in chunks:
        if size > limit and (first := chunk.find(b"\n")) >= 0:
            yield Line(start, start + size + first, None, held[0])
            start, held, size, chunk = start + size + first + 1, [], 0, chunk[first + 1 :]
        if (cut := chunk.rfind(b"\n")) >= 0:
            yield Line(start, start + size + cut, b"".join([*held, chunk[:cut]]))
            start, held, size, chunk = start + size + cut + 1, [], 0, chunk[cut + 1 :]
        held.append(chunk)
        size += len(chunk)
        if size > limit:
            # Of a line that has grown too long the beginning is enough.
            held = [b"".join(held)[:PREVIEW_BYTES]]
    if size:
        yield Line(start, start + size, None if size > limit else b"".join(held), held[0] if size > limit else b"")


def _split(data: bytes, newline: bytes) -> list[bytes]:
    """Split at newlines that are aligned to their own width: in UTF-16, half of one character and half of the next are none."""
    if len(newline) == 1:
        return data.split(newline)
    parts: list[bytes] = []
    position = 0
    cut = data.find(newline)
    while cut >= 0:
        if (cut - position) % len(newline):
            cut = data.find(newline, cut + 1)
            continue
        parts.append(data[position:cut])
        position = cut + len(newline)
        cut = data.find(newline, position)
    return [*parts, data[position:]]
