"""A Boolean string by which a skill is found in other search engines."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from embedsvc.schemas.base import Answer, Request
from embedsvc.schemas.skill_gap import LeastRelatedness
from embedsvc.schemas.skills import Resolution, SkillQuery

MaxLength = Annotated[
    int, Field(ge=20, le=10_000, description="Characters the string has at most; many engines take no more.")
]
MaxSimilar = Annotated[int, Field(ge=0, le=50, description="How many similar skills at most.")]
Reason = Literal["skill", "alias", "similar"]
Omission = Literal["length", "unsafe", "same", "ambiguous"]


class SearchStringQuery(Request):
    """A skill, and how far its string may reach."""

    skill: SkillQuery
    similar: MaxSimilar = 5
    least: LeastRelatedness = 0.8
    max_length: MaxLength = 1_000


class SearchTerm(Answer):
    """One alternative of the string, and why it is there."""

    term: str = Field(description="The surface form.")
    written: str = Field(description="As it stands in the string.")
    reason: Reason
    skill: str = Field(description="The skill that it names.")
    source: str | None = Field(description="Of an alias, why it is one, as in `GET /v1/skills/{skill}`.")
    candidates: int = Field(description="Distinct candidates who write it so.")
    relatedness: float | None = Field(description="Of a similar skill, to the one asked for.")
    guarded_by: list[str] = Field(
        description="Of a form that mostly means something else (`go`, or any of one or two characters): "
        "skills used with it, one of which must be there too."
    )


class OmittedTerm(Answer):
    """An alternative that was left out."""

    term: str
    reason: Reason
    why: Omission = Field(
        description="length: there was no room; unsafe: it holds quotes or other characters that an engine "
        "may take for operators; same: an engine reads it as a term that is there; ambiguous: it mostly "
        "means something else, and nothing is known that would guard it."
    )


class SearchStringResponse(Answer):
    """A Boolean OR of quoted terms."""

    release: str
    resolved: Resolution
    query: str = Field(description='The string: `("machine learning" OR "ml")`.')
    terms: list[SearchTerm]
    omitted: list[OmittedTerm]
