"""A text as pieces: words cut at blanks, hyphens and apostrophes, with offsets, sentences and runs of capitals."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from transforms.text import sentences

# Dotted initials ("U.S.", "J.") are one piece; everything else is letters and digits.
_PIECE = re.compile(r"(?:[A-Z]\.)+(?:[A-Z](?![^\W_])\.?)?|[^\W_]+")
# A place in capitals that opens a paragraph ("SAN JACINTO, Masbate: "): beside it a model takes the names that follow for places too.
DATELINE = re.compile(
    r"[A-Z][A-Z.'’ -]{2,40}(?:, [A-Z][\w.'’ ]{1,30})?(?: ?\([^()\n]{2,40}\))?(?:: | ?[–—] ?| - | -- ?)"
)
# What may stand between two pieces of one name.
_JOINTS = frozenset({" ", "-", "‐", "‑", "–", "'", "’", " – ", " & ", "&", ".", ". ", ""})
_TIGHT = frozenset({"-", "‐", "‑", "–", "'", "’", "&", ".", ""})
_CONNECTORS = frozenset(
    {"of", "the", "for", "and", "de", "del", "la", "le", "da", "do", "dos", "das", "van", "von", "der", "den", "ter"}
    | {"bin", "bint", "ibn", "al", "el", "ul", "ud", "e", "i", "y", "du", "di", "on", "to", "in", "s"}
)


# A line without a full stop, with this many long words and this share of them capitalised, is a headline: sentences of worldwide_open
# stay under .45 but for lists of names, headings in allsides_37k lie above .8.
_HEADING_WORDS = 5
_TITLE_WORDS = 2
_HEADING_SHARE = 0.75
_STOPS = frozenset(".!?…\"”’')")


def pieces(text: str) -> tuple[str, ...]:
    """Return the pieces of a name without offsets, dots gone."""
    return tuple(m.group().replace(".", "") for m in _PIECE.finditer(text))


class Tokens:
    """The pieces of one text.

    `words` are the pieces without dots, `folded` the same in lower case, `starts` and `ends` their code points,
    `joined[i]` tells whether piece i and the next can belong to one name, `sentence[i]` is the sentence of piece i.
    """

    def __init__(self, text: str, is_title: bool = False) -> None:
        self.text = text
        matches = list(_PIECE.finditer(text))
        self.starts = [m.start() for m in matches]
        self.ends = [m.end() for m in matches]
        self.words = [word.replace(".", "") if "." in (word := m.group()) else word for m in matches]
        self.folded = [word.lower() for word in self.words]
        self.capital = [word[0].isupper() for word in self.words]
        self.gaps = [text[a:b] for a, b in zip(self.ends, self.starts[1:], strict=False)]
        self.sentences = sentences(text)
        self._sentence_starts = [start for start, _ in self.sentences]
        numbers = np.maximum(np.searchsorted(self._sentence_starts, self.starts, side="right") - 1, 0)
        self.sentence: list[int] = numbers.tolist()
        self.first_of_sentence: list[bool] = np.diff(numbers, prepend=-1).astype(bool).tolist()
        self.headings = self._headings(is_title)
        self.lower_words = frozenset(w for w, capital in zip(self.words, self.capital, strict=True) if not capital)

    def __len__(self) -> int:
        return len(self.words)

    def _headings(self, is_title: bool) -> list[bool]:
        """Tell for each sentence whether it is in headline case, where capitals say nothing about names."""
        words = _TITLE_WORDS if is_title else _HEADING_WORDS
        long, capital = [0] * len(self.sentences), [0] * len(self.sentences)
        for word, number, is_capital in zip(self.words, self.sentence, self.capital, strict=True):
            if len(word) > 3:
                long[number] += 1
                capital[number] += is_capital
        return [
            n >= words and c >= _HEADING_SHARE * n and (is_title or self.text[end - 1] not in _STOPS)
            for n, c, (_, end) in zip(long, capital, self.sentences, strict=True)
        ]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each word stands."""
        found: dict[str, list[int]] = {}
        for k, word in enumerate(self.words):
            found.setdefault(word, []).append(k)
        return found

    def heading(self, k: int) -> bool:
        """Tell whether piece k stands in a sentence in headline case."""
        return self.headings[self.sentence[k]]

    def sentence_at(self, offset: int) -> int:
        """Return the number of the sentence that holds a code point; between two, the one before."""
        return max(0, bisect_right(self._sentence_starts, offset) - 1)

    def joined(self, k: int) -> bool:
        """Tell whether pieces k and k+1 can be parts of one name."""
        gap = self.gaps[k]
        if gap in {"' ", "’ "}:
            return self.words[k].endswith("s") and self.capital[k] and self.capital[k + 1]
        if gap == ". ":
            return len(self.words[k]) == 1 or self.folded[k] in {
                "mr",
                "mrs",
                "ms",
                "dr",
                "st",
                "gen",
                "lt",
                "col",
                "sen",
            }
        return gap in _JOINTS and not (gap == " " and self.text[self.ends[k] - 1] == "." and self._stops(k))

    def tight(self, k: int) -> bool:
        """Tell whether pieces k and k+1 are written as one word ("US-led", "O'Rourke")."""
        return 0 <= k < len(self.gaps) and self.gaps[k] in _TIGHT

    def surface(self, first: int, last: int) -> str:
        """Return the text from piece `first` up to, not including, piece `last`."""
        return self.text[self.starts[first] : self.ends[last - 1]]

    def at(self, start: int, end: int) -> tuple[int, int]:
        """Return the pieces (first, one behind the last) that lie inside a stretch of code points."""
        first = bisect_right(self.ends, start)
        last = first
        while last < len(self.words) and self.ends[last] <= end + 1 and self.starts[last] < end:
            last += 1
        return first, last

    def runs(self) -> Iterator[tuple[int, int]]:
        """Yield (first, one behind the last) of each longest run of capitalised pieces, connectors allowed inside."""
        return iter(self._runs)

    @cached_property
    def _runs(self) -> list[tuple[int, int]]:
        return list(self._found_runs())

    def _found_runs(self) -> Iterator[tuple[int, int]]:
        k, n = 0, len(self.words)
        while k < n:
            if not self.capital[k]:
                k += 1
                continue
            last = self._run_end(k, n)
            yield k, last
            k = last

    def _run_end(self, k: int, n: int) -> int:
        last = k + 1
        while last < n and self.joined(last - 1):
            if self.capital[last] or self.words[last].isdigit():
                last += 1
                continue
            ahead = last
            while ahead < n and ahead < last + 2 and self.folded[ahead] in _CONNECTORS and self.joined(ahead - 1):
                ahead += 1
            if ahead == last or ahead >= n or not self.joined(ahead - 1) or not self.capital[ahead]:
                break
            last = ahead + 1
        return last

    def _stops(self, k: int) -> bool:
        return self.first_of_sentence[k + 1] if k + 1 < len(self.words) else True
