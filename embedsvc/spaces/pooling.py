"""Means of word vectors, for as many texts of any length as memory need not hold at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from embedsvc.spaces.space import Matrix

_TOKENS_A_BLOCK = 200_000
# What is left of a vector after a projection counts as rounding below this share of its length.
ROUNDING = 1e-5


def means(texts: Sequence[Sequence[int]], vectors: Matrix, weights: npt.NDArray[np.float32] | None) -> Matrix:
    """The mean of each text's vectors, each times its weight.

    Args:
        texts: Rows of `vectors`; a row as often as its word is said.
        vectors: (words, dimension)
        weights: (words,), or None for 1 each.

    Returns:
        (texts, dimension) float32; zeros for a text without rows.
    """
    found = np.zeros((len(texts), vectors.shape[1]), np.float32)
    for begin, end in _blocks([len(text) for text in texts]):
        _block_means(texts[begin:end], vectors, weights, found[begin:end])
    return found


def to_unit(vectors: Matrix, least: npt.NDArray[np.float32] | float = 0.0) -> Matrix:
    """Bring rows to length 1 in place; those no longer than `least` become zeros."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    long = norms > least
    np.divide(vectors, norms, out=vectors, where=long)
    vectors[~long[:, 0]] = 0
    return vectors


def _blocks(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Texts from begin to end that have few enough tokens, or are one text alone."""
    begin = 0
    while begin < len(lengths):
        end, tokens = begin, 0
        while end < len(lengths) and (end == begin or tokens + lengths[end] <= _TOKENS_A_BLOCK):
            tokens += lengths[end]
            end += 1
        yield begin, end
        begin = end


def _block_means(
    texts: Sequence[Sequence[int]], vectors: Matrix, weights: npt.NDArray[np.float32] | None, out: Matrix
) -> None:
    lengths = np.array([len(text) for text in texts], np.int64)
    filled = np.flatnonzero(lengths)
    if len(filled) == 0:
        return
    rows = np.fromiter((row for text in texts for row in text), np.int64, int(lengths.sum()))
    taken = vectors[rows]
    if weights is not None:
        taken = taken * weights[rows, None]
    starts = np.concatenate(([0], np.cumsum(lengths[filled])[:-1]))
    out[filled] = np.add.reduceat(taken, starts, axis=0) / lengths[filled, None]
