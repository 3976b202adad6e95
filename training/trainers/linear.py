"""A linear classifier over TF-IDF of hashed words: one plane a label (LinearSVC), then calibrated.

What is chosen is chosen on margins of texts left out of training: the zones read, the loss weight C, the
calibration, the doubt of short texts and, for several labels, the threshold of each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embedsvc.classifiers.features import Hashes
from embedsvc.classifiers.linear_classifier import LinearClassifier, LinearModel, Reading
from training.trainers.calibration import Calibration, best_thresholds, calibrated, doubted
from training.trainers.planes import Progress, Tally, planes, planes_and_curve
from training.trainers.rare_labels import learned_labels
from training.trainers.tfidf import Labelled, Rows, Truth, cut_short, vectors, vocabulary, with_excerpts

# Pairs of the whole text cost four times the features and gave nothing on CVs.
READINGS = (
    Reading({"all": 1.0, "latest": 1.0, "dated": 0.8}, ("latest", "dated")),
    Reading({"all": 1.0}, ()),
)
_FOLDS = 3

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LinearKnobs:
    """What may be chosen of a linear classifier.

    Attributes:
        readings: The ways from text to vector tried.
        min_label_count: Labels with fewer documents are left out.
        min_candidates: Features of fewer candidates are left out, so that none can tell of one person.
        most_features: Of the others, so many at most, those in most documents.
        costs: The loss weights C tried.
        excerpts: Random pieces of each text to learn from too, so that short texts are understood.
        threshold: Of a classifier of one label, the probability from which it is given.
        doubt: Whether one of one label learns how far short texts are to be trusted.
    """

    readings: tuple[Reading, ...] = READINGS
    min_label_count: int = 5
    min_candidates: int = 5
    most_features: int = 300_000
    costs: tuple[float, ...] = (0.1, 0.3, 1.0)
    excerpts: int = 0
    threshold: float = 0.0
    doubt: bool = True


def train_linear(
    train: Callable[[], Iterable[Labelled]],
    knobs: LinearKnobs,
    seed: int,
    *,
    multi_label: bool = False,
    progress: Progress | None = None,
) -> LinearClassifier | None:
    """Train on labelled texts; None where fewer than two labels have `min_label_count` documents.

    Args:
        train: Gives the training documents; called seven times, in the same order.
        knobs: Parameters.
        seed: The same seed and documents give the same model.
        multi_label: Whether a document may have several labels or none.
        progress: Told (planes done, planes in all, note with the loss).

    Returns:
        The classifier; its facts hold the curve of the `loss` and the labels `left_out`.

    Raises:
        RecipeError: No word is in `min_candidates` documents.
    """
    counts = Counter(label for text in train() for label in set(text.labels))
    labels, left_out = learned_labels(counts, knobs.min_label_count)
    if len(labels) < 2:
        return None
    trials = len(knobs.readings) * len(knobs.costs) * _FOLDS
    tally = Tally(len(labels) * (trials + 1), progress)
    tried = [
        _tried(train, labels, reading, knobs, seed, tally, multi_label=multi_label)
        for reading in knobs.readings
    ]
    best = max(tried, key=lambda each: each.merit)
    calibration = calibrated(best.margins, best.rows.truth, multi_label=multi_label)
    doubt = None
    if best.cuts is not None:
        calibration, doubt = doubted(
            calibration,
            np.concatenate([best.margins, best.cut_margins]),
            np.concatenate([best.rows.truth, best.cuts.truth]),
            np.concatenate([best.rows.lengths, best.cuts.lengths]),
        )
    weights, bias, curve = planes_and_curve(best.rows.vectors, best.rows.truth, best.cost, seed, tally)
    scaling = np.stack([bias, calibration.scale, calibration.shift])
    model = LinearModel(best.known, best.idf, np.ascontiguousarray(weights, np.float32), scaling)
    thresholds = _thresholds(calibration, best.margins, best.rows.truth, knobs.threshold)
    made = LinearClassifier(model, labels, best.reading, calibration.combination, thresholds, doubt)
    made.facts = {"loss": curve, "left_out": left_out}
    return made


@dataclass(frozen=True)
class _Trial:
    """What a reading came to; margins (n, labels) are of texts left out, and of pieces cut from them."""

    reading: Reading
    known: Hashes
    idf: npt.NDArray[np.float32]
    rows: Rows
    cuts: Rows | None
    merit: float
    cost: float
    margins: Matrix
    cut_margins: Matrix


def _tried(
    train: Callable[[], Iterable[Labelled]],
    labels: Sequence[str],
    reading: Reading,
    knobs: LinearKnobs,
    seed: int,
    tally: Tally,
    *,
    multi_label: bool,
) -> _Trial:
    known, idf = vocabulary(train(), reading, knobs.min_candidates, knobs.most_features)

    def texts() -> Iterator[tuple[int, Labelled]]:
        return with_excerpts(train(), knobs.excerpts, seed)

    rows = vectors(texts(), labels, known, idf, reading, multi_label=multi_label)
    cuts = None
    if knobs.doubt and not multi_label:
        cuts = vectors(cut_short(texts(), seed), labels, known, idf, reading, multi_label=False)
    chosen = _chosen(rows, cuts, knobs.costs, seed, tally, multi_label=multi_label)
    return _Trial(reading, known, idf, rows, cuts, *chosen)


def _thresholds(calibration: Calibration, margins: Matrix, truth: Truth, given: float) -> list[float]:
    if calibration.combination == "independent":
        return [float(limit) for limit in best_thresholds(calibration.shares(margins), truth)]
    return [given] * truth.shape[1]


def _chosen(
    rows: Rows,
    cuts: Rows | None,
    costs: Sequence[float],
    seed: int,
    tally: Tally,
    *,
    multi_label: bool,
) -> tuple[float, float, Matrix, Matrix]:
    """Merit and cost of what does best on texts left out; margins (n, labels) of them and of the cuts."""
    # What one candidate says is in one fold.
    fold = (np.random.default_rng(seed).permutation(int(rows.owners.max()) + 1) % _FOLDS)[rows.owners]
    tried = []
    for cost in costs:
        margins, cut = np.empty(rows.truth.shape), np.empty(rows.truth.shape)
        for number in np.unique(fold):
            held = fold == number
            weights, bias = planes(rows.vectors[~held], rows.truth[~held], cost, seed, tally)
            margins[held] = rows.vectors[held] @ weights + bias
            if cuts is not None:
                cut[held] = cuts.vectors[held] @ weights + bias
        tried.append((_merit(margins, rows.truth, multi_label=multi_label), cost, margins, cut))
        tally.note = f"{max(merit for merit, *_ in tried):.3f} right of those left out"
    return max(tried, key=lambda each: each[0])


def _merit(margins: Matrix, truth: Truth, *, multi_label: bool) -> float:
    """Accuracy, or micro-F1 at the best common threshold."""
    if not multi_label:
        return float(truth[np.arange(len(truth)), margins.argmax(axis=1)].mean())
    limits = np.linspace(-1.0, 0.5, 31)
    return max(
        float(2 * ((margins > limit) & truth).sum() / max(1, (margins > limit).sum() + truth.sum()))
        for limit in limits
    )
