"""A new space turned onto an old one, so that vectors kept elsewhere still mean something.

Two trainings of one corpus differ by a rotation: nothing in the objective says which way an axis points. The
orthogonal matrix that brings the vectors of shared keys nearest to their old ones (orthogonal Procrustes,
Schoenemann 1966; for word vectors Hamilton, Leskovec, Jurafsky 2016) takes it back. All cosines and products
inside the space stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from scipy.linalg import orthogonal_procrustes

from embedsvc.spaces import Space
from embedsvc.spaces.space import Matrix

NEIGHBOURS = 10
_ROUNDING = 1e-5  # of a cosine in float32: what differs by less is no change

Float64 = npt.NDArray[np.float64]


class Alignment(NamedTuple):
    """A rotation and how well it fits.

    Attributes:
        rotation: (dimension, dimension) float64, orthogonal; rows of the new space are multiplied by it.
        shared: Keys that both spaces have, by whose unit vectors it was found.
        residual: Root mean square distance of their new unit vectors to the old ones, in [0, 2]; 0 where a
            rotation is all that the spaces differ by, 1.41 where they have nothing in common.
        before: The same without the rotation.
    """

    rotation: Float64
    shared: int
    residual: float
    before: float


class Keyed(Protocol):
    """A space of words, or one of words and subwords."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def row(self, key: str) -> int | None:
        """Row of a key, or None."""
        ...

    def take(self, rows: npt.NDArray[np.int64]) -> Matrix:
        """(rows, dimension) float32 vectors of the keys in these rows."""
        ...


def align(new: Keyed, old: Keyed, keys: Iterable[str], prefixes: Sequence[int] = ()) -> Alignment | None:
    """The best rotation of `new` onto `old`; None where they share fewer keys than they have dimensions.

    Args:
        new: What is rotated.
        old: Of the same dimension.
        keys: To compare by; those that either space lacks are left out.
        prefixes: First parts of a vector that are vectors too: nothing is moved across their ends, so that
            cosines of prefixes stay what they are as well.
    """
    found = [(new.row(key), old.row(key)) for key in keys]
    rows = np.array([pair for pair in found if None not in pair], np.int64).reshape(-1, 2)
    if len(rows) < new.dimension:
        return None
    moved, fixed = _units(new.take(rows[:, 0])), _units(old.take(rows[:, 1]))
    ends = sorted({end for end in prefixes if 0 < end < new.dimension} | {0, new.dimension})
    rotation = np.zeros((new.dimension, new.dimension))
    for begin, end in pairwise(ends):
        rotation[begin:end, begin:end], _ = orthogonal_procrustes(moved[:, begin:end], fixed[:, begin:end])
    return Alignment(rotation, len(rows), _distance(moved @ rotation, fixed), _distance(moved, fixed))


def rotated(space: Space, rotation: Float64) -> Space:
    """The space with all its vectors rotated; output vectors too, so that products stay what they are."""
    return Space(
        space.kind,
        space.keys,
        space.counts,
        _turned(space.vectors, rotation),
        None if space.output is None else _turned(space.output, rotation),
        space.parameters,
    )


def _turned(vectors: Matrix, rotation: Float64) -> Matrix:
    return np.ascontiguousarray(np.asarray(vectors, np.float64) @ rotation, np.float32)


def neighbours_changed(before: Matrix, after: Matrix, asked: int) -> int:
    """How many of the nearest NEIGHBOURS of the first `asked` rows are not the nearest in another space.

    Args:
        before: (n, dimension); rows of zeros are nobody's neighbour.
        after: (n, any) the same things elsewhere.
        asked: Of how many rows the neighbours are looked at.
    """
    old, new = _units(before), _units(after)
    changed = 0
    for row in range(min(asked, len(old))):
        was, now = old @ old[row], new @ new[row]
        was[row] = now[row] = -np.inf
        width = min(NEIGHBOURS, len(was) - 1)
        if width < 1:
            return 0
        nearest = np.argpartition(-was, width - 1)[:width]
        tenth = np.partition(now, -width)[-width]
        # By score: of two neighbours that are equally near, either is the tenth.
        changed += int((now[nearest] < tenth - _ROUNDING).sum())
    return changed


def _units(vectors: Matrix) -> Float64:
    exact = np.asarray(vectors, np.float64)
    norms = np.linalg.norm(exact, axis=1, keepdims=True)
    return np.asarray(exact / np.where(norms > 0, norms, 1.0))


def _distance(moved: Float64, fixed: Float64) -> float:
    return float(np.sqrt(np.mean(np.sum((moved - fixed) ** 2, axis=1))))
