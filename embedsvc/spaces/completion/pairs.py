"""What is known of two skills that lists name together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from embedsvc.errors import ReleaseCorruptError

_TYPES: Final = {
    "starts": np.int64,
    "others": np.int32,
    "scores": np.float32,
    "weights": np.float32,
    "counts": np.float32,
    "lists": np.float32,
}


class Pairs(NamedTuple):
    """One skill with others, an array each of one length.

    Attributes:
        others: Rows of the other skills, each once and not the skill's own.
        scores: Votes for them, as in the table of `used_with`; 0 where that has none.
        weights: EASE's weights; negative where the other is rather left out.
        counts: Lists that name both.
    """

    others: npt.NDArray[np.int32]
    scores: npt.NDArray[np.floating]
    weights: npt.NDArray[np.floating]
    counts: npt.NDArray[np.floating]


@dataclass(frozen=True)
class PairTable:
    """The pairs of every skill, one after the other; read-only, safe from several threads.

    Attributes:
        starts: int64, (skills + 1,): where a skill's pairs begin, and the next one's.
        others: int32, (pairs,), as in `Pairs`; so are `scores`, `weights` and `counts`, float32.
        lists: float32, (skills,): lists that name each skill.
        total: Lists in all.
    """

    starts: npt.NDArray[np.int64]
    others: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    counts: npt.NDArray[np.float32]
    lists: npt.NDArray[np.float32]
    total: int

    def __post_init__(self) -> None:
        for name, kind in _TYPES.items():
            array = getattr(self, name)
            if array.ndim != 1 or array.dtype != kind:
                raise ReleaseCorruptError(
                    f"The pairs' {name} are {array.dtype} {array.shape}, not a row of {np.dtype(kind)}: "
                    "build the release again."
                )
        ends = self.starts[:1].tolist() + self.starts[-1:].tolist()
        fits = (
            len(self.starts) == len(self.lists) + 1
            and len(self.others) == len(self.scores) == len(self.weights) == len(self.counts)
            and ends == [0, len(self.others)]
            and bool((np.diff(self.starts) >= 0).all())
        )
        if not fits:
            raise ReleaseCorruptError("The pairs' files do not fit each other: build the release again.")

    @classmethod
    def of_rows(cls, rows: Sequence[Pairs], lists: npt.ArrayLike, total: int) -> PairTable:
        """Put the pairs of every skill one after the other."""
        columns: dict[str, Any] = {
            name: np.concatenate([np.empty(0, _TYPES[name]), *(getattr(row, name) for row in rows)]).astype(
                _TYPES[name]
            )
            for name in Pairs._fields
        }
        starts = np.cumsum([0, *(len(row.others) for row in rows)], dtype=np.int64)
        return cls(starts=starts, **columns, lists=np.asarray(lists, np.float32), total=total)

    @property
    def all(self) -> Pairs:
        """The pairs of all skills, one after the other."""
        return Pairs(self.others, self.scores, self.weights, self.counts)

    @property
    def size(self) -> int:
        """Number of skills."""
        return len(self.lists)

    def row(self, skill: int) -> Pairs:
        """The pairs of one skill; read-only views."""
        span = slice(int(self.starts[skill]), int(self.starts[skill + 1]))
        return Pairs(self.others[span], self.scores[span], self.weights[span], self.counts[span])

    def save(self, folder: Path) -> None:
        """Write the arrays into `folder`, which is there; `total` is the owner's to keep."""
        for name in _TYPES:
            np.save(folder / f"{name}.npy", np.ascontiguousarray(getattr(self, name)))

    @classmethod
    def open(cls, folder: Path, total: int) -> PairTable:
        """Map saved arrays.

        Raises:
            ReleaseCorruptError: They do not fit each other.
            OSError, ValueError: A file is missing or no array.
        """
        arrays: dict[str, Any] = {
            # A plain view: indexing numpy.memmap costs microseconds each time.
            name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))
            for name in _TYPES
        }
        return cls(**arrays, total=total)
