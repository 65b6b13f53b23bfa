"""JSON lines (JSON text sequences too), one record a line, and JSON documents, one record an element."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from transforms.read.batch import says_something
from transforms.read.elements import Cutter, Part
from transforms.read.json_value import BadJson, key_ends, parse, plain_object
from transforms.read.lines import PREVIEW_BYTES, Line, lines, runs
from transforms.read.reading import Item, Reading
from transforms.read.refuse import refuse
from transforms.read.source import Source
from transforms.read.transcode import as_utf8, encoding_of
from transforms.records import RawRecord, Rejected

# Bytes that are looked at together: what fits in a processor's cache, and in memory that is at hand (malloc maps more than 128 KiB anew).
_WINDOW = 96 << 10
_NEWLINE = ord("\n")
_BLANK = b"\x1e\x00\xef\xbb\xbf \t\r\n"
# Where the answers of news APIs and exports of databases keep their list.
_LISTS = frozenset(
    {"articles", "items", "data", "results", "docs", "documents", "records", "stories", "news", "entries"}
)
# The same where the list lies in an object: Elasticsearch's hits, Solr's response.
_ENVELOPES = (("hits", "hits"), ("response", "docs"))
# Where Elasticsearch puts the record, beside its own _index and _id.
_SOURCE = "_source"


def read(source: Source, name: str, how: Reading) -> Iterator[Item]:
    """Yield one record or refusal a line; blank lines are none.

    Refusals: bad_json, duplicate_key, not_an_object, too_deep, record_too_large, no_text.
    """
    yield from _lines(source.chunks(_WINDOW), source.head, how, 0)


def resume(source: Source, name: str, how: Reading, offset: int) -> Iterator[Item]:
    """Yield what `read` would from byte `offset` on; a wide encoding is read from its start, as its lines can't be told apart."""
    if encoding_of(source.head) != "utf-8":
        yield from read(source, name, how)
        return
    yield from _lines(source.chunks_from(offset, _WINDOW), b"", how, offset)


def _lines(chunks: Iterable[bytes], head: bytes, how: Reading, base: int) -> Iterator[Item]:
    encoding, limit = encoding_of(head), how.limits.max_record
    if encoding == "utf-8":
        for run in runs(chunks, limit, base):
            yield from _too_long(run, limit) if run.data is None else _run(run.data, run.start, how)
        return
    for line in lines(chunks, limit, "\n".encode(encoding), base):
        if line.data is None:
            yield from _too_long(line, limit)
        elif (data := line.data.decode(encoding, "replace").lstrip("\ufeff").encode("utf-8")).strip(_BLANK):
            yield from _records(data, line.start, line.end, how)


def _too_long(line: Line, limit: int) -> Iterator[Item]:
    size = line.end - line.start
    yield refuse(line.start, line.end, "record_too_large", f"a line of {size} bytes; the limit is {limit}", line.head)


def _run(data: bytes, base: int, how: Reading) -> Iterator[Item]:
    """Yield the records of lines that lie one behind the other, from byte `base` of the dump on."""
    limits, to_record, whole = how.limits, how.fields.to_record, memoryview(data)
    ends = np.append(np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE), len(data))
    n_key_ends = np.diff(np.searchsorted(key_ends(data), ends), prepend=0)
    start = 0
    for end, n in zip(ends.tolist(), n_key_ends.tolist(), strict=True):
        if end - start > limits.max_record:
            yield from _too_long(
                Line(base + start, base + end, None, data[start:end][:PREVIEW_BYTES]), limits.max_record
            )
        elif (value := plain_object(whole[start:end], n, limits.max_depth)) is not None and says_something(
            record := to_record(value, base + start, base + end)
        ):
            yield record
        elif (line := data[start:end]) and not line.isspace() and line.strip(_BLANK):
            yield from _records(line, base + start, base + end, how)
        start = end + 1


def read_document(source: Source, name: str, how: Reading) -> Iterator[Item]:
    """Yield one record or refusal for each element of a JSON array, or for each object spread over lines.

    An object without a text that holds lists of objects (the answer of a news API or of a search engine, a JSON Feed) is read as those,
    `member` naming each.
    Offsets are bytes of the document, of its UTF-8 form where it comes in another encoding.
    """
    limit = how.limits.max_record
    for part, (start, end, data, head) in Cutter(limit).cut(as_utf8(source)):
        if part is Part.STRAY:
            yield refuse(start, end, "bad_json", "unexpected content between the elements", data or head)
        elif part is Part.CUT_OFF:
            yield refuse(start, end, "bad_json", "the document ends inside this element", data or head)
        elif data is None:
            yield refuse(start, end, "record_too_large", f"an element of {end - start} bytes", head)
        else:
            yield from _records(data, start, end, how)


def _records(data: bytes, start: int, end: int, how: Reading) -> Iterator[RawRecord | Rejected]:
    try:
        value, note = parse(data, how.limits.max_depth)
    except BadJson as error:
        yield refuse(start, end, error.reason_code, str(error), data)
        return
    if not isinstance(value, dict):
        yield refuse(start, end, "not_an_object", f"a JSON {type(value).__name__}, not an object", data)
        return
    record = _record(value, start, end, note, how)
    if says_something(record):
        yield record
        return
    listed = [(place, _record(each, start, end, note, how)) for place, each in _listed(value)]
    if not any(says_something(each) for _, each in listed):
        yield refuse(start, end, "no_text", "no field holds a text", data)
        return
    for place, each in listed:
        if says_something(each):
            yield replace(each, member=place)
        else:
            yield replace(refuse(start, end, "no_text", f"no field of {place} holds a text", data), member=place)


def _record(value: dict[str, object], start: int, end: int, note: str | None, how: Reading) -> RawRecord:
    """Return an object as a record; one that says nothing itself with what it holds as `_source`."""
    record = how.fields.to_record(value, start, end, note)
    if isinstance(inner := value.get(_SOURCE), dict) and not says_something(record):
        about = {name: each for name, each in value.items() if name != _SOURCE}
        return how.fields.to_record(about | inner, start, end, note)
    return record


def _listed(value: dict[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield (place, object) of the lists of objects that an object holds at its top, or in a search engine's envelope."""
    lists = [(name, held) for name, held in value.items() if name.casefold() in _LISTS]
    for outer, inner in _ENVELOPES:
        if isinstance(envelope := value.get(outer), dict):
            lists.append((f"{outer}.{inner}", envelope.get(inner)))
    for name, held in lists:
        if isinstance(held, list):
            yield from ((f"{name}[{i}]", each) for i, each in enumerate(held) if isinstance(each, dict))
