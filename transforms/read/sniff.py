"""What a dump is, told from its first bytes and never from its name."""

import csv
import re
import tarfile
from enum import StrEnum

import orjson

from transforms.read.decode import bom_encoding, wide_encoding
from transforms.read.fields import FIELDS, FieldNames


class Format(StrEnum):
    """The kinds of file a dump may be."""

    TEXT = "text"
    HTML = "html"
    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"
    ARROW = "arrow"
    WARC = "warc"
    FEED = "feed"
    SITEMAP = "sitemap"
    NEWSML = "newsml"
    NITF = "nitf"
    MAIL = "mail"
    MBOX = "mbox"
    GZIP = "gzip"
    ZSTD = "zstd"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZIP = "zip"
    TAR = "tar"
    XML = "xml"
    BINARY = "binary"
    EMPTY = "empty"


# First bytes of formats we read (their specifications; file(1), magic database).
_KNOWN = (
    (b"\x1f\x8b", Format.GZIP), (b"\x28\xb5\x2f\xfd", Format.ZSTD), (b"\xfd7zXZ\x00", Format.XZ), (b"PK\x03\x04", Format.ZIP),
    (b"PK\x05\x06", Format.ZIP), (b"PAR1", Format.PARQUET), (b"ARROW1\x00\x00", Format.ARROW), (b"\xff\xff\xff\xff", Format.ARROW),
    (b"WARC/", Format.WARC),
)  # fmt: skip
_SIGNATURES = tuple(magic for magic, _ in _KNOWN)
_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
_ZSTD_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
# First bytes of formats that are no text and that we do not read.
_MAGIC = (
    b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ\x90", b"7z\xbc\xaf", b"Rar!", b"RIFF", b"SQLite format 3\x00",
    b"PARE", b"Obj\x01", b"ORC", b"\xd0\xcf\x11\xe0", b"OggS", b"ID3", b"\x1f\x9d", b"BZh", b"PK\x07\x08", b"wOFF", b"wOF2", b"\x00asm",
)  # fmt: skip
_CONTROLS = bytes([*range(8), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])
# Random bytes hold 11% control characters and are not UTF-8; text holds next to none, damaged text a few.
_BINARY_SHARE = 0.10
_BINARY_SHARE_NOT_UTF8 = 0.01
_BINARY_LEAST = 8
_PREAMBLE = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*|<\?[^>]*\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w:.-]+)[^\[>]*(?:\[.*?\]\s*)?>\s*(?:<!--.*?-->\s*)*", re.DOTALL)
_HTML_TAG = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|link|script|style|main|article|section|header|div|table|p|h[1-6]|span|a|br|img)\b",
    re.I,
)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_XML_ROOTS = {
    "rss": Format.FEED, "feed": Format.FEED, "rdf": Format.FEED, "urlset": Format.SITEMAP, "sitemapindex": Format.SITEMAP,
    "newsmessage": Format.NEWSML, "newsitem": Format.NEWSML, "nitf": Format.NITF,
    # Lists of feeds, which have a head and a body as pages do.
    "opml": Format.XML,
}  # fmt: skip
_PREFIXED_ROOT = re.compile(r"<[a-z]+:[a-z]+\b", re.I)
_OBJECT = re.compile(r'\s*\{\s*(?:"|\}|$)')
_ARRAY_OF_OBJECTS = re.compile(r"\s*\[\s*(?:\{|\]\s*$)")
# What leads each text of a JSON text sequence (RFC 7464).
_RECORD_SEPARATOR = "\x1e"
_MBOX = re.compile(r"From \S+.*\b\d{4}\b.*\r?\n[!-9;-~]+:", re.IGNORECASE)
_HEADER = re.compile(r"([!-9;-~]+):(?:[ \t]|\r?$)|[ \t]+\S")
# A plain text may begin with lines that look like headers; these nobody writes by hand.
_MACHINE_HEADERS = {"message-id", "received", "return-path", "mime-version", "delivered-to", "dkim-signature"}
_HEADER_CELL = re.compile(r"[^\n.!?;:]{0,60}")
_HEADER_LENGTH = 10_000
_OPENING = 2_048
DELIMITERS = ",\t;|"
# The line before the header by which Excel is told the delimiter.
TOLD_DELIMITER = re.compile(r"sep=([\t!#-/:-@\[-^`{-~])\r?(?:\n|\Z)", re.IGNORECASE)


def sniff(head: bytes, fields: FieldNames = FIELDS) -> Format:
    """Return the format of a file from its first bytes (64 KiB are enough); `fields` tells the header of a CSV."""
    if head.startswith(_SIGNATURES):
        return next(kind for magic, kind in _KNOWN if head.startswith(magic))
    if _BZIP2.match(head):
        return Format.BZIP2
    if _ZSTD_SKIPPABLE.match(head):
        return Format.ZSTD
    controls = len(head) - len(head.translate(None, _CONTROLS))
    # Without control characters, which is how text is, there is no NUL either.
    if controls and _is_tar(head):
        return Format.TAR
    mark = bom_encoding(head)
    encoding = mark[0] if mark else (wide_encoding(head) if controls else None) or "utf-8"
    # A picture whose every other byte is NUL is no UTF-16.
    if head.startswith(_MAGIC) or (controls and encoding == "utf-8" and _is_binary(head, controls)):
        return Format.BINARY
    head = head[mark[1] if mark else 0 :]
    if encoding == "utf-8":
        head = head[: _enough(head)]
    return _sniff_text(head.decode(encoding, "replace"), fields)


def _enough(head: bytes) -> int:
    """Return how many bytes are enough to see: of prose (nothing of markup, of JSON or of a header line in the first line) two lines."""
    first = head.find(b"\n", 0, _OPENING)
    if first < 0 or not head[:1].isalpha() or head.find(b":", 0, first) >= 0 or (b"{" in head and b'\n{"' in head):
        return len(head)
    return head.find(b"\n", first + 1, _OPENING) + 1 or _OPENING


def _is_tar(head: bytes) -> bool:
    if len(head) < tarfile.BLOCKSIZE or b"\x00" not in head[:100]:
        return False
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "replace")
    except (tarfile.HeaderError, ValueError):
        return head[257:262] == b"ustar"
    return True


def _is_binary(head: bytes, controls: int) -> bool:
    if (head.isascii() and head.isspace()) or not head.strip(b"\x00 \t\r\n"):
        return False
    damaged = controls >= _BINARY_LEAST and controls > _BINARY_SHARE_NOT_UTF8 * len(head) and not _is_utf8(head)
    return damaged or controls > _BINARY_SHARE * len(head)


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The head may end inside a character.
        return error.start > len(head) - 4
    return True


def _sniff_text(text: str, fields: FieldNames) -> Format:
    start = text.lstrip("\x00\ufeff \t\r\n\f\v")
    if not start:
        return Format.EMPTY
    if start[0] == "<":
        return _sniff_markup(text)
    if start[0] in "{[" or (start[0] == _RECORD_SEPARATOR and not start.isspace()) or ("{" in text and '\n{"' in text):
        return _sniff_json(text)
    if _MBOX.match(start):
        return Format.MBOX
    if _is_mail(start):
        return Format.MAIL
    # Tables of old Macintosh programs end their lines so.
    lines = start if "\n" in start else start.replace("\r", "\n")
    return Format.CSV if delimiter_of(lines, fields) else Format.TEXT


def _sniff_markup(text: str) -> Format:
    preamble = _PREAMBLE.match(text)
    body = text[preamble.end() if preamble else 0 :]
    declared = "<?xml" in text[: len(text) - len(body)]
    doctype = _DOCTYPE.match(body)
    if doctype and doctype.group(1).lower() != "html":
        body, declared = body[doctype.end() :], True
    root = _ROOT.match(body)
    if root and (kind := _XML_ROOTS.get(root.group(1).lower())):
        return kind
    if _PREFIXED_ROOT.match(body) or (declared and root and not _HTML_TAG.match(body)):
        return Format.XML
    if _HTML_TAG.search(body):
        return Format.HTML
    return Format.XML if declared else _sniff_json(body) if '\n{"' in body else Format.TEXT


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


def _is_mail(text: str) -> bool:
    names: set[str] = set()
    if not _HEADER.match(text):
        return False
    for line in text.split("\n", 200)[:200]:
        if not line.strip():
            break
        match = _HEADER.match(line)
        if match is None:
            return False
        names.add((match.group(1) or "").lower())
    return bool(names & _MACHINE_HEADERS) and bool(names & {"from", "subject", "date"})


def delimiter_of(text: str, fields: FieldNames) -> str | None:
    """Return the delimiter of a table: the one that a line "sep=;" tells, or that of a header.

    A header is a first line of short cells of which two, or the text's, are names we know.
    """
    if told := TOLD_DELIMITER.match(text):
        return told.group(1)
    end = text.find("\n")
    head = (text[:end] if end >= 0 else text).rstrip("\r")
    if len(head) > _HEADER_LENGTH:
        return None
    for delimiter in DELIMITERS:
        if delimiter not in head:
            continue
        # The last column's name ends the line; prose does not get that far.
        if not _HEADER_CELL.fullmatch(head.rpartition(delimiter)[2].strip().strip('"')):
            continue
        cells = header_cells(head, delimiter)
        if not all(_HEADER_CELL.fullmatch(cell) for cell in cells):
            continue
        known = {field for cell in cells if (field := fields.field_of(cell))}
        if len(known) >= 2 or (
            known & {"body", "html"} and text[end + 1 :].partition("\n")[0].count(delimiter) == len(cells) - 1
        ):
            return delimiter
    return None


def header_cells(line: str, delimiter: str) -> list[str]:
    """Return the names in the first line of a table."""
    try:
        return [cell.strip().lstrip("\ufeff") for cell in next(csv.reader([line], delimiter=delimiter))]
    except (csv.Error, StopIteration):
        return []
