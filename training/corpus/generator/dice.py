"""Random draws that are the same on every machine and every Python."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")

INDEX_SPACE = 1 << 32
"""Room for the index below the seed in a key; far above the most candidates of a corpus."""


class Dice:
    """The draws of one candidate.

    Everything comes from `Random.random`, whose sequence Python promises to keep for a given seed; the
    other methods of `Random` have changed between versions and are not used.

    Args:
        seed: Of the corpus; zero or more.
        index: Of the candidate, from zero.
        stream: Separates independent draws for the same candidate.
    """

    __slots__ = ("random",)

    def __init__(self, seed: int, index: int, stream: int = 0) -> None:
        self.random = Random(((seed * 16) + stream) * INDEX_SPACE + index).random

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def pick(self, choices: Sequence[T]) -> T:
        """One of `choices`, each as likely."""
        return choices[int(self.random() * len(choices))]

    def weighted(self, choices: Sequence[T], cumulative: Sequence[float]) -> T:
        """One of `choices`; `cumulative` holds the running sums of their weights."""
        return choices[min(bisect(cumulative, self.random() * cumulative[-1]), len(choices) - 1)]

    def several(self, choices: Sequence[T], count: int, cumulative: Sequence[float]) -> list[T]:
        """Up to `count` different choices, in the order drawn; fewer where unlikely ones remain."""
        if count >= len(choices):
            return self.shuffled(choices)
        drawn: dict[T, None] = {}
        for _ in range(4 * count):
            drawn[self.weighted(choices, cumulative)] = None
            if len(drawn) >= count:
                break
        return list(drawn)

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        """All of `choices` in another order (Fisher and Yates)."""
        mixed = list(choices)
        for last in range(len(mixed) - 1, 0, -1):
            other = int(self.random() * (last + 1))
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed


def running_sums(weights: Sequence[float]) -> tuple[float, ...]:
    """The cumulative weights that `Dice.weighted` wants."""
    return tuple(accumulate(weights))
