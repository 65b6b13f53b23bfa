"""Text as the warehouse stores it: one canonical form, ids made from content, words and sentences with offsets."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator

_BLANKS = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_NEWLINES = re.compile(r" ?\n[ \n]*")
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b\u2060\ufeff\ud800-\udfff]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# A sentence ends at . ! ? (and closing quotes or brackets) before a blank and something that can start a sentence.
# It opens with one class of characters, which is what the search for the next one is fast for.
_SENTENCE_END = re.compile(r"[.!?。！？\n](?:(?<=\n)|[\"'”’)\]]*(?=\s+[\"'“‘(\[]*[\w$€£]))")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Maj|Capt|Sgt|Sen|Rep|Gov|Adm|Rev|Hon|Jr|Sr|St|vs|No|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec"
    r"|U\.S|U\.K|U\.N|a\.m|p\.m|i\.e|e\.g|Inc|Ltd|Co|Corp|Brig|Cmdr)|\b[A-Z])\.$"
)


def canonical_text(text: str) -> str:
    """Return the stored form of a text: NFC, one blank between words, one newline between lines, invisible characters gone."""
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text)))
    return _NEWLINES.sub("\n", _BLANKS.sub(" ", text)).strip()


def content_hash(prefix: str, *parts: str | None) -> str:
    """Return `prefix` and the first 16 hex digits of a SHA-256 over the parts; None and the empty string differ."""
    digest = hashlib.sha256()
    for part in parts:
        data = b"\x00" if part is None else b"\x01" + part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return prefix + digest.hexdigest()[:16]


def text_id(text: str) -> str:
    """Return the id of a text in its stored form: `t_` and 16 hex digits of its SHA-256."""
    return "t_" + hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def words(text: str) -> list[str]:
    """Return the words of a text, case kept, punctuation dropped."""
    return _WORD.findall(text)


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of each word, in code points."""
    return (m.span() for m in _WORD.finditer(text))


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each sentence, in code points; a newline always ends one, a known abbreviation never does."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        newline = match.group() == "\n"
        end = match.start() if newline else match.end()
        if not newline and _ABBREVIATION.search(text, max(start, match.start() - 7), match.start() + 1):
            continue
        spans.append((start, end))
        start = match.end()
    spans.append((start, len(text)))
    return [trimmed for span in spans if (trimmed := _trim(text, *span))[0] < trimmed[1]]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return end - len(piece.lstrip()), start + len(piece.rstrip())
