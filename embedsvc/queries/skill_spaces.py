"""The skills in one space of a release: their vectors, and which are nearest to one of them there.

`similar` is made of several kinds of evidence; a space alone is asked to look at it, or to compare spaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from embedsvc.errors import InputError, UnknownNameError, UnsupportedError
from embedsvc.queries.encode import encode
from embedsvc.queries.stages import stage
from embedsvc.releases.opening import Release
from embedsvc.spaces import Space
from embedsvc.spaces.pooling import to_unit
from embedsvc.spaces.space import Matrix

Mask = npt.NDArray[np.bool_]

WORDS = "word2vec"
GLOVE = "glove"
FASTTEXT = "fasttext"
SENTENCES = "sentences"

MOST_FOR_A_TRANSFORMER = 2_000
"""Skills that a transformer encodes while somebody waits; it takes milliseconds for each."""


@dataclass(frozen=True, slots=True)
class SkillSpace:
    """The skills of a release in one space.

    Attributes:
        vectors: (skills, dimension) float32 unit vectors, zeros where the space lacks a skill.
        findable: (skills,) who may be found: those with a vector who are somebody's neighbour in `similar`.
            Of the others too little is known.
    """

    vectors: Matrix
    findable: Mask


_known: WeakKeyDictionary[Release, dict[str, SkillSpace]] = WeakKeyDictionary()
_making = Lock()


def space_names(release: Release) -> list[str]:
    """The spaces in which the release's skills have vectors."""
    there = {
        WORDS: True,
        FASTTEXT: release.skill_vectors is not None,
        GLOVE: GLOVE in release.spaces,
        SENTENCES: release.sentences.kind != "transformer" or len(release.lexicon) <= MOST_FOR_A_TRANSFORMER,
    }
    return [name for name, is_there in there.items() if is_there]


def nearest(release: Release, row: int, space: str) -> list[tuple[int, float]]:
    """(row, cosine) of every skill that may be found, nearest first, without the skill itself.

    Args:
        release: Whose skills.
        row: Of the skill.
        space: One of `space_names`.

    Raises:
        UnknownNameError: The release has no such space; `details["known"]` lists those it has.
        UnsupportedError: It would take too long.
        InputError: The skill has no vector there.
    """
    there = skill_space(release, space)
    vector = there.vectors[row]
    if not vector.any():
        raise InputError(
            f"Release {release.name} has no vector of '{release.lexicon[row].name}' in the space '{space}'; "
            "ask another space, or none."
        )
    with stage("search", space):
        cosines = there.vectors @ vector
        rows = np.flatnonzero(there.findable)
        order = rows[np.argsort(-cosines[rows], kind="stable")]
    return [(int(other), float(cosines[other])) for other in order if other != row]


def skill_space(release: Release, space: str) -> SkillSpace:
    """The skills in a space, made when first asked for and kept with the release.

    Raises:
        UnknownNameError: The release has no such space.
        UnsupportedError: It would take too long.
    """
    kept = _known.get(release, {}).get(space)
    if kept is not None:
        return kept
    with _making:  # two who ask at once would both make it
        made = _known.setdefault(release, {})
        if space not in made:
            vectors = _made(release, space)
            somebody = np.isin(np.arange(len(vectors)), release.relation("similar").ids)
            made[space] = SkillSpace(vectors, somebody & vectors.any(axis=1))
        return made[space]


def _made(release: Release, space: str) -> Matrix:
    known = space_names(release)
    if space not in known:
        if space == SENTENCES:
            raise UnsupportedError(
                f"The sentences of release {release.name} are encoded by a transformer, which would take "
                f"minutes for {len(release.lexicon):,} skills; ask one of: {', '.join(known)}.",
                details={"known": known},
            )
        raise UnknownNameError(
            f"Release {release.name} has no space '{space}' of skills; it has: {', '.join(known)}.",
            details={"known": known},
        )
    if space == FASTTEXT and release.skill_vectors is not None:
        return release.skill_vectors.vectors
    if space == SENTENCES:
        return encode(release, [skill.name for skill in release.lexicon])
    return _of_words(release, release.words if space == WORDS else Space.open(release.spaces[space]))


def _of_words(release: Release, words: Space) -> Matrix:
    vectors = np.zeros((len(release.lexicon), words.dimension), np.float32)
    found = [(skill.row, row) for skill in release.lexicon if (row := words.row(skill.token)) is not None]
    if found:
        skills, rows = np.array(found, np.int64).T
        vectors[skills] = words.take(rows)
    return to_unit(vectors)
