"""Recall against speed of the candidates index, on the machine that made the release."""

from __future__ import annotations

import time

import numpy as np

from embedsvc.releases.opening import Release
from embedsvc.spaces.space import Matrix
from indexes import Index
from training.card.measured import Curve, Effort
from training.card.similarity import titles

_EFFORTS = (10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
_QUERIES = 200
_K = 10
_ROUNDS = 8
_ROUNDING = 1e-5


def curve(release: Release, seed: int) -> Curve | None:
    """A sweep of the search effort over titles of candidates, or None where every search is exact.

    One thread, the best of eight runs; recall is the share of the ten found that score no less than the
    tenth of exact search.
    """
    candidates = release.candidates
    if candidates is None:
        return None
    index = candidates.index
    queries = titles(release, _QUERIES, seed)
    sweep = [effort for effort in _EFFORTS if effort < index.size]
    if not sweep or not len(queries):
        return None
    truth = index.search(queries, _K, effort=index.size).scores
    asked = [*sweep, None, index.size]  # whatever comes behind a scan finds the caches cold
    # Rounds over all efforts, so that a busy moment of the machine does not meet one effort alone.
    rounds = [[_seconds(index, queries, effort) for effort in asked] for _ in range(_ROUNDS)]
    speeds = [float(f"{len(queries) / best:.3g}") for best in np.min(rounds, axis=0)]
    numbers = [*sweep, int(getattr(index.args, "ef_search", 0))]
    *found, usual = (
        Effort(effort=number, recall=_recall(index, queries, effort, truth), queries_a_second=speed)
        for number, effort, speed in zip(numbers, asked, speeds, strict=False)
    )
    return Curve(
        backend=index.backend,
        size=index.size,
        queries=len(queries),
        usual=usual,
        efforts=found,
        exact=speeds[-1],
    )


def _recall(index: Index, queries: Matrix, effort: int | None, truth: Matrix) -> float:
    found = index.search(queries, _K, effort=effort).scores
    return round(float((found >= truth[:, -1:] - _ROUNDING).mean()), 4)


def _seconds(index: Index, queries: Matrix, effort: int | None) -> float:
    begun = time.perf_counter()
    index.search(queries, _K, effort=effort, threads=1)
    return time.perf_counter() - begun
