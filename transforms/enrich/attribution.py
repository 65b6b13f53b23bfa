"""Who says what, piece by piece: sources, the words that attribute (cues), and what is attributed, of English texts.

A linear model over sequences, read from a table of small integers that people can read too; learnt by bench/quotes_train.py. A text
gets the same labels in any batch on any machine, as only whole numbers are added and compared.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.enrich.quotations import Quotation
from transforms.enrich.tokens import Tokens
from transforms.enrich.viterbi import Ints, best_labels

LABELS = ("O", "B-source", "I-source", "B-cue", "I-cue", "B-content", "I-content")
# What a piece is seen by: the feature, the family of its values, and how far away it is looked up.
COLUMNS: tuple[tuple[str, str, int], ...] = (
    *((f"word{away:+d}", "word", away) for away in (-2, -1, 0, 1, 2)),
    *((f"ending{away:+d}", "ending", away) for away in (-1, 0, 1)),
    *((f"shape{away:+d}", "shape", away) for away in (-1, 0, 1)),
    *((f"gap{away:+d}", "gap", away) for away in (-1, 0, 1, 2)),
    *((f"pair{away:+d}", "pair", away) for away in (-1, 0)),
    ("quoted", "quoted", 0),
    ("cue_before", "distance", 0),
    ("cue_behind", "distance", 0),
)
AFTER = "after"
_ENDING = 3
# Distances to the next cue word of the sentence, in pieces: the first bucket is the piece itself, the last none at all.
_BUCKETS = np.array([0, 1, 2, 3, 4, 6, 9, 14, 1 << 20])
# Pieces that stand between texts, as many as the farthest column looks.
_BETWEEN = 2
# Words whose numbers are kept; when they are full, all are forgotten and looked up again.
_MOST_WORDS = 100_000
# Pieces up to the comma that ends a source.
_LONGEST_SOURCE = 12
_FORMS = ("xx", "Xx", "XX", "00")


@dataclass(frozen=True, slots=True)
class Found:
    """A run of pieces `first` up to, not including, `last` with one role: source, cue or content."""

    role: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Row:
    """The pieces of texts in one row: values of each column (pieces x COLUMNS), sentences as `starts` and `lengths`, and where texts begin."""

    values: Ints
    starts: Ints
    lengths: Ints
    offsets: list[int]


class Vocabulary:
    """The values of each family that a model knows, numbered from 1; 0 is every other value."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self.values = {family: list(values.get(family, ())) for family in ("word", "ending", "gap", "pair", "cue")}
        self._number = {family: {v: k for k, v in enumerate(known, 1)} for family, known in self.values.items()}
        words = self._number["word"]
        self._base = len(words) + 1
        pairs = [pair.split(" ") for pair in self.values["pair"]]
        keys = np.array([words.get(a, 0) * self._base + words.get(b, 0) for a, b in pairs], np.int64)
        order = np.argsort(keys, kind="stable")
        self._pair_keys, self._pair_numbers = np.append(keys[order], 1 << 62), np.append(order + 1, 0)
        self._seen: dict[str, int] = {}
        self._kinds: list[tuple[int, int, int, int]] = []

    def row(self, texts: Sequence[Tokens], quoted: Sequence[Sequence[Quotation]]) -> Row:
        """Return texts as rows of numbers; `quoted` are the quotations of each."""
        self._look_up(texts)
        seen = self._seen
        words, gaps, sentence, opening, inside, offsets = [], [], [], [], [], []
        gap_number = self._number["gap"].get
        offset = n_sentences = 0
        for text, marked in zip(texts, quoted, strict=True):
            n = len(text)
            offsets.append(offset)
            words.append(np.array([*(seen[word] for word in text.words), -1, -1], np.int32))
            gaps.append(np.array([*[0, *(gap_number(gap, 0) for gap in text.gaps)][:n], 0, 0], np.int32))
            sentence.append(np.array(text.sentence, np.int32) + n_sentences)
            opening.append(np.array([*text.first_of_sentence, False, False]))
            inside.append(_quoted(text, marked))
            n_sentences += len(text.sentences)
            offset += n + _BETWEEN
        places = np.concatenate([np.arange(len(text)) + at for text, at in zip(texts, offsets, strict=True)])
        kinds = np.array([*self._kinds, (0, 0, 0, 0)], np.int32)[np.concatenate(words)]
        numbers = np.concatenate(sentence)
        begins = np.flatnonzero(np.diff(numbers, prepend=-1))
        lengths = np.diff(begins, append=len(numbers)).astype(np.int32)
        shape = kinds[:, 2] * 2 + np.concatenate(opening)
        word = kinds[:, 0]
        pair = self._pairs(word)
        families = {"word": word, "ending": kinds[:, 1], "shape": shape, "gap": np.concatenate(gaps), "pair": pair}
        values = np.empty((len(places), len(COLUMNS)), np.int32)
        for column, (_, family, away) in enumerate(COLUMNS[:-3]):
            # Beyond either end lies padding: its numbers are 0, and so are those of the ends' neighbours.
            values[:, column] = families[family][(places + away) % len(word)]
        values[:, -3] = np.concatenate(inside)[places]
        values[:, -2], values[:, -1] = _distances(kinds[places, 3] > 0, begins, lengths)
        return Row(values, begins.astype(np.int32), lengths, offsets)

    def _look_up(self, texts: Sequence[Tokens]) -> None:
        """Number the kinds of words not seen before."""
        missing = sorted({word for text in texts for word in text.words if word not in self._seen})
        if len(self._seen) + len(missing) > _MOST_WORDS:
            self._seen.clear()
            self._kinds.clear()
            missing = sorted({word for text in texts for word in text.words})
        word_number, ending_number, cue_number = (self._number[name] for name in ("word", "ending", "cue"))
        for word in missing:
            folded = word.lower()
            form = 3 if folded[0].isdigit() else 2 if len(word) > 1 and word.isupper() else int(word[0].isupper())
            self._seen[word] = len(self._kinds)
            ending = ending_number.get(folded[-_ENDING:], 0)
            self._kinds.append((word_number.get(folded, 0), ending, form, cue_number.get(folded, 0)))

    def _pairs(self, word: Ints) -> Ints:
        keys = word.astype(np.int64) * self._base + np.append(word[1:], 0)
        place = np.searchsorted(self._pair_keys, keys)
        return np.where(self._pair_keys[place] == keys, self._pair_numbers[place], 0).astype(np.int32)


def _quoted(text: Tokens, marked: Sequence[Quotation]) -> NDArray[np.int32]:
    """Return for each piece whether it is quoted (1), or stands in a sentence with a quotation (2), or neither."""
    state = np.zeros(len(text) + _BETWEEN, np.int32)
    if not marked:
        return state
    sentences = np.array(text.sentence, np.int32)
    for quotation in marked:
        first, last = text.at(quotation.start, quotation.end)
        if first < last:
            a, b = np.searchsorted(sentences, [sentences[first], sentences[last - 1] + 1])
            state[a:b] = np.maximum(state[a:b], 2)
    for quotation in marked:
        first, last = text.at(quotation.start, quotation.end)
        state[first:last] = 1
    return state


def _distances(cue: NDArray[np.bool_], begins: NDArray[np.int64], lengths: Ints) -> tuple[Ints, Ints]:
    """Return the buckets of how far the last cue word before each piece, and the next one from it on, are in its sentence."""
    n = len(cue)
    at = np.arange(n)
    opens = np.repeat(begins, lengths)
    closes = opens + np.repeat(lengths, lengths)
    last = np.maximum.accumulate(np.where(cue, at, -1))
    before = np.append(-1, last[:-1])
    following = np.minimum.accumulate(np.where(cue, at, n)[::-1])[::-1]
    far = 1 << 20
    left = np.where(before >= opens, at - before, far)
    right = np.where(following < closes, following - at, far)
    return tuple(np.searchsorted(_BUCKETS, each, side="left").astype(np.int32) for each in (left, right))  # type: ignore[return-value]


def sizes(vocabulary: Vocabulary) -> list[int]:
    """Return how many values each column can take."""
    fixed = {"shape": 2 * len(_FORMS), "quoted": 3, "distance": len(_BUCKETS)}
    return [fixed.get(family) or len(vocabulary.values[family]) + 1 for _, family, _ in COLUMNS]


class Attributor:
    """The model, from the table that bench/quotes_train.py writes: columns feature, value, and one of weights a label.

    Raises ValueError for a table that says something else.
    """

    def __init__(self, table: str) -> None:
        reader = csv.reader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
        if next(reader) != ["feature", "value", *LABELS]:
            raise ValueError("attribution table: the first line must name feature, value and the labels")
        rows = [(feature, json.loads(value), [int(w) for w in weights]) for feature, value, *weights in reader]
        family_of = {name: family for name, family, _ in COLUMNS} | {"cue": "cue"}
        known: dict[str, dict[str, None]] = {}
        for feature, value, _ in rows:
            if family_of.get(feature) == "pair":
                known.setdefault("word", {}).update(dict.fromkeys(value.split(" ")))
            known.setdefault(family_of.get(feature, ""), {})[value] = None
        self.vocabulary = Vocabulary({family: list(values) for family, values in known.items()})
        number = {
            name: {v: k for k, v in enumerate(self.vocabulary.values[name], 1)} for name in self.vocabulary.values
        }
        column = {name: k for k, (name, _, _) in enumerate(COLUMNS)}
        self._weights = [np.zeros((size, len(LABELS)), np.int32) for size in sizes(self.vocabulary)]
        self._transitions = np.zeros((len(LABELS) + 1, len(LABELS)), np.int32)
        for feature, value, weights in rows:
            if feature == AFTER:
                self._transitions[int(value)] = weights
            elif feature in column:
                family = family_of[feature]
                self._weights[column[feature]][number[family][value] if family in number else int(value)] = weights

    def attribute(self, texts: Sequence[Tokens], quoted: Sequence[Sequence[Quotation]]) -> list[list[Found]]:
        """Return the runs of each text in its order; `quoted` are the quotations of each."""
        found: list[list[Found]] = [[] for _ in texts]
        some = [k for k, text in enumerate(texts) if len(text)]
        if not some:
            return found
        row = self.vocabulary.row([texts[k] for k in some], [quoted[k] for k in some])
        scores = np.zeros((len(row.values), len(LABELS)), np.int32)
        for column, weights in zip(row.values.T, self._weights, strict=True):
            scores += weights[column]
        labels = best_labels(scores, self._transitions, row.starts, row.lengths)
        at = 0
        for k in some:
            n = len(texts[k])
            found[k] = _with_sources(texts[k], list(runs(texts[k], labels[at : at + n])))
            at += n
        return found


def runs(text: Tokens, labels: NDArray[np.int32]) -> Iterator[Found]:
    """Yield the runs that labels make; none goes beyond a sentence."""
    role, first, last = 0, 0, 0
    for k in np.flatnonzero(labels).tolist():
        here, opens = (int(labels[k]) + 1) // 2, labels[k] % 2 == 1
        if role and (here != role or opens or k != last or text.first_of_sentence[k]):
            yield Found(_ROLES[role], first, last)
            role = 0
        if not role:
            role, first = here, k
        last = k + 1
    if role:
        yield Found(_ROLES[role], first, last)


def _with_sources(text: Tokens, found: list[Found]) -> list[Found]:
    """Return runs in which what follows "according to", up to a comma, is the source, where they take it for content."""
    told: list[Found] = []
    for run in found:
        before = told[-1] if told else None
        if run.role == "content" and before is not None and before.last == run.first and _asks_for_source(text, before):
            ends = (
                k + 1 for k in range(run.first, min(run.last, run.first + _LONGEST_SOURCE) - 1) if "," in text.gaps[k]
            )
            comma = next(ends, None)
            if comma is not None:
                told += [Found("source", run.first, comma), Found("content", comma, run.last)]
                continue
        told.append(run)
    return told


def _asks_for_source(text: Tokens, run: Found) -> bool:
    return run.role == "cue" and text.folded[run.last - 2 : run.last] == ["according", "to"]


_ROLES = ("", "source", "cue", "content")
