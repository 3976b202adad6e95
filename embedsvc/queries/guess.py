"""The step `subwords` of the query ladder: a skill that an unseen word says and is spelled nearly like.

The score of a skill is the similarity of its spelling to the query's (1 - edits / longer length) times the
square root of the cosine of their subword vectors. Either alone misleads: subwords put "corporate selling"
beside "crpoorate sxales", and letters "woven" beside "oven". Of misspelt skills that no earlier step knew,
the product takes more than the spelling does, at the same share of made-up words wrongly taken and as rightly
(`benchmarks/fasttext.py`; the root was chosen on other queries than those).

A release keeps the score that one in a hundred made-up words reaches, and that which one in a hundred words
of the corpus reaches that are no skills (`training.trainers.fasttext.guesses`): a word that people use is
rarely a typing error. From there on a query counts as the skill, if besides

* it has 4 characters or more;
* it has the skill's "+" and "#", neither more nor fewer ("c++ 11" is not "c");
* it has all the skill's digits ("oracle 12g" may be "oracle", but not "oracle 11g").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from embedsvc.spaces.skill_vectors import SkillVectors
from embedsvc.text import Lexicon
from embedsvc.text.normal import normal_form
from embedsvc.text.skills import token_of

_LEAST_LENGTH = 4
_TRIED = 5  # skills, best first, until one has the query's signs and digits
_SIGNS = "+#"

Scores = npt.NDArray[np.float32]


def guess_scores(lexicon: Lexicon, skills: SkillVectors, queries: Sequence[str]) -> Scores:
    """(queries, skills) float32 scores, at most 1."""
    closeness = np.stack([lexicon.closeness(query) for query in queries])
    cosines = skills.cosines([token_of(query) for query in queries])
    scores: Scores = closeness * np.sqrt(np.maximum(cosines, 0))
    return scores


def guess(lexicon: Lexicon, skills: SkillVectors, query: str) -> int | None:
    """The row of the skill that `query` says in a form nobody has seen, or None."""
    key = normal_form(query)
    if len(key) < _LEAST_LENGTH:
        return None
    scores = guess_scores(lexicon, skills, [query])[0]
    seen = skills.space.row(token_of(query)) is not None
    threshold = skills.seen_threshold if seen else skills.threshold
    for row in np.argsort(-scores, kind="stable")[:_TRIED].tolist():
        if scores[row] < threshold:
            return None
        if _agree(key, normal_form(lexicon[row].name)):
            return int(row)
    return None


def _agree(query: str, skill: str) -> bool:
    asked, has = Counter(query), Counter(skill)
    return all(asked[sign] == has[sign] for sign in _SIGNS) and all(
        asked[digit] >= number for digit, number in has.items() if digit.isdigit()
    )
