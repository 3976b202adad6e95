"""All tasks, put to one release."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from training.evaluation import labels, sections
from training.evaluation.aliases import ALIASES
from training.evaluation.extraction import ESCO_EXTRACTION, SKILLSPAN
from training.evaluation.labels import LABELS
from training.evaluation.related import RELATED
from training.evaluation.same_person import SAME_PERSON
from training.evaluation.score import Score
from training.evaluation.search import INDEX, TITLES
from training.evaluation.sections import SECTIONS
from training.evaluation.sentences import SENTENCES
from training.evaluation.skills import HIDDEN_SKILL
from training.evaluation.stability import STABILITY
from training.evaluation.task import Subject, Task
from training.evaluation.words import ANALOGIES, WORD_SIMILARITY

TASKS: tuple[Task, ...] = (
    HIDDEN_SKILL,
    RELATED,
    LABELS,
    SECTIONS,
    TITLES,
    SAME_PERSON,
    INDEX,
    STABILITY,
    SENTENCES,
    WORD_SIMILARITY,
    ANALOGIES,
    ALIASES,
    SKILLSPAN,
    ESCO_EXTRACTION,
)
VERSION = 3  # of what the tasks measure: raised when the same release gives another score


def evaluate(
    subject: Subject, progress: Callable[[float, float, str], None] = lambda *_: None
) -> list[Score]:
    """Every task that the release has the parts and the recipe the files for.

    Args:
        subject: What is judged.
        progress: Told (tasks done, tasks in all, name of the next).

    Raises:
        CorpusError: A gold file is not there or not what it should be.
    """
    found: list[Score] = []
    for number, task in enumerate(TASKS):
        progress(number, len(TASKS), task.name)
        found += task.scores(subject)
    progress(len(TASKS), len(TASKS), "")
    return found


def confusions(subject: Subject) -> dict[str, Any]:
    """The confusion matrix of each classifier of one label, by its task: {"labels", "counts"}.

    Args:
        subject: What is judged.
    """
    found = {labels.TASK: labels.confusion(subject), sections.TASK: sections.confusion(subject)}
    return {task: matrix for task, matrix in found.items() if matrix is not None}
