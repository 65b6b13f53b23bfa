"""JSON lines, one record a line, and JSON documents, one record an element."""

from collections.abc import Iterator

from transforms.read.decode import bom_encoding, decode, wide_encoding
from transforms.read.fields import to_record
from transforms.read.json_value import TOKEN, BadJson, parse
from transforms.read.limits import ReadLimits
from transforms.read.lines import lines
from transforms.read.refuse import refuse
from transforms.read.source import Source
from transforms.records import RawRecord, Rejected

_BLANK = b"\x00\xef\xbb\xbf \t\r\n"


def read(source: Source, name: str, limits: ReadLimits) -> Iterator[RawRecord | Rejected]:
    """Yield one record or refusal a line (bad_json, not_an_object, too_deep, record_too_large, no_text); blank lines are none."""
    mark = bom_encoding(source.head)
    encoding = mark[0] if mark else wide_encoding(source.head) or "utf-8"
    for line in lines(source.chunks(), limits.max_record, "\n".encode(encoding)):
        if line.data is None:
            detail = f"a line of {line.end - line.start} bytes; the limit is {limits.max_record}"
            yield refuse(line.start, line.end, "record_too_large", detail, line.head)
            continue
        data = (
            line.data if encoding == "utf-8" else line.data.decode(encoding, "replace").lstrip("\ufeff").encode("utf-8")
        )
        if data.strip(_BLANK):
            yield _record(data, line.start, line.end, limits)


def read_document(source: Source, name: str, limits: ReadLimits) -> Iterator[RawRecord | Rejected]:
    """Yield one record or refusal for each element of a JSON array, or for a single object spread over lines.

    Offsets are bytes of the document, of its UTF-8 form where it comes in another encoding.
    """
    data, size = source.whole(limits.max_document)
    if data is None:
        yield refuse(
            0,
            size,
            "record_too_large",
            f"one document of {size} bytes; the limit is {limits.max_document}",
            source.head,
        )
        return
    if bom_encoding(data) is not None or wide_encoding(data[:4096]) is not None:
        data = decode(data).text.encode("utf-8")
    end = 0
    for start, end, closed in _elements(data):
        if closed and end - start <= limits.max_record:
            yield _record(data[start:end], start, end, limits)
        elif closed:
            yield refuse(
                start, end, "record_too_large", f"an element of {end - start} bytes", data[start : start + 800]
            )
        else:
            yield refuse(start, end, "bad_json", "the document ends inside this element", data[start : start + 800])
    if rest := data[end:].strip(_BLANK + b"],["):
        yield refuse(end, len(data), "bad_json", "unexpected content after the last element", rest[:800])


def _record(data: bytes, start: int, end: int, limits: ReadLimits) -> RawRecord | Rejected:
    try:
        value, note = parse(data, limits.max_depth)
    except BadJson as error:
        return refuse(start, end, error.reason_code, str(error), data)
    if not isinstance(value, dict):
        return refuse(start, end, "not_an_object", f"a JSON {type(value).__name__}, not an object", data)
    record = to_record(value, start, end, note)
    if record.html is None and not record.fields.get("body", "").strip():
        return refuse(start, end, "no_text", "no field holds a text", data)
    return record


def _elements(data: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, closed) of each object of a top-level array, or of the one top-level object."""
    depth, start = 0, 0
    outer = 1 if data.lstrip(_BLANK).startswith(b"[") else 0
    for token in TOKEN.finditer(data):
        first = data[token.start()]
        if first in b"[{":
            if depth == outer:
                start = token.start()
            depth += 1
        elif first in b"]}":
            depth -= 1
            if depth == outer:
                yield start, token.end(), True
    if depth > outer:
        yield start, len(data), False
