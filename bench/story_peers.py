"""What others do with the same articles: TF-IDF with average linkage, with connected components, and a streaming centroid.

Document frequencies are those of the articles themselves, and each threshold is the one that scores best, pooled, on the very
articles it is measured on: both in the peers' favour.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from bench.story_scores import Mask
from bench.story_sets import Labelled, b_cubed, days_of
from transforms.stories.linkage import average_linkage
from transforms.stories.tokens import tokens

Floats = npt.NDArray[np.float64]
Cluster = Callable[[Floats, float, Mask], list[int]]
_THRESHOLDS = np.round(np.arange(0.06, 0.7, 0.02), 2).tolist()
_MILLION = 1_000_000
_DAYS_SIGMA = 3.0
_WORDS = 5000


def peers(gold: Labelled) -> dict[str, tuple[float, Callable[[Mask], list[int]]]]:
    """Return each peer's best threshold, and how it clusters some of the articles (one label a row of all)."""
    vectors = tf_idf(gold.nodes["body"].to_pylist())
    cosines = (vectors @ vectors.T).toarray()
    days = days_of(gold.nodes)
    schemes: dict[str, Cluster] = {
        "TF-IDF, average linkage": _average,
        "TF-IDF, connected components": _components,
        "streaming centroid (Miranda 2018)": lambda alike, threshold, inside: _stream(alike, days, threshold, inside),
    }
    every = np.ones(len(gold.stories), dtype=bool)
    found: dict[str, tuple[float, Callable[[Mask], list[int]]]] = {}
    for name, cluster in schemes.items():
        best = max(_THRESHOLDS, key=lambda t, of=cluster: b_cubed(of(cosines, t, every), gold.stories)[2])  # type: ignore[misc]
        found[name] = best, lambda inside, of=cluster, t=best: of(cosines, t, inside)  # type: ignore[misc]
    return found


def tf_idf(bodies: Sequence[str]) -> Any:
    """Return a sparse row of unit length a text: (1 + ln count) * ln(n / df)."""
    counted = [np.unique(tokens(body, _WORDS)[0], return_counts=True) for body in bodies]
    vocabulary, df = np.unique(np.concatenate([terms for terms, _ in counted]), return_counts=True)
    starts = np.cumsum([0, *(len(terms) for terms, _ in counted)])
    places = np.concatenate([np.searchsorted(vocabulary, terms) for terms, _ in counted])
    counts = np.concatenate([counts for _, counts in counted])
    weights = (1 + np.log(counts)) * np.log(len(bodies) / df)[places]
    lengths = np.sqrt(np.maximum(np.add.reduceat(weights**2, starts[:-1]), 1e-12))
    data = weights / np.repeat(lengths, np.diff(starts))
    return csr_array((data, places, starts), shape=(len(bodies), len(vocabulary)))


def _pairs(cosines: Floats, least: float, inside: Mask) -> tuple[Any, Any]:
    both = np.triu(cosines >= least, k=1) & inside[:, None] & inside[None, :]
    left, right = np.nonzero(both)
    return left, right


def _average(cosines: Floats, threshold: float, inside: Mask) -> list[int]:
    left, right = _pairs(cosines, 0.01, inside)
    scores = np.rint(cosines[left, right] * _MILLION).astype(np.int64)
    return average_linkage(len(cosines), left, right, scores, round(threshold * _MILLION))


def _components(cosines: Floats, threshold: float, inside: Mask) -> list[int]:
    left, right = _pairs(cosines, threshold, inside)
    links = csr_array((np.ones(len(left)), (left, right)), shape=cosines.shape)
    labels: list[int] = connected_components(links, directed=False)[1].tolist()
    return labels


def _stream(cosines: Floats, days: npt.NDArray[np.int64], threshold: float, inside: Mask) -> list[int]:
    """Each article in the order of its date joins the nearest centroid (cosine, times a Gaussian of days), or founds a story."""
    labels = list(range(len(days)))
    # Of each story: its founder, the sums of its members' cosines with every article, its squared length, its last day.
    founders: list[int] = []
    sums, squares, last = np.zeros((len(days), len(days))), np.zeros(len(days)), np.full(len(days), -1)
    for row in [row for row in np.argsort(days, kind="stable").tolist() if inside[row]]:
        known = slice(0, len(founders))
        alike = sums[known, row] / np.sqrt(squares[known])
        dated = (last[known] >= 0) & (days[row] >= 0)
        alike *= np.where(dated, np.exp(-((last[known] - days[row]) ** 2) / (2 * _DAYS_SIGMA**2)), 1.0)
        best = int(alike.argmax()) if founders else -1
        if best < 0 or alike[best] < threshold:
            best = len(founders)
            founders.append(row)
        labels[row] = founders[best]
        squares[best] += 2 * sums[best, row] + 1
        sums[best] += cosines[row]
        last[best] = max(last[best], days[row])
    return labels
