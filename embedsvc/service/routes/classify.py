"""Labels of texts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from embedsvc import queries
from embedsvc.schemas import ClassifyRequest, ClassifyResponse
from embedsvc.service.envelope import answer
from embedsvc.service.ndjson import BatchRoute
from embedsvc.service.routes.failures import failures
from embedsvc.service.state import state_of

router = APIRouter(tags=["texts"], route_class=BatchRoute)


@router.post(
    "/v1/classify",
    response_model=ClassifyResponse,
    responses=failures(404, 413, 422, 503),
    summary="Labels of texts, with probabilities",
)
async def classify(
    request: Request,
    asked: Annotated[
        ClassifyRequest,
        Body(
            examples=[{"texts": ["Prepared monthly payroll for 300 employees"], "top_k": 3, "threshold": 0.1}]
        ),
    ],
) -> Response:
    """The best labels of each text; none of them where no probability reaches the threshold."""
    return answer(await state_of(request).heavy(queries.classify, asked))
