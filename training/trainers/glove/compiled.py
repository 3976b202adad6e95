"""How functions of this package are compiled: to machine code, without the GIL, kept on disk.

numba keeps what it compiled beside the module, or in the user's cache folder where that cannot be written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile `function` when it is first called."""
    return _compiled(function, {})


def vectorized(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """As `compiled`, into vector instructions: sums in any order, roots by estimate and a Newton step.

    numpy's error model matters as much: Python's check of every division for zero would keep a loop scalar.
    """
    return _compiled(function, {"fastmath": True, "error_model": "numpy"})


def _compiled(function: Callable[_P, _R], options: dict[str, Any]) -> Callable[_P, _R]:
    try:
        return cast("Callable[_P, _R]", numba.njit(cache=True, nogil=True, **options)(function))
    except RuntimeError:  # neither folder can be written: compile anew in each process
        return cast("Callable[_P, _R]", numba.njit(nogil=True, **options)(function))


def seeded(seed: int, *parts: int) -> int:
    """A seed of its own for each part of the work, below 2**63 and never 0 (splitmix64)."""
    state = seed
    for part in (0, *parts):
        state = (state ^ part) + 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        state = (state ^ state >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 31
    return state >> 1 or 1
