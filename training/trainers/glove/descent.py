"""Stochastic gradient descent over the tiles, as in Pennington et al. 2014, GloVe.

Minimises the sum over pairs of f(X) (w.c + b + b' - log X)**2 by AdaGrad (Duchi et al. 2011) in the form of
the authors' program: what is squared and summed is the gradient times the learning rate. Workers take tiles
at random and write without locks (Niu et al. 2011, Hogwild): two rarely hold the same row, and one step lost
does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from training.trainers.glove.compiled import seeded, vectorized
from training.trainers.glove.pairs import Singles, TiledPairs
from training.trainers.glove.parameters import Rows
from training.trainers.glove.runs import Cells

Visits = npt.NDArray[np.int64]

_PORTIONS = 32  # of an epoch a worker: progress, and little waiting for the last
_LEAST = 1 << 16  # pairs a portion: else starting it takes longer than the work


def descend(
    pairs: TiledPairs,
    words: Rows,
    contexts: Rows,
    learning_rate: float,
    epochs: int,
    workers: int,
    seed: int,
    progress: Callable[[float, float, str], None] | None = None,
) -> list[float]:
    """Train `words` and `contexts` in place.

    Args:
        pairs: What to fit. Pairs of a symmetric tiling are used both ways round.
        words: Rows of words (see `parameters`).
        contexts: Rows of contexts.
        learning_rate: Size of a first step.
        epochs: Passes over all pairs, the tiles in another order each time.
        workers: Threads; 1 gives the same bytes twice.
        seed: Of the orders.
        progress: Told (pairs seen, pairs to see in all epochs, note with the loss).

    Returns:
        The mean over pairs of the weighted squared error, epoch by epoch, each pair's before its step.
    """
    tiling = pairs.tiling
    sides = 2 if tiling.symmetric else 1
    sizes = np.diff(pairs.starts)
    total = len(pairs) * sides * epochs
    done = 0
    losses = []

    def run(visits: Visits) -> tuple[float, int, int]:
        fitted = _fit(
            visits,
            pairs.starts,
            pairs.cells,
            pairs.logs,
            pairs.weights,
            words,
            contexts,
            tiling.bits,
            tiling.blocks,
            sides,
            np.float32(learning_rate),
        )
        return *fitted, int(sizes[visits // sides].sum())

    with ThreadPoolExecutor(workers) as pool:
        for epoch in range(epochs):
            loss, steps = 0.0, 0
            portions = _portions(sizes, sides, workers, seeded(seed, epoch))
            for portion_loss, portion_steps, seen in pool.map(run, portions):
                loss += portion_loss
                steps += portion_steps
                done += seen
                if progress is not None:
                    progress(done, total, f"epoch {epoch + 1}/{epochs}, loss {loss / steps:.4f}")
            losses.append(loss / steps)
    return losses


def _portions(sizes: npt.NDArray[np.int64], sides: int, workers: int, seed: int) -> Iterator[Visits]:
    """All `tile * sides + side` that hold pairs, in random order, in portions of about as many pairs."""
    visits = (np.flatnonzero(sizes)[:, None] * sides + np.arange(sides)).ravel()
    np.random.default_rng(seed).shuffle(visits)
    reached = np.cumsum(sizes[visits // sides])
    portion = max(int(reached[-1]) // (workers * _PORTIONS), _LEAST)
    yield from np.split(visits, np.flatnonzero(np.diff(reached // portion)) + 1)


@vectorized
def _fit(
    visits: Visits,
    starts: npt.NDArray[np.int64],
    cells: Cells,
    logs: Singles,
    weights: Singles,
    words: Rows,
    contexts: Rows,
    bits: int,
    blocks: int,
    sides: int,
    rate: np.float32,
) -> tuple[float, int]:
    """Visit tiles; returns the sum of weighted squared errors and the steps made."""
    loss = 0.0
    steps = 0
    mask = (1 << bits) - 1
    for visit in visits:
        tile = visit // sides
        swapped = visit % sides == 1
        first_row = (tile // blocks) << bits
        first_column = (tile % blocks) << bits
        for pair in range(starts[tile], starts[tile + 1]):
            row = first_row + (cells[pair] >> bits)
            column = first_column + (cells[pair] & mask)
            if swapped:
                if row == column:  # the same both ways round
                    continue
                row, column = column, row
            w, w_squares = words[row, 0], words[row, 1]
            c, c_squares = contexts[column, 0], contexts[column, 1]
            error = -logs[pair]
            for k in range(len(w)):
                error += w[k] * c[k]
            slope = weights[pair] * error
            loss += slope * error
            steps += 1
            slope *= rate
            for k in range(len(w)):
                w_step = slope * c[k]
                c_step = slope * w[k]
                w[k] -= w_step / np.sqrt(w_squares[k])
                c[k] -= c_step / np.sqrt(c_squares[k])
                w_squares[k] += w_step * w_step
                c_squares[k] += c_step * c_step
    return loss, steps
