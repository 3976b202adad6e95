"""The two relations between skills, as neighbour tables; row i is skill i of the lexicon.

`similar` is second order: cosine of the skills' input vectors. `used_with` is first order: how much more
often two skills stand in one list than chance would have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from embedsvc.spaces import Space
from embedsvc.text import Lexicon
from indexes import NeighbourTable

_ROWS_A_BLOCK = 2_000
_LISTS_A_BLOCK = 50_000


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
    lists: Iterable[Sequence[int]], skills: int, *, neighbours: int, damping: float
) -> NeighbourTable:
    """Damped normalised PMI of skills in lists; pairs at or below chance are left out.

    npmi(a, b) = log(p(a, b) / (p(a) p(b))) / -log p(a, b) in [-1, 1] (Bouma 2009, Normalized Pointwise
    Mutual Information in Collocation Extraction), times n(a, b) / (n(a, b) + damping) (after Pantel and
    Lin 2002), which keeps pairs seen once or twice from the top.

    Args:
        lists: Skill rows of each candidate, each row at most once.
        skills: Number of skills.
        neighbours: Columns of the table.
        damping: Co-occurrences at which a score reaches half its full weight.
    """
    together, count = cooccurrences(lists, skills)
    occurrences = together.diagonal().astype(np.float64)
    together.setdiag(0)
    together.eliminate_zeros()
    ids = np.full((skills, neighbours), -1, np.int32)
    scores = np.full((skills, neighbours), -np.inf, np.float32)
    for begin in range(0, skills, _ROWS_A_BLOCK):
        block = together[begin : begin + _ROWS_A_BLOCK]
        for row in range(block.shape[0]):
            span = slice(block.indptr[row], block.indptr[row + 1])
            others, pairs = block.indices[span], block.data[span].astype(np.float64)
            score = damped_npmi(pairs, occurrences[begin + row], occurrences[others], count, damping)
            best = np.argsort(-score, kind="stable")[:neighbours]
            best = best[score[best] > 0]
            ids[begin + row, : len(best)] = others[best]
            scores[begin + row, : len(best)] = score[best]
    return NeighbourTable.from_rows(ids, scores, metric="npmi")


def cooccurrences(lists: Iterable[Sequence[int]], skills: int) -> tuple[Any, int]:
    """(skills, skills) counts of lists that hold both, occurrences on the diagonal; and the lists counted."""
    shape: Any = (skills, skills)
    total: Any = sparse.csr_matrix(shape, dtype=np.int32)
    count = 0
    for rows in _blocks(lists):
        lengths = np.array([len(row) for row in rows], np.int64)
        flat = np.fromiter((skill for row in rows for skill in row), np.int32, int(lengths.sum()))
        starts = np.concatenate(([0], np.cumsum(lengths)))
        incidence = sparse.csr_matrix((np.ones(len(flat), np.int32), flat, starts), shape=(len(rows), skills))
        total = total + incidence.T @ incidence
        count += len(rows)
    total.sort_indices()
    return total, count


def damped_npmi(
    together: npt.NDArray[np.float64],
    one: float,
    others: npt.NDArray[np.float64],
    count: int,
    damping: float,
) -> npt.NDArray[np.float64]:
    """Score of one skill with others, in [-1, 1]; all arguments are counts of lists."""
    if count == 0 or one == 0:
        return np.zeros(len(together))
    pmi = np.log(together * count / (one * others))
    surprise = -np.log(together / count)
    # Two skills that stand in every list carry no surprise: no association, rather than 0 / 0.
    npmi = np.divide(pmi, surprise, out=np.zeros_like(pmi), where=surprise > 0)
    return np.asarray(npmi * together / (together + damping))


def _blocks(lists: Iterable[Sequence[int]]) -> Iterable[list[Sequence[int]]]:
    block: list[Sequence[int]] = []
    for row in lists:
        block.append(row)
        if len(block) == _LISTS_A_BLOCK:
            yield block
            block = []
    if block:
        yield block
