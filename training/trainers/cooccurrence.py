"""How often skills stand in one list: the counts that both relations are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy import sparse

_LISTS_A_BLOCK = 50_000


def cooccurrences(
    lists: Iterable[Sequence[int]], skills: int, length_powers: Sequence[float] = (0.0,)
) -> tuple[list[Any], int]:
    """Weights summed over the lists that hold both skills; occurrences on the diagonal.

    Args:
        lists: Skill rows of each candidate, each row at most once.
        skills: Number of skills.
        length_powers: For each p a list of n skills weighs 1 / n^p, so that long lists do not drown short
            ones; weights are scaled to a mean of 1 over lists that are not empty.

    Returns:
        For each power (skills, skills) float64, sparse, symmetric, indices sorted, all of one pattern; and
        the number of lists.
    """
    shape: Any = (skills, skills)
    totals: list[Any] = [sparse.csr_matrix(shape, dtype=np.float64) for _ in length_powers]
    weight = np.zeros(len(length_powers))
    count, filled = 0, 0
    for rows in _blocks(lists):
        lengths = np.array([len(row) for row in rows], np.int64)
        flat = np.fromiter((skill for row in rows for skill in row), np.int32, int(lengths.sum()))
        starts = np.concatenate(([0], np.cumsum(lengths)))
        for number, power in enumerate(length_powers):
            weights = np.where(lengths > 0, np.maximum(lengths, 1) ** -float(power), 0.0)
            data = np.repeat(np.sqrt(weights), lengths)
            # Roots on both sides, so that sums are the same to the last bit either way round.
            incidence = sparse.csr_matrix((data, flat, starts), shape=(len(rows), skills))
            totals[number] = totals[number] + incidence.T @ incidence
            weight[number] += weights.sum()
        count += len(rows)
        filled += int((lengths > 0).sum())
    for number in range(len(totals)):
        if filled:
            totals[number] = totals[number] * (filled / weight[number])
        totals[number].sort_indices()
    return totals, count


def _blocks(lists: Iterable[Sequence[int]]) -> Iterable[list[Sequence[int]]]:
    block: list[Sequence[int]] = []
    for row in lists:
        block.append(row)
        if len(block) == _LISTS_A_BLOCK:
            yield block
            block = []
    if block:
        yield block
