"""Words and word shingles as 64-bit numbers that depend on content alone, so that they mean the same on every night."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from transforms.text import words

Hashes = npt.NDArray[np.uint64]

# Odd 64-bit constants of splitmix64 (Steele, Lea, Flood 2014) and the golden ratio as multiplier of the rolling sum.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


class WordHashes(dict[str, int]):
    """Word -> the first 8 bytes of its BLAKE2b, computed once a word."""

    def __missing__(self, word: str) -> int:
        value = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
        self[word] = value
        return value

    def of(self, tokens: Sequence[str]) -> Hashes:
        """Return the hashes of the tokens, in their order."""
        return np.fromiter(map(self.__getitem__, tokens), dtype=np.uint64, count=len(tokens))


def plain_words(text: str) -> list[str]:
    """Return the words of a text with case folded, apostrophes made one and punctuation dropped."""
    return words(text.casefold().replace("’", "'"))


def mixed(values: Hashes) -> Hashes:
    """Return the values scrambled by the finaliser of splitmix64, so that a threshold on them is a fair sample."""
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))


def shingles(word_hashes: Hashes, size: int) -> Hashes:
    """Return one hash per run of `size` consecutive words, in text order; none where the text is shorter."""
    count = len(word_hashes) - size + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    rolling = word_hashes[:count].copy()
    for offset in range(1, size):
        rolling = rolling * _GOLDEN + word_hashes[offset : offset + count]
    return mixed(rolling)
