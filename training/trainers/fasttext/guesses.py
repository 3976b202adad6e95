"""The skills' own vectors in the subword space, and the score from which a query counts as a skill."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from embedsvc.queries.guess import best_guesses, guess
from embedsvc.spaces.skill_vectors import SkillVectors
from embedsvc.spaces.subword_space import SubwordSpace
from embedsvc.text import Lexicon
from training.trainers.fasttext.made_up import made_up_words, misspelt_skills, other_words

_DRAWN = 1000
_WRONGLY_TAKEN = 1.0  # per cent of the words that are no skills
# Words that a threshold is drawn from. A lexicon of a few skills gives fewer, and those are its own skills
# with a letter off; there the threshold is what lexicons of thousands of skills arrive at.
_FEWEST = 200
_USUAL_THRESHOLD = 0.9
_LEAST_THRESHOLD = 0.7
_BLOCK = 200  # queries at a time


def skill_guesses(
    space: SubwordSpace,
    lexicon: Lexicon,
    seed: int,
    progress: Callable[[float, float, str], None] | None = None,
) -> SkillVectors:
    """The skills' vectors, with the thresholds that one in a hundred of the words reaches that are no skills.

    One is drawn from made-up words, one from words of the corpus. `calibration` says, besides, what became of
    skills typed so wrongly that no earlier step knew them: how many are `accepted`, and the share of those
    that is `right`. They do not choose the thresholds.
    """
    skills = SkillVectors.of_tokens(space, [skill.token for skill in lexicon])
    made_up = made_up_words(lexicon, _DRAWN, seed)
    others = other_words(lexicon, space.keys, _DRAWN, seed)
    best = _best(lexicon, skills, [*made_up, *others], progress)
    skills.threshold = _reached(best[: len(made_up)], _LEAST_THRESHOLD)
    skills.seen_threshold = _reached(best[len(made_up) :], skills.threshold)
    typed = misspelt_skills(lexicon, _DRAWN, seed + 1)
    found = [(guess(lexicon, skills, query), row) for query, row in typed]
    accepted = [(guessed, row) for guessed, row in found if guessed is not None]
    skills.calibration = {
        "made_up": len(made_up),
        "other_words": len(others),
        "misspelt": len(typed),
        "accepted": len(accepted),
        "right": round(sum(one == other for one, other in accepted) / max(1, len(accepted)), 4),
    }
    return skills


def _reached(best: npt.NDArray[np.float32], least: float) -> float:
    if len(best) < _FEWEST:
        return max(least, _USUAL_THRESHOLD)
    return round(max(least, float(np.percentile(best, 100 - _WRONGLY_TAKEN))), 4)


def _best(
    lexicon: Lexicon,
    skills: SkillVectors,
    queries: Sequence[str],
    progress: Callable[[float, float, str], None] | None,
) -> npt.NDArray[np.float32]:
    best = np.zeros(len(queries), np.float32)
    for begin in range(0, len(queries), _BLOCK):
        part = queries[begin : begin + _BLOCK]
        best[begin : begin + len(part)] = [score for _, score in best_guesses(lexicon, skills, part)]
        if progress is not None:
            progress(begin + len(part), len(queries), "words that are no skills")
    return best
