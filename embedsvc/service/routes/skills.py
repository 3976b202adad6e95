"""Skills: related ones, what the lexicon knows of one, typeahead."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response

from embedsvc import queries
from embedsvc.schemas import (
    MAX_SKILL_LENGTH,
    Cosine,
    ExplainQuery,
    ExplainResponse,
    GapRequest,
    GapResponse,
    K,
    LeastRelatedness,
    Limit,
    MaxLength,
    MaxSimilar,
    RelatedQuery,
    RelatedResponse,
    Relation,
    SearchStringQuery,
    SearchStringResponse,
    SkillListResponse,
    SkillQuery,
    SkillResponse,
    SpaceName,
)
from embedsvc.service.envelope import JSON, answer
from embedsvc.service.routes.failures import failures
from embedsvc.service.state import state_of

router = APIRouter(tags=["skills"])

Skill = Annotated[
    str,
    Path(
        min_length=1,
        max_length=MAX_SKILL_LENGTH,
        description="A skill, in any of its spellings; percent-encode it (`ci%2Fcd`, `c%23`).",
        examples=["php"],
    ),
]
AskedRelation = Annotated[
    Relation,
    Query(
        description="`similar`: could stand in for it. `used_with`: asked for together with it. "
        "They are different questions and never mixed.",
    ),
]


@router.get(
    "/v1/skills/{skill:path}/related",
    response_model=RelatedResponse,
    responses=failures(400, 404, 422, 503),
    summary="Skills related to a skill",
)
async def related(
    request: Request,
    skill: Skill,
    k: Annotated[K, Query()] = 10,
    relation: AskedRelation = "similar",
    space: Annotated[
        SpaceName,
        Query(
            description="Ask one space of the release alone, for `similar`; by default the relation itself, "
            "which is made of several kinds of evidence."
        ),
    ] = "skills",
    min_score: Annotated[Cosine | None, Query()] = None,
) -> Response:
    """Skills related to one skill, best first.

    `resolved` says how the query was understood: the canonical name itself (`exact`), another surface form
    (`alias`), a near spelling (`spelling`), or a form nobody has seen that is made of nearly the same
    subwords (`subwords`, where the release has a fastText space).

    With `space` scores are cosines in that space, among the same skills: `word2vec`, `fasttext` and `glove`
    know words, `sentences` reads the skill's name as search reads a text. A space that the release lacks is
    `unknown_name` (404, `details.known`), and so is none of them for `used_with`, which is counted in lists
    (400 `unsupported`).
    """
    state = state_of(request)
    if space != queries.RELATION_ITSELF:
        asked = RelatedQuery(skill=skill, k=k, relation=relation, space=space, min_score=min_score)
        return answer(await state.heavy(queries.related, asked))
    return Response(
        queries.related_json(state.live.release(), skill, k, relation, min_score), media_type=JSON
    )


@router.get(
    "/v1/skills/{skill:path}/explain",
    response_model=ExplainResponse,
    responses=failures(404, 422, 503),
    summary="Why skills are related",
)
async def explain(
    request: Request,
    skill: Skill,
    other: Annotated[
        SkillQuery | None, Query(description="Another skill; its nearest k where left out.")
    ] = None,
    relation: AskedRelation = "used_with",
    k: Annotated[K, Query()] = 10,
) -> Response:
    """What the corpus counts: how many lists name each skill, how many both, how many would by chance, PMI.

    No count below the privacy floor is told: it is null.
    """
    asked = ExplainQuery(skill=skill, other=other, relation=relation, k=k)
    return answer(queries.explain(state_of(request).live.release(), asked))


@router.get(
    "/v1/skills/{skill:path}/search-string",
    response_model=SearchStringResponse,
    responses=failures(404, 422, 503),
    summary="A Boolean string that finds a skill elsewhere",
)
async def search_string(
    request: Request,
    skill: Skill,
    similar: Annotated[MaxSimilar, Query()] = 5,
    least: Annotated[LeastRelatedness, Query()] = 0.8,
    max_length: Annotated[MaxLength, Query()] = 1_000,
) -> Response:
    """An OR of quoted terms for engines that know no vectors: the name, its other forms, similar skills.

    `terms` says why each is there, `omitted` what was left out. A form that mostly means something else is
    guarded: `("go" AND ("docker" OR "kubernetes"))`. Nothing in a form can become an operator.
    """
    asked = SearchStringQuery(skill=skill, similar=similar, least=least, max_length=max_length)
    return answer(queries.search_string(state_of(request).live.release(), asked))


@router.post(
    "/v1/skills/gap",
    response_model=GapResponse,
    responses=failures(413, 422, 503),
    summary="What a job asks for and a CV lacks",
)
async def gap(
    request: Request,
    asked: Annotated[
        GapRequest,
        Body(
            openapi_examples={
                "texts": {
                    "summary": "Two texts",
                    "value": {"cv": "Five years of PHP and MySQL", "job": "PHP, JavaScript and payroll"},
                },
                "lists": {
                    "summary": "Lists of skills",
                    "value": {"cv": ["php"], "job": ["php", "javascript"], "least": 0.7},
                },
            }
        ),
    ],
) -> Response:
    """Each skill of the job is covered, covered by a related skill of the CV (which one), or missing."""
    return answer(await state_of(request).heavy(queries.skill_gap, asked))


@router.get(
    "/v1/skills",
    response_model=SkillListResponse,
    responses=failures(422, 503),
    summary="Skills that start with a prefix",
)
async def suggest(
    request: Request,
    prefix: Annotated[
        str, Query(min_length=1, max_length=MAX_SKILL_LENGTH, description="Start of a surface form.")
    ],
    limit: Annotated[Limit, Query()] = 10,
) -> Response:
    """Typeahead: the most used skills with a surface form that starts with the prefix."""
    return answer(queries.suggest(state_of(request).live.release(), prefix, limit))


@router.get(
    "/v1/skills/{skill:path}",
    response_model=SkillResponse,
    responses=failures(404, 422, 503),
    summary="What is known of a skill",
)
async def skill_info(request: Request, skill: Skill) -> Response:
    """Canonical name, surface forms with their counts, and how the query was understood."""
    return answer(queries.skill_info(state_of(request).live.release(), skill))
