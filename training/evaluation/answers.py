"""What a classifier answers to texts it was not trained on, and what that is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from embedsvc.classifiers import Classifier
from training.evaluation.score import Measures, Score, score

_BINS = 10
_MOST_CELLS = 4_000_000  # texts times labels whose macro-F1 is resampled; of more a part of the texts
_MATRIX_LABELS = 40
_OTHERS = "(others)"

Labelled = tuple[Sequence[str], Sequence[str]]
"""Labels and tokens."""
Truth = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Answers:
    """A classifier's answers beside the right ones.

    Attributes:
        labels: The classifier's, then those it does not know.
        truth: (texts, labels) which are right; the first of a text's alone unless `multi_label`.
        given: (texts, labels) which it gives, by its own thresholds.
        sure: (texts,) the probability of the label it finds likeliest.
        hit: (texts,) whether that one is right, 1.0 or 0.0.
        multi_label: Whether a text may have several.
    """

    labels: list[str]
    truth: Truth
    given: Truth
    sure: Measures
    hit: Measures
    multi_label: bool

    @classmethod
    def of(cls, classifier: Classifier, texts: Sequence[Labelled]) -> Answers:
        """The answers to at least one text."""
        several = classifier.multi_label
        right = [labels if several else labels[:1] for labels, _ in texts]
        known = list(classifier.labels)
        names = [*known, *sorted({label for labels in right for label in labels} - set(known))]
        numbers = {name: number for number, name in enumerate(names)}
        truth = np.zeros((len(texts), len(names)), bool)
        for row, labels in enumerate(right):
            truth[row, [numbers[label] for label in labels]] = True
        shares = classifier.probabilities([tokens for _, tokens in texts])
        best, rows = shares.argmax(axis=1), np.arange(len(texts))
        given = np.zeros_like(truth)
        if several:
            given[:, : len(known)] = shares >= classifier.thresholds
        else:
            given[rows, best] = shares[rows, best] >= np.asarray(classifier.thresholds)[best]
        return cls(names, truth, given, shares[rows, best], truth[rows, best].astype(float), several)

    def scores(self, task: str, usual: Sequence[str]) -> list[Score]:
        """Accuracy (of several labels: all of them right), macro-F1, micro-F1 and 1 - ECE (Guo et al. 2017).

        Args:
            task: What was asked.
            usual: The labels that the baseline gives to every text.
        """
        majority = np.tile(np.isin(self.labels, list(usual)), (len(self.truth), 1))
        found = []
        for metric, statistic in {"accuracy": _exact, "macro-F1": _macro, "micro-F1": _micro}.items():
            ours, base = (self._measures(metric, given) for given in (self.given, majority))
            if metric == "macro-F1" and not self.multi_label:
                statistic = _macro_of_codes
            found.append(score(task, metric, ours, {"majority": statistic(base)}, statistic=statistic))
        sure = np.column_stack([self.hit, self.sure])
        return [*found, score(task, "1 - ECE", sure, {}, statistic=_calibration)]

    def _measures(self, metric: str, given: Truth) -> Measures:
        """What the statistic of a metric needs of each text."""
        if metric == "accuracy":
            return np.asarray((given == self.truth).all(axis=1), np.float64)
        if metric == "micro-F1":
            counts = [(given & self.truth).sum(axis=1), given.sum(axis=1), self.truth.sum(axis=1)]
            return np.column_stack(counts).astype(float)
        if not self.multi_label:
            return np.column_stack([_code(self.truth), _code(given)]).astype(float)
        kept = slice(0, max(1, _MOST_CELLS // (3 * len(self.labels))))
        return np.hstack([(given & self.truth)[kept], given[kept], self.truth[kept]]).astype(float)

    def confusion(self) -> dict[str, Any] | None:
        """{"labels", "counts"}: rows are the right labels, columns those given; of one label alone.

        Of more than forty labels the most frequent, and all others as one; texts without an answer are in
        no column but of those others.
        """
        if self.multi_label:
            return None
        right, given = _code(self.truth), _code(self.given)
        order = np.argsort(-self.truth.sum(axis=0), kind="stable")
        shown = order[:_MATRIX_LABELS]
        places = np.full(len(self.labels) + 1, len(shown))
        places[shown] = np.arange(len(shown))
        counts = np.zeros((len(shown) + 1, len(shown) + 1), int)
        np.add.at(counts, (places[right], places[given]), 1)
        labels = [self.labels[column] for column in shown]
        if counts[-1].any() or counts[:, -1].any():
            return {"labels": [*labels, _OTHERS], "counts": counts.tolist()}
        return {"labels": labels, "counts": counts[:-1, :-1].tolist()}


def usual_labels(texts: Iterable[Labelled], *, multi_label: bool) -> list[str]:
    """The most frequent label; of several, every one that at least half of the texts have, too."""
    counts: Counter[str] = Counter()
    total = 0
    for labels, _ in texts:
        counts.update(labels if multi_label else labels[:1])
        total += 1
    ranked = enumerate(counts.most_common())
    return [label for number, (label, count) in ranked if number == 0 or 2 * count >= total]


def _code(chosen: Truth) -> npt.NDArray[np.intp]:
    """(texts,) the number of the one label chosen, or that behind the last where none is."""
    return np.asarray(np.where(chosen.any(axis=1), chosen.argmax(axis=1), chosen.shape[1]))


def _exact(measures: Measures) -> float:
    return float(measures.mean())


def _micro(measures: Measures) -> float:
    """Of (texts, 3): how many right, given and true labels."""
    right, given, true = measures.sum(axis=0)
    return float(2 * right / max(1.0, given + true))


def _macro(measures: Measures) -> float:
    """Of (texts, 3 * labels): which are right, given and true."""
    right, given, true = measures.sum(axis=0).reshape(3, -1)
    return _mean_f1(right, given, true)


def _macro_of_codes(measures: Measures) -> float:
    """Of (texts, 2): the number of the right label and of the one given."""
    codes = measures.astype(int)
    size = int(codes.max()) + 1
    right = np.bincount(codes[codes[:, 0] == codes[:, 1], 0], minlength=size)
    true, given = (np.bincount(column, minlength=size) for column in codes.T)
    return _mean_f1(right, given, true)


def _mean_f1(right: npt.ArrayLike, given: npt.ArrayLike, true: npt.ArrayLike) -> float:
    """The mean of F1 over the labels that are right for some text."""
    counts = np.array([right, given, true], np.float64)
    found, said, there = counts[:, counts[2] > 0]
    return float(np.mean(2 * found / (said + there))) if len(there) else 0.0


def calibration_error(right: npt.NDArray[np.float64], sure: npt.NDArray[np.float64]) -> float:
    """Expected calibration error over equal-width bins of confidence, in [0, 1]."""
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(right[bins == number].mean() - sure[bins == number].mean()) * np.mean(bins == number)
        for number in np.unique(bins)
    ]
    return float(np.sum(gaps))


def _calibration(measures: Measures) -> float:
    """1 - calibration error of (items, 2): whether right, and how sure."""
    return 1.0 - calibration_error(measures[:, 0], measures[:, 1])
