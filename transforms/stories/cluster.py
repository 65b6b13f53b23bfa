"""Stories out of similarities: which pairs may be joined at all, and average linkage over those that may."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from transforms.stories.against import HEADLINES_NUMBER, NAMES, NUMBERS, PLACES, conflicts
from transforms.stories.constraints import RowConstraints
from transforms.stories.kernel import MILLION
from transforms.stories.linkage import Limits, average_linkage
from transforms.stories.memory import Codes
from transforms.stories.regions import labels_of, sharing
from transforms.stories.shelf import DAY, UNDATED, Integers, Shelf
from transforms.stories.similarity import DAYS_APART, FEATURES, Asked, Pairs, SimilaritySettings, Weights

DATE_GAP, NUMBER_CONFLICT, PLACE_CONFLICT = "date_gap", "number_conflict", "place_conflict"
NAME_CONFLICT, TEMPLATE = "name_conflict", "template"
VETOES = ("", DATE_GAP, NUMBER_CONFLICT, PLACE_CONFLICT, NAME_CONFLICT, TEMPLATE)


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """When alike is one story."""

    similarity: SimilaritySettings = field(default_factory=SimilaritySettings)
    # Dates are often wrong, and 30% of the real pairs of the open sets lie more than 14 days apart: a gap asks for a better
    # score, a season's gap for a much better one; it forbids nothing. Of undated texts, the nearest days they state count so.
    # Of the pairs of real articles a season apart that score from .8 to .9 forty were drawn and read: none told one event
    # (allsides_37k). The open sets score alike from .8 to .9; with .93 stories of outlets_dated fall apart.
    gap_days: int = 14
    gap_score: float = 0.6
    long_gap_days: int = 60
    long_gap_score: float = 0.9
    # Further apart nothing is compared: a night looks at the texts of so many days on either side of its own, however long the
    # warehouse has been kept. A date that is wrong by a year is still inside. On the open sets (python -m bench.stories) it changes
    # nothing; with 365 days outlets_dated has .922 in place of .929, with 60 to 180 days .914, with 45 .894.
    window_days: int = 548
    # Two stories are joined where some pair across reaches the threshold, and all pairs across reach this on average: of one event
    # one text is told briefly and one at length, and each is like some other. On the open sets .25 to .35 do alike.
    average: float = 0.3
    # A story that has several texts takes one in without a pair so strong, where all pairs across reach this on average: its texts
    # vouch for each other, as two that stand alone do not. Chosen on the open sets (python -m bench.stories).
    company: float = 0.5
    # How crowds meet, and how far a story may drift before a follow-up of its own opens.
    limits: Limits = field(default_factory=Limits)
    # Two places, two names, two final scores: past this score the wording itself says that it is one event. (Headlines of a
    # 12th and a 13th package may well stand over the same words; no score makes them one.)
    conflict_score: float = 0.95
    # Leads that share more of their names than this stand in one place, whatever else each of them names: with the
    # shipped weights 38 of 98 vetoes for place were wrong on the open sets without this bound, 10 of 26 with it, at the same
    # share of false merges (python -m bench.stories).
    conflict_names: float = 0.35
    # A name of the headline that its text names so often is whom or what it tells of: where neither text has the other's at all,
    # two events. Of such pairs on the open sets 89 tell two events and 8 one; with 3 it is 113 and 23, with 5 62 and 2. Of 30
    # drawn from the load set and read some 26 tell two.
    named_often: int = 4
    # Wording that two texts share (as f_phrases; .7 is 66 runs of three words) while neither has so much of the words of the
    # other's headline is that of a template, of a page's furniture or of a passage that a series repeats. The open sets hold
    # no such pair; of 30 drawn from the load set and read all but one tell two events.
    template_phrases: float = 0.7
    template_title: float = 0.2
    # Two texts tie only where they share so much of their neighbours (regions.py). On the open sets .15 to .3 score as without, with .4
    # and .5 stories fall apart. Of 37,547 real articles (allsides_37k) the largest region holds 21,947 without and 605 with
    # (python -m bench.stories --load).
    shared_neighbours: float = 0.3
    # Scores under this count as none: they move no average that matters, and are nine tenths of all.
    negligible: float = 0.05
    # Refused pairs are shown down to this distance under the threshold, or under what the days between them ask for.
    shown_below: float = 0.05

    @property
    def company_score(self) -> int:
        """`company` as scores are counted."""
        return round(self.company * MILLION)


def least_scores(weights: Weights, settings: ClusterSettings) -> Asked:
    """Return from which score on a pair may join a text to a story, or is shown where it does not."""
    below = round(settings.shown_below * MILLION)
    gaps = (0, round(settings.gap_score * MILLION), round(settings.long_gap_score * MILLION))
    near, far, furthest = (min(max(gap, weights.threshold) - below, max(gap, settings.company_score)) for gap in gaps)
    days = (near,) * (settings.gap_days + 1) + (far,) * (settings.long_gap_days - settings.gap_days) + (furthest,)
    return Asked(days, int(DAYS_APART[settings.gap_days]), far)


def alike(pairs: Pairs, vetoes: Codes, weights: Weights, settings: ClusterSettings) -> npt.NDArray[np.bool_]:
    """Return which pairs are alike enough to join a story."""
    enough: npt.NDArray[np.bool_] = (vetoes == 0) & (weights.scores(pairs.features) >= settings.company_score)
    return enough


def days_apart(days: Integers, pairs: Pairs) -> Integers:
    """Return how many days lie between the two texts of each pair (`days`: of all texts); 0 where one is undated."""
    left, right = days[pairs.left], days[pairs.right]
    apart: Integers = np.where((left != UNDATED) & (right != UNDATED), np.abs(left - right), 0)
    return apart


def clusters_of(
    days: Integers,
    pairs: Pairs,
    scores: Integers,
    vetoes: Codes,
    threshold: int,
    settings: ClusterSettings,
    constraints: RowConstraints | None = None,
    regions: npt.NDArray[np.int32] | None = None,
) -> list[int]:
    """Return for each text (`days`: its own, or UNDATED) the smallest text of its story, as row numbers; a vetoed pair counts as unlike.

    `regions`: of each text, where the pairs lie inside them; else they are found, the pairs being all there are.
    """
    n = len(days)
    constraints = constraints or RowConstraints(n)
    kept = (vetoes == 0) & (scores >= round(settings.negligible * MILLION))
    if regions is None:
        ties = kept & (scores >= settings.company_score)
        regions = labels_of(n, *tied(n, pairs, ties, constraints.joins(pairs.left, pairs.right), settings))
    kept &= regions[pairs.left] == regions[pairs.right]
    return average_linkage(
        n, pairs.left[kept], pairs.right[kept], scores[kept], round(settings.average * MILLION), constraints.together,
        constraints.apart, settings.limits, days, threshold, settings.company_score,
    )  # fmt: skip


def tied(
    n: int, pairs: Pairs, alike: npt.NDArray[np.bool_], joined: npt.NDArray[np.bool_], settings: ClusterSettings
) -> tuple[Integers, Integers]:
    """Return the pairs that tie n texts into regions: of those `alike`, which are all, the ones that share neighbours; and those `joined`."""
    left, right = pairs.left[alike], pairs.right[alike]
    kept = sharing(n, left, right, settings.shared_neighbours)
    return np.concatenate([left[kept], pairs.left[joined]]), np.concatenate([right[kept], pairs.right[joined]])


def vetoes_of(shelf: Shelf, pairs: Pairs, scores: Integers, threshold: int, settings: ClusterSettings) -> Codes:
    """Return for each pair, as its place in VETOES, why it may not be joined although its score says so."""
    against = conflicts(shelf, pairs.left, pairs.right, settings.named_often)
    weak = scores < round(settings.conflict_score * MILLION)
    elsewhere = _feature(pairs, "f_lead_names") < round(settings.conflict_names * MILLION)
    templated = _feature(pairs, "f_phrases") >= round(settings.template_phrases * MILLION)
    templated &= _feature(pairs, "f_title_found") < round(settings.template_title * MILLION)
    reasons = [
        scores < threshold,
        scores < score_over_gap(shelf, np.arange(shelf.n), pairs, settings),
        (against == HEADLINES_NUMBER) | (weak & (against == NUMBERS)),
        weak & (against == NAMES),
        weak & elsewhere & (against == PLACES),
        weak & templated,
    ]
    said = (DATE_GAP, NUMBER_CONFLICT, NAME_CONFLICT, PLACE_CONFLICT, TEMPLATE)
    codes: Codes = np.select(reasons, [0, *(VETOES.index(veto) for veto in said)])
    return codes


def _feature(pairs: Pairs, name: str) -> Integers:
    return pairs.features[:, list(FEATURES).index(name)]


def score_over_gap(shelf: Shelf, rows: Integers, pairs: Pairs, settings: ClusterSettings) -> Integers:
    """Return the score that the days between two texts ask for: 0 where they are close or one is undated and states no days, more

    than there is beyond the window.
    """
    apart = days_apart(shelf.scalars[rows, DAY], pairs)
    gap, long_gap = round(settings.gap_score * MILLION), round(settings.long_gap_score * MILLION)
    beyond = (apart > settings.window_days) * (MILLION + 1)
    stated = _feature(pairs, "f_stated_days") > DAYS_APART[settings.gap_days]
    of_days = np.array([0, gap, long_gap])[np.searchsorted([settings.gap_days, settings.long_gap_days], apart)]
    asked: Integers = np.maximum.reduce([of_days, stated * gap, beyond])
    return asked
