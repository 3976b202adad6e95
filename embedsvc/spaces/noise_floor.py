"""What a cosine means: the cosines of random pairs of a space, and how far above them a score lies.

Spaces differ in what two things that have nothing in common score: 0.1 in one, 0.5 in another. So a raw
cosine says little by itself, and nothing across spaces or releases. The noise floor is the distribution of
the scores of random pairs; `relatedness` is the rarity of a score among these, on a scale from 0 to 1:

    0.0   the median of random pairs, or below
    0.2   one random pair in 10 scores as much
    0.4   one in 100
    0.6   one in 1,000
    0.8   one in 10,000
    1.0   cosine 1: a thing and itself

and in a straight line between two of these. It rises with the cosine, so that it changes no order.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces.space import UNREADABLE

NOISE: Final = "noise.json"
SHARES: Final = (0.5, 0.9, 0.99, 0.999, 0.9999)
_LEAST_STEP = 1e-6


@dataclass(frozen=True)
class NoiseFloor:
    """The scores of random pairs of a space.

    Attributes:
        pairs: How many were compared.
        mean: Their mean cosine.
        deviation: Its standard deviation.
        quantiles: Their cosines at SHARES, never falling.
    """

    pairs: int
    mean: float
    deviation: float
    quantiles: tuple[float, ...]
    _knots: tuple[tuple[float, float], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        knots = [(self.quantiles[0], 0.0)]
        for place, score in enumerate(self.quantiles[1:], 1):
            # Few pairs have no rare ones: the most that a score says is then the rarity of the best of them.
            if knots[-1][0] + _LEAST_STEP < score < 1 - _LEAST_STEP:
                knots.append((score, place / len(SHARES)))
        object.__setattr__(self, "_knots", (*knots, (1.0, 1.0)))

    @classmethod
    def measured(cls, scores: npt.NDArray[np.floating]) -> NoiseFloor:
        """The noise floor of the cosines of at least one random pair, (pairs,)."""
        quantiles = np.quantile(scores, SHARES).astype(float)
        return cls(
            len(scores),
            round(float(scores.mean(dtype=np.float64)), 6),
            round(float(scores.std(dtype=np.float64)), 6),
            tuple(quantiles.round(6).tolist()),
        )

    def relatedness(self, score: float) -> float:
        """How rare a cosine is among random pairs, from 0 to 1, as the module says; rounded to 4 digits."""
        if score >= 1.0:
            return 1.0
        place = bisect_right(self._knots, (score, 2.0))
        if place == 0:
            return 0.0
        (left, low), (right, high) = self._knots[place - 1], self._knots[place]
        return round(low + (high - low) * (score - left) / (right - left), 4)

    def as_json(self) -> dict[str, Any]:
        """JSON values."""
        quantiles = {str(share): score for share, score in zip(SHARES, self.quantiles, strict=True)}
        return {
            "pairs": self.pairs,
            "mean": self.mean,
            "deviation": self.deviation,
            "quantiles": quantiles,
        }


def pair_scores(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The cosines of all pairs of different rows of (n, dimension), rows of zeros left out; (pairs,)."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    known = norms[:, 0] > 0
    units = vectors[known] / norms[known]
    scores = units @ units.T
    return np.asarray(scores[np.triu_indices(len(units), 1)], np.float32)


def save_noise(floors: Mapping[str, NoiseFloor], folder: Path) -> None:
    """Write the noise floor of each space into `folder`."""
    document = {name: floor.as_json() for name, floor in floors.items()}
    (folder / NOISE).write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def open_noise(folder: Path) -> dict[str, NoiseFloor]:
    """The noise floors in `folder`, by space.

    Raises:
        ReleaseCorruptError: The file is missing, or is not what `save_noise` writes.
    """
    try:
        document = json.loads((folder / NOISE).read_bytes())
        return {name: _floor(facts) for name, facts in document.items()}
    except (*UNREADABLE, AttributeError) as error:
        raise ReleaseCorruptError(
            f"The noise floors cannot be read ({error}); verify the release or build it again."
        ) from error


def _floor(facts: Mapping[str, Any]) -> NoiseFloor:
    quantiles = tuple(float(facts["quantiles"][str(share)]) for share in SHARES)
    floor = NoiseFloor(int(facts["pairs"]), float(facts["mean"]), float(facts["deviation"]), quantiles)
    if not all(-1.01 <= score <= 1.01 for score in quantiles) or list(quantiles) != sorted(quantiles):
        raise ValueError("its quantiles are no cosines that rise")
    return floor
