"""Analogies: what is to these skills as others are to those, by sums of unit vectors."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np

from embedsvc.errors import InputError
from embedsvc.releases.opening import Release
from embedsvc.spaces.space import Matrix

_known: WeakKeyDictionary[Release, Matrix] = WeakKeyDictionary()


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
    vectors = _vectors(release)
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
    taken = np.zeros(len(vectors), bool)
    taken[np.unique(release.relation("similar").ids.clip(min=0))] = True
    taken[[*positive, *negative]] = False
    rows = np.flatnonzero(taken & vectors.any(axis=1))
    order = rows[np.argsort(-cosines[rows], kind="stable")]
    return [(int(row), float(cosines[row])) for row in order]


def _vectors(release: Release) -> Matrix:
    """(skills, dimension) unit vectors, zeros where the word space lacks a skill; kept while it is open."""
    known = _known.get(release)
    if known is None:
        words = release.words
        known = np.zeros((len(release.lexicon), words.dimension), np.float32)
        for skill in release.lexicon:
            row = words.row(skill.token)
            if row is not None:
                known[skill.row] = words.vectors[row]
        known /= np.maximum(np.linalg.norm(known, axis=1, keepdims=True), 1e-12)
        _known[release] = known
    return known
