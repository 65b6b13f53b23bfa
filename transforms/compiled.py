"""Loops over every byte of every text, compiled: how functions are, and the scrambling and sorting of hashes that they share."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

F = TypeVar("F", bound=Callable[..., Any])

# The multipliers of splitmix64 (Steele, Lea, Flood 2014).
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_0, _1, _27, _30, _31 = (np.uint64(number) for number in (0, 1, 27, 30, 31))


def compiled(function: F) -> F:
    """Return the function compiled, when it is first called; it lets other threads run, and the next process finds it done."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def woven(function: F) -> F:
    """Return a function of one expression compiled into whoever calls it, also where what it is called by was compiled before."""
    return cast(F, numba.njit(inline="always")(function))


@compiled
def mixed(value: np.uint64) -> np.uint64:
    """Return the value scrambled by the finaliser of splitmix64, so that a threshold on it is a fair sample."""
    value = (value ^ (value >> _30)) * _MIX_1
    value = (value ^ (value >> _27)) * _MIX_2
    return value ^ (value >> _31)


@compiled
def sorted_set(values: npt.NDArray[np.uint64], count: int) -> int:
    """Sort the first `count` values in place, each once; return how many that are.

    Hashes lie evenly: dealt out by their highest bits they are nearly in order. Shell's sort does the rest, whatever they are.
    """
    if count < 2:
        return count
    largest, shift = _0, _0
    for i in range(count):
        largest = max(largest, values[i])
    while largest >> shift >= np.uint64(count):
        shift += _1
    ends, dealt = np.zeros(count + 1, np.int64), np.empty(count, np.uint64)
    for i in range(count):
        ends[np.int64(values[i] >> shift) + 1] += 1
    for i in range(count):
        ends[i + 1] += ends[i]
    for i in range(count):
        lot = np.int64(values[i] >> shift)
        dealt[ends[lot]] = values[i]
        ends[lot] += 1
    gap = 1
    while gap < count // 9:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, count):
            value, j = dealt[i], i
            while j >= gap and dealt[j - gap] > value:
                dealt[j] = dealt[j - gap]
                j -= gap
            dealt[j] = value
        gap //= 3
    kept = 0
    for i in range(count):
        if i == 0 or dealt[i] != values[kept - 1]:
            values[kept] = dealt[i]
            kept += 1
    return kept
