"""Words as 64-bit numbers that depend on content alone, so that they mean the same on every night."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]


class WordHashes(dict[str, int]):
    """Word -> the first 8 bytes of its BLAKE2b, computed once a word."""

    def __missing__(self, word: str) -> int:
        value = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
        self[word] = value
        return value

    def of(self, tokens: Sequence[str]) -> Hashes:
        """Return the hashes of the tokens, in their order."""
        return np.fromiter(map(self.__getitem__, tokens), dtype=np.uint64, count=len(tokens))
