"""Tables as text (CSV, TSV and their kin): a header, then one record a row; a broken row costs itself."""

import csv
import io
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from transforms.read.batch import Table, no_text, says_something, unique, values
from transforms.read.decode import decode, legacy_encoding
from transforms.read.lines import Line, lines
from transforms.read.reading import Item, Part, Reading
from transforms.read.refuse import refuse
from transforms.read.sniff import TOLD_DELIMITER, delimiter_of, header_cells
from transforms.read.source import Source
from transforms.read.transcode import as_utf8, encoding_of
from transforms.records import Rejected

Places = npt.NDArray[np.int64]

# The standard reader refuses fields over 128 KiB unless told otherwise; rows are bounded before it sees them.
csv.field_size_limit((1 << 31) - 1)
# Bytes that are looked at together; of them, bytes that the fast parser and NumPy take at a time, for the sake of the processor's cache.
_BLOCK, _PIECE, _CACHED = 1 << 21, 1 << 19, 1 << 17
_QUOTE = ord('"')
# A row may be blank only up to this length; a longer one of blanks is parsed, and found to have too few columns.
_SHORT = 64
_BLANK = b"\x00\xef\xbb\xbf \t\r\n"
# As RFC 4180 has it; as MySQL and Spark escape; as tables without quoting are.
_DIALECTS: tuple[dict[str, Any], ...] = ({}, {"escapechar": "\\", "doublequote": False}, {"quoting": csv.QUOTE_NONE})


def read(source: Source, name: str, how: Reading) -> Iterator[Part]:
    """Yield one record or refusal a row; the first row, behind a line "sep=;" if there is one, names the columns.

    Refusals: unbalanced_quotes, wrong_columns, record_too_large, no_text. A header that comes again (files put behind each other) is none.
    """
    yield from _Rows(source, how).rows(source)


class _Rows:
    def __init__(self, source: Source, how: Reading) -> None:
        self._how = how
        encoding = encoding_of(source.head)
        head = source.head.decode(encoding, "replace").lstrip("\x00\ufeff \t\r\n\f\v")
        self._newline = b"\r" if "\n" not in head and "\r" in head else b"\n"
        self._delimiter = delimiter_of(head.replace("\r", "\n") if self._newline == b"\r" else head, how.fields) or ","
        self._names: list[str] = []
        # A cell is too short to guess from: "Öl" alone may be Chinese.
        self._legacy = legacy_encoding(source.head)

    def rows(self, source: Source) -> Iterator[Part]:
        # One place for all that is held: memory that is new each time costs as much as parsing what is put there.
        held, size, base, enough = bytearray(2 * _BLOCK), 0, 0, 0
        chunks = as_utf8(source)
        for chunk in chunks:
            if size + len(chunk) > len(held):
                held = held[:size] + bytearray(size + len(chunk))
            held[size : size + len(chunk)] = chunk
            size += len(chunk)
            if size < enough:
                continue
            taken = yield from self._block(memoryview(held)[:size], base, last=False)
            held[: size - taken] = held[taken:size]
            size, base = size - taken, base + taken
            if size > self._how.limits.max_record and held.find(self._newline, 0, size) < 0:
                line, rest = self._skip_line(bytes(held[:size]), base, chunks)
                yield line
                held[: len(rest)], size, base = rest, len(rest), line.end + 1
            # A row that is not over is looked at again when twice as much of it is there.
            enough = max(_BLOCK, 2 * size)
        yield from self._block(memoryview(held)[:size], base, last=True)

    def _skip_line(self, buffer: bytes, start: int, chunks: Iterator[bytes]) -> tuple[Rejected, bytes]:
        """Pass over a line too long to be held; return its refusal and what came behind it."""
        size, rest = len(buffer), b""
        for chunk in chunks:
            line, newline, rest = chunk.partition(self._newline)
            size += len(line)
            if newline:
                break
        return self._too_long(start, start + size, buffer), rest

    def _too_long(self, start: int, end: int, data: bytes) -> Rejected:
        detail = f"a line of {end - start} bytes; the limit is {self._how.limits.max_record}"
        return refuse(start, end, "record_too_large", detail, data[:800])

    def _block(self, data: memoryview, base: int, last: bool) -> Generator[Part, None, int]:
        """Yield the rows of a piece of the table, parsed at once where nothing is odd about them; return the bytes that were used."""
        begin = 0 if self._names else self._header(bytes(data), last)
        if not self._names:
            return begin
        ends, is_open = _row_ends(data, begin, self._newline)
        left = len(data) - begin - (int(ends[-1]) + 1 if len(ends) else 0)
        if last and left and not is_open:
            ends, left = np.append(ends, len(data) - begin), 0
        odd = is_open and (last or left > self._how.limits.max_record)
        starts, stops = _spans(data, begin, ends)
        longest, rows = int((stops - starts).max(initial=0)), pa.py_buffer(data).slice(begin, len(data) - left - begin)
        parsed = None if odd else self._parsed(rows, longest) if len(starts) else []
        if parsed is None or sum(each.num_rows for each in parsed) != len(starts):
            return begin + (yield from self._carefully(bytes(data[begin:]), base + begin, last))
        place = 0
        for columns in parsed:
            there = slice(place, place := place + columns.num_rows)
            places = pa.array(starts[there] + base), pa.array(stops[there] + base)
            for batch in self._without_headers(Table(columns, *places, self._how.fields)):
                yield batch if self._legacy is None else self._decoded(batch)
        return len(data) - left

    def _without_headers(self, batch: Table) -> Iterator[Table]:
        """Yield the rows of a batch, parted where the header comes again."""
        first, begin, place = batch.columns.column(0), 0, -1
        opening = pa.scalar(self._names[0].encode(), pa.binary())
        while (found := pc.index(first, opening, start=place + 1).as_py()) >= 0:
            place = found
            if [each[0] for each in map(values, batch.slice(place, 1).columns.columns)] == self._names:
                yield from [batch.slice(begin, place - begin)] * (place > begin)
                begin = place + 1
        if len(batch) > begin:
            yield batch.slice(begin, len(batch) - begin) if begin else batch

    def _decoded(self, batch: Table) -> Table:
        """Return a batch of a table that is not in UTF-8 with its cells as text."""
        cells = [
            pa.array([decode(cell, self._legacy).text for cell in column.to_pylist()], pa.string())
            for column in batch.columns.columns
        ]
        return replace(batch, columns=pa.RecordBatch.from_arrays(cells, names=self._names))

    def _header(self, data: bytes, last: bool) -> int:
        """Take the names of the columns from the first line that is not blank; return where the rows begin."""
        begin = 0
        while not self._names and begin < len(data):
            end = data.find(self._newline, begin)
            if end < 0 and not last:
                return begin
            line = data[begin : end if end >= 0 else len(data)]
            begin = end + 1 if end >= 0 else len(data)
            text = decode(line, self._legacy).text.strip("\r\ufeff")
            if line.strip(_BLANK) and not TOLD_DELIMITER.fullmatch(text):
                self._names = unique(header_cells(text, self._delimiter)) or ["column_1"]
        return begin

    def _parsed(self, data: pa.Buffer, longest: int) -> list[pa.RecordBatch] | None:
        """Return the columns of rows of at most `longest` bytes, as bytes, None where the fast parser sees other columns than we do."""
        names = [str(i) for i in range(len(self._names))]
        try:
            # The reader of streams parses its rows once, that of files twice.
            found = arrow_csv.open_csv(
                pa.BufferReader(data),
                arrow_csv.ReadOptions(use_threads=False, block_size=max(_PIECE, longest + 2), column_names=names),
                arrow_csv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
                arrow_csv.ConvertOptions(check_utf8=False, column_types=dict.fromkeys(names, pa.binary())),
            )
            return [each.rename_columns(self._names) for each in found]
        except pa.ArrowInvalid:
            return None

    def _carefully(self, data: bytes, base: int, last: bool) -> Generator[Item, None, int]:
        """Do what `_block` does, line by line; return the bytes that were used."""
        whole = data if last else data[: data.rfind(self._newline) + 1]
        left = yield from self._careful(list(lines([whole], self._how.limits.max_record, self._newline, base)), last)
        return left[0].start - base if left else len(whole)

    def _careful(self, waiting: list[Line], last: bool) -> Generator[Item, None, list[Line]]:
        """Yield rows; a line that makes none by itself or with those its open quote leads to is refused alone. Return a row not over."""
        place = 0
        while place < len(waiting):
            line = waiting[place]
            if line.data is None:
                yield self._too_long(line.start, line.end, line.head)
                place += 1
                continue
            if not line.data.strip(_BLANK):
                place += 1
                continue
            end = _end_of_row(waiting, place)
            left = waiting[-1].end - line.start if end is None and not last else None
            if left is not None and left <= self._how.limits.max_record:
                return waiting[place:]
            row = waiting[place : end or place + 1]
            cells = self._cells(self._newline.join(each.data or b"" for each in row))
            if cells is None and len(row) > 1:
                row = row[:1]
                cells = self._cells(line.data)
            place += len(row)
            if cells is None:
                yield self._refusal(line)
            elif cells != self._names:
                record = self._how.fields.to_record(dict(zip(self._names, cells, strict=True)), line.start, row[-1].end)
                yield record if says_something(record) else no_text(record)
        return []

    def _cells(self, data: bytes) -> list[str] | None:
        """Return the cells of one row, None where there are not as many as columns in any of the ways tables are written."""
        text = decode(data, self._legacy).text.removesuffix("\r")
        for dialect in _DIALECTS:
            if dialect.get("escapechar") and "\\" not in text:
                continue
            try:
                found = list(
                    csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True, **dialect)
                )
            except csv.Error:
                continue
            if len(found) != 1 or len(found[0]) != len(self._names):
                continue
            # Without quoting, a cell that opens a quote for good is more likely the beginning of a longer one.
            if dialect.get("quoting") != csv.QUOTE_NONE or not any(map(_opens_quote, found[0])):
                return found[0]
        return None

    def _refusal(self, line: Line) -> Item:
        data = line.data or b""
        if data.count(b'"') % 2:
            return refuse(line.start, line.end, "unbalanced_quotes", "a quote is opened and never closed", data)
        detail = f"the row has not the {len(self._names)} columns of the header"
        return refuse(line.start, line.end, "wrong_columns", detail, data)


def _opens_quote(cell: str) -> bool:
    return cell.startswith('"') and cell.count('"') % 2 == 1


def _row_ends(data: memoryview, begin: int, newline: bytes) -> tuple[Places, bool]:
    """Return where rows end, at the newlines behind an even number of quotes, and whether a quote is open at the end."""
    codes = np.frombuffer(data, np.uint8, offset=begin)
    cached = ((place, codes[place : place + _CACHED]) for place in range(0, max(1, len(codes)), _CACHED))
    marks = np.concatenate([place + np.flatnonzero((some == _QUOTE) | (some == newline[0])) for place, some in cached])
    is_quote = codes[marks] == _QUOTE
    is_open = np.logical_xor.accumulate(is_quote)
    return marks[~(is_quote | is_open)], bool(len(marks) and is_open[-1])


def _spans(data: memoryview, begin: int, ends: Places) -> tuple[Places, Places]:
    """Return where each row begins and ends, blank ones left out."""
    stops = ends + begin
    starts = np.append(begin, stops[:-1] + 1)[: len(stops)]
    short = np.flatnonzero(stops - starts <= _SHORT).tolist()
    if blank := [i for i in short if not bytes(data[starts[i] : stops[i]]).strip(_BLANK)]:
        return np.delete(starts, blank), np.delete(stops, blank)
    return starts, stops


def _end_of_row(waiting: list[Line], place: int) -> int | None:
    """Return the place behind the row that begins at `place`, None where its quotes are never closed."""
    is_open = False
    for end in range(place, len(waiting)):
        is_open ^= (waiting[end].data or b"").count(b'"') % 2 == 1
        if not is_open:
            return end + 1
    return None
