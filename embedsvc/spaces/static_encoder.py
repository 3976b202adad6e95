"""Sentence vectors by learned word vectors: the plain mean, so that serving needs numpy alone.

All that was learned, how much a word counts among it, lies in the vectors. A prefix of a vector is a vector
too where they were trained so (Kusupati et al. 2022, Matryoshka Representation Learning). What
sentence-transformers calls StaticEmbedding; an exported folder of it opens there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from embedsvc.errors import InputError, ReleaseCorruptError
from embedsvc.spaces.encoder import (
    TextLengths,
    read_description,
    trained_prefixes,
    unopened,
    word_lengths,
    write_description,
)
from embedsvc.spaces.pooling import means, to_unit
from embedsvc.spaces.space import Matrix, Space

_TOKENS = "tokens"
_ROWS_A_CHECK = 16_384


class StaticEncoder:
    """Encodes tokenised texts by the mean of their tokens' vectors.

    Args:
        tokens: The learned vectors; a space of its own, apart from the word space.
    """

    def __init__(self, tokens: Space) -> None:
        self.tokens = tokens

    kind = "static"
    max_tokens: int | None = None

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.tokens.dimension

    @property
    def prefixes(self) -> tuple[int, ...]:
        """First numbers of a vector that were trained to do alone."""
        return trained_prefixes(self.tokens.parameters, self.dimension)

    def encode(self, texts: Sequence[Sequence[str]]) -> Matrix:
        """(n, dimension) float32 unit vectors; a row of zeros where no token is known."""
        return to_unit(means([self.tokens.rows(text) for text in texts], self.tokens.vectors, None))

    def lengths(self, texts: Sequence[Sequence[str]]) -> TextLengths:
        """How much `encode` reads of each text: all of it."""
        return word_lengths(self.tokens, texts)

    def shortened(self, dimension: int) -> StaticEncoder:
        """The encoder of the first `dimension` numbers of each vector.

        Raises:
            InputError: There are not so many.
        """
        if not 1 <= dimension <= self.dimension:
            raise InputError(
                f"No vector has a first part of {dimension} numbers; ask for 1 to {self.dimension}."
            )
        tokens = self.tokens
        vectors = np.ascontiguousarray(tokens.vectors[:, :dimension])
        return StaticEncoder(Space(tokens.kind, tokens.keys, tokens.counts, vectors, None, tokens.parameters))

    def save(self, folder: Path) -> None:
        """Write the vectors into `folder`."""
        write_description(folder, {"kind": self.kind, "dimension": self.dimension, "words": len(self.tokens)})
        self.tokens.save(folder / _TOKENS)

    @classmethod
    def open(cls, folder: Path, words: Space | None = None) -> StaticEncoder:
        """Open a saved encoder; vectors are memory-mapped.

        Args:
            folder: Where it was saved.
            words: The word space of the same release, which often has the same keys.

        Raises:
            ReleaseCorruptError: A file is missing, cut short or damaged.
        """
        description = read_description(folder)
        tokens = Space.open(folder / _TOKENS, words)
        if (len(tokens), tokens.dimension) != (description.get("words"), description.get("dimension")):
            raise ReleaseCorruptError(
                "The sentence encoder's vectors are not those of its encoder.json; build the release again."
            )
        for begin in range(0, len(tokens), _ROWS_A_CHECK):
            if not np.isfinite(tokens.vectors[begin : begin + _ROWS_A_CHECK]).all():
                raise unopened("it holds numbers that are not finite")
        return cls(tokens)
