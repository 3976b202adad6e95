"""The skills' vectors in a subword space: how near any word is to each skill.

A folder: `vectors.npy`, (skills, dimension) float32 unit vectors by row of the lexicon, memory-mapped, and
`guesses.json`, {"threshold", "seen_threshold", "calibration"}.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces.space import UNREADABLE, Matrix
from embedsvc.spaces.subword_space import SubwordSpace


class SkillVectors:
    """Unit vectors of the skills, and from which score on a query counts as one of them.

    Args:
        space: Gives queries their vectors.
        vectors: (skills, dimension) float32 unit vectors; a row of zeros is near nothing.
        threshold: Least score of a guess for a word that the space has not seen, in [0, 2].
        seen_threshold: The same for one that it has.
        calibration: Where the threshold comes from; JSON values.

    Raises:
        ReleaseCorruptError: The vectors are not of the space.
    """

    def __init__(
        self,
        space: SubwordSpace,
        vectors: Matrix,
        threshold: float,
        seen_threshold: float,
        calibration: Mapping[str, Any] | None = None,
    ) -> None:
        if vectors.ndim != 2 or vectors.dtype != np.float32 or vectors.shape[1] != space.dimension:
            raise ReleaseCorruptError(
                f"The skills' subword vectors have shape {vectors.shape} and the subword space "
                f"{space.dimension} dimensions; build the release again."
            )
        self.space = space
        self.vectors = vectors
        self.threshold = threshold
        self.seen_threshold = seen_threshold
        self.calibration = dict(calibration or {})

    def __len__(self) -> int:
        return len(self.vectors)

    @classmethod
    def of_tokens(cls, space: SubwordSpace, tokens: Sequence[str]) -> SkillVectors:
        """The vectors of the skills with these tokens; nothing counts as one before thresholds are set."""
        return cls(space, _unit(space.vectors(tokens)), 2.0, 2.0)

    def cosines(self, tokens: Sequence[str]) -> Matrix:
        """(tokens, skills) float32 cosines; zeros for a token without any known subword."""
        cosines: Matrix = _unit(self.space.vectors(tokens)) @ self.vectors.T
        return cosines

    def save(self, folder: Path) -> None:
        """Write vectors and threshold into `folder`; the space is saved on its own."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "vectors.npy", np.ascontiguousarray(self.vectors))
        told = {
            "threshold": self.threshold,
            "seen_threshold": self.seen_threshold,
            "calibration": self.calibration,
        }
        (folder / "guesses.json").write_text(json.dumps(told, indent=2, sort_keys=True) + "\n")

    @classmethod
    def open(cls, folder: Path, space: SubwordSpace) -> SkillVectors:
        """Open saved vectors over their space.

        Raises:
            ReleaseCorruptError: A file is missing, cut short, or belongs to another space.
        """
        try:
            told = json.loads((folder / "guesses.json").read_bytes())
            vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
            thresholds = float(told["threshold"]), float(told["seen_threshold"])
            return cls(space, vectors, *thresholds, dict(told["calibration"]))
        except UNREADABLE as error:
            raise ReleaseCorruptError(
                f"The skills' subword vectors cannot be opened ({error}); "
                "verify the release or build it again."
            ) from error


def _unit(vectors: Matrix) -> Matrix:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Matrix = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return unit
