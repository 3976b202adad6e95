"""Pairs of texts as a model's pieces of words, and how many of them were cut."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from embedsvc.spaces.transformer_runtime import PieceCutter
from training.preparation.candidate_pairs import TextPair
from training.trainers.pair_batches import PairKeys, key_of


class PiecePairs(PairKeys):
    """Pairs whose texts both hold a known piece.

    Args:
        pairs: Read once.
        cutter: Of the checkpoint.

    Attributes:
        truncated: Texts of which the end was left out.
    """

    def __init__(self, pairs: Iterable[TextPair], cutter: PieceCutter) -> None:
        self._sides: tuple[list[npt.NDArray[np.int32]], ...] = ([], [])
        self.truncated = 0
        people: list[int] = []
        areas: list[int] = []
        asked: list[int] = []
        for pair in pairs:
            both = [cutter.pieces(text.split()) for text in (pair.first, pair.second)]
            if not all(each.known for each in both):
                continue
            for each, side in zip(both, self._sides, strict=True):
                side.append(np.array(each.ids, np.int32))
                self.truncated += each.truncated
            people.append(key_of(pair.person))
            areas.append(key_of(pair.area))
            asked.append(key_of(self._sides[0][-1].tobytes()))
        super().__init__(people, areas, asked)

    def texts(self, side: int, batch: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int32]]:
        """The pieces of one side, 0 or 1, of some pairs."""
        return [self._sides[side][row] for row in batch.tolist()]
