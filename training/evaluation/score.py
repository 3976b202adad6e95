"""A score with its interval and its baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

_RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Score:
    """The mean of a per-item measure, with a bootstrap 95 % interval.

    Attributes:
        task: What was asked.
        metric: How it was measured; higher is better.
        value: The mean over all items.
        low: Lower end of the interval.
        high: Upper end of the interval.
        items: How many items were measured.
        baselines: The same metric of simple methods on the same items.
    """

    task: str
    metric: str
    value: float
    low: float
    high: float
    items: int
    baselines: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def score(
    task: str,
    metric: str,
    measures: npt.NDArray[np.float64],
    baselines: Mapping[str, float],
    *,
    seed: int = 0,
) -> Score:
    """The mean of `measures` with a percentile bootstrap interval (Efron 1979) over items."""
    if len(measures) == 0:
        return Score(task, metric, float("nan"), float("nan"), float("nan"), 0, dict(baselines))
    generator = np.random.default_rng(seed)
    size = len(measures)
    means = [measures[generator.integers(0, size, size)].mean() for _ in range(_RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    rounded = {name: round(float(value), 4) for name, value in baselines.items()}
    return Score(
        task,
        metric,
        round(float(measures.mean()), 4),
        round(float(low), 4),
        round(float(high), 4),
        size,
        rounded,
    )
