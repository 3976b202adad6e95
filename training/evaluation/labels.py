"""The classifier of the label field, the title left out because it leaks the label."""

from __future__ import annotations

from typing import Any

from embedsvc.releases.opening import Release
from training.evaluation.answers import Answers, usual_labels
from training.evaluation.score import Score
from training.evaluation.task import Subject, Task
from training.preparation.prepared_corpus import PreparedCorpus

TASK = "label"
_DOCUMENTS = 20_000


def answers(release: Release, corpus: PreparedCorpus) -> Answers | None:
    """The answers to the candidates of the test part; None without a classifier or labels."""
    classifier = release.classifiers.get(TASK)
    held = list(corpus.labelled("test", _DOCUMENTS))
    return Answers.of(classifier, held) if classifier is not None and held else None


def labels(release: Release, corpus: PreparedCorpus) -> list[Score]:
    """Accuracy, F1 and calibration on candidates held back, beside the most frequent label."""
    found = answers(release, corpus)
    if found is None:
        return []
    usual = usual_labels(corpus.labelled("train"), multi_label=found.multi_label)
    return found.scores(TASK, usual)


def confusion(subject: Subject) -> dict[str, Any] | None:
    """The confusion matrix; None where there is none to show."""
    found = answers(subject.release, subject.corpus)
    return None if found is None else found.confusion()


LABELS = Task(TASK, primary="accuracy", judge=lambda subject: labels(subject.release, subject.corpus))
