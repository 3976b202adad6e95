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
_SHOWN = (1, 2, 4, 8)  # passes after which the curve tells the loss, beside the last

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
    right (1 or -1). The solver tells nothing on its way, and is the same for the same seed: so it is run to
    its end, and again for each of the first few passes that are shown.
    """
    weights, bias = np.zeros((rows.shape[1], truth.shape[1])), np.zeros(truth.shape[1])
    losses: list[list[float]] = []
    most = 1
    for column, right in enumerate(truth.T):
        if right.all() or not right.any():
            bias[column] = 1.0 if right.all() else -1.0
            losses.append([0.0])
        else:
            svc, found = _descended(rows, right, cost, seed)
            weights[:, column], bias[column] = svc.coef_[0], svc.intercept_[0]
            losses.append(found)
            most = max(most, int(svc.n_iter_))
        longest = max(map(len, losses))
        mean = np.mean([each[-1] for each in losses])
        tally.note = f"loss {mean:.3f}"
        tally.count()
    # A label that needs fewer passes than another keeps its last loss.
    curve = np.mean([each + each[-1:] * (longest - len(each)) for each in losses], axis=0)
    passes = [*_SHOWN[: longest - 1], most]
    return weights, bias, [(float(n), round(loss, 6)) for n, loss in zip(passes, curve, strict=True)]


def _descended(
    rows: csr_array, right: npt.NDArray[np.bool_], cost: float, seed: int
) -> tuple[LinearSVC, list[float]]:
    """A plane, and its loss after the passes of `_SHOWN` that it needed, and after the last."""
    sign = np.where(right, 1.0, -1.0)

    def loss(svc: LinearSVC) -> float:
        margins = rows @ svc.coef_[0] + svc.intercept_[0]
        return float(np.mean(np.square(np.maximum(0.0, 1.0 - sign * margins))))

    whole = _svc(cost, seed, _PASSES).fit(rows, right)
    with warnings.catch_warnings():
        # That these are not done yet is no news.
        warnings.simplefilter("ignore", ConvergenceWarning)
        begun = [_svc(cost, seed, passes).fit(rows, right) for passes in _SHOWN if passes < whole.n_iter_]
    return whole, [*map(loss, begun), loss(whole)]


def _svc(cost: float, seed: int, passes: int) -> LinearSVC:
    return LinearSVC(C=cost, random_state=seed, dual=True, max_iter=passes)
