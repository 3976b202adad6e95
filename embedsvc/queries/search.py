"""Candidates by meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embedsvc.errors import StoreError, UnknownNameError
from embedsvc.queries.batches import error_of, text_of
from embedsvc.queries.encode import encoded
from embedsvc.queries.matching import matching
from embedsvc.queries.stages import stage
from embedsvc.releases.candidate_index import CandidateIndex
from embedsvc.releases.candidates import Mask
from embedsvc.releases.opening import Release
from embedsvc.schemas import (
    CandidateHit,
    SearchRequest,
    SearchResponse,
    SearchResult,
    SimilarCandidatesQuery,
)
from embedsvc.spaces.space import Matrix
from indexes import Hits

Vector = npt.NDArray[np.float32]

_NOTHING_KNOWN = "The text holds no word this release knows; describe the candidate in other words."


@dataclass(frozen=True, slots=True)
class Observed:
    """A query that the index was asked, for whoever measures how true its answers are; no text.

    Attributes:
        candidates: As they were.
        vector: The query's, (dimension,) float32.
        rows: Those answered, best first, -1 where there were fewer.
        within: Who could be found; None where everybody could.
    """

    candidates: CandidateIndex
    vector: Vector
    rows: npt.NDArray[np.int64]
    within: Mask | None


def search(
    release: Release, request: SearchRequest, observe: Callable[[str, Observed], None] | None = None
) -> SearchResponse:
    """The candidates nearest to each query, best first, among those for whom `where` holds.

    Args:
        release: Whose.
        request: What is asked.
        observe: Told the release and one of the queries, where the index was asked; must not take long.

    Raises:
        UnknownNameError: The release has no candidates index.
    """
    candidates = release.candidates
    if candidates is None:
        raise UnknownNameError(f"Release {release.name} has no candidates index; run 'embedsvc reindex'.")
    read = encoded(release, [text_of(text) for text in request.queries])
    with stage("search", candidates.index.backend):
        within = None if request.where is None else matching(candidates.table, request.where)
        effort = effort_of(request, candidates.index.size)
        found = nearest(candidates, read.vectors, request.k, effort, within)
    known = np.flatnonzero(read.vectors.any(axis=1))
    if observe is not None and found.path == "index" and len(known):
        place = int(known[0])
        observe(release.name, Observed(candidates, read.vectors[place], found.ids[place], within))
    results = []
    for index, vector in enumerate(read.vectors):
        if not vector.any():
            error = error_of(request.queries[index], _NOTHING_KNOWN)
            results.append(SearchResult(index=index, error=error))
            continue
        hits = hits_of(candidates, found.ids[index], found.scores[index])
        results.append(
            SearchResult(index=index, hits=hits, tokens=read.tokens[index], truncated=read.truncated[index])
        )
    return SearchResponse(
        release=release.name,
        results=results,
        path=found.path,
        matching=None if within is None else candidates.findable(within),
    )


def nearest(
    candidates: CandidateIndex, vectors: Matrix, k: int, effort: int | None, within: Mask | None = None
) -> Hits:
    """What the index finds for each vector, (queries, k).

    Raises:
        StoreError: The index lives in a database, which does not answer.
    """
    try:
        return candidates.index.search(vectors, k, effort=effort, within=within)
    except ConnectionError as error:
        raise StoreError(f"The candidates index cannot be asked: {error}") from error


def effort_of(request: SearchRequest | SimilarCandidatesQuery, size: int) -> int | None:
    """What the index is told to spend on each query: all where everybody is to be compared."""
    if request.exact:
        return max(1, size)
    return None if request.effort is None else max(1, min(request.effort, size))


def hits_of(candidates: CandidateIndex, rows: npt.NDArray[np.int64], scores: Vector) -> list[CandidateHit]:
    """The candidates in these rows, as an answer shows them; -1 is nobody."""
    pairs = zip(rows.tolist(), scores.tolist(), strict=True)
    return [_hit(candidates, row, score) for row, score in pairs if row >= 0]


def _hit(candidates: CandidateIndex, row: int, score: float) -> CandidateHit:
    card = candidates.table.card(row)
    return CandidateHit(id=card.id, score=round(score, 4), title=card.title, label=card.label)
