"""Every question about texts and releases, described once for both clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from embedsvc.client.batches import in_parts, joined, validated
from embedsvc.client.calls import Call, Plan
from embedsvc.schemas import (
    MAX_BATCH,
    MAX_HITS,
    ActivateResponse,
    ClassifyRequest,
    ClassifyResponse,
    Condition,
    Embedding,
    EmbeddingsRequest,
    EmbeddingsResponse,
    EmbeddingsUsage,
    LiveResponse,
    ModelListResponse,
    ReadyResponse,
    ReleaseListResponse,
    ReleaseResponse,
    SearchRequest,
    SearchResponse,
    SimilarityRequest,
    SimilarityResponse,
)


def pairs(asked: Sequence[tuple[str, str]]) -> Plan[SimilarityResponse]:
    """POST /v1/similarity with sentence pairs, in as many calls as it takes."""

    def call_of(offset: int, part: list[tuple[str, str]]) -> Call[SimilarityResponse]:
        body = validated(SimilarityRequest, offset, pairs=part)
        return Call("POST", "/v1/similarity", SimilarityResponse, body=body)

    return _scored((yield from in_parts(asked, "pairs", call_of)))


def one_to_many(source: str, targets: Sequence[str]) -> Plan[SimilarityResponse]:
    """POST /v1/similarity with one source and many targets, in as many calls as it takes."""

    def call_of(offset: int, part: list[str]) -> Call[SimilarityResponse]:
        body = validated(SimilarityRequest, offset, source=source, targets=part)
        return Call("POST", "/v1/similarity", SimilarityResponse, body=body)

    return _scored((yield from in_parts(targets, "targets", call_of)))


def _scored(parts: Sequence[tuple[int, SimilarityResponse]]) -> SimilarityResponse:
    answers = [answer for _, answer in parts]
    scores = [score for answer in answers for score in answer.scores]
    related = [each for answer in answers for each in answer.relatedness or [None] * len(answer.scores)]
    known = any(answer.relatedness is not None for answer in answers)
    errors = [
        each.model_copy(update={"index": each.index + offset})
        for offset, answer in parts
        for each in answer.errors
    ]
    update = {"scores": scores, "relatedness": related if known else None, "errors": errors}
    # A service of before they were told has neither.
    for name in ("tokens", "truncated"):
        found = [getattr(answer, name) for answer in answers]
        update[name] = None if None in found else [each for part in found for each in part]
    return answers[-1].model_copy(update=update)


def search(
    texts: Sequence[str],
    k: int,
    where: Condition | Mapping[str, Any] | None,
    exact: bool = False,
    effort: int | None = None,
) -> Plan[SearchResponse]:
    """POST /v1/search, in as many calls as it takes."""

    def call_of(offset: int, part: list[str]) -> Call[SearchResponse]:
        options = {"k": k, "where": where, "exact": exact, "effort": effort}
        body = validated(SearchRequest, offset, queries=part, **options)
        return Call("POST", "/v1/search", SearchResponse, body=body)

    most = max(1, min(MAX_BATCH, MAX_HITS // max(1, k)))
    answer: SearchResponse = joined((yield from in_parts(texts, "texts", call_of, most)))
    return answer


def classify(
    texts: Sequence[str],
    classifier: str | None,
    examples: Mapping[str, Sequence[str]] | None,
    top_k: int,
    threshold: float | None,
) -> Plan[ClassifyResponse]:
    """POST /v1/classify, in as many calls as it takes."""
    given = None if examples is None else {label: list(texts) for label, texts in examples.items()}
    options = {"classifier": classifier, "examples": given, "top_k": top_k, "threshold": threshold}

    def call_of(offset: int, part: list[str]) -> Call[ClassifyResponse]:
        body = validated(ClassifyRequest, offset, texts=part, **options)
        return Call("POST", "/v1/classify", ClassifyResponse, body=body)

    answer: ClassifyResponse = joined((yield from in_parts(texts, "texts", call_of)))
    return answer


def embeddings(texts: Sequence[str], model: str, dimensions: int | None) -> Plan[EmbeddingsResponse]:
    """POST /v1/embeddings, in as many calls as it takes."""

    def call_of(offset: int, part: list[str]) -> Call[EmbeddingsResponse]:
        options = {"model": model, "dimensions": dimensions, "encoding_format": "base64"}
        body = validated(EmbeddingsRequest, offset, input=part, **options)
        return Call("POST", "/v1/embeddings", EmbeddingsResponse, body=body)

    parts = yield from in_parts(texts, "texts", call_of)
    tokens = sum(answer.usage.prompt_tokens for _, answer in parts)
    data = [
        Embedding(index=each.index + offset, embedding=each.numbers())
        for offset, answer in parts
        for each in answer.data
    ]
    last: EmbeddingsResponse = parts[-1][1]
    return last.model_copy(
        update={
            "data": data,
            "usage": EmbeddingsUsage(prompt_tokens=tokens, total_tokens=tokens),
            "unknown": [index + offset for offset, answer in parts for index in answer.unknown],
            "tokens": [each for _, answer in parts for each in answer.tokens],
            "truncated": [index + offset for offset, answer in parts for index in answer.truncated],
        }
    )


def models() -> Plan[ModelListResponse]:
    """GET /v1/models."""
    answer: ModelListResponse = yield Call("GET", "/v1/models", ModelListResponse)
    return answer


def live() -> Plan[LiveResponse]:
    """GET /health/live."""
    answer: LiveResponse = yield Call("GET", "/health/live", LiveResponse, retry=False)
    return answer


def ready() -> Plan[ReadyResponse]:
    """GET /health/ready."""
    answer: ReadyResponse = yield Call("GET", "/health/ready", ReadyResponse, retry=False)
    return answer


def releases() -> Plan[ReleaseListResponse]:
    """GET /v1/releases."""
    answer: ReleaseListResponse = yield Call("GET", "/v1/releases", ReleaseListResponse)
    return answer


def release(name: str) -> Plan[ReleaseResponse]:
    """GET /v1/releases/{name}."""
    answer: ReleaseResponse = yield Call("GET", f"/v1/releases/{quote(name, safe='')}", ReleaseResponse)
    return answer


def activate(name: str) -> Plan[ActivateResponse]:
    """POST /v1/releases/{name}/activate."""
    path = f"/v1/releases/{quote(name, safe='')}/activate"
    answer: ActivateResponse = yield Call("POST", path, ActivateResponse, retry=False)
    return answer
