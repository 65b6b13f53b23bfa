"""How good clusters are: B-cubed, adjusted Rand, single articles kept single, events of one kind merged."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from bench.story_sets import SETS, Labelled, b_cubed

Mask = npt.NDArray[np.bool_]
POOLED = "pooled"
# Share of stories cut to one article in the "singles" measure, as on a real night most stories have one.
CUT = 0.7
# Draws of the cut: one leaves some fifty singles of ECB+, and a share of them kept that is off by five hundredths; the mean of so
# many is off by one.
DRAWS = 40


@dataclass(frozen=True)
class Quality:
    """One row of the report: of a set, or pooled."""

    precision: float
    recall: float
    f1: float
    rand: float
    kept_single: float


def quality(found: Sequence[int], gold: Sequence[str]) -> Quality:
    """Return the figures of one clustering (labels) against the gold stories of the same articles."""
    return Quality(*b_cubed(found, gold), adjusted_rand(found, gold), kept_single(found, gold))


def by_set(gold: Labelled, inside: Mask | None = None) -> dict[str, list[int]]:
    """Return the rows of each set, and of all pooled; with `inside` only those."""
    every = np.flatnonzero(inside).tolist() if inside is not None else list(range(len(gold.sets)))
    return {name: [row for row in every if gold.sets[row] == name] for name in SETS} | {POOLED: every}


def of_rows(labels: Sequence[int], gold: Labelled, rows: Sequence[int]) -> Quality:
    """Return the figures over some articles."""
    return quality([labels[row] for row in rows], [gold.stories[row] for row in rows])


def adjusted_rand(found: Sequence[object], gold: Sequence[object]) -> float:
    """Return the Rand index corrected for chance, of Hubert and Arabie 1985."""
    both, ours, theirs = Counter(zip(found, gold, strict=True)), Counter(found), Counter(gold)
    together, of_ours, of_theirs = (sum(comb(n, 2) for n in counts.values()) for counts in (both, ours, theirs))
    chance = of_ours * of_theirs / max(1, comb(len(gold), 2))
    most = (of_ours + of_theirs) / 2
    return 1.0 if most == chance else (together - chance) / (most - chance)


def kept_single(found: Sequence[object], gold: Sequence[object]) -> float:
    """Return the share of stories of one article that were left alone; NaN where there are none."""
    ours, theirs = Counter(found), Counter(gold)
    alone = [ours[mine] == 1 for mine, true in zip(found, gold, strict=True) if theirs[true] == 1]
    return sum(alone) / len(alone) if alone else float("nan")


def same_kind_merged(labels: Sequence[int], gold: Labelled) -> tuple[float, int]:
    """Return the share of pairs of articles of one kind of event, yet of two events, that ended in one story; and how many there are."""
    apart = [
        labels[a] == labels[b]
        for a, b in combinations(range(len(labels)), 2)
        if gold.subjects[a] == gold.subjects[b] and gold.stories[a] != gold.stories[b]
    ]
    return sum(apart) / len(apart), len(apart)


def cuts(gold: Labelled) -> list[Mask]:
    """Return, for each draw, which articles are left once most stories are cut to one article."""
    masks = []
    for seed in range(DRAWS):
        chance = np.random.default_rng(seed)
        cut = set(chance.choice(sorted(set(gold.stories)), int(CUT * len(set(gold.stories))), replace=False).tolist())
        kept, seen = np.zeros(len(gold.stories), dtype=bool), set()
        for row in chance.permutation(len(kept)).tolist():
            kept[row] = gold.stories[row] not in seen
            if gold.stories[row] in cut:
                seen.add(gold.stories[row])
        masks.append(kept)
    return masks
