"""Titles before a name: where they begin, and the office they name; and an age behind it."""

import re

from transforms.enrich.spans import Board
from transforms.enrich.words import HONORIFICS, TITLE_PARTS, TITLES, word_set

_QUALIFIERS = word_set(
    "prime foreign vice defense defence interior finance home deputy chief attorney justice health education trade energy economy information labour labor "
    "transport agriculture environment culture sports"
)
# What of two unknown capitalised words only a person does.
DOES = re.compile(r" (?:(?:was|is|had been) [a-z]+ing|said|says|told|recall(?:s|ed)|remember(?:s|ed))\b")
# How a sentence goes on about a person, and about nobody else.
_AGED = re.compile(r"The \d\d?-year-old ")


def title_before(board: Board, k: int) -> tuple[int, str]:
    """Return where the titles before piece k begin (k where there is none) and the office they name ("" for none or a mere honorific)."""
    tokens = board.tokens
    first = k
    office: list[str] = []
    while first > 0 and k - first < 6:
        word = tokens.folded[first - 1]
        gap = tokens.gaps[first - 1]
        if (
            board.owner[first - 1] is not None
            or gap.strip(" .“\"‘'-")
            or "\n" in gap
            or (gap != "-" and not gap.endswith((" ", "“", '"', "‘", "'")))
        ):
            break
        if (
            word in HONORIFICS
            or word in TITLES
            or (office and word in TITLE_PARTS and word not in {"and", "the", "state"})
        ):
            office.insert(0, TITLES.get(word, word))
            first -= 1
            continue
        if word == "state" and first > 1 and tokens.folded[first - 2] == "of":
            first -= 2
            continue
        break
    return first, _office(office)


def _office(words: list[str]) -> str:
    words = [w for w in words if w not in HONORIFICS and w not in {"elect", "former", "then", "ex"}]
    if not words:
        return ""
    head = words[-1]
    return f"{words[-2]} {head}" if len(words) > 1 and words[-2] in _QUALIFIERS else head


def aged_behind(board: Board, k: int) -> bool:
    """Tell whether the sentence behind that of piece k begins with somebody's age."""
    sentences, behind = board.tokens.sentences, board.tokens.sentence[k] + 1
    return behind < len(sentences) and _AGED.match(board.tokens.text, sentences[behind][0]) is not None
