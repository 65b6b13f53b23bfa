"""Finding many names at once: a dictionary of phrases keyed by their first piece, longest match first."""

from collections.abc import Iterator
from typing import Generic, TypeVar

from transforms.enrich.tokens import Tokens, pieces

T = TypeVar("T")


class Phrases(Generic[T]):
    """A phrase dictionary; a phrase may stand for several values, in the order they were added."""

    def __init__(self) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...], list[T]]]] = {}
        self._values: dict[tuple[str, ...], list[T]] = {}

    def add(self, phrase: str, value: T) -> None:
        """Add a value under a phrase; a second value of the same phrase stands beside the first."""
        words = pieces(phrase)
        if not words:
            raise ValueError(f"a phrase without a word: {phrase!r}")
        if words in self._values:
            if value not in self._values[words]:
                self._values[words].append(value)
            return
        self._values[words] = [value]
        folded = tuple(word.lower() for word in words)
        entries = self._by_first.setdefault(folded[0], [])
        entries.append((folded, words, self._values[words]))
        entries.sort(key=lambda entry: (-len(entry[0]), entry[1]))

    def get(self, phrase: str) -> list[T]:
        """Return the values of a phrase as written, empty where there is none."""
        return self._values.get(pieces(phrase), [])

    def scan(self, tokens: Tokens) -> Iterator[tuple[int, int, list[T]]]:
        """Yield (first piece, one behind the last, values) of each longest match from left to right, without overlap.

        A word matches as written, with a capital in place of its small first letter (headlines), or all in capitals
        where it has four letters or more or all words of the name are.
        """
        k, n = 0, len(tokens)
        folded, by_first = tokens.folded, self._by_first
        while k < n:
            entries = by_first.get(folded[k])
            found = _longest(tokens, k, entries) if entries else None
            if found is None:
                k += 1
                continue
            length, values = found
            yield k, k + length, values
            k += length


def _longest(
    tokens: Tokens, k: int, entries: list[tuple[tuple[str, ...], tuple[str, ...], list[T]]]
) -> tuple[int, list[T]] | None:
    for folded, words, values in entries:
        length = len(folded)
        if length > 1 and tuple(tokens.folded[k : k + length]) != folded:
            continue
        shouted = length > 1 and all(word.isupper() for word in tokens.words[k : k + length])
        same = shouted or all(_same(tokens.words[k + n], word) for n, word in enumerate(words))
        if same and all(tokens.joined(k + n) for n in range(length - 1)):
            return length, values
    return None


def _same(found: str, word: str) -> bool:
    if found == word:
        return True
    if found[0] == word[0].upper() and found[1:] == word[1:]:
        return True
    return len(word) >= 4 and found == word.upper()
