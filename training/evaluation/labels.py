"""The classifier on candidates it was not trained on, the title left out because it leaks the label."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from embedsvc.releases.opening import Release
from training.evaluation.score import Score, score
from training.evaluation.task import Task
from training.preparation.prepared_corpus import PreparedCorpus

TASK = "label"
_BINS = 10
_DOCUMENTS = 20_000


def labels(release: Release, corpus: PreparedCorpus) -> list[Score]:
    """Accuracy beside the majority label, and 1 - expected calibration error (Guo et al. 2017)."""
    classifier = release.classifiers.get("label")
    held = list(corpus.labelled("test", _DOCUMENTS))
    if classifier is None or not held:
        return []
    majority = Counter(label for label, _ in corpus.labelled("train")).most_common(1)[0][0]
    answers = [best for (best,) in classifier.top([tokens for _, tokens in held], 1)]
    right = np.array([answer == label for (answer, _), (label, _) in zip(answers, held, strict=True)], float)
    sure = np.array([share for _, share in answers])
    majority_right = np.mean([label == majority for label, _ in held])
    return [
        score(TASK, "accuracy", right, {"majority": float(majority_right)}),
        score(TASK, "1 - ECE", np.column_stack([right, sure]), {}, statistic=_calibration),
    ]


def calibration_error(right: npt.NDArray[np.float64], sure: npt.NDArray[np.float64]) -> float:
    """Expected calibration error over equal-width bins of confidence, in [0, 1]."""
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(right[bins == number].mean() - sure[bins == number].mean()) * np.mean(bins == number)
        for number in np.unique(bins)
    ]
    return float(np.sum(gaps))


def _calibration(measures: npt.NDArray[np.float64]) -> float:
    """1 - calibration error of (items, 2): whether right, and how sure."""
    return 1.0 - calibration_error(measures[:, 0], measures[:, 1])


LABELS = Task(TASK, primary="accuracy", judge=lambda subject: labels(subject.release, subject.corpus))
