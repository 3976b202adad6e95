"""Candidates found by meaning."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from embedsvc import queries
from embedsvc.schemas import SearchRequest, SearchResponse
from embedsvc.service.envelope import answer
from embedsvc.service.ndjson import BatchRoute
from embedsvc.service.routes.failures import failures
from embedsvc.service.state import state_of

router = APIRouter(tags=["texts"], route_class=BatchRoute)


@router.post(
    "/v1/search",
    response_model=SearchResponse,
    responses=failures(404, 413, 422, 503),
    summary="Candidates that read like a text",
)
async def search(
    request: Request,
    asked: Annotated[
        SearchRequest,
        Body(examples=[{"queries": ["Back-end engineer, PHP and MySQL, five years"], "k": 10}]),
    ],
) -> Response:
    """The k nearest candidates to each text (a job, a sentence, a list of skills), nearest first."""
    state = state_of(request)
    return answer(await state.heavy(partial(queries.search, observe=state.recall.offer), asked))
