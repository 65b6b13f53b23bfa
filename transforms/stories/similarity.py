"""The one similarity: how far two texts tell one story, as a few named features and one readable table of what each adds.

The score is a logistic regression in which each feature adds what its curve says, whatever the others say: a sum that can be
read. Every step is arithmetic on integers, so the same two texts score the same in any batch, in any order, on any machine.
The curves are trained by `python -m bench.stories_train`.
"""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import exp

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.stories.candidates import CandidateSettings, index_of
from transforms.stories.frequencies import Frequencies
from transforms.stories.kernel import (
    F_CITED,
    F_CITED_OTHER,
    F_DAYS,
    F_MEANING,
    F_PHRASES,
    F_QUOTES,
    F_STATED_DAYS,
    F_WEEKDAYS_DIFFER,
    F_YEARS,
    MANY_QUOTES,
    MILLION,
    STEPS,
    Bar,
    Steps,
    arguments,
    measured,
    side_by_side,
    sought,
)  # fmt: skip
from transforms.stories.lookup import no_rests
from transforms.stories.meaning import TextModel
from transforms.stories.profiles import IMPACT, Profiles, ReadingSettings, profiles
from transforms.stories.shelf import Integers, Shelf

FEATURES: Mapping[str, str] = {
    "f_words": "cosine of the words (first 700), those of the lead and the headline weighing more",
    "f_phrases": "runs of three words that both have, ln(1 + number) as a share of ln(401)",
    "f_names": "cosine of the words of names",
    "f_numbers": "cosine of the figures",
    "f_rare": "cosine of words that under 1% of articles have",
    "f_title": "cosine of the headlines (of the opening words, where a text has none)",
    "f_title_found": "share of the words of one headline that the other text has, mean of both directions",
    "f_lead_names": "share of the names of one lead that the other text has, mean of both directions",
    "f_quotes": "runs of three words that both quote, ln(1 + number) as a share of ln(51)",
    "f_cited": "1 where both credit one outlet for the whole report",
    "f_cited_other": "1 where both credit outlets for the whole report and none in common",
    "f_numbers_differ": "1 where both leads or headlines hold figures and neither text has one of the other's",
    "f_weekdays_differ": "1 where both leads name days of the week and none in common",
    "f_days": "1 - exp(-days^2 / 98) between the dates, or the nearest days stated where one is unknown; 1 where nothing says",
    "f_stated_days": "where a date is unknown: the same of the nearest days that the texts state, 0 where one states none",
    "f_years": "1 where both dates are unknown and the latest years stated differ",
    "f_meaning": "cosine of headline and opening as a text model reads them, .8 as 0 and 1 as 1; 0 where none is used",
}
# More of these never makes two texts more alike.
AGAINST = frozenset({"f_cited_other", "f_numbers_differ", "f_weekdays_differ", "f_days", "f_stated_days", "f_years"})
# Either 0 or 1.
YES_OR_NO = frozenset({"f_cited", "f_cited_other", "f_numbers_differ", "f_weekdays_differ", "f_years"})
# Where the curves may bend; what is measured lies dense near 0.
KNOTS = (0.0, 0.03, 0.07, 0.12, 0.2, 0.35, 0.6, 1.0)


@dataclass(frozen=True, slots=True)
class SimilaritySettings:
    """What is read of a text, and which pairs are compared at all."""

    reading: ReadingSettings = field(default_factory=ReadingSettings)
    candidates: CandidateSettings = field(default_factory=CandidateSettings)


def similarity_of(text_model: TextModel | None) -> SimilaritySettings:
    """Return the settings of a similarity that a text model, if there is one, has a say in."""
    return SimilaritySettings(ReadingSettings(text_model=text_model))


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
    """What each feature adds to the score's argument at the KNOTS, in 1e-6 (a row each, in the order of FEATURES); the argument

    without features; and the threshold from which a score says "one story".
    """

    adds: Integers
    intercept: int
    threshold: int

    @classmethod
    def parse(cls, text: str) -> "Weights":
        """Read weights.json: {"threshold", "intercept", "knots", "adds": {feature: [at each knot]}}.

        Raises ValueError for other features or knots.
        """
        found = json.loads(text)
        if set(found["adds"]) != set(FEATURES):
            raise ValueError(f"The weights name the features {sorted(found['adds'])}, not {sorted(FEATURES)}.")
        if tuple(found["knots"]) != KNOTS or any(len(adds) != len(KNOTS) for adds in found["adds"].values()):
            raise ValueError(f"The weights do not say what each feature adds at the knots {list(KNOTS)}.")
        adds = np.array([[round(add * MILLION) for add in found["adds"][name]] for name in FEATURES], dtype=np.int64)
        return cls(adds, round(found["intercept"] * MILLION), round(found["threshold"] * MILLION))

    def parts(self, features: Integers) -> Integers:
        """Return what each feature of each row adds to the argument, in 1e-6."""
        parts = np.empty_like(features)
        for place in range(len(FEATURES)):
            alone = np.zeros_like(features)
            alone[:, place] = features[:, place]
            parts[:, place] = self.adds[place, 0] + arguments(_KNOTS, self.adds, 0, alone)
        return parts

    def scores(self, features: Integers) -> Integers:
        """Return the score of each row of features, in 1e-6."""
        return _logistic(arguments(_KNOTS, self.adds, self.base, features))

    @property
    def base(self) -> int:
        """The argument of a pair whose features are all 0."""
        return int(self.intercept + self.adds[:, 0].sum())

    def argument(self, score: int) -> int:
        """Return the least argument that scores so much, in 1e-6; of a score of 0 one that every pair has."""
        if score <= 0:
            return -(1 << 60)
        return bisect_left(range(-_FURTHEST, _FURTHEST), score, key=lambda of: _logistic(np.array([of]))[0]) - _FURTHEST


@dataclass(frozen=True)
class Asked:
    """The least score of interest, in 1e-6: by the days between two dated texts, the last for all that lie further apart.

    Where nearest stated days stand in for a date and f_stated_days lies beyond `stated_beyond`, it is `stated`, if that is more.
    """

    by_days: tuple[int, ...] = (0,)
    stated_beyond: int = MILLION
    stated: int = 0


def compare(
    nodes: pa.Table, known: Mapping[str, Frequencies], settings: SimilaritySettings
) -> tuple[Profiles, Iterator[Pairs]]:
    """Return the profiles of the nodes, and every pair of them worth comparing with its features, in blocks.

    `nodes`: node_id, text_id, body, title, date, cited, joinable (joinable is for the caller to heed); `known`: the document
    frequencies of each kind.
    """
    found = profiles(nodes, known, settings.reading)
    return found, compared_pairs(found.shelf, settings)


def compared_pairs(
    shelf: Shelf,
    settings: SimilaritySettings,
    asking: Integers | None = None,
    weights: Weights | None = None,
    asked: Asked | None = None,
    takes_part: npt.NDArray[np.bool_] | None = None,
    regions: npt.NDArray[np.int32] | None = None,
) -> Iterator[Pairs]:
    """Yield the pairs worth comparing with their features, in blocks: distinct, and sorted where every text asks.

    With `asking` rows (ascending) only those with one of them; with `weights` only those that score what is `asked`, the others
    being measured only until that is out of their reach; of the texts that `takes_part`, inside the `regions` they belong to
    (all, of one).
    """
    rows = np.arange(shelf.n) if asking is None else asking
    if not len(rows):
        return
    bar, new = _bar(settings.candidates, weights, asked), np.zeros(shelf.n, dtype=bool)
    regions = np.zeros(shelf.n, dtype=np.int32) if regions is None else regions
    new[rows] = True
    rests = no_rests(shelf.n)
    index = index_of(shelf, np.ones(shelf.n, dtype=bool) if takes_part is None else takes_part, rows)
    at_once = settings.candidates.rows_at_once
    for begin in range(0, len(rows), at_once):
        ours, theirs = sought(shelf, index, rows[begin : begin + at_once], new, regions, bar)
        ours, theirs = side_by_side(ours, theirs, shelf.n)
        kept, features = measured(shelf, ours, theirs, bar, rests)
        a, b = ours[kept].astype(np.int64), theirs[kept].astype(np.int64)
        left, right = np.minimum(a, b), np.maximum(a, b)
        order = np.lexsort((right, left))
        yield Pairs(left[order], right[order], features[order])


def measured_pairs(shelf: Shelf, left: Integers, right: Integers) -> Pairs:
    """Return pairs of texts with their features."""
    a, b = left.astype(np.int32), right.astype(np.int32)
    bar, rests = _bar(CandidateSettings(), None, None), no_rests(shelf.n)
    return Pairs(left, right, measured(shelf, a, b, bar, rests)[1])


def _bar(settings: CandidateSettings, weights: Weights | None, asked: Asked | None) -> Bar:
    weights, asked = weights or _NO_WEIGHTS, asked or Asked()
    return Bar(
        round(settings.heavy * IMPACT * IMPACT),
        round(settings.far_heavy * IMPACT * IMPACT),
        settings.far_days,
        _KNOTS,
        weights.adds,
        weights.base,
        *_at_most(weights),
        DAYS_APART,
        np.array([weights.argument(score) for score in asked.by_days], dtype=np.int64),
        asked.stated_beyond,
        weights.argument(asked.stated),
    )


def _at_most(weights: Weights) -> tuple[int, Steps, Integers, Integers, int]:
    """Return Bar's phrases, reach, of_quotes, of_days and besides: what features add at most, beyond what they add at 0."""
    adds = weights.adds - weights.adds[:, :1]
    rising = np.maximum.accumulate(adds, axis=1)
    steps = np.arange(STEPS + 1) * MILLION / STEPS
    # Twice rounded up.
    reach = np.array([np.ceil(np.interp(steps, _KNOTS, row)) + 1 for row in rising], dtype=np.int32)
    of_quotes = np.ceil(np.interp(MANY_QUOTES, _KNOTS, rising[F_QUOTES])).astype(np.int64) + 1
    of_days = np.ceil(np.interp(DAYS_APART, _KNOTS, adds[F_DAYS])).astype(np.int64) + 1
    # Undated texts are looked up here too, and may measure anything.
    of_days[0] = of_days.max()
    besides = (F_CITED, F_CITED_OTHER, F_WEEKDAYS_DIFFER, F_STATED_DAYS, F_YEARS, F_MEANING)
    return int(rising[F_PHRASES, -1]), reach, of_quotes, of_days, int(rising[besides, -1].sum())


def joined(blocks: Iterable[Pairs]) -> Pairs:
    """Return the blocks as one."""
    every = [Pairs(*_NO_PAIRS), *blocks]
    left, right = np.concatenate([b.left for b in every]), np.concatenate([b.right for b in every])
    return Pairs(left, right, np.concatenate([b.features for b in every]))


_NO_PAIRS = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, len(FEATURES)), np.int64))
_KNOTS = np.array([round(knot * MILLION) for knot in KNOTS], dtype=np.int64)
# A Gaussian of 7 days, as millionths by whole days; beyond 39 days it is 1. With 3 days the open sets score the same but for
# outlets_dated, whose stories last longer (cross-validated .892 against .897; threshold .45: .894 against .910).
DAYS_APART = np.array([round(MILLION * (1 - exp(-(days**2) / 98))) for days in range(40)], dtype=np.int64)
_NO_WEIGHTS = Weights(np.zeros((len(FEATURES), len(KNOTS)), dtype=np.int64), 0, 0)
# The logistic curve by thousandths of its argument, from -20 to 20, where it is 0 and 1 to a millionth.
_FURTHEST = 20 * MILLION
_CURVE = np.array([round(MILLION / (1 + exp(-step / 1000))) for step in range(-20_000, 20_001)], dtype=np.int64)


def _logistic(argument: Integers) -> Integers:
    step, rest = np.divmod(np.clip(argument, -_FURTHEST, _FURTHEST - 1) + _FURTHEST, 1000)
    scores: Integers = _CURVE[step] + (_CURVE[step + 1] - _CURVE[step]) * rest // 1000
    return scores
