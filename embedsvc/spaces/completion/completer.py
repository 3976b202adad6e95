"""Completes a list of skills: the most voted ones, put in order by a network over all known of them.

A folder: the arrays of `PairTable` and `Network` as .npy, and `completion.json`, {"format", "total",
"candidates", "features", "layers", "training"}. It holds counts of pairs and no list.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces.completion.evidence import FEATURES, Words, gather
from embedsvc.spaces.completion.network import Network
from embedsvc.spaces.completion.pairs import PairTable
from embedsvc.spaces.space import UNREADABLE

FORMAT: Final = 1
_FACTS = "completion.json"


class Completer:
    """What else a list names; immutable, safe to share between threads.

    Args:
        pairs: What is known of the pairs of every skill.
        network: Weighs the evidence.
        names: The skills' names, by row.
        candidates: So many of the most voted are put in order; no more are ever found.
        training: How it was trained; JSON values.

    Raises:
        ReleaseCorruptError: The parts do not fit each other.
    """

    def __init__(
        self,
        pairs: PairTable,
        network: Network,
        names: Iterable[str],
        candidates: int,
        training: Mapping[str, Any] | None = None,
    ) -> None:
        self.pairs = pairs
        self.network = network
        self.candidates = candidates
        self.training = dict(training or {})
        self.words = words_of(names)
        if len(self.words) != pairs.size or len(network.mean) != len(FEATURES):
            raise ReleaseCorruptError(
                f"The completion knows {pairs.size} skills by {len(network.mean)} features, and there are "
                f"{len(self.words)} and {len(FEATURES)}: build the release again."
            )

    def complete(self, given: Sequence[int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Rows of other skills, the likeliest first, and how likely each is the one left out of the list.

        Args:
            given: Rows of the list's skills, in any order; one named twice counts once.

        Returns:
            rows, (found,), and shares in [0, 1] that fall and sum to 1; both empty where no list names any of
            the given ones beside another.
        """
        skills = sorted(set(given))
        if not skills:
            return np.empty(0, np.int64), np.empty(0)
        evidence = gather(
            skills,
            [self.pairs.row(skill) for skill in skills],
            self.pairs.lists,
            self.pairs.total,
            self.words,
            self.candidates,
        )
        if not len(evidence.rows):
            return evidence.rows, np.empty(0)
        scores = self.network.scores(evidence.features).astype(np.float64)
        order = np.argsort(-scores, kind="stable")
        likely = np.exp(scores[order] - scores.max())
        return evidence.rows[order], likely / likely.sum()

    def save(self, folder: Path) -> None:
        """Write it into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        self.pairs.save(folder)
        self.network.save(folder)
        told = {
            "format": FORMAT,
            "total": self.pairs.total,
            "candidates": self.candidates,
            "features": list(FEATURES),
            "layers": len(self.network.layers),
            "training": self.training,
        }
        (folder / _FACTS).write_text(json.dumps(told, indent=2, sort_keys=True) + "\n")

    @classmethod
    def open(cls, folder: Path, names: Iterable[str]) -> Completer:
        """Map a saved one.

        Raises:
            ReleaseCorruptError: A file is missing, cut short, or of another format.
        """
        try:
            told = json.loads((folder / _FACTS).read_bytes())
            if told["format"] != FORMAT or told["features"] != list(FEATURES):
                raise ValueError("its format or features are of another version")
            pairs = PairTable.open(folder, int(told["total"]))
            network = Network.open(folder, int(told["layers"]))
            return cls(pairs, network, names, int(told["candidates"]), dict(told["training"]))
        except UNREADABLE as error:
            raise ReleaseCorruptError(
                f"The completion of skill lists cannot be opened ({error}); "
                "verify the release or build it again."
            ) from error


def words_of(names: Iterable[str]) -> Words:
    """The words of each name."""
    return [frozenset(name.replace("_", " ").replace("-", " ").split()) for name in names]
