"""What a dump is, told from its first bytes and never from its name."""

import re
from enum import StrEnum

import orjson

from transforms.read.decode import bom_encoding, wide_encoding


class Format(StrEnum):
    """The kinds of file a dump may be."""

    TEXT = "text"
    HTML = "html"
    JSONL = "jsonl"
    JSON = "json"
    XML = "xml"
    GZIP = "gzip"
    BINARY = "binary"
    EMPTY = "empty"


# First bytes of formats that are no text (file(1), magic database).
_MAGIC = (
    b"PK\x03\x04", b"PK\x05\x06", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ\x90", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ",
    b"7z\xbc\xaf", b"Rar!", b"RIFF", b"SQLite format 3\x00", b"PAR1", b"ARROW1", b"Obj\x01", b"ORC", b"\xd0\xcf\x11\xe0", b"OggS", b"ID3", b"\x1f\x9d",
)  # fmt: skip
_TAR = (257, b"ustar")
_CONTROL = re.compile(rb"[\x00-\x07\x0b\x0e-\x1a\x1c-\x1f\x7f]")
# Random bytes hold 11% control characters and are not UTF-8; text holds next to none, damaged text a few.
_BINARY_SHARE = 0.10
_BINARY_SHARE_NOT_UTF8 = 0.01
_BINARY_LEAST = 8
_PREAMBLE = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_HTML_TAG = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|link|script|style|main|article|section|header|div|table|p|h[1-6]|span|a|br|img)\b",
    re.I,
)
_XML_ROOT = re.compile(r"<(?:\?xml|rss|feed|rdf:RDF|urlset|sitemapindex|nitf|newsItem|[a-z]+:[a-z]+)\b", re.I)
_OBJECT = re.compile(r'\s*\{\s*(?:"|\}|$)')
_ARRAY_OF_OBJECTS = re.compile(r"\s*\[\s*(?:\{|\]\s*$)")


def sniff(head: bytes) -> Format:
    """Return the format of a file from its first bytes (64 KiB are enough)."""
    if head.startswith(b"\x1f\x8b"):
        return Format.GZIP
    mark = bom_encoding(head)
    encoding = mark[0] if mark else wide_encoding(head) or "utf-8"
    if encoding == "utf-8" and _is_binary(head):
        return Format.BINARY
    return _sniff_text(head[mark[1] if mark else 0 :].decode(encoding, "replace"))


def _is_binary(head: bytes) -> bool:
    if head.startswith(_MAGIC) or head[_TAR[0] :].startswith(_TAR[1]):
        return True
    if not head.strip(b"\x00 \t\r\n"):
        return False
    controls = len(_CONTROL.findall(head))
    damaged = controls >= _BINARY_LEAST and controls > _BINARY_SHARE_NOT_UTF8 * len(head) and not _is_utf8(head)
    return damaged or controls > _BINARY_SHARE * len(head)


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The head may end inside a character.
        return error.start > len(head) - 4
    return True


def _sniff_text(text: str) -> Format:
    if not text.strip("\x00\ufeff \t\r\n\f\v"):
        return Format.EMPTY
    body = text[match.end() if (match := _PREAMBLE.match(text)) else 0 :]
    if body.startswith("<"):
        if _XML_ROOT.match(body):
            return Format.XML
        if _HTML_TAG.search(body):
            return Format.HTML
    if body.lstrip().startswith(("{", "[")) or '\n{"' in body:
        return _sniff_json(body)
    return Format.TEXT


def _sniff_json(text: str) -> Format:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if _ARRAY_OF_OBJECTS.match(text) and not (len(lines) > 1 and _parses(lines[0])):
        return Format.JSON
    objects = sum(1 for line in lines if _OBJECT.match(line))
    if _OBJECT.match(lines[0]) and len(lines) > 1 and lines[0].endswith(("{", "[", ",")) and objects <= len(lines) / 2:
        return Format.JSON
    # A bad line among the first must not hide what the others are.
    return Format.JSONL if objects > len(lines) / 2 or _OBJECT.match(lines[0]) or _parses(lines[0]) else Format.TEXT


def _parses(line: str) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
