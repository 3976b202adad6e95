"""The numbers that training changes: a row a word, laid out for one pass over consecutive memory.

A row holds the vector and, behind it, the sum of squared gradients of each of its numbers (AdaGrad). Two more
columns take in the biases, so that the model w.c + b + b' is one product of rows:

    word row       w[0] ... w[d-1]   b   1   0 ...
    context row    c[0] ... c[d-1]   1   b'  0 ...

The 1 stays 1 because its sum of squares is so large that its step is nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]

_LANES = 8  # float32 numbers of a vector register
_FIXED = np.float32(1e30)


def row_length(dimension: int) -> int:
    """Numbers in a row's first half: the vector, two columns for the biases, zeros up to whole registers."""
    return -(-(dimension + 2) // _LANES) * _LANES


def row_bytes(dimension: int) -> int:
    """Bytes of a row with its sums of squares."""
    return 2 * row_length(dimension) * 4


def initial_rows(words: int, dimension: int, learning_rate: float, seed: int) -> tuple[Rows, Rows]:
    """Rows of words and of contexts before training.

    Numbers and biases are uniform in (-0.5, 0.5) / dimension and sums of squares start at 1, as in the
    authors' program. There, too, a bias moves at rate 1 and not at the learning rate; the same step comes out
    of the learning rate with the sum starting at its square.

    Returns:
        Two (words, 2, row_length) arrays: [:, 0] the row, [:, 1] its sums of squares.
    """
    draw = np.random.default_rng(seed)
    own_bias, other_bias = dimension, dimension + 1
    return (
        _rows(draw, words, dimension, learning_rate, bias=own_bias, one=other_bias),
        _rows(draw, words, dimension, learning_rate, bias=other_bias, one=own_bias),
    )


def _rows(
    draw: np.random.Generator, words: int, dimension: int, learning_rate: float, *, bias: int, one: int
) -> Rows:
    rows = np.zeros((words, 2, row_length(dimension)), np.float32)
    drawn = (draw.random((words, dimension + 1), np.float32) - np.float32(0.5)) / np.float32(dimension)
    rows[:, 0, :dimension] = drawn[:, :dimension]
    rows[:, 0, bias] = drawn[:, dimension]
    rows[:, 0, one] = 1.0
    rows[:, 1] = 1.0
    rows[:, 1, bias] = learning_rate**2
    rows[:, 1, one] = _FIXED
    return rows


def vectors_of(rows: Rows, dimension: int) -> Rows:
    """(words, dimension) the vectors alone."""
    return np.ascontiguousarray(rows[:, 0, :dimension])
