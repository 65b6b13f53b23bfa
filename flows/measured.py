"""Every night decides the labelled texts anew, and says in `quality` how well; under the floor nothing is published."""

from dataclasses import asdict
from functools import lru_cache

from flows.night import Night
from flows.text_model import text_model
from transforms.measure import Floors, measure, read_labelled
from transforms.stories.frequencies import read_frequencies
from transforms.stories.similarity import Weights
from warehouse.checks import Finding

SUITE = "labelled"
FLOORS = Floors()


def measured(night: Night, floors: Floors = FLOORS) -> list[Finding]:
    """Return a blocking finding a figure: value is the figure, threshold its floor; and one that never blocks for each margin."""
    shipped = night.resources
    figures = dict(_figures(shipped.labelled, shipped.weights, shipped.document_frequencies, night.settings.text_model))
    wanted = asdict(floors)
    # What has no floor is told, and blocks nothing.
    told = [
        Finding(SUITE, metric, None, value, 0.0, value >= 0, False, (), "")
        for metric, value in figures.items()
        if metric not in wanted
    ]
    return [*(_finding(metric, figures[metric], floor) for metric, floor in wanted.items()), *told]


@lru_cache(maxsize=2)
def _figures(labelled: str, weights: str, frequencies: bytes, model: str) -> tuple[tuple[str, float], ...]:
    # They depend on nothing of the night's, so one process measures once.
    found = measure(read_labelled(labelled), Weights.parse(weights), read_frequencies(frequencies), text_model(model))
    return tuple(found.items())


def _finding(metric: str, value: float, floor: float) -> Finding:
    sentence = (
        f"{metric} on the labelled texts is {value:.3f}, under its floor of {floor:.3f}: code, weights or document frequencies "
        "decide worse than those that were shipped; put those back, or mend them."
    )
    passed = value >= floor
    return Finding(SUITE, metric, None, value, floor, passed, True, (), "" if passed else sentence)
