"""Tables as text (CSV, TSV and their kin): a header, then one record a row; a broken row costs itself."""

import csv
import io
from collections.abc import Generator, Iterator, Mapping
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv

from transforms.read.arrow import text_values, unique
from transforms.read.decode import decode
from transforms.read.jsonl import says_something
from transforms.read.lines import Line, lines
from transforms.read.reading import Item, Reading
from transforms.read.refuse import refuse
from transforms.read.sniff import delimiter_of, header_cells
from transforms.read.source import Source
from transforms.read.transcode import as_utf8, encoding_of

# The standard reader refuses fields over 128 KiB unless told otherwise; rows are bounded before it sees them.
csv.field_size_limit((1 << 31) - 1)
# Bytes that are parsed at once.
_BLOCK = 1 << 20
_BLANK = b"\x00\xef\xbb\xbf \t\r\n"
# As RFC 4180 has it; as MySQL and Spark escape; as tables without quoting are.
_DIALECTS: tuple[dict[str, Any], ...] = ({}, {"escapechar": "\\", "doublequote": False}, {"quoting": csv.QUOTE_NONE})


def read(source: Source, name: str, how: Reading) -> Iterator[Item]:
    """Yield one record or refusal a row; the first row names the columns.

    Refusals: unbalanced_quotes, wrong_columns, record_too_large, no_text. A header that comes again (files put behind each other) is none.
    """
    yield from _Table(source, how).rows(source)


class _Table:
    def __init__(self, source: Source, how: Reading) -> None:
        self._how = how
        encoding = encoding_of(source.head)
        head = source.head.decode(encoding, "replace").lstrip("\x00\ufeff \t\r\n\f\v")
        self._newline = b"\r" if "\n" not in head and "\r" in head else b"\n"
        self._delimiter = delimiter_of(head.replace("\r", "\n") if self._newline == b"\r" else head, how.fields) or ","
        self._names: list[str] = []

    def rows(self, source: Source) -> Iterator[Item]:
        waiting: list[Line] = []
        size, enough = 0, _BLOCK
        for line in lines(as_utf8(source), self._how.limits.max_record, self._newline):
            if line.data is None:
                yield from self._block(waiting, last=True)
                waiting, size = [], 0
                detail = f"a line of {line.end - line.start} bytes; the limit is {self._how.limits.max_record}"
                yield refuse(line.start, line.end, "record_too_large", detail, line.head)
            elif not self._names:
                if line.data.strip(_BLANK):
                    self._names = unique(header_cells(decode(line.data).text.strip("\r"), self._delimiter))
            else:
                waiting.append(line)
                size += len(line.data) + 1
                if size >= enough:
                    waiting = yield from self._block(waiting, last=False)
                    size = sum(len(each.data or b"") + 1 for each in waiting)
                    # A row that is not over is looked at again when twice as much of it is there.
                    enough = max(_BLOCK, 2 * size)
        yield from self._block(waiting, last=True)

    def _block(self, waiting: list[Line], last: bool) -> Generator[Item, None, list[Line]]:
        """Yield the rows of some lines, parsed at once where nothing is odd about them; return the lines of a row that is not over."""
        rows, rest = _grouped(waiting)
        n_left = sum(len(line.data or b"") for line in rest)
        if rest and (last or n_left > self._how.limits.max_record):
            return (yield from self._careful(waiting, last))
        columns = self._parsed(rows)
        if columns is None:
            return (yield from self._careful(waiting, last))
        names, first = self._names, self._names[0]
        for row, values in zip(rows, zip(*columns, strict=True), strict=True):
            if values[0] != first or list(values) != names:
                yield self._record(dict(zip(names, values, strict=True)), row[0].start, row[-1].end)
        return rest

    def _parsed(self, rows: list[list[Line]]) -> list[list[str | None]] | None:
        """Return the columns of rows, None where the fast parser sees other rows or columns than we do."""
        data = self._newline.join([line.data or b"" for row in rows for line in row])
        names = [str(i) for i in range(len(self._names))]
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(data),
                arrow_csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
                arrow_csv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
                arrow_csv.ConvertOptions(check_utf8=False, column_types=dict.fromkeys(names, pa.binary())),
            )
        except pa.ArrowInvalid:
            return None if rows else [[] for _ in names]
        if table.num_rows != len(rows):
            return None
        return [text_values(column.combine_chunks()) for column in table.columns]

    def _careful(self, waiting: list[Line], last: bool) -> Generator[Item, None, list[Line]]:
        """Do what `_block` does, row by row: a line that makes no row by itself or with those its open quote leads to is refused alone."""
        place = 0
        while place < len(waiting):
            if not (waiting[place].data or b"").strip(_BLANK):
                place += 1
                continue
            end = _end_of_row(waiting, place)
            left = sum(len(line.data or b"") for line in waiting[place:]) if end is None and not last else None
            if left is not None and left <= self._how.limits.max_record:
                return waiting[place:]
            row = waiting[place : end or place + 1]
            cells = self._cells(self._newline.join(line.data or b"" for line in row))
            if cells is None and len(row) > 1:
                row = row[:1]
                cells = self._cells(row[0].data or b"")
            place += len(row)
            if cells is None:
                yield self._refusal(row[0])
            elif cells != self._names:
                yield self._record(dict(zip(self._names, cells, strict=True)), row[0].start, row[-1].end)
        return []

    def _cells(self, data: bytes) -> list[str] | None:
        """Return the cells of one row, None where there are not as many as columns in any of the ways tables are written."""
        text = decode(data).text.removesuffix("\r")
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

    def _record(self, cells: Mapping[str, str | None], start: int, end: int) -> Item:
        record = self._how.fields.to_record(cells, start, end)
        if says_something(record):
            return record
        return refuse(start, end, "no_text", "no field holds a text", str(dict(cells))[:800].encode())

    def _refusal(self, line: Line) -> Item:
        data = line.data or b""
        if data.count(b'"') % 2:
            return refuse(line.start, line.end, "unbalanced_quotes", "a quote is opened and never closed", data)
        detail = f"the row has not the {len(self._names)} columns of the header"
        return refuse(line.start, line.end, "wrong_columns", detail, data)


def _opens_quote(cell: str) -> bool:
    return cell.startswith('"') and cell.count('"') % 2 == 1


def _grouped(waiting: list[Line]) -> tuple[list[list[Line]], list[Line]]:
    """Return the rows that lines make, and the lines of the last where its quotes are not closed yet."""
    rows: list[list[Line]] = []
    row: list[Line] = []
    is_open = False
    for line in waiting:
        data = line.data or b""
        if not row and not data.strip(_BLANK):
            continue
        row.append(line)
        is_open ^= data.count(b'"') % 2 == 1
        if not is_open:
            rows.append(row)
            row = []
    return rows, row


def _end_of_row(waiting: list[Line], place: int) -> int | None:
    """Return the place behind the row that begins at `place`, None where its quotes are never closed."""
    is_open = False
    for end in range(place, len(waiting)):
        is_open ^= (waiting[end].data or b"").count(b'"') % 2 == 1
        if not is_open:
            return end + 1
    return None
