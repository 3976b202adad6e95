"""Every question about single candidates, described once for both clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from embedsvc.client.batches import in_parts, joined, validated
from embedsvc.client.calls import Call, Plan
from embedsvc.schemas import (
    CandidateIn,
    CandidateResponse,
    ErasureResponse,
    PutCandidateResponse,
    PutCandidatesRequest,
    PutCandidatesResponse,
    SimilarCandidatesQuery,
    SimilarCandidatesResponse,
)

Given = CandidateIn | Mapping[str, Any]


def get(identity: str) -> Plan[CandidateResponse]:
    """GET /v1/candidates/{id}."""
    answer: CandidateResponse = yield Call("GET", _path(identity), CandidateResponse)
    return answer


def similar(identity: str, k: int, exact: bool, effort: int | None) -> Plan[SimilarCandidatesResponse]:
    """GET /v1/candidates/{id}/similar."""
    asked = validated(SimilarCandidatesQuery, id=identity, k=k, exact=exact, effort=effort)
    options: dict[str, str | int | float | None] = {
        "k": asked.k,
        "exact": "true" if asked.exact else None,
        "effort": asked.effort,
    }
    path = f"{_path(asked.id)}/similar"
    answer: SimilarCandidatesResponse = yield Call("GET", path, SimilarCandidatesResponse, options)
    return answer


def upsert(candidate: Given) -> Plan[PutCandidateResponse]:
    """PUT /v1/candidates/{id}."""
    given = candidate if isinstance(candidate, CandidateIn) else validated(CandidateIn, **candidate)
    answer: PutCandidateResponse = yield Call("PUT", _path(given.id), PutCandidateResponse, body=given)
    return answer


def upsert_many(candidates: Sequence[Given]) -> Plan[PutCandidatesResponse]:
    """POST /v1/candidates, in as many calls as it takes."""

    def call_of(offset: int, part: list[Given]) -> Call[PutCandidatesResponse]:
        body = validated(PutCandidatesRequest, offset, candidates=part)
        return Call("POST", "/v1/candidates", PutCandidatesResponse, body=body)

    answer: PutCandidatesResponse = joined((yield from in_parts(candidates, "candidates", call_of)))
    return answer


def delete(identity: str, unknown: bool) -> Plan[ErasureResponse]:
    """DELETE /v1/candidates/{id}."""
    options: dict[str, str | int | float | None] = {"unknown": "true" if unknown else None}
    answer: ErasureResponse = yield Call("DELETE", _path(identity), ErasureResponse, options)
    return answer


def _path(identity: str) -> str:
    """Percent-encode an id into a path; one of dots alone would be taken for a folder."""
    encoded = quote(validated(SimilarCandidatesQuery, id=identity).id, safe="")
    return "/v1/candidates/" + (encoded.replace(".", "%2E") if set(encoded) == {"."} else encoded)
