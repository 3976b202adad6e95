"""Vectors, in the words of OpenAI's API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Request, Response

from embedsvc import queries
from embedsvc.schemas import EmbeddingsRequest, EmbeddingsResponse, ModelInfo, ModelListResponse
from embedsvc.service.envelope import JSON, answer
from embedsvc.service.routes.failures import failures
from embedsvc.service.state import state_of

router = APIRouter(tags=["vectors"])


@router.post(
    "/v1/embeddings",
    response_model=EmbeddingsResponse,
    responses=failures(400, 404, 413, 422, 503),
    summary="Vectors of texts or skills (OpenAI-compatible)",
)
async def embeddings(
    request: Request,
    asked: Annotated[
        EmbeddingsRequest,
        Body(
            openapi_examples={
                "texts": {
                    "summary": "Texts",
                    "value": {"input": ["Ran the monthly payroll", "Java developer"], "model": "sentences"},
                },
                "skills": {
                    "summary": "A skill, in base64",
                    "value": {"input": "php", "model": "skills", "encoding_format": "base64"},
                },
            }
        ),
    ],
) -> Response:
    """The unit vector of each input; OpenAI's own client works when its `base_url` is this service's `/v1`.

    As there, a request succeeds or fails as a whole. An input of which the release knows no word gets zeros
    and stands in `unknown`. Vectors of different releases are comparable where the release was aligned to
    the one before it; keep `release` beside the vectors you store.
    """
    return Response(await state_of(request).heavy(queries.embeddings_json, asked), media_type=JSON)


@router.get(
    "/v1/models",
    response_model=ModelListResponse,
    responses=failures(503),
    summary="What makes vectors (OpenAI-compatible)",
)
async def models(request: Request) -> Response:
    """`sentences`, the sentence encoder, and `skills`, the word space, of the live release."""
    return answer(queries.models(state_of(request).live.release()))


@router.get(
    "/v1/models/{model}",
    response_model=ModelInfo,
    responses=failures(404, 422, 503),
    summary="One of the models (OpenAI-compatible)",
)
async def model(
    request: Request, model: Annotated[str, Path(min_length=1, max_length=100, examples=["sentences"])]
) -> Response:
    """Its kind, its dimension, and which parts of a vector do alone."""
    return answer(queries.model_info(state_of(request).live.release(), model))
