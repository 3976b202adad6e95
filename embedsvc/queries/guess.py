"""The step `subwords` of the query ladder: a skill that an unseen word says and is spelled nearly like.

A skill can be meant where the cosine of its subword vector and the query's is at least LEAST_COSINE, and

* it has the query's "+" and "#", neither more nor fewer ("c++ 11" is not "c");
* the query has all its digits ("oracle 12" may be "oracle", but not "oracle 11g").

Of those the one spelled most alike is the guess. Its score is the similarity of the spelling (1 - edits /
longer length) plus its lead over the next one: what is as near to two skills means neither for sure. The
cosine only sorts out what is spelled alike and made of other subwords.

Of 2,000 skills typed so wrongly that no earlier step knew them, where 1 % of made-up words are taken, this
takes 36 % and is right in 99 %; the spelling alone takes 38 % and is right in 97 %; the cosine alone takes
17 % and is right in 61 % (`benchmarks/fasttext.py`).

A release keeps the score that one in a hundred made-up words reaches, and that which one in a hundred words
of the corpus reaches that are no skills (`training.trainers.fasttext.guesses`): a word that people use is
rarely a typing error. From there on, and from 4 characters, the query counts as the skill.
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

LEAST_COSINE = 0.4
_LEAST_LENGTH = 4
_LOOKED_AT = 10  # skills, those spelled most alike
_SIGNS = "+#"


def best_guesses(
    lexicon: Lexicon, skills: SkillVectors, queries: Sequence[str]
) -> list[tuple[int | None, float]]:
    """The skill each query is most like, and its score in [0, 2]; None and 0 where there is none."""
    cosines = skills.cosines([token_of(query) for query in queries])
    return [
        _best(lexicon, query, lexicon.closeness(query) * (near >= LEAST_COSINE))
        for query, near in zip(queries, cosines, strict=True)
    ]


def guess(lexicon: Lexicon, skills: SkillVectors, query: str) -> int | None:
    """The row of the skill that `query` says in a form nobody has seen, or None."""
    if len(normal_form(query)) < _LEAST_LENGTH:
        return None
    ((row, score),) = best_guesses(lexicon, skills, [query])
    seen = skills.space.row(token_of(query)) is not None
    return row if score >= (skills.seen_threshold if seen else skills.threshold) else None


def _best(lexicon: Lexicon, query: str, closeness: npt.NDArray[np.float32]) -> tuple[int | None, float]:
    key = normal_form(query)
    order = np.argsort(-closeness, kind="stable")[:_LOOKED_AT].tolist()
    rows = [row for row in order if closeness[row] > 0 and _agree(key, normal_form(lexicon[row].name))]
    if not rows:
        return None, 0.0
    first = float(closeness[rows[0]])
    lead = first - (float(closeness[rows[1]]) if rows[1:] else 0.0)
    return rows[0], first + lead


def _agree(query: str, skill: str) -> bool:
    asked, has = Counter(query), Counter(skill)
    return all(asked[sign] == has[sign] for sign in _SIGNS) and all(
        asked[digit] >= number for digit, number in has.items() if digit.isdigit()
    )
