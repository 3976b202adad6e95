"""The two relations between skills, as neighbour tables; row i is skill i of the lexicon.

`similar` is second order: cosine of the skills' input vectors. `used_with` is first order: what a list that
names one skill also names, all its other skills considered (EASE). docs/relations.md has what else was
measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from embedsvc.spaces import Space
from embedsvc.text import Lexicon
from indexes import NeighbourTable
from training.trainers.association import damped_npmi
from training.trainers.cooccurrence import cooccurrences
from training.trainers.ease import EaseWeights

Float64 = npt.NDArray[np.float64]
Scored = tuple[npt.NDArray[np.integer], Float64]


def similar_table(
    lexicon: Lexicon,
    words: Space,
    *,
    neighbours: int,
    min_candidates: int,
    progress: Callable[[int, int], None] | None = None,
) -> NeighbourTable:
    """Cosine of input vectors; a skill without a vector has no neighbours and is nobody's neighbour.

    Args:
        lexicon: All skills.
        words: The word space that holds their tokens.
        neighbours: Columns of the table.
        min_candidates: Skills named by fewer are nobody's neighbour: their vectors say too little.
        progress: Told (skills done, skills in all).
    """
    vectors = np.zeros((len(lexicon), words.dimension), np.float32)
    eligible = np.zeros(len(lexicon), bool)
    for skill in lexicon:
        row = words.row(skill.token)
        if row is not None:
            vectors[skill.row] = words.vectors[row]
            eligible[skill.row] = skill.candidates >= min_candidates
    table = NeighbourTable.build(vectors, neighbours, metric="cosine", candidates=eligible, progress=progress)
    unknown = ~vectors.any(axis=1)
    ids, scores = table.ids.copy(), table.scores.copy()
    ids[unknown], scores[unknown] = -1, -np.inf
    return NeighbourTable.from_rows(ids, scores, metric="cosine")


def used_with_table(
    lists: Iterable[Sequence[int]], skills: int, *, neighbours: int, damping: float, ridge: float, most: int
) -> NeighbourTable:
    """EASE weights, in [0, 1], of skills together more often than by chance; higher is nearer.

    The sum over the skills of a list ranks what else it names. Each list weighs 1 / the root of its length.
    A pair of which one skill is too rare to take part scores its damped normalised PMI.

    Args:
        lists: Skill rows of each candidate, each row at most once.
        skills: Number of skills.
        neighbours: Columns of the table.
        damping: Lists that hold both skills at which a PMI score reaches half its full weight.
        ridge: Of EASE; weights of pairs seen in fewer lists are small.
        most: Skills that take part in EASE, the most frequent.
    """
    (counts, weights), total = cooccurrences(lists, skills, (0.0, 0.5))
    occurrences = counts.diagonal()
    ease = EaseWeights(weights, ridge=ridge, most=most)

    def rows() -> Iterator[Scored]:
        for row in range(skills):
            span = slice(counts.indptr[row], counts.indptr[row + 1])
            others = counts.indices[span]
            pmi = damped_npmi(counts.data[span], occurrences[row], occurrences[others], total, damping)
            taking = ease.known[row] & ease.known[others]
            score = np.where(taking, np.clip(ease.pairs(row, others), 0, 1), pmi)
            yield others, np.where((pmi > 0) & (others != row), score, 0.0)

    return _table(rows(), skills, neighbours)


def _table(rows: Iterable[Scored], size: int, neighbours: int) -> NeighbourTable:
    """The best of each row that score above 0."""
    ids = np.full((size, neighbours), -1, np.int32)
    scores = np.full((size, neighbours), -np.inf, np.float32)
    for row, (others, score) in enumerate(rows):
        best = np.argsort(-score, kind="stable")[:neighbours]
        best = best[score[best] > 0]
        ids[row, : len(best)] = others[best]
        scores[row, : len(best)] = score[best]
    return NeighbourTable.from_rows(ids, scores, metric="association")
