"""Pairs of texts as rows of a space, and the batches that make them a task worth learning.

A batch made of strangers is too easy: a nurse's summary finds a nurse's experience among welders'. So pairs
of one area (the label) stand together in runs, and are each other's hard negatives. Pairs of one person, and
pairs that ask with the same words, are no negatives of each other: each would be a right answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from embedsvc.spaces import Space
from training.preparation.candidate_pairs import TextPair


class PairKeys:
    """What pairs are told apart by; pair i is row i.

    Args:
        people: A key of each pair's person, of `key_of`.
        areas: A key of what is no proof of belonging together.
        asked: A key of the first text.
    """

    def __init__(self, people: Sequence[int], areas: Sequence[int], asked: Sequence[int]) -> None:
        self._people, self._areas, self._asked = (np.array(each, np.int64) for each in (people, areas, asked))
        self._by_area = np.argsort(self._areas, kind="stable")
        self._sorted_areas = self._areas[self._by_area]

    def __len__(self) -> int:
        return len(self._people)

    def apart(
        self, batch: npt.NDArray[np.int64], others: npt.NDArray[np.int64] | None = None
    ) -> npt.NDArray[np.bool_]:
        """Which texts are negatives of which pairs.

        Args:
            batch: Pairs.
            others: Pairs whose second texts might be negatives; `batch` itself where left out.

        Returns:
            (batch, others) bool; the diagonal is True where these are the same.
        """
        beside = batch if others is None else others
        same = np.zeros((len(batch), len(beside)), np.bool_)
        for keys in (self._people, self._asked):
            same |= keys[batch][:, None] == keys[beside]
        if others is None:
            np.fill_diagonal(same, val=False)
        return ~same

    def of_same_area(
        self, batch: npt.NDArray[np.int64], generator: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """A pair of the same area for each, drawn by chance; where there is no other it is itself."""
        wanted = self._areas[batch]
        first, last = (np.searchsorted(self._sorted_areas, wanted, side) for side in ("left", "right"))
        return self._by_area[first + (generator.random(len(batch)) * (last - first)).astype(np.int64)]

    def batches(self, size: int, run: int, generator: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
        """Every pair once in chance order, in batches of `size`; `run` of one area stand together.

        What is left over and would be a batch of one is left out: it has no negatives.
        """
        order = self._order(run, generator)
        for begin in range(0, len(order), size):
            batch = order[begin : begin + size]
            if len(batch) > 1:
                yield batch

    def _order(self, run: int, generator: np.random.Generator) -> npt.NDArray[np.int64]:
        shuffled = generator.permutation(len(self))
        if run <= 1:
            return shuffled
        by_area = shuffled[np.argsort(self._areas[shuffled], kind="stable")]
        areas = self._areas[by_area]
        starts = np.flatnonzero(np.concatenate(([True], areas[1:] != areas[:-1])))
        inside = np.arange(len(areas)) - np.repeat(starts, np.diff(np.append(starts, len(areas))))
        runs = np.cumsum(inside % run == 0) - 1
        place = generator.permutation(runs[-1] + 1 if len(runs) else 0)
        return by_area[np.argsort(place[runs], kind="stable")]


class TextPairs(PairKeys):
    """Pairs whose texts both hold a known word.

    Args:
        pairs: Read once.
        space: Whose rows the words become.
    """

    def __init__(self, pairs: Iterable[TextPair], space: Space) -> None:
        texts: tuple[list[npt.NDArray[np.int32]], ...] = ([], [])
        people: list[int] = []
        areas: list[int] = []
        asked: list[int] = []
        for pair in pairs:
            rows = [np.array(space.rows(text.split()), np.int32) for text in (pair.first, pair.second)]
            if not (len(rows[0]) and len(rows[1])):
                continue
            for each, side in zip(rows, texts, strict=True):
                side.append(each)
            people.append(key_of(pair.person))
            areas.append(key_of(pair.area))
            asked.append(key_of(rows[0].tobytes()))
        super().__init__(people, areas, asked)
        self._sides = [_means(side, len(space)) for side in texts]

    def means(self, batch: npt.NDArray[np.int64]) -> csr_matrix:
        """(2 x batch, words) weights that make the means of the first texts, then of the second."""
        return csr_matrix(vstack([side[batch] for side in self._sides], format="csr"))


def _means(texts: Sequence[npt.NDArray[np.int32]], words: int) -> csr_matrix:
    lengths = np.array([len(text) for text in texts], np.int64)
    indices = np.concatenate([*texts, np.zeros(0, np.int32)])
    weights = np.repeat((1 / np.maximum(lengths, 1)).astype(np.float32), lengths)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    matrix = csr_matrix((weights, indices, starts), shape=(len(texts), words))
    matrix.sum_duplicates()
    return matrix


def key_of(key: str | bytes) -> int:
    """A number that tells texts apart."""
    data = key.encode() if isinstance(key, str) else key
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), signed=True)
