"""One pair of texts looked at by itself: its evidence, and what each feature adds to the score."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import exp, log
from typing import Any

import numpy as np
import pyarrow as pa

from transforms.stories.cluster import VETOES, ClusterSettings, vetoes_of
from transforms.stories.evidence import decisions, evidence_table, told_of
from transforms.stories.frequencies import Frequencies
from transforms.stories.kernel import MILLION
from transforms.stories.memory import keys_of, no_memory
from transforms.stories.profiles import NODES, profiles
from transforms.stories.similarity import FEATURES, Weights, measured_pairs


@dataclass(frozen=True)
class Contribution:
    """What one feature of this value (0..1) adds, in log-odds of "one story"; `intercept` is what all begin with."""

    name: str
    meaning: str
    value: float
    contribution: float


def contributions(weights: Weights, row: Mapping[str, Any]) -> list[Contribution]:
    """Return the intercept, then every feature of a row of evidence with what it adds, the largest first; of equals by name.

    Their sum is the log-odds of the score, as far as six decimals go (see `score_of`).
    """
    values = np.array([[round((row[name] or 0.0) * MILLION) for name in FEATURES]], dtype=np.int64)
    found = [
        Contribution(name, meaning, row[name] or 0.0, part / MILLION)
        for (name, meaning), part in zip(FEATURES.items(), weights.parts(values)[0].tolist(), strict=True)
    ]
    base = weights.intercept / MILLION
    return [
        Contribution("intercept", "what every pair begins with", 1.0, base),
        *sorted(found, key=lambda each: (-abs(each.contribution), each.name)),
    ]


def score_of(found: Iterable[Contribution]) -> float:
    """Return the score that contributions add up to."""
    return 1 / (1 + exp(-sum(each.contribution for each in found)))


def log_odds(score: float) -> float:
    """Return the log-odds of a score between 0 and 1, held within a millionth of both."""
    held = min(max(score, 1 / MILLION), 1 - 1 / MILLION)
    return log(held / (1 - held))


def judge(
    nodes: pa.Table, weights: Weights, known: Mapping[str, Frequencies], settings: ClusterSettings | None = None
) -> dict[str, Any]:
    """Return the evidence (columns evidence.EVIDENCE) of two nodes as if there were no others, however unlike they are.

    `nodes`: two rows as for `relate`. Features and score are those that `relate` finds in any company; the decision is what
    they alone would lead to.
    """
    settings = settings or ClusterSettings()
    nodes = nodes.select(NODES.names).cast(NODES).sort_by("node_id")
    shelf = profiles(nodes, known, settings.similarity.reading).shelf
    one, other = np.array([0], dtype=np.int64), np.array([1], dtype=np.int64)
    pair = measured_pairs(shelf, one, other)
    scores = weights.scores(pair.features)
    codes = vetoes_of(shelf, pair, scores, weights.threshold, settings)
    vetoes, near = [VETOES[code] or None for code in codes.tolist()], scores >= weights.threshold
    no, needed = np.zeros(1, dtype=bool), np.array([weights.threshold], dtype=np.int64)
    decided = decisions(scores, vetoes, near, needed, joined=no, parted=no)
    memory = replace(no_memory(), keys=keys_of(nodes), shelf=shelf)
    read = dict(zip(nodes["text_id"].to_pylist(), nodes["body"].to_pylist(), strict=True))
    first_words = settings.similarity.reading.first_words
    _, words = told_of(memory, nodes, np.arange(2), pair, lambda ids: {each: read[each] for each in ids}, first_words)
    row: dict[str, Any] = evidence_table(nodes["node_id"], pair, scores, decided, needed, words).to_pylist()[0]
    return row
