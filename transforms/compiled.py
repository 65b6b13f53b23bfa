"""Loops over every byte of every text, compiled: how functions are, and the one scrambling of hashes that all of them share."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

# The multipliers of splitmix64 (Steele, Lea, Flood 2014).
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_27, _30, _31 = np.uint64(27), np.uint64(30), np.uint64(31)


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
