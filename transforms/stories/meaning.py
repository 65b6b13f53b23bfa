"""What a text model makes of a text, if there is one: a direction, and texts that mean alike point alike, whatever their words.

The model is an argument, loaded by whoever has it installed; without one every text points nowhere, and nothing is added to a score.
"""

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import numpy.typing as npt

Direction = npt.NDArray[np.int8]
# Words of a body that are read beneath the headline: what a text tells stands first, and time grows with every word.
_BODY_WORDS = 60
_MOST_CHARACTERS = 2_000
_LONGEST = 127


class TextModel(Protocol):
    """What reads a text as a vector; one text always as the same."""

    def vector(self, text: str) -> npt.NDArray[np.float32]:
        """Return what the model makes of a text."""


def direction(model: TextModel, title: str | None, body: str, opening_words: int) -> Direction:
    """Return where a text points: the headline (of a text without one its first words) and headline and opening together.

    Whole numbers up to 127, so that the cosine of two is exact; nothing of a text without words, or of which the model makes nothing.
    """
    words = body[:_MOST_CHARACTERS].split()
    headline = (title or "")[:_MOST_CHARACTERS].strip() or " ".join(words[:opening_words])
    if not headline:
        return np.empty(0, dtype=np.int8)
    read = [model.vector(text).astype(np.float64) for text in _parts(headline, words)]
    lengths = [np.sqrt((vector * vector).sum()) for vector in read]
    if not all(np.isfinite(length) and length > 0 for length in lengths):
        return np.empty(0, dtype=np.int8)
    total = np.sum([vector / length for vector, length in zip(read, lengths, strict=True)], axis=0)
    if not np.abs(total).max():
        return np.empty(0, dtype=np.int8)
    found: Direction = np.rint(total * (_LONGEST / np.abs(total).max())).astype(np.int8)
    return found


def _parts(headline: str, words: list[str]) -> Iterable[str]:
    yield headline
    yield f"{headline}. {' '.join(words[:_BODY_WORDS])}"
