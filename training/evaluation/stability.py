"""Stability: what share of a skill's nearest skills another training of the words gives again.

The other training differs by its seed, or reads the corpus with each line drawn again with replacement
(bootstrap). What does not come again was chance, however plausible it reads (Antoniak and Mimno 2018,
Evaluating the Stability of Embedding-based Word Similarities).
"""

from __future__ import annotations

import numpy as np

from embedsvc.text import Lexicon
from indexes import NeighbourTable
from training.evaluation.score import Score, score
from training.evaluation.task import Subject, Task

TASK = "stability"
NEIGHBOURS = 10
_SKILLS = 500


def stability(lexicon: Lexicon, once: NeighbourTable, again: NeighbourTable) -> list[Score]:
    """Mean share of the nearest ten that are among the nearest ten again, of the most used skills.

    Args:
        lexicon: Of both.
        once: `similar` of the release.
        again: `similar` of the other training.
    """
    asked = sorted(lexicon, key=lambda skill: (-skill.candidates, skill.row))[:_SKILLS]
    kept, chance = [], []
    width = min(NEIGHBOURS, once.width, again.width)
    others = max(1, len(np.unique(once.ids[once.ids >= 0])) - 1)
    for skill in asked:
        one, other = (table.row(skill.row)[0][:width].tolist() for table in (once, again))
        if one and other:
            kept.append(len(set(one) & set(other)) / max(len(one), len(other)))
            chance.append(min(1.0, min(len(one), len(other)) / others))
    if not kept:
        return []
    return [score(TASK, "kept of 10", np.array(kept), {"chance": float(np.mean(chance))})]


def _judge(subject: Subject) -> list[Score]:
    once = subject.release.relations.get("similar")
    if subject.retrained is None or once is None:
        return []
    return stability(subject.release.lexicon, once, subject.retrained)


STABILITY = Task(TASK, primary="kept of 10", judge=_judge)
