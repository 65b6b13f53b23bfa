"""Bytes to text: byte order marks, UTF-8, a page's own declaration, then detection; every other choice than UTF-8 is named."""

import codecs
import re
from typing import NamedTuple

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKS = tuple(bom for bom, _ in _BOMS)
_HIGH = re.compile(rb"[\x80-\xff]")
_LETTER = re.compile(rb"[A-Za-z\x80-\xff]")
# Latin-script text is mostly ASCII letters; Cyrillic, Arabic or CJK in a legacy encoding is mostly high bytes.
_LATIN_HIGH_SHARE = 0.2
_SAMPLE = 1 << 16
# What Python calls encodings and no page is written in; some of them fail on bytes they do not like.
_NO_PAGES = frozenset(
    {
        "idna",
        "punycode",
        "undefined",
        "unicode-escape",
        "unicode_escape",
        "raw-unicode-escape",
        "raw_unicode_escape",
        "utf-7",
    }
)


class Decoded(NamedTuple):
    """A text and, where it was not plain UTF-8, how it was read."""

    text: str
    note: str | None


def bom_encoding(head: bytes) -> tuple[str, int] | None:
    """Return the encoding a byte order mark names and the mark's length in bytes."""
    if not head.startswith(_MARKS):
        return None
    return next(((name, len(bom)) for bom, name in _BOMS if head.startswith(bom)), None)


def wide_encoding(head: bytes) -> str | None:
    """Return utf-16-le or utf-16-be for unmarked text whose every other byte is NUL, as mostly-ASCII UTF-16 looks."""
    if b"\x00" not in head:
        return None
    sample = head[: len(head) // 2 * 2]
    if len(sample) < 8:
        return None
    even, odd = sample[0::2].count(0) / (len(sample) / 2), sample[1::2].count(0) / (len(sample) / 2)
    if odd > 0.7 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 and odd < 0.1 else None


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode bytes by mark, as UTF-8, as declared, as UTF-8 with a few bad bytes, or by detection, in that order; never fails."""
    if (mark := bom_encoding(data)) is not None:
        name, length = mark
        return Decoded(data[length:].decode(name, "replace"), None if name == "utf-8" else name)
    if (wide := wide_encoding(data[:_SAMPLE])) is not None:
        return Decoded(data.decode(wide, "replace"), wide)
    try:
        return Decoded(data.decode("utf-8"), None)
    except UnicodeDecodeError:
        return _decode_legacy(data, declared)


def legacy_encoding(head: bytes) -> str | None:
    """Return the encoding that the beginning of a file without a mark is in, None where it is UTF-8, but for a few bytes, or wide."""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The head may end inside a character.
        note = decode(head).note if error.start <= len(head) - 4 or len(head) < _SAMPLE else None
        return note if note is not None and not note.startswith("utf") else None
    return None


def _decode_legacy(data: bytes, declared: str | None) -> Decoded:
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if sum(c > "\x7f" for c in text) - bad > bad:
        return Decoded(text, f"utf-8, {bad} bytes replaced")
    name = _known(declared) or _detect(data[:_SAMPLE])
    return Decoded(data.decode(name, "replace"), name)


def _known(declared: str | None) -> str | None:
    if declared is None:
        return None
    try:
        name = codecs.lookup(declared).name
        b"text".decode(name, "replace")
    except (LookupError, ValueError):
        # No encoding, or none of text (base64).
        return None
    if name in _NO_PAGES:
        return None
    # The web reads a declared Latin-1 or ASCII as windows-1252 (WHATWG Encoding Standard, labels).
    return "cp1252" if name in {"iso8859-1", "ascii", "utf-8"} else name


def _detect(data: bytes) -> str:
    if len(_HIGH.findall(data)) < _LATIN_HIGH_SHARE * len(_LETTER.findall(data)):
        return "cp1252"
    best = from_bytes(data).best()
    return best.encoding if best is not None else "cp1252"
