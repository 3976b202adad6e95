"""The skills' own vectors in the subword space, and the score from which a query counts as a skill."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from embedsvc.queries.guess import guess, guess_scores
from embedsvc.spaces.skill_vectors import SkillVectors
from embedsvc.spaces.subword_space import SubwordSpace
from embedsvc.text import Lexicon
from training.trainers.fasttext.made_up import made_up_words, misspelt_skills

_DRAWN = 1000
_WRONGLY_TAKEN = 1.0  # per cent of the made-up words that may reach the threshold
_LEAST_THRESHOLD = 0.6  # where a lexicon is so small that nearly nothing is like a skill
_BLOCK = 200  # queries at a time


def skill_guesses(
    space: SubwordSpace,
    lexicon: Lexicon,
    seed: int,
    progress: Callable[[float, float, str], None] | None = None,
) -> SkillVectors:
    """The skills' vectors with the threshold that one made-up word in a hundred reaches.

    `calibration` says, besides, what became of skills typed so wrongly that no earlier step knew them: how
    many are `accepted`, and the share of those that is `right`. They do not choose the threshold.
    """
    skills = SkillVectors.of_tokens(space, [skill.token for skill in lexicon])
    nonsense = made_up_words(lexicon, _DRAWN, seed)
    best = _best(lexicon, skills, nonsense, progress)
    reached = float(np.percentile(best, 100 - _WRONGLY_TAKEN)) if len(best) else 0.0
    skills.threshold = round(max(_LEAST_THRESHOLD, reached), 4)
    typed = misspelt_skills(lexicon, _DRAWN, seed + 1)
    found = [(guess(lexicon, skills, query), row) for query, row in typed]
    accepted = [(guessed, row) for guessed, row in found if guessed is not None]
    skills.calibration = {
        "made_up": len(nonsense),
        "wrongly_taken": round(float((best >= skills.threshold).mean()), 4) if len(best) else 0.0,
        "misspelt": len(typed),
        "accepted": len(accepted),
        "right": round(sum(one == other for one, other in accepted) / max(1, len(accepted)), 4),
    }
    return skills


def _best(
    lexicon: Lexicon,
    skills: SkillVectors,
    queries: Sequence[str],
    progress: Callable[[float, float, str], None] | None,
) -> npt.NDArray[np.float32]:
    best = np.zeros(len(queries), np.float32)
    for begin in range(0, len(queries), _BLOCK):
        part = queries[begin : begin + _BLOCK]
        best[begin : begin + len(part)] = guess_scores(lexicon, skills, part).max(axis=1)
        if progress is not None:
            progress(begin + len(part), len(queries), "made-up words")
    return best
