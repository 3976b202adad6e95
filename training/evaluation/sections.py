"""The classifier of sections, on the sections of candidates held back."""

from __future__ import annotations

from typing import Any

from training.evaluation.answers import Answers, usual_labels
from training.evaluation.score import Score
from training.evaluation.task import Subject, Task

TASK = "section"


def answers(subject: Subject) -> Answers | None:
    """The answers to the sections of the test part; None without a classifier or sections."""
    classifier = subject.release.classifiers.get(TASK)
    held = list(subject.sections("test")) if classifier is not None else []
    return Answers.of(classifier, held) if classifier is not None and held else None


def sections(subject: Subject) -> list[Score]:
    """Accuracy, F1 and calibration on candidates held back, beside the most frequent section."""
    found = answers(subject)
    if found is None:
        return []
    return found.scores(TASK, usual_labels(subject.sections("train"), multi_label=found.multi_label))


def confusion(subject: Subject) -> dict[str, Any] | None:
    """The confusion matrix; None where there is none to show."""
    found = answers(subject)
    return None if found is None else found.confusion()


SECTIONS = Task(TASK, primary="accuracy", judge=sections)
