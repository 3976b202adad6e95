"""Analogies: what is to these skills as others are to those, by sums of unit vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embedsvc.errors import InputError
from embedsvc.queries.skill_spaces import WORDS, skill_space
from embedsvc.releases.opening import Release


def analogy(release: Release, positive: Sequence[int], negative: Sequence[int]) -> list[tuple[int, float]]:
    """(row, cosine) of every skill that may be found, best first; none of those given.

    The sum of the unit vectors of `positive` less those of `negative` is compared with each skill's vector in
    the word space (3CosAdd; Mikolov, Yih and Zweig 2013). Those may be found who are somebody's neighbour in
    `similar`: of the others too little is known.

    Args:
        release: Whose word space is asked.
        positive: Rows that count for, one at least.
        negative: Rows that count against.

    Raises:
        InputError: One of them has no vector, or they cancel each other out.
    """
    words = skill_space(release, WORDS)
    vectors = words.vectors
    for row in (*positive, *negative):
        if not vectors[row].any():
            raise InputError(
                f"Release {release.name} has no vector of '{release.lexicon[row].name}'; leave it out."
            )
    wanted = vectors[list(positive)].sum(axis=0) - vectors[list(negative)].sum(axis=0)
    length = float(np.linalg.norm(wanted))
    if length < 1e-6:
        raise InputError("The skills cancel each other out; name others, or fewer.")
    cosines = vectors @ (wanted / length)
    taken = words.findable.copy()
    taken[[*positive, *negative]] = False
    rows = np.flatnonzero(taken)
    order = rows[np.argsort(-cosines[rows], kind="stable")]
    return [(int(row), float(cosines[row])) for row in order]
