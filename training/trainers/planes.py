"""The planes of a linear classifier, one a label, and the curve of their loss."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

_PASSES = 4_000  # at most, over the texts

Matrix = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]
Progress = Callable[[float, float, str], None]
Curve = list[tuple[float, float]]


@dataclass
class Tally:
    """Planes trained of those to train.

    Attributes:
        total: To train.
        progress: Told (planes done, planes in all, note) after each.
        note: What is known so far.
    """

    total: int
    progress: Progress | None = None
    note: str = ""
    done: int = 0

    def count(self) -> None:
        """One more is trained."""
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total, self.note)


def planes(rows: csr_array, truth: Truth, cost: float, seed: int, tally: Tally) -> tuple[Matrix, Matrix]:
    """Weights (f, labels) and biases (labels,), a plane a label; none where all or none have it."""
    weights, bias = np.zeros((rows.shape[1], truth.shape[1])), np.zeros(truth.shape[1])
    for column, right in enumerate(truth.T):
        if right.all() or not right.any():
            bias[column] = 1.0 if right.all() else -1.0
        else:
            svc = _svc(cost, seed, _PASSES).fit(rows, right)
            weights[:, column], bias[column] = svc.coef_[0], svc.intercept_[0]
        tally.count()
    return weights, bias


def planes_and_curve(
    rows: csr_array, truth: Truth, cost: float, seed: int, tally: Tally
) -> tuple[Matrix, Matrix, Curve]:
    """As `planes`, the very same, with the curve of the loss: (passes over the texts, loss).

    The loss is the mean of max(0, 1 - y m)^2 over texts and labels, m the margin and y whether the label is
    right (1 or -1). The solver tells nothing on its way, and is the same for the same seed: so it is run with
    1, 2, 4 passes and so on until it is done, which takes twice as long as to run it once.
    """
    weights, bias = np.zeros((rows.shape[1], truth.shape[1])), np.zeros(truth.shape[1])
    losses: list[list[float]] = []
    for column, right in enumerate(truth.T):
        if right.all() or not right.any():
            bias[column] = 1.0 if right.all() else -1.0
            losses.append([0.0])
        else:
            weights[:, column], bias[column], found = _descended(rows, right, cost, seed)
            losses.append(found)
        longest = max(map(len, losses))
        mean = np.mean([each[-1] for each in losses])
        tally.note = f"loss {mean:.3f}"
        tally.count()
    # A label that needs fewer passes than another keeps its last loss.
    curve = np.mean([each + each[-1:] * (longest - len(each)) for each in losses], axis=0)
    return weights, bias, [(float(min(_PASSES, 1 << n)), round(loss, 6)) for n, loss in enumerate(curve)]


def _descended(
    rows: csr_array, right: npt.NDArray[np.bool_], cost: float, seed: int
) -> tuple[Matrix, float, list[float]]:
    """A plane, and its loss after 1, 2, 4 passes and so on."""
    passes, losses = 1, []
    sign = np.where(right, 1.0, -1.0)
    while True:
        with warnings.catch_warnings():
            # That it is not done yet is no news, but for the last time.
            warnings.simplefilter("ignore" if passes < _PASSES else "default", ConvergenceWarning)
            svc = _svc(cost, seed, passes).fit(rows, right)
        margins = rows @ svc.coef_[0] + svc.intercept_[0]
        losses.append(float(np.mean(np.square(np.maximum(0.0, 1.0 - sign * margins)))))
        if svc.n_iter_ < passes or passes >= _PASSES:
            return svc.coef_[0], float(svc.intercept_[0]), losses
        passes = min(_PASSES, 2 * passes)


def _svc(cost: float, seed: int, passes: int) -> LinearSVC:
    return LinearSVC(C=cost, random_state=seed, dual=True, max_iter=passes)
