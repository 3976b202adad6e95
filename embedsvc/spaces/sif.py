"""Sentence vectors by smooth inverse frequency: a weighted mean of word vectors less their common direction.

Arora, Liang, Ma: A Simple but Tough-to-Beat Baseline for Sentence Embeddings (ICLR 2017). Word w gets the
weight a / (a + p(w)), p its share of the corpus; the first principal directions of a sample of sentence
vectors, which hold what all sentences have in common, are projected out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces.space import UNREADABLE, Matrix, Space

DEFAULT_A = 1e-3
_TOKENS_A_BLOCK = 200_000
# What is left of a vector after projection counts as rounding below this share of its length.
_ROUNDING = 1e-5


class TextEncoder(Protocol):
    """Turns tokenised texts into vectors."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[Sequence[str]]) -> Matrix:
        """(n, dimension) float32 unit vectors; a row of zeros where no token is known."""
        ...


class SifEncoder:
    """Encodes tokenised texts over a word space.

    Args:
        space: The word space.
        weights: (len(space),) float32 weight of each word.
        components: (c, dimension) float32 orthonormal directions to project out; c may be 0.
        a: The smoothing constant the weights were made with.
    """

    def __init__(self, space: Space, weights: npt.NDArray[np.float32], components: Matrix, a: float) -> None:
        self.space = space
        self.weights = weights
        self.components = components
        self.a = a

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.space.dimension

    @classmethod
    def fit(
        cls, space: Space, sample: Iterable[Sequence[str]], *, a: float = DEFAULT_A, components: int = 1
    ) -> SifEncoder:
        """Weights from the space's counts, common directions from a sample of tokenised texts.

        One direction of the sample is always left, so that texts that are all alike keep their vectors.
        """
        share = space.counts / max(1, int(space.counts.sum()))
        weights = (a / (a + share)).astype(np.float32)
        bare = cls(space, weights, np.zeros((0, space.dimension), np.float32), a)
        vectors = bare._means([space.rows(text) for text in sample])
        values, directions = np.linalg.eigh(vectors.T.astype(np.float64) @ vectors)
        rank = int(np.sum(values > _ROUNDING**2 * values.max()))
        count = min(components, rank - 1)
        if count <= 0:
            return bare
        common = np.ascontiguousarray(directions[:, ::-1][:, :count].T, dtype=np.float32)
        return cls(space, weights, common, a)

    def encode(self, texts: Sequence[Sequence[str]]) -> Matrix:
        """(n, dimension) float32 unit vectors; a row of zeros where nothing is known.

        That is where no token is, or where all that is known lies in the common directions.
        """
        vectors = self._means([self.space.rows(text) for text in texts])
        least = _ROUNDING * np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors -= (vectors @ self.components.T) @ self.components
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > least)
        vectors[(norms <= least)[:, 0]] = 0
        return vectors

    def _means(self, texts: Sequence[Sequence[int]]) -> Matrix:
        means = np.zeros((len(texts), self.dimension), np.float32)
        begin = 0
        while begin < len(texts):
            end, tokens = begin, 0
            while end < len(texts) and (end == begin or tokens + len(texts[end]) <= _TOKENS_A_BLOCK):
                tokens += len(texts[end])
                end += 1
            self._block_means(texts[begin:end], means[begin:end])
            begin = end
        return means

    def _block_means(self, texts: Sequence[Sequence[int]], out: Matrix) -> None:
        lengths = np.array([len(text) for text in texts], np.int64)
        filled = np.flatnonzero(lengths)
        if len(filled) == 0:
            return
        rows = np.fromiter((row for text in texts for row in text), np.int64, int(lengths.sum()))
        weighted = self.space.vectors[rows] * self.weights[rows, None]
        starts = np.concatenate(([0], np.cumsum(lengths[filled])[:-1]))
        out[filled] = np.add.reduceat(weighted, starts, axis=0) / lengths[filled, None]

    def save(self, folder: Path) -> None:
        """Write weights and components into `folder`; the word space is saved on its own."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "weights.npy", self.weights)
        np.save(folder / "components.npy", self.components)
        description = {"kind": "sif", "a": self.a, "dimension": self.dimension, "words": len(self.space)}
        (folder / "encoder.json").write_text(json.dumps(description, indent=2, sort_keys=True) + "\n")

    @classmethod
    def open(cls, folder: Path, space: Space) -> SifEncoder:
        """Open a saved encoder over its word space.

        Raises:
            ReleaseCorruptError: A file is missing or belongs to another space.
        """
        try:
            description = json.loads((folder / "encoder.json").read_bytes())
            weights = np.load(folder / "weights.npy", mmap_mode="r", allow_pickle=False)
            components = np.load(folder / "components.npy", allow_pickle=False)
            a = float(description["a"])
        except UNREADABLE as error:
            raise ReleaseCorruptError(
                f"The sentence encoder cannot be opened ({error}); build the release again."
            ) from error
        fits = weights.shape == (len(space),) and components.shape[1:] == (space.dimension,)
        if not fits or {weights.dtype, components.dtype} != {np.dtype(np.float32)}:
            raise ReleaseCorruptError(
                "The sentence encoder belongs to another word space; build the release again."
            )
        return cls(space, weights, components, a)
