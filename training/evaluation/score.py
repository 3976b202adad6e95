"""A score with its interval and its baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

_RESAMPLES = 1_000
Measures = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """A statistic over items, with a bootstrap 95 % interval.

    Attributes:
        task: What was asked.
        metric: How it was measured.
        value: The statistic over all items.
        low: Lower end of the interval.
        high: Upper end of the interval.
        items: How many items were measured.
        baselines: The same metric of simple methods on the same items.
        higher_is_better: The direction of the metric.
        primary: Whether it stands for its task where one number must.
    """

    task: str
    metric: str
    value: float
    low: float
    high: float
    items: int
    baselines: dict[str, float] = field(default_factory=dict)
    higher_is_better: bool = True
    primary: bool = False

    def as_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def mean(values: Measures) -> float:
    """The mean of all items."""
    return float(values.mean())


def score(
    task: str,
    metric: str,
    measures: Measures,
    baselines: Mapping[str, float],
    *,
    statistic: Callable[[Measures], float] = mean,
    seed: int = 0,
) -> Score:
    """A statistic of at least one item, with a percentile bootstrap interval (Efron 1979) over items.

    Args:
        task: What was asked.
        metric: How it was measured.
        measures: (items,) or (items, columns) float64.
        baselines: The same metric of simple methods.
        statistic: Of the measures of some items.
        seed: Of the resampling.
    """
    generator = np.random.default_rng(seed)
    items = len(measures)
    drawn = [statistic(measures[generator.integers(0, items, items)]) for _ in range(_RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    value, low, high = (round(float(number), 4) for number in (statistic(measures), low, high))
    rounded = {name: round(float(value), 4) for name, value in baselines.items()}
    return Score(task, metric, value, low, high, items, rounded)
