"""How alike are two texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from embedsvc.errors import InputError
from embedsvc.queries.batches import refusal, text_of
from embedsvc.queries.encode import encoded
from embedsvc.releases.opening import Release
from embedsvc.schemas import IndexedError, Refused, SimilarityRequest, SimilarityResponse
from embedsvc.spaces.space import Matrix

Read = TypeVar("Read", int, bool)


def similarity(release: Release, request: SimilarityRequest) -> SimilarityResponse:
    """Cosine of each pair, or of the source and each target, and how rare it is among random sentences.

    None where a text holds no known word, or cannot be used; `errors` says which.

    Raises:
        InputError: The request holds neither pairs nor a source with targets, or both.
    """
    if request.pairs is not None and request.source is None and request.targets is None:
        items: Sequence[object] = request.pairs
        pairs = [("", "") if isinstance(pair, Refused) else pair for pair in request.pairs]
        found = encoded(release, [text for pair in pairs for text in pair])
        left, right = slice(0, None, 2), slice(1, None, 2)
    elif request.pairs is None and request.source is not None and request.targets is not None:
        items = request.targets
        found = encoded(release, [request.source, *map(text_of, request.targets)])
        left, right = slice(0, 1), slice(1, None)
    else:
        raise InputError("Send either 'pairs', or 'source' together with 'targets'.")
    scores = _cosines(found.vectors[left], found.vectors[right])
    floor = release.noise.get("sentences")
    return SimilarityResponse(
        release=release.name,
        space="sentences",
        scores=scores,
        relatedness=floor and [None if score is None else floor.relatedness(score) for score in scores],
        errors=[
            IndexedError(index=index, error=refusal(item))
            for index, item in enumerate(items)
            if isinstance(item, Refused)
        ],
        tokens=_pairs(found.tokens[left], found.tokens[right]),
        truncated=_pairs(found.truncated[left], found.truncated[right]),
    )


def _pairs(left: list[Read], right: list[Read]) -> list[tuple[Read, Read]]:
    """What is known of the two texts of each score; one source stands beside every target."""
    return list(zip(left * (len(right) // len(left)), right, strict=True))


def _cosines(left: Matrix, right: Matrix) -> list[float | None]:
    left = np.broadcast_to(left, right.shape)
    cosines = np.clip(np.einsum("ij,ij->i", left, right), -1.0, 1.0)
    known = np.logical_and(left.any(axis=1), right.any(axis=1))
    return [
        round(cosine, 4) if sure else None
        for cosine, sure in zip(cosines.tolist(), known.tolist(), strict=True)
    ]
