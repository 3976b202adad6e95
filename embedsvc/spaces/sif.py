"""Sentence vectors by smooth inverse frequency: a weighted mean of word vectors less their common direction.

Arora, Liang, Ma: A Simple but Tough-to-Beat Baseline for Sentence Embeddings (ICLR 2017). Word w gets the
weight a / (a + p(w)), p its share of the corpus; the first principal directions of a sample of sentence
vectors, which hold what all sentences have in common, are projected out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces.encoder import TextLengths, read_description, unopened, word_lengths, write_description
from embedsvc.spaces.pooling import ROUNDING, means, to_unit
from embedsvc.spaces.space import UNREADABLE, Matrix, Space

DEFAULT_A = 1e-3


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

    kind = "sif"
    max_tokens: int | None = None
    prefixes: tuple[int, ...] = ()

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
        rank = int(np.sum(values > ROUNDING**2 * values.max()))
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
        least = ROUNDING * np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors -= (vectors @ self.components.T) @ self.components
        return to_unit(vectors, least)

    def lengths(self, texts: Sequence[Sequence[str]]) -> TextLengths:
        """How much `encode` reads of each text: all of it."""
        return word_lengths(self.space, texts)

    def _means(self, texts: Sequence[Sequence[int]]) -> Matrix:
        return means(texts, self.space.vectors, self.weights)

    def save(self, folder: Path) -> None:
        """Write weights and components into `folder`; the word space is saved on its own."""
        description = {"kind": self.kind, "a": self.a, "dimension": self.dimension, "words": len(self.space)}
        write_description(folder, description)
        np.save(folder / "weights.npy", self.weights)
        np.save(folder / "components.npy", self.components)

    @classmethod
    def open(cls, folder: Path, space: Space) -> SifEncoder:
        """Open a saved encoder over its word space.

        Raises:
            ReleaseCorruptError: A file is missing or belongs to another space.
        """
        description = read_description(folder)
        try:
            weights = np.load(folder / "weights.npy", mmap_mode="r", allow_pickle=False)
            components = np.load(folder / "components.npy", allow_pickle=False)
            a = float(description["a"])
        except UNREADABLE as error:
            raise unopened(error) from error
        fits = weights.shape == (len(space),) and components.shape[1:] == (space.dimension,)
        if not fits or {weights.dtype, components.dtype} != {np.dtype(np.float32)}:
            raise ReleaseCorruptError(
                "The sentence encoder belongs to another word space; build the release again."
            )
        if not (np.isfinite(weights).all() and np.isfinite(components).all()):
            raise unopened("it holds numbers that are not finite")
        return cls(space, weights, components, a)
