"""Candidates one by one: what is known of them, who is like them, putting them in, erasing them."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response

from embedsvc import queries
from embedsvc.errors import InputError
from embedsvc.schemas import (
    EXACT_AND_EFFORT,
    MAX_ID_LENGTH,
    CandidateIn,
    CandidateResponse,
    Effort,
    ErasureResponse,
    Exact,
    K,
    PutCandidateResponse,
    PutCandidatesRequest,
    PutCandidatesResponse,
    SimilarCandidatesQuery,
    SimilarCandidatesResponse,
)
from embedsvc.service.envelope import answer
from embedsvc.service.routes.failures import failures
from embedsvc.service.state import state_of

router = APIRouter(tags=["candidates"])

Candidate = Annotated[
    str,
    Path(
        min_length=1,
        max_length=MAX_ID_LENGTH,
        description="A candidate's id, as the sources have it; percent-encode it.",
        examples=["c1"],
    ),
]


@router.get(
    "/v1/candidates/{candidate:path}/similar",
    response_model=SimilarCandidatesResponse,
    responses=failures(404, 422, 503),
    summary="Candidates like a candidate",
)
async def similar(
    request: Request,
    candidate: Candidate,
    k: Annotated[K, Query()] = 10,
    exact: Annotated[Exact, Query()] = False,
    effort: Annotated[Effort, Query()] = None,
) -> Response:
    """The k nearest candidates to one of them, who is not among them, nearest first."""
    if exact and effort is not None:
        raise InputError(EXACT_AND_EFFORT)
    asked = SimilarCandidatesQuery(id=candidate, k=k, exact=exact, effort=effort)
    return answer(await state_of(request).heavy(queries.similar_candidates, asked))


@router.get(
    "/v1/candidates/{candidate:path}",
    response_model=CandidateResponse,
    responses=failures(404, 422, 503),
    summary="What is kept of a candidate",
)
async def get(request: Request, candidate: Candidate) -> Response:
    """Title, label, and the columns that candidates can be filtered by; texts are not kept."""
    return answer(await state_of(request).heavy(queries.candidate, candidate))


@router.put(
    "/v1/candidates/{candidate:path}",
    response_model=PutCandidateResponse,
    responses=failures(404, 409, 413, 422, 503),
    summary="Put a candidate in, or in the place of an older version",
)
async def put(
    request: Request,
    candidate: Candidate,
    given: Annotated[
        CandidateIn,
        Body(examples=[{"id": "c1", "title": "Payroll accountant", "skills": ["payroll", "SAP FICO"]}]),
    ],
) -> Response:
    """Found by every process of the service, and kept through any crash, once this is answered.

    Texts are cleaned, personal data taken out, and the vector made by the rules of training. What was
    erased cannot be put in again (409).
    """
    if given.id != candidate:
        raise InputError("The id in the path and that in the body differ; send one candidate's.")
    return answer(await state_of(request).heavy(queries.put_candidate, given))


@router.post(
    "/v1/candidates",
    response_model=PutCandidatesResponse,
    responses=failures(404, 409, 413, 422, 503),
    summary="Put many candidates in",
)
async def put_many(
    request: Request,
    asked: Annotated[
        PutCandidatesRequest,
        Body(examples=[{"candidates": [{"id": "c1", "title": "Payroll accountant", "skills": ["payroll"]}]}]),
    ],
) -> Response:
    """Up to 1,000 at once, as for one; what cannot be put in fails its own item and not the batch."""
    return answer(await state_of(request).heavy(queries.put_candidates, asked))


@router.delete(
    "/v1/candidates/{candidate:path}",
    response_model=ErasureResponse,
    responses=failures(404, 422, 503),
    summary="Erase a candidate for good",
)
async def erase(
    request: Request,
    candidate: Candidate,
    unknown: Annotated[
        bool, Query(description="Record also an id that nobody bears, so that no later release takes it in.")
    ] = False,
) -> Response:
    """In no answer from the moment this is answered, and in no later release, whatever the sources hold.

    Erasing again answers 200 and changes nothing. An id that was never known is answered 404 and not
    recorded, since it is likely mistyped; `unknown=true` records it.
    """
    erase_one = partial(queries.erase_candidate, unknown=unknown)
    return answer(await state_of(request).heavy(erase_one, candidate))
