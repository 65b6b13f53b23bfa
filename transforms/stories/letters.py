"""What each character is to a reader of stories: a letter, a capital, a figure, an opening of a sentence; and its folded form."""

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Kinds = npt.NDArray[np.uint16]
Points = npt.NDArray[np.uint32]

LETTER, CAPITAL, LOWER, DIGIT, SPACELESS, SHORTENED, ENDS, OPENS, CLOSES = (1 << bit for bit in range(9))
# Letters further out (rare ideographs) are read as none.
END = 0x10000
# Written without blanks between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese, Korean (whose particles stick to words).
_SPACELESS = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x3007), (0x3040, 0x312F), (0x31A0, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F),
)  # fmt: skip
# From Greek on, alphabets of languages that inflect by endings; their words are compared by their beginnings.
INFLECTED = 0x0370
_ENDS_SENTENCE = '.!?:\n"“”‘(|•–—-'
_OPENS, _CLOSES = "“«„", "”»"


@lru_cache(maxsize=1)
def letters() -> tuple[Kinds, Points]:
    """Return what each code point below END is, as bits of the kinds above, and the code point it is compared as."""
    kinds, folded = np.zeros(END + 1, dtype=np.uint16), np.arange(END + 1, dtype=np.uint32)
    spaceless = np.zeros(END + 1, dtype=bool)
    for first, last in _SPACELESS:
        spaceless[first : last + 1] = True
    for point in range(END):
        character = chr(point)
        if character.isalnum() or unicodedata.category(character) in ("Mn", "Mc"):
            kinds[point] = _kind(character, bool(spaceless[point]))
            fold = character.casefold()
            folded[point] = ord(fold) if len(fold) == 1 else ord(character.lower()[0])
    for characters, bit in ((_ENDS_SENTENCE, ENDS), (_OPENS, OPENS), (_CLOSES, CLOSES)):
        kinds[[ord(character) for character in characters]] |= bit
    return kinds, folded


def _kind(character: str, spaceless: bool) -> int:
    kind = LETTER
    if character.isupper() or character.istitle():
        kind |= CAPITAL
    if character.islower():
        kind |= LOWER
    if character.isascii() and character.isdigit():
        kind |= DIGIT
    if spaceless:
        return kind | SPACELESS
    return kind | SHORTENED if ord(character) >= INFLECTED else kind


def points_of(text: str) -> Points:
    """Return the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
