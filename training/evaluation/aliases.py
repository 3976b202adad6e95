"""Aliases on ESCO: does another label of a skill, never seen, lead to its preferred label among all of ESCO?

The lexicon asked holds the preferred labels of all skills and the other labels of every second one; those of
the rest are asked. Labels that have the normal form of the preferred one are left out: they are no question.
The answer is that of the alias step (surface and normal form, then the same words), else the skill whose name
is most alike.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from embedsvc.text import Lexicon, normal_form
from training.evaluation.score import Score, score
from training.evaluation.task import Subject, Task
from training.lexicon.mining import mine_lists
from training.taxonomies import Concept, read_esco

TASK = "ESCO alias"


def aliases(concepts: Iterable[Concept]) -> list[Score]:
    """hit@1 of all other labels asked, beside a dictionary and the alias step alone; the step's precision."""
    read = list(concepts)
    seen = [
        Concept(concept.label, concept.others if row % 2 == 0 else (), concept.source)
        for row, concept in enumerate(read)
    ]
    lexicon = mine_lists([], min_candidates=1, concepts=seen).lexicon
    asked = [
        (other, concept.label)
        for concept in read[1::2]
        for other in concept.others
        if normal_form(other) != normal_form(concept.label)
    ]
    if not asked:
        return []
    names = {concept.label.lower(): concept.label for concept in read}
    right = {label: _row(lexicon, label) for _, label in asked}
    plain = np.array([names.get(other.lower()) == label for other, label in asked], float)
    step = [_alias_step(lexicon, other) for other, _ in asked]
    sure = np.array([row is not None for row in step])
    truth = np.array([right[label] for _, label in asked])
    stepped = np.array([-1 if row is None else row for row in step])
    alike = [
        row if row is not None else _most_alike(lexicon, other)
        for row, (other, _) in zip(step, asked, strict=True)
    ]
    found = [
        score(
            TASK,
            "hit@1",
            (np.array(alike) == truth).astype(float),
            {"lower-case dictionary": float(plain.mean()), "alias step": float((stepped == truth).mean())},
        )
    ]
    if sure.any():
        hits = (stepped == truth)[sure].astype(float)
        found.append(score(TASK, "precision of the alias step", hits, {}))
    return found


def _row(lexicon: Lexicon, label: str) -> int:
    match = lexicon.find(label)
    return match.row if match is not None else -1


def _alias_step(lexicon: Lexicon, query: str) -> int | None:
    match = lexicon.find(query)
    return match.row if match is not None else lexicon.likeness.same_words(query)


def _most_alike(lexicon: Lexicon, query: str) -> int:
    nearest = lexicon.likeness.nearest(query, 1)
    return nearest[0][0] if nearest else -2


def _judge(subject: Subject) -> list[Score]:
    return aliases(read_esco(subject.files.esco)) if subject.files.esco is not None else []


ALIASES = Task(TASK, primary="hit@1", judge=_judge)
