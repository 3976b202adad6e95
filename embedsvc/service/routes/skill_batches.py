"""Skills of many texts, and skills related to many."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from embedsvc import queries
from embedsvc.schemas import ExtractRequest, ExtractResponse, RelatedBatchRequest, RelatedBatchResponse
from embedsvc.service.envelope import answer
from embedsvc.service.ndjson import BatchRoute
from embedsvc.service.routes.failures import failures
from embedsvc.service.state import state_of

router = APIRouter(tags=["skills"], route_class=BatchRoute)


@router.post(
    "/v1/skills/related",
    response_model=RelatedBatchResponse,
    responses=failures(413, 422, 503),
    summary="Skills related to many skills",
)
async def related_batch(
    request: Request,
    asked: Annotated[
        RelatedBatchRequest,
        Body(
            examples=[
                {"queries": [{"skill": "php", "k": 5}, {"skill": "payroll", "relation": "used_with"}]},
            ]
        ),
    ],
) -> Response:
    """Up to 1,000 queries at once; an unknown skill fails its own item and not the batch."""
    return answer(await state_of(request).heavy(queries.related_batch, asked))


@router.post(
    "/v1/skills/extract",
    response_model=ExtractResponse,
    responses=failures(413, 422, 503),
    summary="The skills that texts name, and where",
)
async def extract(
    request: Request,
    asked: Annotated[
        ExtractRequest,
        Body(examples=[{"texts": ["Five years of Java and React JS, some machine learning"]}]),
    ],
) -> Response:
    """The longest surface forms of the lexicon, whole words only, with offsets into each text as it was sent.

    A word that is mostly no skill ("go", "access") is one only in the case and the company in which those
    who list it write it. A text that is too long fails its own item and not the batch.
    """
    return answer(await state_of(request).heavy(queries.extract, asked))
