"""Similarity of sentences."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from embedsvc import queries
from embedsvc.schemas import SimilarityRequest, SimilarityResponse
from embedsvc.service.envelope import answer
from embedsvc.service.ndjson import BatchRoute
from embedsvc.service.routes.failures import failures
from embedsvc.service.state import state_of

router = APIRouter(tags=["texts"], route_class=BatchRoute)


@router.post(
    "/v1/similarity",
    response_model=SimilarityResponse,
    responses=failures(413, 422, 503),
    summary="How similar texts are",
)
async def similarity(
    request: Request,
    asked: Annotated[
        SimilarityRequest,
        Body(
            openapi_examples={
                "pairs": {
                    "summary": "Sentence pairs",
                    "value": {"pairs": [["Java developer", "Writes back-end services in Java"]]},
                },
                "one_to_many": {
                    "summary": "One source against many targets",
                    "value": {
                        "source": "Nurse for the intensive care unit",
                        "targets": ["ICU nurse, ten years", "Payroll accountant"],
                    },
                },
            }
        ),
    ],
) -> Response:
    """One cosine in [-1, 1] a pair or target, in order; null where a text holds no known word.

    `relatedness` says what a cosine means: how rare it is among random sentences, from 0 to 1.
    """
    return answer(await state_of(request).heavy(queries.similarity, asked))
