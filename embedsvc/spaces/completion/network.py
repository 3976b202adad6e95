"""A small network that makes one number of a candidate's evidence."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from embedsvc.errors import ReleaseCorruptError

Float32 = npt.NDArray[np.float32]
MOST: Final = 6.0  # deviations: what is farther out counts as that far


@dataclass(frozen=True)
class Network:
    """Layers of linear maps with rectifiers between; the last has one output.

    Attributes:
        mean: float32, (features,): taken from the features.
        deviation: float32, (features,), above 0: what they are divided by.
        layers: (weights (inputs, outputs), biases (outputs,)) each, float32.
    """

    mean: Float32
    deviation: Float32
    layers: list[tuple[Float32, Float32]]

    def __post_init__(self) -> None:
        widths = [len(self.mean), *(len(biases) for _, biases in self.layers)]
        shapes = [weights.shape for weights, _ in self.layers]
        arrays = [self.mean, self.deviation, *(each for layer in self.layers for each in layer)]
        fits = (
            shapes == list(pairwise(widths))
            and widths[-1] == 1
            and self.deviation.shape == self.mean.shape
            and all(each.dtype == np.float32 and bool(np.isfinite(each).all()) for each in arrays)
            and bool((self.deviation > 0).all())
        )
        if not fits:
            raise ReleaseCorruptError(
                "The completion's network does not fit together: build the release again."
            )

    def standard(self, features: Float32) -> Float32:
        """Features in deviations from their means, cut at MOST; of any shape (..., features)."""
        standard: Float32 = np.clip((features - self.mean) / self.deviation, -MOST, MOST)
        return standard

    def scores(self, features: Float32) -> Float32:
        """(candidates,) of (candidates, features); the higher, the likelier."""
        values = self.standard(features)
        for number, (weights, biases) in enumerate(self.layers):
            values = values @ weights + biases
            if number < len(self.layers) - 1:
                values = np.maximum(values, 0)
        found: Float32 = values[:, 0]
        return found

    def save(self, folder: Path) -> None:
        """Write the arrays into `folder`, which is there."""
        np.save(folder / "scale.npy", np.stack([self.mean, self.deviation]))
        for number, (weights, biases) in enumerate(self.layers):
            np.save(folder / f"layer{number}.npy", np.vstack([weights, biases]))

    @classmethod
    def open(cls, folder: Path, layers: int) -> Network:
        """Read saved arrays.

        Raises:
            ReleaseCorruptError: They do not fit each other.
            OSError, ValueError: A file is missing or no array.
        """
        mean, deviation = np.load(folder / "scale.npy", allow_pickle=False)
        stacked = [np.load(folder / f"layer{number}.npy", allow_pickle=False) for number in range(layers)]
        return cls(mean, deviation, [(each[:-1], each[-1]) for each in stacked])
