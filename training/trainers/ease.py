"""EASE: the linear model that best guesses each skill of a list from the others, in closed form.

Steck 2019, Embarrassingly Shallow Autoencoders for Sparse Data: with G the co-occurrences and
P = (G + ridge I)^-1, the weight of skill i for skill j is B[i, j] = -P[i, j] / P[j, j].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg

Float64 = npt.NDArray[np.float64]
Weights = Callable[[int, npt.NDArray[np.integer]], Float64]  # of one skill for each of others

_BLOCK = 1_024


class EaseWeights:
    """The weights between the most frequent skills.

    Args:
        together: (skills, skills) co-occurrences, sparse and symmetric, occurrences on the diagonal.
        ridge: Above 0; the larger, the less pairs seen seldom count.
        most: So many of the most frequent skills take part: 4 * most^2 bytes are held meanwhile, and the
            time grows with most^3 (a minute at 12,000 on one core).

    Attributes:
        known: bool, (skills,): the skills that take part, all of which occur.

    Raises:
        ValueError: ridge is not above 0.
    """

    def __init__(self, together: Any, *, ridge: float, most: int) -> None:
        if ridge <= 0:
            raise ValueError(f"ridge must be above 0, not {ridge}")
        occurrences = together.diagonal()
        frequent = np.argsort(-occurrences, kind="stable")[:most]
        frequent = np.sort(frequent[occurrences[frequent] > 0])
        self.known = np.zeros(len(occurrences), bool)
        self.known[frequent] = True
        self._place = np.cumsum(self.known) - 1
        self._inverse = _inverse(together[frequent][:, frequent].tocoo(), ridge)
        self._own = self._inverse.diagonal().astype(np.float64)

    def pairs(self, one: int, others: npt.NDArray[np.integer]) -> Float64:
        """Weight of skill `one` for each of `others`; 0 where one of the two does not take part."""
        weights = np.zeros(len(others))
        taking = self.known[others]
        if not self.known[one] or not taking.any():
            return weights
        here, there = self._place[one], self._place[others[taking]]
        weights[taking] = -self._inverse[here, there] / self._own[there]
        return weights

    def without(self, left_out: npt.NDArray[np.integer], weight: float) -> Weights:
        """The weights as they would be, had one list not been learned from.

        By Sherman and Morrison 1950, exactly, but that other lists keep their weight.

        Args:
            left_out: The skills of the list, each once.
            weight: What the list weighs in the co-occurrences.

        Returns:
            What `pairs` does, of the skills that take part.
        """
        places = self._place[left_out[self.known[left_out]]]
        moved = self._inverse[places].sum(axis=0, dtype=np.float64)
        share = weight / (1.0 - weight * float(moved[places].sum()))

        def pairs(one: int, others: npt.NDArray[np.integer]) -> Float64:
            weights = np.zeros(len(others))
            taking = self.known[others]
            if not self.known[one]:
                return weights
            here, there = self._place[one], self._place[others[taking]]
            inverse = self._inverse[here, there] + share * moved[here] * moved[there]
            weights[taking] = -inverse / (self._own[there] + share * moved[there] ** 2)
            return weights

        return pairs


def _inverse(gram: Any, ridge: float) -> npt.NDArray[np.float32]:
    """(gram + ridge I)^-1, symmetric, made in the place of one dense float32 matrix."""
    size = gram.shape[0]
    # In Fortran's order, or LAPACK would copy it.
    dense = np.zeros((size, size), np.float32, order="F")
    if size == 0:
        return dense
    dense[gram.row, gram.col] = gram.data
    dense[np.diag_indices(size)] += np.float32(ridge)
    factor, failed = linalg.lapack.spotrf(dense, lower=1, overwrite_a=1, clean=0)
    if failed:
        raise ValueError(f"co-occurrences with a ridge of {ridge} are not positive definite: raise it")
    inverse, _ = linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
    for start in range(0, size, _BLOCK):
        rows = slice(start, start + _BLOCK)
        block = inverse[rows, rows]
        inverse[rows, rows] = np.tril(block) + np.tril(block, -1).T
        inverse[rows, start + _BLOCK :] = inverse[start + _BLOCK :, rows].T
    # It is symmetric, and rows are read.
    return np.asarray(inverse.T, np.float32)
