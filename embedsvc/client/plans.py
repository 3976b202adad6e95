"""Every question that can be asked, described once for both clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from embedsvc.client.batches import in_parts, joined, validated
from embedsvc.client.calls import Call, Plan
from embedsvc.errors import InputError, from_wire
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
    ExplainQuery,
    ExplainResponse,
    ExtractRequest,
    ExtractResponse,
    GapRequest,
    GapResponse,
    LiveResponse,
    ModelListResponse,
    ReadyResponse,
    RelatedBatchRequest,
    RelatedBatchResponse,
    RelatedQuery,
    RelatedResponse,
    RelatedResult,
    Relation,
    ReleaseListResponse,
    SearchRequest,
    SearchResponse,
    SearchStringQuery,
    SearchStringResponse,
    SimilarityRequest,
    SimilarityResponse,
    SkillListResponse,
    SkillResponse,
    SuggestQuery,
)


def related(skill: str, k: int, relation: Relation, min_score: float | None) -> Plan[RelatedResponse]:
    """GET /v1/skills/{skill}/related."""
    asked = validated(RelatedQuery, skill=skill, k=k, relation=relation, min_score=min_score)
    options = {"k": asked.k, "relation": asked.relation, "min_score": asked.min_score}
    answer: RelatedResponse = yield Call("GET", f"{_skill(asked.skill)}/related", RelatedResponse, options)
    return answer


def related_many(
    asked: Sequence[str | RelatedQuery], k: int, relation: Relation, min_score: float | None
) -> Plan[RelatedBatchResponse]:
    """POST /v1/skills/related, in as many calls as it takes."""
    options = {"k": k, "relation": relation, "min_score": min_score}

    def call_of(offset: int, part: list[str | RelatedQuery]) -> Call[RelatedBatchResponse]:
        queries = [{"skill": each, **options} if isinstance(each, str) else each for each in part]
        body = validated(RelatedBatchRequest, offset, queries=queries)
        return Call("POST", "/v1/skills/related", RelatedBatchResponse, body=body)

    answer: RelatedBatchResponse = joined((yield from in_parts(asked, "queries", call_of)))
    return answer


def analogy(
    positive: Sequence[str], negative: Sequence[str], k: int, min_score: float | None
) -> Plan[RelatedResult]:
    """POST /v1/skills/related with skills for and against."""
    for what, skills in (("positive", positive), ("negative", negative)):
        if isinstance(skills, str) or not skills:
            raise InputError(f"{what}: give a list of skills, one at least.")
    query = validated(
        RelatedQuery,
        skill=positive[0],
        also=list(positive[1:]),
        negative=list(negative),
        k=k,
        min_score=min_score,
    )
    body = RelatedBatchRequest(queries=[query])
    answer: RelatedBatchResponse = yield Call("POST", "/v1/skills/related", RelatedBatchResponse, body=body)
    (result,) = answer.results
    if result.error is not None:
        raise from_wire(result.error.code, result.error.message, result.error.details)
    return result


def gap(cv: str | Sequence[str], job: str | Sequence[str], least: float) -> Plan[GapResponse]:
    """POST /v1/skills/gap."""
    sides = {
        side: given if isinstance(given, str) else list(given) for side, given in (("cv", cv), ("job", job))
    }
    body = validated(GapRequest, **sides, least=least)
    answer: GapResponse = yield Call("POST", "/v1/skills/gap", GapResponse, body=body)
    return answer


def search_string(skill: str, **options: Any) -> Plan[SearchStringResponse]:
    """GET /v1/skills/{skill}/search-string."""
    asked = validated(SearchStringQuery, skill=skill, **options)
    path = f"{_skill(asked.skill)}/search-string"
    answer: SearchStringResponse = yield Call(
        "GET", path, SearchStringResponse, asked.model_dump(exclude={"skill"})
    )
    return answer


def explain(skill: str, **options: Any) -> Plan[ExplainResponse]:
    """GET /v1/skills/{skill}/explain."""
    asked = validated(ExplainQuery, skill=skill, **options)
    path = f"{_skill(asked.skill)}/explain"
    answer: ExplainResponse = yield Call("GET", path, ExplainResponse, asked.model_dump(exclude={"skill"}))
    return answer


def skill_info(skill: str) -> Plan[SkillResponse]:
    """GET /v1/skills/{skill}."""
    asked = validated(RelatedQuery, skill=skill)
    answer: SkillResponse = yield Call("GET", _skill(asked.skill), SkillResponse)
    return answer


def suggest(prefix: str, limit: int) -> Plan[SkillListResponse]:
    """GET /v1/skills."""
    asked = validated(SuggestQuery, prefix=prefix, limit=limit)
    options: dict[str, str | int | float | None] = {"prefix": asked.prefix, "limit": asked.limit}
    answer: SkillListResponse = yield Call("GET", "/v1/skills", SkillListResponse, options)
    return answer


def extract(texts: Sequence[str]) -> Plan[ExtractResponse]:
    """POST /v1/skills/extract, in as many calls as it takes."""

    def call_of(offset: int, part: list[str]) -> Call[ExtractResponse]:
        body = validated(ExtractRequest, offset, texts=part)
        return Call("POST", "/v1/skills/extract", ExtractResponse, body=body)

    answer: ExtractResponse = joined((yield from in_parts(texts, "texts", call_of)))
    return answer


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
    texts: Sequence[str], k: int, where: Condition | Mapping[str, Any] | None, exact: bool
) -> Plan[SearchResponse]:
    """POST /v1/search, in as many calls as it takes."""

    def call_of(offset: int, part: list[str]) -> Call[SearchResponse]:
        body = validated(SearchRequest, offset, queries=part, k=k, where=where, exact=exact)
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


def activate(name: str) -> Plan[ActivateResponse]:
    """POST /v1/releases/{name}/activate."""
    path = f"/v1/releases/{quote(name, safe='')}/activate"
    answer: ActivateResponse = yield Call("POST", path, ActivateResponse, retry=False)
    return answer


def _skill(skill: str) -> str:
    """Percent-encode a skill into a path; one of dots alone would be taken for a folder."""
    encoded = quote(skill, safe="")
    return "/v1/skills/" + (encoded.replace(".", "%2E") if set(encoded) == {"."} else encoded)
