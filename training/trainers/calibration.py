"""From margins to probabilities and from those to labels, fitted to texts that were not learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize, minimize_scalar

from embedsvc.classifiers.doubt import Doubt
from embedsvc.classifiers.linear_classifier import combined

_BINS = 10
_DOUBT_TEXTS = 20_000  # enough for three numbers
_LEAST = 1e-12
_GRID = np.linspace(0.05, 0.95, 91)

Matrix = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How margins become probabilities: `combined(margins * scale + shift, combination)`.

    Attributes:
        combination: One of `linear_classifier.COMBINATIONS`.
        scale: (labels,)
        shift: (labels,)
    """

    combination: str
    scale: Matrix
    shift: Matrix

    def shares(self, margins: Matrix) -> Matrix:
        """(n, labels) probabilities."""
        return combined(margins * self.scale + self.shift, self.combination)


def calibrated(margins: Matrix, truth: Truth, *, multi_label: bool) -> Calibration:
    """Fit to margins (n, labels) and which labels are right.

    Of several labels each gets a sigmoid of its own (Platt 1999). Of one label, either the softmax of all
    gets a temperature (Guo et al. 2017) or the sigmoids are made to sum to 1, whichever errs less in the half
    of the texts that it was not fitted to.
    """
    if multi_label:
        return _platt(margins, truth, "independent")
    mixed = np.random.default_rng(0).permutation(len(margins))
    one, other = mixed[::2], mixed[1::2]
    error = {
        fit: calibration_error(fit(margins[one], truth[one]).shares(margins[other]), truth[other])
        for fit in (_temperature, _normalised)
    }
    return min(error, key=error.__getitem__)(margins, truth)


def doubted(
    calibration: Calibration, margins: Matrix, truth: Truth, lengths: npt.NDArray[np.int64]
) -> tuple[Calibration, Doubt]:
    """The calibration with a scale of its own, and the doubt of short texts, of least loss together.

    Args:
        calibration: Fitted to whole texts.
        margins: (n, labels) of whole texts and of pieces.
        truth: (n, labels)
        lengths: (n,) tokens.
    """
    if len(margins) > _DOUBT_TEXTS:
        chosen = np.random.default_rng(0).choice(len(margins), _DOUBT_TEXTS, replace=False)
        margins, truth, lengths = margins[chosen], truth[chosen], lengths[chosen]
    logits = margins * calibration.scale + calibration.shift

    def doubt_of(parameters: Matrix) -> Doubt:
        return Doubt(float(parameters[1]), float(parameters[1] - parameters[2]))

    def loss(parameters: Matrix) -> float:
        shares = combined(logits * np.exp(parameters[0]), calibration.combination)
        shares = doubt_of(parameters).spread(shares, lengths)
        return float(-np.log(np.clip(shares[truth], _LEAST, 1.0)).mean())

    # Longer texts are never doubted more, also where none was there to learn that from.
    bounds = [(-2.0, 2.0), (-8.0, 4.0), (0.0, 8.0)]
    found = minimize(loss, np.array([0.0, -1.0, 3.0]), method="L-BFGS-B", bounds=bounds).x
    factor = float(np.exp(found[0]))
    scaled = Calibration(calibration.combination, calibration.scale * factor, calibration.shift * factor)
    return scaled, doubt_of(found)


def calibration_error(shares: Matrix, truth: Truth) -> float:
    """Expected calibration error of the likeliest label, over equal-width bins, in [0, 1]."""
    best = shares.argmax(axis=1)
    rows = np.arange(len(shares))
    sure, right = shares[rows, best], truth[rows, best]
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(right[bins == each].mean() - sure[bins == each].mean()) * np.mean(bins == each)
        for each in set(bins)
    ]
    return float(np.sum(gaps))


def best_thresholds(shares: Matrix, truth: Truth) -> Matrix:
    """(labels,) the probability from which a label is given for the greatest F1; 0.5 where none is right."""
    right = np.array([((shares >= limit) & truth).sum(axis=0) for limit in _GRID], float)
    given = np.array([(shares >= limit).sum(axis=0) for limit in _GRID], float)
    scores = 2 * right / np.maximum(given + truth.sum(axis=0), 1)
    best = scores.argmax(axis=0)
    return np.where(scores.max(axis=0) > 0, _GRID[best], 0.5)


def _temperature(margins: Matrix, truth: Truth) -> Calibration:
    labels = margins.shape[1]

    def loss(log_scale: float) -> float:
        shares = combined(margins * np.exp(log_scale), "softmax")
        return float(-np.log(np.clip(shares[truth], _LEAST, 1.0)).mean())

    scale = float(np.exp(minimize_scalar(loss, bounds=(-2.0, 4.0), method="bounded").x))
    return Calibration("softmax", np.full(labels, scale), np.zeros(labels))


def _normalised(margins: Matrix, truth: Truth) -> Calibration:
    return _platt(margins, truth, "normalised")


def _platt(margins: Matrix, truth: Truth, combination: str) -> Calibration:
    fitted = np.array([_sigmoid(margins[:, column], truth[:, column]) for column in range(margins.shape[1])])
    return Calibration(combination, fitted[:, 0], fitted[:, 1])


def _sigmoid(margins: Matrix, truth: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """(scale, shift) of least loss; the targets are Platt's, so that few examples do not make it too sure."""
    yes, no = int(truth.sum()), int((~truth).sum())
    target = np.where(truth, (yes + 1) / (yes + 2), 1 / (no + 2))

    def loss(parameters: Matrix) -> tuple[float, Matrix]:
        logits = margins * parameters[0] + parameters[1]
        slope = combined(logits[:, None], "independent")[:, 0] - target
        value = float((np.logaddexp(0, logits) - target * logits).sum())
        return value, np.array([float(slope @ margins), float(slope.sum())])

    start = np.array([1.0, np.log((yes + 1) / (no + 1))])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(1e-3, 100.0), (-50.0, 50.0)])
    return float(found.x[0]), float(found.x[1])
