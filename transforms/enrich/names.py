"""The tagger of names that ships with the code: a linear-chain CRF whose weights are folded into one row of small integers a word.

Learnt by bench/actors_train.py (sets, terms and method there). Tagging adds and compares whole numbers only, so a text gets the same
names in any batch on any machine.
"""

import io
import lzma
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from transforms.enrich.evidence import BYTES, CATEGORIES, OUTSIDE_WORD, SLOTS, Candidates, Ints, candidates
from transforms.enrich.spans import Tag
from transforms.enrich.tokens import Tokens
from transforms.enrich.viterbi import best_labels
from transforms.enrich.words import COMPANY_NOUNS, ORG_HEADS

KINDS = ("PER", "ORG", "LOC", "NORP", "MISC")
LABELS = ("O", *(f"{mark}-{kind}" for kind in KINDS for mark in "BI"))
# Pseudo-words beside OUTSIDE_WORD: for no run (evidence.NO_RUN), and for what a text of too many unknown words has left.
NO_RUN_WORD, UNKNOWN_WORD = "\x01no run", "\x01unknown"
_PSEUDO = (UNKNOWN_WORD, NO_RUN_WORD, OUTSIDE_WORD)
_L = len(LABELS)
_REPEATED = re.compile(r"(.)\1+")
# Rows of words count in 1/SCALE of a natural logarithm; the product of the two packed matrices in 1/(SCALE * FINER).
SCALE, FINER = 64, 4096
# Words whose rows are kept; when they are full, all are forgotten and made again as needed.
_MOST_WORDS = 60_000
# Pieces read at once: beyond some thousands it is no quicker, and memory grows by a kilobyte a piece.
_BATCH_PIECES = 10_000
# What words share: the lists they stand in, their vector, their usage; the first row of each is for words without any.
SHARED = ("lists", "vectors", "usage")
# A word in capitals of more letters than this may be an ordinary name in a headline.
_SHORT = 3
# What the rest of this room calls the kinds: labels as in OntoNotes.
_CALLED = {"PER": "PERSON", "ORG": "ORG", "LOC": "GPE", "NORP": "NORP", "MISC": "MISC"}


def features_of(word: str) -> tuple[str, ...]:
    """Return the features of a word by itself."""
    if word[0] == "\x01":
        return (f"w={word}",)
    return (f"w={word}", f"l={word.lower()}", *writing(word))


def writing(word: str) -> tuple[str, ...]:
    """Return the features of how a word is written: shape, length, beginning and end; they speak for words nobody has listed."""
    lower = word.lower()
    shape = _shape(word)
    found = [f"s={shape}", f"n={min(len(word), 8)}"]
    if word.isupper():
        found.append(f"A={min(len(word), 6)}")
    for size in (2, 3, 4):
        if len(word) > size:
            found += [f"<{lower[:size]}", f">{lower[-size:]}"]
    if len(word) > 1:
        found.append(f">{lower[-1]}")
    return tuple(found)


def _shape(word: str) -> str:
    """Return capitals as X, small letters as x and digits as d, neighbours of a kind as one."""
    if word.isalpha() and word.isascii():
        if word.islower():
            return "x"
        if word.isupper():
            return "X"
        if word.istitle():
            return "Xx"
    kinds = ("X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word)
    return _REPEATED.sub(r"\1", "".join(kinds))


class NameModel:
    """The weights of the tagger, from the bytes of the npz file that bench/actors_train.py packs.

    The row of a word is the sum of those of its features (itself, its writing), of the lists it stands in, of its vector, which it
    shares with words like it, and of its usage; it is made when a text first asks for it.
    """

    def __init__(self, packed: bytes) -> None:
        with np.load(io.BytesIO(lzma.decompress(packed)), allow_pickle=False) as parts:
            self.version = str(parts["version"])
            basis = parts["basis"].astype(np.float64)
            self._feature = {feature: k for k, feature in enumerate(_lines(parts["features"]))}
            self._listed = {word: k for k, word in enumerate(_lines(parts["words"]))}
            blocks = ("features", *SHARED)
            self._folded = np.concatenate(
                [
                    _unfolded(parts[f"of_{name}"], basis * step)
                    for name, step in zip(blocks, parts["steps"].tolist(), strict=True)
                ]
            )
            sizes = [len(parts[f"of_{name}"]) for name in blocks]
            self._shared = parts["shared"] + np.cumsum(sizes[:-1])
            self._in_none = np.cumsum(sizes[:-1]).tolist()
            self._of_columns = [parts[f"of_{name}"].astype(np.int32) for name in (*CATEGORIES, *BYTES)]
            self._transitions = parts["transitions"].astype(np.int32)
        self._rows = np.zeros((_MOST_WORDS + len(_PSEUDO), len(SLOTS) * _L), np.int16)
        self._rows[: len(_PSEUDO)] = self._made(_PSEUDO)
        self._number: dict[str, int] = {}

    def labels(self, found: Candidates) -> Ints:
        """Return the best label (a position in LABELS) of each candidate piece."""
        slots = self._numbers(found)[found.slots]
        scores = np.zeros((len(slots), _L), np.int32)
        for k in range(len(SLOTS)):
            scores += self._rows[slots[:, k], k * _L : (k + 1) * _L]
        for column, table in zip(found.columns.T, self._of_columns, strict=True):
            scores += table[column]
        return best_labels(scores, self._transitions, found.starts, found.lengths)

    def _numbers(self, found: Candidates) -> Ints:
        """Return the rows of the words of texts, -1 where no candidate asks; the last two are those of NO_RUN and OUTSIDE."""
        number = self._number.get
        numbers = np.array([*[number(word, -1) for word in found.words], 1, 2], np.int32)
        asked = np.zeros(len(numbers), bool)
        asked[found.slots] = True
        places = np.flatnonzero((numbers < 0) & asked).tolist()
        missing = sorted({found.words[k] for k in places})
        if not missing:
            return numbers
        if len(self._number) + len(missing) > _MOST_WORDS:
            self._number.clear()
            places = np.flatnonzero(asked[: len(found.words)]).tolist()
            missing = sorted({found.words[k] for k in places})
        # A text of more different words than rows are kept: the last ones stay unknown.
        added = missing[: _MOST_WORDS - len(self._number)]
        first = len(_PSEUDO) + len(self._number)
        self._rows[first : first + len(added)] = self._made(added)
        self._number.update(zip(added, range(first, first + len(added)), strict=True))
        numbers[places] = [self._number.get(found.words[k], 0) for k in places]
        return numbers

    def _made(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Return the rows of words: sums over their features and what they share."""
        feature = self._feature.get
        places: list[int] = []
        starts = []
        for word in words:
            starts.append(len(places))
            places += [k for f in features_of(word) if (k := feature(f)) is not None]
            listed = self._listed.get(word)
            if listed is None and word.isupper() and len(word) > _SHORT:
                listed = self._listed.get(word.title())
            places += self._in_none if listed is None else self._shared[listed].tolist()
        sums: NDArray[np.int32] = np.add.reduceat(self._folded[places], starts, axis=0, dtype=np.int32)
        return sums.clip(-32768, 32767)


def _lines(packed: NDArray[np.uint8]) -> list[str]:
    return packed.tobytes().decode().split("\n")


class NameTagger:
    """The shipped tagger: reads whole texts, so that one place of a name speaks for the others; many at once, as that is quicker."""

    def __init__(self, packed: bytes) -> None:
        self._model = NameModel(packed)
        self.name = f"newsfold-names-{self._model.version}"

    def tag(self, texts: Sequence[Tokens], known: Sequence[Sequence[bool]]) -> list[list[Tag]]:
        """Return the names of each text in its order; `known` is not asked for, as reading all costs less than choosing."""
        tags: list[list[Tag]] = [[] for _ in texts]
        for first, last in _batches(texts):
            found = candidates(*texts[first:last])
            if found is None:
                continue
            for piece, end, label in _tags(found, self._model.labels(found)):
                number = bisect_right(found.offsets, piece) - 1
                offset, text = found.offsets[number], first + number
                tags[text].append(_refined(texts[text], Tag(piece - offset, end - offset, label)))
        return tags


def _batches(texts: Sequence[Tokens]) -> Iterator[tuple[int, int]]:
    """Yield (first, one behind the last) of neighbouring texts of no more pieces than are read at once; a longer text alone.

    A batch never holds more words than rows are kept, so what a text gets does not depend on its neighbours.
    """
    first = pieces = 0
    for number, text in enumerate(texts):
        if number > first and pieces + len(text) > _BATCH_PIECES:
            yield first, number
            first, pieces = number, 0
        pieces += len(text)
    if first < len(texts):
        yield first, len(texts)


def _refined(tokens: Tokens, tag: Tag) -> Tag:
    """Return a name of several words by its last one.

    A place that ends as organisations do ("Horn Policy Centre") is a building, for which the labelled sets have no kind; a place or
    other name that ends as companies do ("Allogene Therapeutics") is one. A person keeps any word.
    """
    last = tokens.folded[tag.last - 1]
    if tag.last - tag.first == 1 or tag.label not in {"GPE", "MISC"}:
        return tag
    if tag.label == "GPE" and last in ORG_HEADS:
        return Tag(tag.first, tag.last, "FAC")
    return Tag(tag.first, tag.last, "ORG") if last in COMPANY_NOUNS else tag


def _unfolded(small: NDArray[np.int16], basis: NDArray[np.float64]) -> NDArray[np.int16]:
    """Return rows of weights in 1/SCALE: the product of two matrices of integers, exact in float64, rounded from 1/FINER."""
    product = small.astype(np.float64) @ basis
    return np.floor(product / FINER + 0.5).clip(-32768, 32767).astype(np.int16)


def _tags(found: Candidates, labels: Ints) -> Iterator[tuple[int, int, str]]:
    """Yield the spans that labels make; a piece of another kind than the one before opens a span, whatever its mark."""
    opening = np.zeros(len(labels), bool)
    opening[found.starts] = True
    first, last, kind = 0, 0, 0
    for k in np.flatnonzero(labels).tolist():
        piece, label = int(found.pieces[k]), int(labels[k])
        here = (label + 1) // 2
        if kind and (here != kind or label % 2 or piece != last or opening[k]):
            yield first, last, _CALLED[KINDS[kind - 1]]
            kind = 0
        if not kind:
            first, kind = piece, here
        last = piece + 1
    if kind:
        yield first, last, _CALLED[KINDS[kind - 1]]
