"""Skills related to a skill, from the precomputed neighbour tables."""

from __future__ import annotations

from typing import Final, get_args

import orjson

from embedsvc.errors import InputError, UnsupportedError
from embedsvc.queries.analogy import analogy
from embedsvc.queries.batches import item_error, refusal
from embedsvc.queries.completion import completed
from embedsvc.queries.resolve import climb, resolve
from embedsvc.queries.skill_spaces import nearest
from embedsvc.queries.stages import recorder, stage
from embedsvc.releases.opening import Release
from embedsvc.schemas import (
    MAX_K,
    Refused,
    RelatedBatchRequest,
    RelatedBatchResponse,
    RelatedQuery,
    RelatedResponse,
    RelatedResult,
    RelatedSkill,
    Relation,
    Resolution,
    Step,
)

RELATION_ITSELF: Final = "skills"
"""The space that stands for the relation's own table."""

_ANSWER = (
    b'{"release":%b,"relation":"%b","space":"skills",'
    b'"resolved":{"query":%b,"skill":%b,"step":%b},"related":[%b]}'
)
_STEPS = {step: orjson.dumps(step) for step in get_args(Step)}


def neighbours(
    release: Release, row: int, k: int, relation: Relation, min_score: float | None
) -> list[tuple[int, float]]:
    """At most `k` (row, score) of the relation's table, best first, none below `min_score`; never -0.0.

    Raises:
        InputError: `k` is not between 1 and MAX_K.
        UnknownNameError: The release has no such relation.
    """
    if not 1 <= k <= MAX_K:
        raise InputError(f"k is {k}; it must be between 1 and {MAX_K}.")
    ids, scores = release.relation(relation).row(row)
    found = zip(ids[:k].tolist(), scores[:k].tolist(), strict=True)
    if min_score is None:
        return [(other, round(score, 4) + 0.0) for other, score in found]
    return [(other, round(score, 4) + 0.0) for other, score in found if score >= min_score]


def related(release: Release, query: RelatedQuery) -> RelatedResponse:
    """Skills related to the skill that the query means; those it has `also` are for `related_to_all`.

    Raises:
        InputError: `k` is out of range, or the skill has no vector in the space.
        UnknownSkillError: The query ladder ended without a skill.
        UnknownNameError: The release has no such relation, or no such space.
        UnsupportedError: A space is asked for what it cannot tell.
    """
    if query.space != RELATION_ITSELF:
        return _in_a_space(release, query)
    row, step = resolve(release, query.skill)
    with stage("search", query.relation):
        found = neighbours(release, row, query.k, query.relation, query.min_score)
    lexicon, scores = release.lexicon, release.score_json[query.relation]
    return RelatedResponse(
        release=release.name,
        relation=query.relation,
        resolved=Resolution(query=query.skill, skill=lexicon[row].name, step=step),
        related=[
            RelatedSkill(
                skill=lexicon[other].name,
                candidates=lexicon[other].candidates,
                score=score,
                relatedness=scores.relatedness(score),
            )
            for other, score in found
        ],
    )


def _in_a_space(release: Release, query: RelatedQuery) -> RelatedResponse:
    """Skills whose vectors in one space of the release are nearest to that of the skill."""
    if query.relation != "similar":
        raise UnsupportedError(
            f"The space '{query.space}' cannot tell what is used with a skill: that is counted in lists, and "
            "vectors tell what is similar; leave one of space and relation out."
        )
    if query.also or query.negative:
        raise UnsupportedError(
            f"The space '{query.space}' is asked about one skill; leave out space, or also and negative."
        )
    row, step = resolve(release, query.skill)
    rounded = [
        (other, round(score, 4) + 0.0) for other, score in nearest(release, row, query.space)[: query.k]
    ]
    lexicon, least = release.lexicon, query.min_score
    return RelatedResponse(
        release=release.name,
        relation=query.relation,
        space=query.space,
        resolved=Resolution(query=query.skill, skill=lexicon[row].name, step=step),
        related=[
            # Noise floors are those of the relation.
            RelatedSkill(skill=lexicon[other].name, candidates=lexicon[other].candidates, score=score)
            for other, score in rounded
            if least is None or score >= least
        ],
    )


def related_to_all(release: Release, query: RelatedQuery, index: int) -> RelatedResult:
    """Skills related to the skill of a query and those it has `also`, together.

    Raises:
        UnknownSkillError: The query ladder ended without a skill for one of them.
        UnknownNameError: The release has no such relation.
    """
    lexicon = release.lexicon
    resolved = [(name, *resolve(release, name)) for name in (query.skill, *query.also)]
    told = [Resolution(query=name, skill=lexicon[row].name, step=step) for name, row, step in resolved]
    with stage("search", query.relation):
        found = completed(release, [row for _, row, _ in resolved], query.relation)
    rounded = [(row, round(score, 4) + 0.0) for row, score in found]
    least = query.min_score
    return RelatedResult(
        index=index,
        resolved=told[0],
        also=told[1:],
        related=[
            # The mean of several cosines is no cosine, and of those alone the noise floor tells.
            RelatedSkill(skill=lexicon[row].name, candidates=lexicon[row].candidates, score=score)
            for row, score in [each for each in rounded if least is None or each[1] >= least][: query.k]
        ],
    )


def related_json(release: Release, skill: str, k: int, relation: Relation, min_score: float | None) -> bytes:
    """What `related` answers, as JSON bytes joined from parts encoded when the release was opened.

    Raises:
        The same errors as `related`.
    """
    if recorder() is None:  # nearly always: three stages that nobody times cost a tenth of the rest
        row, step = climb(release, skill)
        found = neighbours(release, row, k, relation, min_score)
        return _joined(release, skill, row, step, relation, found)
    row, step = resolve(release, skill)
    with stage("search", relation):
        found = neighbours(release, row, k, relation, min_score)
    with stage("serialise"):
        return _joined(release, skill, row, step, relation, found)


def _joined(
    release: Release,
    skill: str,
    row: int,
    step: Step,
    relation: Relation,
    found: list[tuple[int, float]],
) -> bytes:
    encoded, scores = release.skill_json, release.score_json[relation]
    return _ANSWER % (
        release.name_json,
        relation.encode(),
        orjson.dumps(skill),
        release.skill_names_json[row],
        _STEPS[step],
        b",".join([encoded[other] + scores[score] for other, score in found]),
    )


def _analogous(release: Release, query: RelatedQuery, index: int) -> RelatedResult:
    """Skills related to some and not to others."""
    lexicon = release.lexicon
    try:
        given, against = (
            [(name, *resolve(release, name)) for name in names]
            for names in ([query.skill, *query.also], query.negative)
        )
        with stage("search", "analogy"):
            found = analogy(release, [row for _, row, _ in given], [row for _, row, _ in against])
    except InputError as error:
        return RelatedResult(index=index, error=item_error(error))
    least = -1.0 if query.min_score is None else query.min_score
    told, negative = (
        [Resolution(query=name, skill=lexicon[row].name, step=step) for name, row, step in resolved]
        for resolved in (given, against)
    )
    return RelatedResult(
        index=index,
        resolved=told[0],
        also=told[1:],
        negative=negative,
        related=[
            # A cosine to a sum is not one of two skills, of which alone the noise floor tells.
            RelatedSkill(skill=lexicon[row].name, candidates=lexicon[row].candidates, score=round(score, 4))
            for row, score in found[: query.k]
            if score >= least
        ],
    )


def related_batch(release: Release, request: RelatedBatchRequest) -> RelatedBatchResponse:
    """Every query answered or refused on its own, in order."""
    results = []
    for index, query in enumerate(request.queries):
        if isinstance(query, Refused):
            results.append(RelatedResult(index=index, error=refusal(query)))
            continue
        in_a_space = query.space != RELATION_ITSELF
        if query.negative and not in_a_space:
            results.append(_analogous(release, query, index))
            continue
        try:
            if query.also and not in_a_space:
                results.append(related_to_all(release, query, index))
                continue
            answer = related(release, query)
        except InputError as error:
            results.append(RelatedResult(index=index, error=item_error(error)))
        else:
            space = answer.space if in_a_space else None
            results.append(
                RelatedResult(index=index, resolved=answer.resolved, related=answer.related, space=space)
            )
    return RelatedBatchResponse(release=release.name, results=results)
