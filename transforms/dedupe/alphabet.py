"""What each character is to a reader of words: part of one, a mark on one, an apostrophe inside one, or an end.

Words are runs of letters and digits with the marks that follow them, case folded, apostrophes made one, all else dropped. Scripts
that set no blanks between words have no such runs: there each character makes a word with up to three before it, so that five
words in a row span eight characters, about what five words of English say.
"""

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Letters = npt.NDArray[np.uint32]

# An entry: the folded character (or the row of `expansions`) in the low bits, and what it is above them.
CHARACTER = 0x1FFFFF
WORD, MARK, APOSTROPHE, SPACELESS, SEVERAL, DIGIT = (1 << bit for bit in range(24, 30))
# No letters beyond: planes 4 to 13 are unassigned, those behind private or tags.
_END = 0x33500
# Scripts written without blanks that news is written in: Thai, Lao, Burmese, Khmer, Japanese, Chinese.
_SPACELESS = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x3007), (0x3040, 0x312F), (0x31A0, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x20000, _END),
)  # fmt: skip
# They choose between pictures of a character and come and go in copies.
_SELECTORS = range(0xFE00, 0xFE10)


@lru_cache(maxsize=1)
def alphabet() -> tuple[Letters, Letters]:
    """Return `letters`, one entry a code point, and `expansions`: rows of three entries for what folds to several."""
    spaceless = {point for start, end in _SPACELESS for point in range(start, end + 1)}
    letters = np.zeros(0x110000, dtype=np.uint32)
    expansions: list[list[int]] = []
    for point in range(_END):
        folded = chr(point).casefold()
        if len(folded) == 1:
            letters[point] = _entry(folded, spaceless)
        elif _entry(chr(point), spaceless):
            letters[point] = WORD | SEVERAL | len(expansions)
            expansions.append([_entry(character, spaceless) for character in folded.ljust(3, " ")])
    letters[[ord("'"), ord("’")]] = APOSTROPHE | ord("'")
    return letters, np.array(expansions, dtype=np.uint32)


def _entry(character: str, spaceless: set[int]) -> int:
    point = ord(character)
    category = unicodedata.category(character)
    if character.isalnum():
        kind = WORD | DIGIT if category == "Nd" else WORD
    elif category in ("Mn", "Mc") and point not in _SELECTORS:
        kind = MARK
    else:
        return 0
    return kind | point | (SPACELESS if point in spaceless else 0)
