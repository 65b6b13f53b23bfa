"""Newsletters: one message (EML, a page saved as MHTML) or a box of them (MBOX)."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from transforms.read.decode import decode
from transforms.read.html import decode_page
from transforms.read.lines import Line, lines
from transforms.read.reading import Item, Reading
from transforms.read.refuse import refuse
from transforms.read.source import Source
from transforms.records import RawRecord

_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_FROM = re.compile(rb"From \S+.*\b\d{4}\b")
_FIELD = re.compile(rb"[!-9;-~]+:")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
# A plain part of fewer words is a note that the message is better read as a page.
_PLAIN_WORDS = 40
# Header lines of one message; a list's newsletter has some 60, whole chains of relays 150.
_HEADERS = 2_000


def read(source: Source, name: str, how: Reading) -> Iterator[Item]:
    """Yield the message as one record. Refusals: record_too_large, too_many_parts, bad_mail, no_text."""
    limit = how.limits.max_record
    data, size = source.whole(limit)
    if data is None:
        yield refuse(0, size, "record_too_large", f"one message of {size} bytes; the limit is {limit}", source.head)
        return
    yield _message(data, 0, size, name, how)


def read_mbox(source: Source, name: str, how: Reading) -> Iterator[Item]:
    """Yield one record a message of a box, cut at its "From " lines between a blank line and a header's; refusals as of `read`."""
    limit = how.limits.max_record
    held: list[bytes] = []
    start = end = size = 0
    blank = True
    for line, behind in _with_the_next(lines(source.chunks(), limit)):
        if blank and line.data is not None and _FROM.match(line.data) and _FIELD.match(behind):
            if size or held:
                yield _boxed(held, start, end, size, how)
            held, start, size = [], line.start, 0
        size += line.end - line.start + 1
        if size <= limit and line.data is not None:
            held.append(line.data)
        blank = line.data is not None and not line.data.strip()
        end = line.end
    if size:
        yield _boxed(held, start, end, size, how)


def _with_the_next(found: Iterator[Line]) -> Iterator[tuple[Line, bytes]]:
    """Yield each line with the beginning, at least, of the one behind it."""
    line = next(found, None)
    while line is not None:
        behind = next(found, None)
        yield line, b"" if behind is None else behind.head if behind.data is None else behind.data
        line = behind


def _boxed(held: list[bytes], start: int, end: int, size: int, how: Reading) -> Item:
    if size > how.limits.max_record:
        detail = f"one message of {size} bytes; the limit is {how.limits.max_record}"
        return refuse(start, end, "record_too_large", detail, b"\n".join(held[:20]))
    data = _QUOTED_FROM.sub(rb"\1", b"\n".join(held[1:] if held and _FROM.match(held[0]) else held))
    return _message(data, start, end, None, how)


def _message(data: bytes, start: int, end: int, name: str | None, how: Reading) -> Item:
    head = data.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0]
    if head.count(b"\n") > _HEADERS:
        return refuse(start, end, "too_many_parts", f"a message of more than {_HEADERS} header lines", data)
    if (parts := len(_BOUNDARY.findall(data))) > how.limits.max_parts:
        return refuse(start, end, "too_many_parts", f"a message of {parts} nested parts", data)
    try:
        message = message_from_bytes(data)
        plain, page = _bodies(message, how.limits.max_parts)
        fields, extra = _headers(message)
    # The parser's ways to stumble over a hostile header; none of them is a fault of ours.
    except (
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
        HeaderParseError,
        AssertionError,
    ) as error:
        return refuse(
            start, end, "bad_mail", f"the message can't be parsed: {type(error).__name__}: {error}"[:300], data
        )
    key = fields.pop("key", None) or name
    if plain and (len(plain.split()) >= _PLAIN_WORDS or not page):
        return RawRecord(key, start, end, fields | {"body": plain}, extra)
    if page:
        return RawRecord(key, start, end, fields, extra, page)
    return refuse(start, end, "no_text", "the message has neither a plain part nor a page", data)


def _bodies(message: Message, max_parts: int) -> tuple[str, str]:
    """Return the first plain text and the first page of a message, attachments aside."""
    plain = page = ""
    for count, part in enumerate(message.walk()):
        if count > max_parts or (plain and page):
            break
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        kind, payload = part.get_content_type(), part.get_payload(decode=True)
        if not isinstance(payload, bytes) or not payload.strip():
            continue
        charset = part.get_content_charset()
        if kind == "text/html" and not page:
            page = decode_page(payload, charset).text
        elif kind == "text/plain" and not plain:
            plain = decode(payload, charset).text
    return plain, page


def _headers(message: Message) -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields that the headers state, and those kept as they are."""
    sender = getaddresses([_header(message, "From")])
    display, address = sender[0] if sender else ("", "")
    archived = _header(message, "Archived-At").strip("<> ")
    saved = _header(message, "Snapshot-Content-Location") or _header(message, "Content-Location")
    said = {
        "key": _header(message, "Message-ID").strip("<> "),
        "title": _header(message, "Subject"),
        "published": _header(message, "Date"),
        "source": display or address.rpartition("@")[2],
        "url": next((url for url in (archived, saved) if url.startswith(("http://", "https://"))), ""),
    }
    kept = {"from": address, "list_id": _header(message, "List-ID")}
    return {k: v for k, v in said.items() if v}, {k: v for k, v in kept.items() if v}


def _header(message: Message, name: str) -> str:
    """Return a header's words, encoded words decoded, on one line."""
    raw = str(message.get(name, ""))
    words = [
        text if isinstance(text, str) else decode(text, charset or "utf-8").text for text, charset in decode_header(raw)
    ]
    return " ".join("".join(words).split())
