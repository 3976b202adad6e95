"""The two relations between skills, as neighbour tables; row i is skill i of the lexicon.

`similar` is second order: cosine of the skills' input vectors, lifted where lists name both. `used_with` is
first order: what a list that names one skill also names, all its other skills considered (EASE).
docs/relations.md has what else was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from embedsvc.spaces import Space
from embedsvc.text import Lexicon
from indexes import NeighbourTable
from training.trainers.association import damped, damped_npmi, normalised_pmi, vote
from training.trainers.cooccurrence import cooccurrences
from training.trainers.ease import EaseWeights

Float64 = npt.NDArray[np.float64]
Scored = tuple[npt.NDArray[np.integer], Float64]

_STRONG = 0.1  # damped NPMI; about 10 lists of one pair that is hardly ever apart


def similar_table(
    lexicon: Lexicon,
    words: Space,
    lists: Iterable[Sequence[int]],
    *,
    neighbours: int,
    min_candidates: int,
    lift: float,
    damping: float,
    progress: Callable[[int, int], None] | None = None,
) -> NeighbourTable:
    """Cosine of input vectors, lifted towards 1 for skills that lists name together.

    The score is 1 - (1 - cosine) (1 - lift * a), a in [0, 1] the root of `association` of the two: the cosine
    itself where no list names both. A skill without a vector has no neighbours and is nobody's neighbour.

    Args:
        lexicon: All skills.
        words: The word space that holds their tokens.
        lists: Skill rows of each candidate, each row at most once.
        neighbours: Columns of the table.
        min_candidates: Skills named by fewer are nobody's neighbour: their vectors say too little.
        lift: In [0, 1]; 0 leaves the cosines as they are.
        damping: Lists that hold both skills at which their association has half its weight.
        progress: Told (skills done, skills in all).
    """
    vectors = np.zeros((len(lexicon), words.dimension), np.float32)
    eligible = np.zeros(len(lexicon), bool)
    for skill in lexicon:
        row = words.row(skill.token)
        if row is not None:
            vectors[skill.row] = words.vectors[row]
            eligible[skill.row] = skill.candidates >= min_candidates
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    cosines = NeighbourTable.build(
        vectors, neighbours, metric="cosine", candidates=eligible, progress=progress
    )
    known: npt.NDArray[np.bool_] = np.any(vectors, axis=1)
    (counts, weights), _ = cooccurrences(lists, len(lexicon), (0.0, 1.0))
    alone = weights.diagonal()

    def rows() -> Iterator[Scored]:
        for row in range(len(lexicon)):
            if not known[row]:
                yield np.empty(0, np.int32), np.empty(0)
                continue
            others, strength = association(counts, weights, alone, row, damping)
            taken = eligible[others]
            others, strength = others[taken], strength[taken]
            cosine = (vectors[others] @ vectors[row]).astype(np.float64)
            lifted = 1 - (1 - cosine) * (1 - lift * np.sqrt(strength))
            # No lift is below 0: whatever is among the best is among the best cosines or in a list with it.
            near, near_cosine = cosines.row(row)
            apart = ~np.isin(near, others)
            yield np.concatenate((near[apart], others)), np.concatenate((near_cosine[apart], lifted))

    return _table(rows(), len(lexicon), neighbours, least=-np.inf, metric="cosine, lifted")


def association(counts: Any, weights: Any, alone: Float64, one: int, damping: float) -> Scored:
    """The other skills that lists name beside skill `one`, and how much, in [0, 1].

    Damped normalised PMI by lists that weigh 1 / length, as a share of the most that skill `one` has, or of
    _STRONG where it has less, so that pairs of rare skills stay weak.

    Args:
        counts: (skills, skills) lists that hold both, sparse.
        weights: The same with lists that weigh 1 / length, of the same pattern.
        alone: The diagonal of `weights`.
        one: A row.
        damping: Lists that hold both at which a score has half its weight.
    """
    span = slice(counts.indptr[one], counts.indptr[one + 1])
    others, together = counts.indices[span], weights.data[span]
    score = normalised_pmi(together, alone[one], alone[others], alone.sum())
    score = np.clip(damped(score, counts.data[span], damping), 0, 1)
    apart = others != one
    others, score = others[apart], score[apart]
    return others, np.minimum(score / max(_STRONG, score.max(initial=0.0)), 1.0)


def used_with_table(
    lists: Iterable[Sequence[int]],
    skills: int,
    *,
    neighbours: int,
    damping: float,
    ridge: float,
    most: int,
    power: float,
    popularity: float,
) -> NeighbourTable:
    """Votes by EASE, in [0, 1], of skills together more often than by chance; higher is nearer.

    The sum over the skills of a list ranks what else it names. Each list weighs 1 / the root of its length;
    a weight w of EASE for a skill of n lists votes w^power / n^popularity.
    A pair of which one skill is too rare to take part scores its damped normalised PMI.

    Args:
        lists: Skill rows of each candidate, each row at most once.
        skills: Number of skills.
        neighbours: Columns of the table.
        damping: Lists that hold both skills at which a PMI score reaches half its full weight.
        ridge: Of EASE; weights of pairs seen in fewer lists are small.
        most: Skills that take part in EASE, the most frequent.
        power: Of a weight; below 1, several weak hints outvote a strong one.
        popularity: What is taken from the votes for frequent skills.
    """
    (counts, weights), total = cooccurrences(lists, skills, (0.0, 0.5))
    occurrences = counts.diagonal()
    ease = EaseWeights(weights, ridge=ridge, most=most)

    def rows() -> Iterator[Scored]:
        for row in range(skills):
            span = slice(counts.indptr[row], counts.indptr[row + 1])
            others = counts.indices[span]
            score = votes_for(
                counts.data[span],
                occurrences[row],
                occurrences[others],
                total,
                ease.pairs(row, others),
                ease.known[row] & ease.known[others],
                damping=damping,
                power=power,
                popularity=popularity,
            )
            yield others, np.where(others != row, score, 0.0)

    return _table(rows(), skills, neighbours)


def votes_for(
    together: Float64,
    one: float,
    others: Float64,
    total: int,
    weights: Float64,
    taking: npt.NDArray[np.bool_],
    *,
    damping: float,
    power: float,
    popularity: float,
) -> Float64:
    """What one skill votes for others, as in `used_with_table`; 0 for those not above chance.

    Args:
        together: Lists that hold the skill and each other one, above 0.
        one: Lists that hold the skill.
        others: Lists that hold each other one.
        total: Lists in all.
        weights: EASE's, of the skill for each other one.
        taking: Whether EASE weighs the pair.
        damping: As in `used_with_table`; so are the others.
        power: Of a weight.
        popularity: What is taken from the votes for frequent skills.
    """
    pmi = damped_npmi(together, one, others, total, damping)
    return np.where(pmi > 0, np.where(taking, vote(weights, others, power, popularity), pmi), 0.0)


def _table(
    rows: Iterable[Scored], size: int, neighbours: int, *, least: float = 0.0, metric: str = "association"
) -> NeighbourTable:
    """The best of each row that score above `least`."""
    ids = np.full((size, neighbours), -1, np.int32)
    scores = np.full((size, neighbours), -np.inf, np.float32)
    for row, (others, score) in enumerate(rows):
        best = np.argsort(-score, kind="stable")[:neighbours]
        best = best[score[best] > least]
        ids[row, : len(best)] = others[best]
        scores[row, : len(best)] = score[best]
    return NeighbourTable.from_rows(ids, scores, metric=metric)
