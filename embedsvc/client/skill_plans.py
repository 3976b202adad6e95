"""Every question about skills, described once for both clients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from embedsvc.client.batches import in_parts, joined, validated
from embedsvc.client.calls import Call, Plan
from embedsvc.errors import InputError, from_wire
from embedsvc.schemas import (
    ExplainQuery,
    ExplainResponse,
    ExtractRequest,
    ExtractResponse,
    GapRequest,
    GapResponse,
    RelatedBatchRequest,
    RelatedBatchResponse,
    RelatedQuery,
    RelatedResponse,
    RelatedResult,
    Relation,
    SearchStringQuery,
    SearchStringResponse,
    SkillListResponse,
    SkillResponse,
    SpaceName,
    SuggestQuery,
)


def related(
    skill: str, k: int, relation: Relation, min_score: float | None, space: SpaceName
) -> Plan[RelatedResponse]:
    """GET /v1/skills/{skill}/related."""
    asked = validated(RelatedQuery, skill=skill, k=k, relation=relation, min_score=min_score, space=space)
    options = {
        "k": asked.k,
        "relation": asked.relation,
        "min_score": asked.min_score,
        "space": None if asked.space == "skills" else asked.space,  # the plain form is the quickest
    }
    answer: RelatedResponse = yield Call("GET", f"{_skill(asked.skill)}/related", RelatedResponse, options)
    return answer


def related_many(
    asked: Sequence[str | RelatedQuery],
    k: int,
    relation: Relation,
    min_score: float | None,
    space: SpaceName = "skills",
) -> Plan[RelatedBatchResponse]:
    """POST /v1/skills/related, in as many calls as it takes."""
    options = {"k": k, "relation": relation, "min_score": min_score, "space": space}

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


def _skill(skill: str) -> str:
    """Percent-encode a skill into a path; one of dots alone would be taken for a folder."""
    encoded = quote(skill, safe="")
    return "/v1/skills/" + (encoded.replace(".", "%2E") if set(encoded) == {"."} else encoded)
