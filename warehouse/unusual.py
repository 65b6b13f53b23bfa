"""Figures of a night that stand out from those of the nights before: warnings, which never block.

What a figure is about is the caller's affair; here it is a number with a history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

import pyarrow as pa

from warehouse.checks import Finding

# Median absolute deviation to standard deviation, for a normal distribution.
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True)
class UnusualSettings:
    """When a figure stands out."""

    # The modified z-score of Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993), and their bound.
    modified_z: float = 3.5
    # Four weeks: every weekday four times.
    baseline_days: int = 28
    # A week: with fewer, a week-end is an outlier.
    baseline_nights: int = 7
    # Spread that is no news even where the nights before were all alike: a tenth of a count, two hundredths of a share.
    count_spread: float = 0.1
    share_spread: float = 0.02
    # Before there is a history: with more than half unknown, what is known is the exception.
    unknown_share: float = 0.5
    # A flag of one in fifty is true at least once in so many rows in 98 nights of 100: (1 - 1/50)^200 = .018.
    flag_rows: int = 200


SETTINGS = UnusualSettings()


@dataclass(frozen=True)
class Figure:
    """One number of a night: a `count`, a share of the `unknown`, or the share of rows with a `flag`; NULL where there are no rows."""

    metric: str
    table: str
    kind: Literal["count", "unknown", "flag"]
    value: float | None
    n: int


def judge(figures: Sequence[Figure], history: pa.Table, settings: UnusualSettings = SETTINGS) -> list[Finding]:
    """Return a finding a figure, none of them blocking; `value` is the figure, `threshold` the bound nearest to it.

    `history`: metric, table, value of the nights of the baseline, a row a night and figure. A figure without rows has none.
    """
    before: dict[tuple[str, str], list[float]] = {}
    for row in history.to_pylist():
        if row["value"] is not None:
            before.setdefault((row["metric"], row["table"]), []).append(row["value"])
    return [
        _judged(figure, figure.value, before.get((figure.metric, figure.table), []), settings)
        for figure in figures
        if figure.value is not None
    ]


def _judged(figure: Figure, value: float, nights: list[float], settings: UnusualSettings) -> Finding:
    low, high = _bounds(figure, nights, settings)
    if figure.kind == "flag":
        turned = value in (0.0, 1.0) and figure.n >= settings.flag_rows and _was_mixed(nights, settings)
        said = f"is {'true' if value else 'false'} in all {figure.n:,} rows, and was mixed in each of the {len(nights)} nights before"
        return _finding(figure, value, low if value < 0.5 else high, not turned, said)
    said = f"is {_shown(figure, value)}; usual are {_shown(figure, low)} to {_shown(figure, high)} (the {len(nights)} nights before)"
    return _finding(figure, value, low if value < low else high, low <= value <= high, said)


def _bounds(figure: Figure, nights: list[float], settings: UnusualSettings) -> tuple[float, float]:
    if figure.kind == "flag":
        return 0.0, 1.0
    if len(nights) < settings.baseline_nights:
        return 0.0, settings.unknown_share if figure.kind == "unknown" else float("inf")
    middle = median(nights)
    floor = settings.count_spread * middle if figure.kind == "count" else settings.share_spread
    spread = max(_MAD_TO_SIGMA * median(abs(night - middle) for night in nights), floor)
    low, high = middle - settings.modified_z * spread, middle + settings.modified_z * spread
    return (max(0.0, low), high) if figure.kind == "count" else (0.0, min(1.0, high))


def _was_mixed(nights: list[float], settings: UnusualSettings) -> bool:
    return len(nights) >= settings.baseline_nights and all(0.0 < night < 1.0 for night in nights)


def _finding(figure: Figure, value: float, threshold: float, passed: bool, said: str) -> Finding:
    sentence = "" if passed else f"{figure.table}: {figure.metric} {said}."
    return Finding("volume", figure.metric, figure.table, value, threshold, passed, False, (), sentence)


def _shown(figure: Figure, value: float) -> str:
    return f"{value:,.0f}" if figure.kind == "count" else f"{value:.3f}"
