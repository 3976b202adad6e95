"""Why two skills are related: ranks, scores, and what the corpus counts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from embedsvc.schemas.base import Answer, K, Request
from embedsvc.schemas.skills import Relation, Resolution, SkillQuery


class ExplainQuery(Request):
    """A skill and another one, or its nearest."""

    skill: SkillQuery
    other: Annotated[SkillQuery | None, Field(description="Its nearest k where left out.")] = None
    relation: Relation = "used_with"
    k: K = 10


class Corpus(Answer):
    """Counts of skill lists, one a candidate, of the part that was trained on."""

    lists: int = Field(description="Lists in all.")
    floor: int = Field(description="Privacy floor: counts below it are null.")
    named: int | None = Field(description="Lists that name the skill asked for.")
    other_named: int | None = Field(description="Lists that name the other one.")
    together: int | None = Field(description="Lists that name both.")
    expected: float | None = Field(
        description="Lists that would name both by chance: named x other_named / lists."
    )
    pmi: float | None = Field(
        description="Pointwise mutual information in bits, log2(together / expected): 0 is chance, 1 is "
        "twice as often."
    )


class ExplainedSkill(Answer):
    """The other skill: its place among the neighbours, and what the corpus counts."""

    skill: str
    rank: int | None = Field(description="Place among the neighbours, from 1; null where it is none of them.")
    score: float | None = Field(description="As of `related`.")
    relatedness: float | None = Field(description="As of `related`.")
    corpus: Corpus | None = Field(
        description="Null where the pair was not counted: neither skill is among the kept neighbours of the "
        "other, or the release was made without counts."
    )


class ExplainResponse(Answer):
    """The evidence for one relation of a skill."""

    release: str
    relation: Relation
    resolved: Resolution
    explained: list[ExplainedSkill]
