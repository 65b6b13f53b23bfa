"""The one similarity: how far two texts tell one story, as a few named features and one readable list of weights.

The score is a logistic regression over cosines of integer tf-idf vectors; every step is integer arithmetic, so the same two
texts score the same in any batch, in any order, on any machine. Weights are trained by `python -m bench.stories_train`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.dedupe.shingles import WordHashes
from transforms.stories.calendar import nearest
from transforms.stories.frequencies import NUMBER, PAIR, WORD, Frequencies, frequencies
from transforms.stories.profiles import UNDATED, Profiles, profiles
from transforms.stories.vectors import (
    ONE,
    Bags,
    Integers,
    Matrix,
    heaviest,
    pair_products,
    presence,
    share_vectors,
    unit_vectors,
    vocabulary,
)

# Features and scores are integers in millionths.
MILLION = 1_000_000

FEATURES: Mapping[str, str] = {
    "f_words": "cosine of the words (first 700)",
    "f_bigrams": "cosine of neighbouring pairs of words",
    "f_names": "cosine of the words of names",
    "f_numbers": "cosine of the figures",
    "f_lead": "cosine of the first 80 words",
    "f_title": "cosine of the headlines (of the opening words, where a text has none)",
    "f_rare": "cosine of words that under 1% of articles have",
    "f_lead_names": "share of the names of one lead that the other text has, mean of both directions",
    "f_title_found": "share of the words of one headline that the other text has, mean of both directions",
    "f_cited": "1 where both cite one outlet",
    "f_cited_other": "1 where both cite outlets and none in common",
    "f_days": "1 - exp(-days^2 / 98) between the dates; 0 where one is unknown",
    "f_stated_days": "where a date is unknown: the same of the nearest days that the texts state, 0 where one states none",
    "f_years": "1 where both dates are unknown and the latest years stated differ",
}
# More of these never makes two texts more alike.
AGAINST = frozenset({"f_cited_other", "f_days", "f_stated_days", "f_years"})


@dataclass(frozen=True, slots=True)
class SimilaritySettings:
    """What is read of a text, and which pairs are compared at all."""

    # Later words add little; with a lead of 80 and words under 1% of articles as "rare" the best of the mixes measured.
    first_words: int = 700
    lead_words: int = 80
    rare_share: float = 0.01
    # Candidates share heavy terms: 60 a text, none that a tenth of all articles have, partial cosine from .04
    # (finds 99.6% of the gold pairs of the open sets).
    heavy_terms: int = 60
    heavy_share: float = 0.10
    candidate_cosine: float = 0.04
    # Rows multiplied at a time; bounds memory and moves nothing.
    rows_at_once: int = 500


@dataclass(frozen=True)
class Pairs:
    """Pairs of row numbers (left < right, sorted) and their features, one column each in the order of FEATURES, in 1e-6."""

    left: Integers
    right: Integers
    features: Integers

    def only(self, mask: npt.NDArray[np.bool_]) -> "Pairs":
        """Return the pairs that the mask keeps."""
        return Pairs(self.left[mask], self.right[mask], self.features[mask])


@dataclass(frozen=True)
class Weights:
    """The trained weights, in 1e-6, in the order of FEATURES, and the threshold from which a score says "one story"."""

    values: Integers
    intercept: int
    threshold: int

    @classmethod
    def parse(cls, text: str) -> "Weights":
        """Read weights.json: {"intercept", "threshold", "weights": {feature: weight}}. Raises ValueError for other features."""
        found = json.loads(text)
        if set(found["weights"]) != set(FEATURES):
            raise ValueError(f"The weights name the features {sorted(found['weights'])}, not {sorted(FEATURES)}.")
        values = np.array([round(found["weights"][name] * MILLION) for name in FEATURES], dtype=np.int64)
        return cls(values, round(found["intercept"] * MILLION), round(found["threshold"] * MILLION))

    def scores(self, features: Integers) -> Integers:
        """Return the score of each row of features, in 1e-6."""
        return _logistic(self.intercept + features @ self.values // MILLION)


def compare(nodes: pa.Table, table: pa.Table, settings: SimilaritySettings) -> tuple[Profiles, Pairs]:
    """Return the profiles of the nodes, and every pair of them worth comparing with its features.

    `nodes`: node_id, text_id, body, title, date, cited, joinable (joinable is for the caller to heed); `table`: the document
    frequencies (kind, term, df).
    """
    hashes = WordHashes()
    known = {kind: frequencies(table, kind, hashes) for kind in (WORD, PAIR, NUMBER)}
    found = profiles(nodes, settings.first_words, settings.lead_words, hashes)
    left, right = _candidates(found.words, known[WORD], settings)
    columns = (_feature(name, found, known, settings, left, right) for name in FEATURES)
    features = np.empty((len(left), len(FEATURES)), dtype=np.int64)
    for place, column in enumerate(columns):
        features[:, place] = column
    return found, Pairs(left, right, features)


def _candidates(words: Bags, known: Frequencies, settings: SimilaritySettings) -> tuple[Integers, Integers]:
    matrix = _heavy_vectors(words, known, settings)
    floor, lefts, rights = round(settings.candidate_cosine * ONE), [], []
    others = matrix.T.tocsr()
    for begin in range(0, matrix.shape[0], settings.rows_at_once):
        block = (matrix[begin : begin + settings.rows_at_once] @ others).tocoo()
        rows = block.row.astype(np.int64) + begin
        kept = (block.data >= floor) & (rows < block.col)
        lefts.append(rows[kept])
        rights.append(block.col[kept].astype(np.int64))
    left = np.concatenate(lefts) if lefts else np.empty(0, dtype=np.int64)
    right = np.concatenate(rights) if rights else np.empty(0, dtype=np.int64)
    order = np.lexsort((right, left))
    return left[order], right[order]


def _heavy_vectors(words: Bags, known: Frequencies, settings: SimilaritySettings) -> Matrix:
    """Return unit vectors of which only the heaviest uncommon terms are left (their products are a part of the cosine)."""
    weights = words.weights(known)
    uncommon = known.share(words.terms) <= settings.heavy_share
    left_out = ~uncommon
    left_out[uncommon] = ~heaviest(words.kept(uncommon), weights[uncommon], settings.heavy_terms)
    matrix = unit_vectors(words, weights, vocabulary(words))
    matrix.data[left_out] = 0
    matrix.eliminate_zeros()
    return matrix


def _feature(
    name: str,
    p: Profiles,
    known: Mapping[str, Frequencies],
    settings: SimilaritySettings,
    left: Integers,
    right: Integers,
) -> npt.NDArray[np.generic]:
    word = known[WORD]
    match name:
        case "f_words":
            return _cosines(p.words, word, left, right)
        case "f_bigrams":
            return _cosines(p.pairs, known[PAIR], left, right)
        case "f_names":
            return _cosines(p.names, word, left, right)
        case "f_numbers":
            return _cosines(p.numbers, known[NUMBER], left, right)
        case "f_lead":
            return _cosines(p.lead, word, left, right)
        case "f_title":
            return _cosines(p.title, word, left, right)
        case "f_rare":
            return _cosines(p.words.kept(word.share(p.words.terms) < settings.rare_share), word, left, right)
        case "f_lead_names":
            return _found(p.lead_names, p.words, word, left, right)
        case "f_title_found":
            return _found(p.title, p.words, word, left, right)
        case "f_cited":
            return MILLION * np.array([bool(p.cited[a] & p.cited[b]) for a, b in _each(left, right)], dtype=np.int64)
        case "f_cited_other":
            return MILLION * np.array(
                [_cite_others(p.cited[a], p.cited[b]) for a, b in _each(left, right)], dtype=np.int64
            )
        case "f_days":
            apart = np.abs(p.days[left] - p.days[right])
            return np.where(_both_dated(p, left, right), _DAYS[np.minimum(apart, len(_DAYS) - 1)], 0)
        case "f_stated_days":
            return np.where(_both_dated(p, left, right), 0, _DAYS[_stated_apart(p, left, right)])
        case "f_years":
            return np.where(_years_differ(p, left, right), MILLION, 0)
    raise ValueError(f"No feature is called {name!r}.")


def _cosines(bag: Bags, known: Frequencies, left: Integers, right: Integers) -> Integers:
    vectors = unit_vectors(bag, bag.weights(known), vocabulary(bag))
    return _millionths(pair_products(vectors, vectors, left, right))


def _found(part: Bags, whole: Bags, known: Frequencies, left: Integers, right: Integers) -> Integers:
    columns = vocabulary(part, whole)
    shares, held = share_vectors(part, part.weights(known), columns), presence(whole, columns)
    there = pair_products(shares, held, left, right)
    back = np.empty_like(there)
    order = np.lexsort((left, right))
    back[order] = pair_products(shares, held, right[order], left[order])
    return _millionths((there + back) // 2)


def _millionths(products: Integers) -> Integers:
    return np.minimum(products * MILLION // ONE, MILLION)


def _both_dated(p: Profiles, left: Integers, right: Integers) -> npt.NDArray[np.bool_]:
    both: npt.NDArray[np.bool_] = (p.days[left] != UNDATED) & (p.days[right] != UNDATED)
    return both


def _stated_apart(p: Profiles, left: Integers, right: Integers) -> Integers:
    far = len(_DAYS) - 1
    apart = [
        min(nearest(p.stated[a], p.stated[b]), far) if p.stated[a] and p.stated[b] else 0 for a, b in _each(left, right)
    ]
    return np.array(apart, dtype=np.int64)


def _years_differ(p: Profiles, left: Integers, right: Integers) -> npt.NDArray[np.bool_]:
    undated = (p.days[left] == UNDATED) & (p.days[right] == UNDATED)
    stated = (p.years[left] > 0) & (p.years[right] > 0)
    differ: npt.NDArray[np.bool_] = undated & stated & (p.years[left] != p.years[right])
    return differ


def _cite_others(a: frozenset[str], b: frozenset[str]) -> bool:
    return bool(a) and bool(b) and not a & b


def _each(left: Integers, right: Integers) -> Iterable[tuple[int, int]]:
    return zip(left.tolist(), right.tolist(), strict=True)


# A Gaussian of 7 days, as millionths by whole days; beyond 39 days it is 1. With 3 days the open sets score the same but for
# outlets_dated, whose stories last longer (cross-validated .892 against .897; threshold .45: .894 against .910).
_DAYS = np.array([round(MILLION * (1 - exp(-(days**2) / 98))) for days in range(40)], dtype=np.int64)
# The logistic curve by thousandths of its argument, from -20 to 20, where it is 0 and 1 to a millionth.
_CURVE = np.array([round(MILLION / (1 + exp(-step / 1000))) for step in range(-20_000, 20_001)], dtype=np.int64)


def _logistic(argument: Integers) -> Integers:
    step, rest = np.divmod(np.clip(argument, -20 * MILLION, 20 * MILLION - 1) + 20 * MILLION, 1000)
    scores: Integers = _CURVE[step] + (_CURVE[step + 1] - _CURVE[step]) * rest // 1000
    return scores
