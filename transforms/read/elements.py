"""A JSON document cut into its records as it streams: the elements of a top-level array, or objects that stand alone."""

import re
from collections.abc import Iterable, Iterator
from enum import Enum

from transforms.read.lines import Line

# What moves the nesting outside of strings, and what may end a string.
_MARK = re.compile(rb'["\[\]{}]')
_IN_STRING = re.compile(rb'["\\]')
_BETWEEN = b"\x1e\x00\xef\xbb\xbf \t\r\n,[]"
_PREVIEW = 800


class Part(Enum):
    """What was cut: a whole element, one that the document ends in, or something that is neither element nor comma."""

    ELEMENT = "element"
    CUT_OFF = "cut off"
    STRAY = "stray"


class Cutter:
    """Cuts one document; holds at most one element of bounded length."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._depth = self._outer = 0
        self._in_string = False
        # `buffer` holds the document from byte `base`; what is under way, an element or the gap before one, began at `start`.
        self._buffer, self._base, self._start, self._position = b"", 0, 0, 0
        self._head = b""

    def cut(self, chunks: Iterable[bytes]) -> Iterator[tuple[Part, Line]]:
        """Yield the parts in order; a part longer than the limit comes without its data."""
        for chunk in chunks:
            self._buffer += chunk
            while (mark := self._next_mark()) is not None:
                yield from self._step(mark)
            self._forget()
        self._position = self._base + len(self._buffer)
        yield from self._part(Part.CUT_OFF if self._depth > self._outer else Part.STRAY, self._position)

    def _step(self, at: int) -> Iterator[tuple[Part, Line]]:
        opens = self._buffer[at - self._base] in b"[{"
        if self._depth == 0 and opens:
            self._outer = 1 if self._buffer[at - self._base] == ord("[") else 0
        inside = self._depth > self._outer
        self._depth = self._depth + 1 if opens else max(0, self._depth - 1)
        if not inside and self._depth > self._outer:
            yield from self._part(Part.STRAY, at)
        elif inside and self._depth <= self._outer:
            yield from self._part(Part.ELEMENT, at + 1)

    def _part(self, kind: Part, end: int) -> Iterator[tuple[Part, Line]]:
        """Close what is under way at byte `end`; a gap of commas and blanks is nothing."""
        start, size = self._start, end - self._start
        data = None if self._base > start or size > self._limit else self._buffer[start - self._base : end - self._base]
        self._start, head, self._head = end, self._head or (data or b"")[:_PREVIEW], b""
        if kind is Part.STRAY and data is not None:
            if not (kept := data.strip(_BETWEEN)):
                return
            start += data.index(kept)
            data = kept
            end = start + len(kept)
        yield kind, Line(start, end, data, head)

    def _forget(self) -> None:
        """Let go of what is closed, and of an element that has grown too long to be held."""
        keep = self._start
        if self._position - self._start > self._limit:
            self._head = self._head or self._buffer[max(0, self._start - self._base) :][:_PREVIEW]
            keep = self._position
        if keep > self._base:
            self._buffer, self._base = self._buffer[keep - self._base :], keep

    def _next_mark(self) -> int | None:
        """Return the place of the next bracket outside of strings, None where the data so far ends before."""
        data, position = self._buffer, self._position - self._base
        while True:
            found = (_IN_STRING if self._in_string else _MARK).search(data, position)
            if found is None:
                self._position = self._base + len(data)
                return None
            position = found.end()
            if found.group() == b"\\":
                if position == len(data):
                    self._position = self._base + found.start()
                    return None
                position += 1
            elif found.group() == b'"':
                self._in_string = not self._in_string
            else:
                self._position = self._base + position
                return self._base + found.start()
