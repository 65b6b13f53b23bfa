"""A linear-chain conditional random field over candidate stretches, learnt with L-BFGS and a ridge.

The weights of a piece are sums over slots (whose word) of rows of word features, and over the columns of evidence; see
transforms/enrich/evidence.py. Lafferty, McCallum, Pereira 2001; forward and backward passes run over all stretches at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.actor_sets import Labelled
from bench.actors_words import WordBook
from transforms.enrich.evidence import BYTES, CATEGORIES, EVIDENCE, KIND_OF, OUTSIDE_WORD, SLOTS, candidates
from transforms.enrich.names import LABELS, NO_RUN_WORD
from transforms.enrich.tokens import Tokens

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
_L = len(LABELS)
_STARTS = dict(zip(CATEGORIES, np.cumsum([0, *CATEGORIES.values()]).tolist(), strict=False))
_PLAIN = sum(CATEGORIES.values())
COLUMNS = _PLAIN + 2 * len(EVIDENCE)


@dataclass(frozen=True, slots=True)
class Learning:
    """How the weights are learnt: `ridge`, how much stronger evidence columns (`columns`) pull than words, and the most steps.

    Chosen on two of the five folds of worldwide_open (bench/actors.py).
    """

    ridge: float = 16.0
    columns: float = 2.0
    steps: int = 70


@dataclass(frozen=True, slots=True)
class Examples:
    """Candidate pieces of many texts: `slots` point into `words`; `labels` into LABELS; `starts`, `lengths` cut stretches, the longest first."""

    words: list[str]
    slots: Ints
    columns: sp.csr_matrix
    labels: Ints
    starts: Ints
    lengths: Ints


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt: rows of word features and of vectors (features x slots x labels), of columns, and of transitions (the last row opens)."""

    features: list[str]
    of_features: Floats
    of_vectors: Floats
    of_columns: Floats
    transitions: Floats


def examples(documents: Sequence[Labelled], kinds: Mapping[str, int] = KIND_OF) -> Examples:
    """Return the candidates of labelled texts with their gold labels; `kinds` as `candidates` takes them."""
    words: dict[str, int] = {OUTSIDE_WORD: 0, NO_RUN_WORD: 1}
    slots, columns, labels, lengths = [], [], [], []
    for document in documents:
        tokens = Tokens(document.text)
        found = candidates(tokens, kinds=kinds)
        if found is None:
            continue
        numbers = [words.setdefault(word, len(words)) for word in found.words]
        # OUTSIDE and NO_RUN are -1 and -2: counted from the end, they meet the two pseudo-words.
        slots.append(np.array([*numbers, 1, 0], np.int64)[found.slots])
        columns.append(found.columns)
        labels.append(_labels(tokens, document)[found.pieces])
        lengths.append(found.lengths)
    sizes = np.concatenate(lengths).astype(np.int64)
    starts = np.r_[0, sizes.cumsum()[:-1]]
    order = np.argsort(-sizes, kind="stable")
    return Examples(
        list(words),
        np.concatenate(slots),
        _one_hot(np.concatenate(columns)),
        np.concatenate(labels),
        starts[order],
        sizes[order],
    )


def learn(data: Examples, book: WordBook, settings: Learning) -> Weights:
    """Return the weights that make the gold labels likeliest under a ridge."""
    features, rows = book.features(data.words, np.bincount(data.slots[:, 2], minlength=len(data.words)))
    vectors = book.vectors(data.words)
    columns = data.columns * np.float32(settings.columns)
    size = len(SLOTS) * _L
    shapes = [(len(features), size), (vectors.shape[1], size), (COLUMNS, _L), (_L + 1, _L)]
    cuts = np.cumsum([a * b for a, b in shapes])[:-1]
    count = len(data.slots)
    places = [
        sp.csr_matrix(
            (np.ones(count, np.float32), (data.slots[:, k], np.arange(count))), shape=(len(data.words), count)
        )
        for k in range(len(SLOTS))
    ]
    turned, columns_turned = rows.T.tocsr(), columns.T.tocsr()

    def unpacked(x: NDArray[np.float64]) -> list[Floats]:
        parts = np.split(x.astype(np.float32), cuts)
        return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]

    def cost(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        of_features, of_vectors, of_columns, transitions = unpacked(x)
        by_word = (rows @ of_features + vectors @ of_vectors).reshape(-1, len(SLOTS), _L)
        scores = columns @ of_columns
        for k in range(len(SLOTS)):
            scores += by_word[data.slots[:, k], k]
        loss, d_scores, d_transitions = _loss(scores, transitions, data)
        d_words = np.concatenate([place @ d_scores for place in places], axis=1)
        parts = (turned @ d_words, vectors.T @ d_words, columns_turned @ d_scores, d_transitions)
        slope = np.concatenate([np.asarray(part).ravel() for part in parts]).astype(np.float64)
        return loss + 0.5 * settings.ridge * float(x @ x), slope + settings.ridge * x

    start = np.zeros(sum(a * b for a, b in shapes))
    found = minimize(
        cost, start, jac=True, method="L-BFGS-B", options={"maxiter": settings.steps, "maxcor": 6, "ftol": 1e-6}
    )
    of_features, of_vectors, of_columns, transitions = unpacked(found.x)
    return Weights(features, of_features, of_vectors, of_columns * np.float32(settings.columns), transitions)


def _loss(scores: Floats, transitions: Floats, data: Examples) -> tuple[float, Floats, NDArray[np.float64]]:
    """Return the negative log-likelihood and its slopes by scores and transitions (forward-backward, scaled)."""
    starts, lengths, labels = data.starts, data.lengths, data.labels
    steps, count = int(lengths.max()), len(starts)
    alive = [int((lengths > t).sum()) for t in range(steps)]
    inner, opening = np.exp(transitions[:_L]), np.exp(transitions[_L])
    highest = scores.max(axis=1, keepdims=True)
    likely = np.exp(scores - highest)
    forward: list[Floats] = []
    scales: list[Floats] = []
    total = float(highest.sum(dtype=np.float64))
    for t in range(steps):
        here = likely[starts[: alive[t]] + t]
        reached = here * opening if t == 0 else (forward[-1][: alive[t]] @ inner) * here
        scale = reached.sum(axis=1)
        forward.append(reached / scale[:, None])
        scales.append(scale)
        total += float(np.log(scale).sum(dtype=np.float64))
    d_scores = np.zeros_like(scores)
    d_transitions = np.zeros((_L + 1, _L))
    backward = np.ones((count, _L), np.float32)
    for t in range(steps - 1, -1, -1):
        if t + 1 < steps:
            on = alive[t + 1]
            ahead = backward[:on] * likely[starts[:on] + t + 1] / scales[t + 1][:, None]
            d_transitions[:_L] += (forward[t][:on].T @ ahead) * inner
            backward[:on] = ahead @ inner.T
        d_scores[starts[: alive[t]] + t] = forward[t] * backward[: alive[t]]
    d_transitions[_L] = d_scores[starts].sum(axis=0)
    before = np.r_[_L, labels[:-1]]
    before[starts] = _L
    total -= float(scores[np.arange(len(labels)), labels].sum(dtype=np.float64)) + float(
        transitions[before, labels].sum(dtype=np.float64)
    )
    np.add.at(d_transitions, (before, labels), -1)
    d_scores[np.arange(len(labels)), labels] -= 1
    return total, d_scores, d_transitions


def _labels(tokens: Tokens, document: Labelled) -> Ints:
    number = {label: k for k, label in enumerate(LABELS)}
    found = np.zeros(len(tokens), np.int64)
    for start, end, kind in document.names:
        first, last = tokens.at(start, end)
        found[first:last] = number[f"I-{kind}"]
        found[first : first + (first < last)] = number[f"B-{kind}"]
    return found


def _one_hot(columns: NDArray[np.int32]) -> sp.csr_matrix:
    """Return the columns as a sparse matrix of ones: each category value its column, then the bits of the evidence."""
    parts = []
    for k, (name, size) in enumerate(CATEGORIES.items()):
        parts.append((np.arange(len(columns)), _STARTS[name] + np.minimum(columns[:, k], size - 1)))
    for k in range(len(BYTES)):
        for bit in range(8):
            places = np.flatnonzero(columns[:, len(CATEGORIES) + k] >> bit & 1)
            parts.append((places, np.full(len(places), _PLAIN + 8 * k + bit)))
    rows, values = (np.concatenate(side) for side in zip(*parts, strict=True))
    return sp.csr_matrix((np.ones(len(rows), np.float32), (rows, values)), shape=(len(columns), COLUMNS))
