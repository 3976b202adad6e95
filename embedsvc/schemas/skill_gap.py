"""What a job asks for and a CV has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from embedsvc.schemas.base import MAX_BATCH, Answer, ItemError, Request, Text

Side = Literal["cv", "job"]
SkillsOrText = Annotated[
    Text | Annotated[list[str], Field(max_length=MAX_BATCH)],
    Field(description="A text, whose skills are found as by extract, or a list of skills in any spelling."),
]
LeastRelatedness = Annotated[
    float,
    Field(
        ge=0.0,
        le=1.0,
        description="How related a skill must be: 0.6 is what one random pair in 1,000 reaches. Where the "
        "release has no noise floors, the score itself is compared.",
    ),
]


class GapRequest(Request):
    """A CV and a job."""

    cv: SkillsOrText
    job: SkillsOrText
    least: LeastRelatedness = 0.6


class WantedSkill(Answer):
    """A skill that the job asks for."""

    skill: str = Field(description="Canonical name.")
    asked: str = Field(description="As the job has it, where it names it first.")
    candidates: int = Field(description="Distinct candidates who name the skill.")


class RelatedCover(WantedSkill):
    """A skill that the CV lacks, and the nearest one that it has."""

    by: str = Field(description="The CV's skill that comes nearest by the relation `similar`.")
    score: float = Field(description="As of `related`.")
    relatedness: float | None = Field(description="As of `related`.")


class UnknownItem(Answer):
    """An item of a list that is no skill of the release."""

    side: Side
    index: int
    error: ItemError


class GapResponse(Answer):
    """The job's skills in the order it names them, each in one of three lists."""

    release: str
    covered: list[WantedSkill]
    related: list[RelatedCover]
    missing: list[WantedSkill]
    extra: list[str] = Field(description="Skills of the CV that the job does not ask for.")
    coverage: float | None = Field(
        description="Share of the job's skills that are covered, a related one counting as much as its "
        "relatedness; null where the job names no skill."
    )
    unknown: list[UnknownItem]
