"""A text as lines in their stored form, each knowing whether a blank line stood before it."""

import re
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from transforms.text import canonical_text

# Thai, kana, Chinese characters: written without blanks between words.
_DENSE = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_LINE_END = re.compile(r"\r\n?|[\n\u2028\u2029\x0b\x0c\x85]")
_ENDS_SENTENCE = re.compile(r"[.!?:;\"”'’)\]]$")
# Items of a list are lines of their own, however alike in width.
_ITEM = re.compile(r"(?:[•*\-–·▪►]|\(?\d{1,3}[.)])\s+\S")
# Hard-wrapped text: lines of one width, 40 to 100 characters (typewriter and terminal), most broken inside a sentence.
_WRAP_MIN, _WRAP_MAX = 40, 100
_WRAP_LEAST_LINES = 4
_WRAP_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in its stored form; `gap` says that a blank line, or the text's beginning, precedes it."""

    text: str
    gap: bool


def length_in_words(text: str) -> int:
    """Return about how many words a text has; scripts without blanks between words have some two characters to one."""
    blank = len(text.split())
    return blank if text.isascii() else blank + len(_DENSE.findall(text)) // 2


def split_lines(text: str) -> list[Line]:
    """Return the lines of a text that are not blank; the lines of a hard-wrapped paragraph come back as one."""
    found: list[Line] = []
    raw: list[str] = []
    gap = True
    for piece in _LINE_END.split(unicodedata.normalize("NFC", text)):
        line = canonical_text(piece)
        if line:
            found.append(Line(line, gap))
            raw.append(piece)
        gap = not line
    return _unwrap(found, raw) if _is_wrapped(found) else found


def _is_wrapped(lines: Sequence[Line]) -> bool:
    if len(lines) < _WRAP_LEAST_LINES:
        return False
    lengths = [len(line.text) for line in lines]
    if max(lengths) > _WRAP_MAX or statistics.median(lengths) < _WRAP_MIN:
        return False
    followed = [line.text for line, after in pairwise(lines) if not after.gap]
    if sum(1 for line in lines if _ITEM.match(line.text)) > len(lines) / 2:
        return False
    open_ended = sum(1 for text in followed if not _ENDS_SENTENCE.search(text))
    return len(followed) >= _WRAP_LEAST_LINES / 2 and open_ended >= _WRAP_SHARE * len(followed)


def _unwrap(lines: Sequence[Line], raw: Sequence[str]) -> list[Line]:
    joined: list[Line] = []
    before = ""
    for line, piece in zip(lines, raw, strict=True):
        indented = piece.startswith(("  ", "\t"))
        ended = len(before) < _WRAP_MIN and _ENDS_SENTENCE.search(before) is not None
        before = line.text
        if line.gap or indented or not joined or ended:
            joined.append(Line(line.text, line.gap or indented))
        else:
            joined[-1] = Line(f"{joined[-1].text} {line.text}", joined[-1].gap)
    return joined
