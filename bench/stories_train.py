"""Train the weights of story similarity on the open sets, and write them as a small readable file.

    python -m bench.stories_train --shared ../shared

A logistic regression over pairs that share much by the cosine of their heaviest words, in which each feature adds what a curve of straight pieces says.
Only pairs of one set are compared (two sets share neither time nor place, and would teach that undated means different); the sets
pull equally, in each the real and the false pairs pull equally, and a large story pulls as its texts, not as their pairs. Besides,
pairs of the load set that lie a season apart count as false: the open sets hold few events each, a real year holds thousands of
the same people and places. Every other of these is learnt from as if both were of one day, as two events of one kind may be. No curve may turn against its meaning: more of what speaks for one story never adds less.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from scipy.optimize import minimize

from bench.story_sets import Labelled, labelled, load_nodes
from flows.text_model import WEIGHTS, text_model
from transforms.stories.frequencies import Frequencies, read_frequencies
from transforms.stories.kernel import MILLION
from transforms.stories.profiles import profiles
from transforms.stories.shelf import DAY, Integers
from transforms.stories.similarity import (
    AGAINST,
    FEATURES,
    KNOTS,
    YES_OR_NO,
    Pairs,
    SimilaritySettings,
    Weights,
    compare,
    compared_pairs,
    joined,
    similarity_of,
)

ROOM = Path("transforms/stories")
# From here on a pair tells one event. From .75 to .79 the open sets score alike; lower, fewer stories of one article stay alone,
# higher, stories begin to fall apart.
THRESHOLD = 0.77
# Floors of that cosine, near in time and further apart; what more a night measures (transforms/stories/candidates.py) is told
# apart by less: learnt from as well, stories fall apart (cross-validated, pooled B-cubed F1 .936 for .948).
_COSINE, _FAR_COSINE = 0.03, 0.075
# Texts of the load set whose pairs are looked at, days apart from which they count as false, how many of those are taken, and
# how strongly they pull beside each half of a set; from .3 to .5 the open sets score alike.
_FAR_TEXTS, _FAR_DAYS, _FAR_PAIRS, _FAR_PULL = 12_000, 90, 40_000, 0.4
# So many where a text model reads each, at six a second.
_FAR_TEXTS_READ = 1_000
# Ridge on what a curve rises from knot to knot: half as much and stories whose texts lie weeks apart are told less surely from
# others of their kind, twice as much and long ones fall apart.
RIDGE = 0.002

Floats = npt.NDArray[np.float64]


def main() -> None:
    """Train on all open sets and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument(
        "--text-model", default="", choices=list(WEIGHTS), help="with what a text model makes of the texts"
    )
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    gold, settings = labelled(options.shared), similarity_of(text_model(options.text_model))
    pairs = learnt_pairs(gold, settings)
    text = as_json(*train(pairs, gold, np.ones(len(pairs.left), dtype=bool), far_features(options.shared, settings)))
    Weights.parse(text)
    (options.out or ROOM / WEIGHTS[options.text_model]).write_text(text)
    print(text)


def shipped_frequencies() -> Mapping[str, Frequencies]:
    """Return the document frequencies that ship with the code."""
    return read_frequencies((ROOM / "document_frequencies.parquet").read_bytes())


def learnt_pairs(gold: Labelled, settings: SimilaritySettings) -> Pairs:
    """Return the pairs of the open sets that are learnt from."""
    return joined(compare(gold.nodes, shipped_frequencies(), _by_cosine(settings, _FAR_COSINE))[1])


def _by_cosine(settings: SimilaritySettings, far: float) -> SimilaritySettings:
    reading = replace(settings.reading, idf_impact=0.0, title_impact=1.0)
    return replace(settings, reading=reading, candidates=replace(settings.candidates, heavy=_COSINE, far_heavy=far))


def far_features(shared: Path, settings: SimilaritySettings) -> Integers:
    """Return the features of pairs of real articles that lie too far apart in time to tell one event, half of them as if of one day."""
    # As if they lay close together: a night sees only the hardest of those that lie apart.
    settings, nodes = _by_cosine(settings, _COSINE), load_nodes(shared, "allsides_37k")
    nodes = (
        nodes.filter(pc.is_valid(nodes["date"]))
        .sort_by("node_id")
        .slice(0, _FAR_TEXTS_READ if settings.reading.text_model else _FAR_TEXTS)
    )
    shelf = profiles(nodes, shipped_frequencies(), settings.reading).shelf
    days, far = shelf.scalars[:, DAY], []
    for block in compared_pairs(shelf, settings):
        far.append(block.only(np.abs(days[block.left] - days[block.right]) > _FAR_DAYS).features)
    features = np.concatenate(far)
    features = features[np.linspace(0, len(features) - 1, _FAR_PAIRS).astype(np.int64)]
    features[::2, list(FEATURES).index("f_days")] = 0
    return features


def train(pairs: Pairs, gold: Labelled, usable: npt.NDArray[np.bool_], far: Integers) -> tuple[Floats, float]:
    """Return what each feature (in the order of FEATURES) adds at each knot, and the intercept.

    Learnt from the usable pairs, and from the `far_features`.
    """
    stories, sets = np.array(gold.stories), np.array(gold.sets)
    rows = usable & (sets[pairs.left] == sets[pairs.right])
    real = (stories[pairs.left] == stories[pairs.right])[rows]
    pulls = _pulls(pairs.only(rows), gold, real)
    return fit(
        np.concatenate([pairs.features[rows], far]) / MILLION,
        np.concatenate([real, np.zeros(len(far), dtype=bool)]),
        np.concatenate([pulls / pulls.sum(), np.full(len(far), _FAR_PULL / len(far))]),
    )


def as_json(adds: Floats, intercept: float) -> str:
    """Return the text of weights.json."""
    curves = {name: [round(float(add), 4) + 0.0 for add in row] for name, row in zip(FEATURES, adds, strict=True)}
    lines = ",\n".join(f'    "{name}": {json.dumps(curve)}' for name, curve in curves.items())
    head = f'  "threshold": {THRESHOLD},\n  "intercept": {round(intercept, 4)},\n  "knots": {json.dumps(KNOTS)},\n'
    return f'{{\n{head}  "adds": {{\n{lines}\n  }}\n}}\n'


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


def fit(features: Floats, real: npt.NDArray[np.bool_], pulls: Floats) -> tuple[Floats, float]:
    """Return what each feature adds at each knot, and the intercept, learnt from rows of features, verdicts and how much each counts."""
    steps = [
        (place, low, high)
        for place, name in enumerate(FEATURES)
        for low, high in ([(0.0, 1.0)] if name in YES_OR_NO else pairwise(KNOTS))
    ]
    climbed = [np.clip((features[:, place] - low) / (high - low), 0, 1) for place, low, high in steps]
    inputs = np.stack([*climbed, np.ones(len(features))], axis=1)
    pulls = pulls / pulls.sum()

    def loss(rises: Floats) -> tuple[float, Floats]:
        margin = inputs @ rises
        chance = 1 / (1 + np.exp(-margin))
        wrong = (np.logaddexp(0, margin) - real * margin) @ pulls
        slope = inputs.T @ (pulls * (chance - real))
        slope[:-1] += 2 * RIDGE * rises[:-1]
        return float(wrong + RIDGE * rises[:-1] @ rises[:-1]), slope

    names = list(FEATURES)
    bounds = [(None, 0.0) if names[place] in AGAINST else (0.0, None) for place, _, _ in steps]
    found = minimize(
        loss, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)], options={"maxiter": 1000}
    )  # fmt: skip
    if not found.success:
        raise RuntimeError(f"The weights did not converge: {found.message}")
    adds = np.zeros((len(FEATURES), len(KNOTS)))
    for (place, low, high), rise in zip(steps, found.x, strict=False):
        adds[place] += rise * np.clip((np.array(KNOTS) - low) / (high - low), 0, 1)
    return adds, float(found.x[-1])


if __name__ == "__main__":
    main()
