"""Train the weights of story similarity on the open sets, and write them as a small readable file.

    python -m bench.stories_train --shared ../shared

A logistic regression over the pairs that are candidates anyway. Only pairs of one set are compared (two sets share neither
time nor place, and would teach that undated means different); the sets pull equally, in each the real and the false pairs
pull equally, and a large story pulls as its texts, not as their pairs. No feature may count against its meaning.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from bench.story_sets import Labelled, labelled
from transforms.stories.frequencies import Frequencies, read_frequencies
from transforms.stories.similarity import (
    AGAINST,
    FEATURES,
    MILLION,
    Pairs,
    SimilaritySettings,
    Weights,
    compare,
    joined,
)

ROOM = Path("transforms/stories")
# Real and false pairs pull equally, so one half is the natural place to cut; it also scores best (bench/stories.py).
THRESHOLD = 0.5
# Ridge on standardised features; from .001 to .01 results agree, the larger spreads the weight over more of them.
RIDGE = 0.01

Floats = npt.NDArray[np.float64]


def main() -> None:
    """Train on all open sets and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=ROOM / "weights.json")
    options = parser.parse_args()
    gold = labelled(options.shared)
    _, blocks = compare(gold.nodes, shipped_frequencies(), SimilaritySettings())
    pairs = joined(blocks)
    text = as_json(*train(pairs, gold, np.ones(len(pairs.left), dtype=bool)))
    Weights.parse(text)
    options.out.write_text(text)
    print(text)


def shipped_frequencies() -> Mapping[str, Frequencies]:
    """Return the document frequencies that ship with the code."""
    return read_frequencies((ROOM / "document_frequencies.parquet").read_bytes())


def train(pairs: Pairs, gold: Labelled, usable: npt.NDArray[np.bool_]) -> tuple[Floats, float]:
    """Return the weights (in the order of FEATURES) and the intercept learnt from the usable pairs."""
    stories, sets = np.array(gold.stories), np.array(gold.sets)
    rows = usable & (sets[pairs.left] == sets[pairs.right])
    real = (stories[pairs.left] == stories[pairs.right])[rows]
    return _fit(pairs.features[rows] / MILLION, real, _pulls(pairs.only(rows), gold, real))


def as_json(weights: Floats, intercept: float) -> str:
    """Return the text of weights.json."""
    values = {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True)}
    return json.dumps({"threshold": THRESHOLD, "intercept": round(intercept, 4), "weights": values}, indent=2) + "\n"


def _pulls(pairs: Pairs, gold: Labelled, real: npt.NDArray[np.bool_]) -> Floats:
    stories, size = np.array(gold.stories), dict(zip(*np.unique(gold.stories, return_counts=True), strict=True))
    sizes = np.array([size[story] for story in stories], dtype=np.float64)
    pulls = 1 / np.sqrt(sizes[pairs.left] * sizes[pairs.right])
    kinds = [(gold.sets[row], bool(same)) for row, same in zip(pairs.left.tolist(), real, strict=True)]
    totals: dict[tuple[str, bool], float] = defaultdict(float)
    for kind, pull in zip(kinds, pulls.tolist(), strict=True):
        totals[kind] += pull
    balanced: Floats = pulls / np.array([totals[kind] for kind in kinds])
    return balanced


def _fit(features: Floats, real: npt.NDArray[np.bool_], pulls: Floats) -> tuple[Floats, float]:
    mean, spread = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-9)
    inputs = np.c_[(features - mean) / spread, np.ones(len(features))]
    pulls = pulls / pulls.sum()

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = inputs @ weights
        chance = 1 / (1 + np.exp(-margin))
        wrong = (np.logaddexp(0, margin) - real * margin) @ pulls
        slope = inputs.T @ (pulls * (chance - real))
        slope[:-1] += 2 * RIDGE * weights[:-1]
        return float(wrong + RIDGE * weights[:-1] @ weights[:-1]), slope

    bounds = [(None, 0.0) if name in AGAINST else (0.0, None) for name in FEATURES]
    found = minimize(loss, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    if not found.success:
        raise RuntimeError(f"The weights did not converge: {found.message}")
    weights: Floats = found.x[:-1] / spread
    return weights, float(found.x[-1] - weights @ mean)


if __name__ == "__main__":
    main()
