"""How alike are two texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embedsvc.errors import InputError
from embedsvc.queries.batches import refusal, text_of
from embedsvc.queries.encode import encode
from embedsvc.releases.opening import Release
from embedsvc.schemas import IndexedError, Refused, SimilarityRequest, SimilarityResponse
from embedsvc.spaces.space import Matrix


def similarity(release: Release, request: SimilarityRequest) -> SimilarityResponse:
    """Cosine of each pair, or of the source and each target, and how rare it is among random sentences.

    None where a text holds no known word, or cannot be used; `errors` says which.

    Raises:
        InputError: The request holds neither pairs nor a source with targets, or both.
    """
    if request.pairs is not None and request.source is None and request.targets is None:
        items: Sequence[object] = request.pairs
        pairs = [("", "") if isinstance(pair, Refused) else pair for pair in request.pairs]
        vectors = encode(release, [text for pair in pairs for text in pair])
        left, right = vectors[0::2], vectors[1::2]
    elif request.pairs is None and request.source is not None and request.targets is not None:
        items = request.targets
        vectors = encode(release, [request.source, *map(text_of, request.targets)])
        left, right = np.broadcast_to(vectors[0], vectors[1:].shape), vectors[1:]
    else:
        raise InputError("Send either 'pairs', or 'source' together with 'targets'.")
    scores, floor = _cosines(left, right), release.noise.get("sentences")
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
    )


def _cosines(left: Matrix, right: Matrix) -> list[float | None]:
    cosines = np.clip(np.einsum("ij,ij->i", left, right), -1.0, 1.0)
    known = np.logical_and(left.any(axis=1), right.any(axis=1))
    return [
        round(cosine, 4) if sure else None
        for cosine, sure in zip(cosines.tolist(), known.tolist(), strict=True)
    ]
