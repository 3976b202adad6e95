"""Health, and the releases of the store."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from embedsvc.schemas.base import Answer


class LiveResponse(Answer):
    """The process answers."""

    status: Literal["live"] = "live"


class ReadyResponse(Answer):
    """A canary query on the live release gave its known answer."""

    status: Literal["ready"] = "ready"
    release: str
    canary: str = Field(description="The skill that was asked.")


class ReleaseInfo(Answer):
    """One release of the store."""

    name: str
    created: str
    active: bool
    bytes: int
    parent: str | None = None


class ReleaseScore(Answer):
    """How good a release is at one task, beside its baselines on the same items."""

    task: str
    metric: str
    value: float
    low: float | None = Field(None, description="Lower end of the 95 % interval.")
    high: float | None = Field(None, description="Its upper end.")
    items: int = Field(description="On how many items it was measured.")
    baselines: dict[str, float | None] = Field({}, description="What others reach, by their name.")
    higher_is_better: bool = True


class CommonSkill(Answer):
    """A skill and how many distinct candidates name it."""

    skill: str
    candidates: int


class ServedClassifier(Answer):
    """A classifier that can be asked."""

    name: str
    labels: list[str]
    multi_label: bool = Field(description="Whether a text may bear several labels.")


class FilterValue(Answer):
    """A value of a column and how many candidates bore it when the release was made."""

    value: str
    candidates: int


class CandidateFilter(Answer):
    """A column that a search can be narrowed by."""

    field: str
    kind: Literal["text", "number"]
    values: list[FilterValue] = Field(
        description="Its commonest values, those of fewer than 5 candidates left out; empty for numbers."
    )


class ServedParts(Answer):
    """What can be asked of the release that answers."""

    skills: int = Field(description="Skills of the lexicon.")
    words: int = Field(description="Keys of the word space.")
    candidates: int = Field(description="Candidates who can be found now.")
    relations: list[str]
    spaces: list[str] = Field([], description="Spaces that `related` can be asked in one by one.")
    commonest: list[CommonSkill] = Field(description="The skills that most candidates name.")
    classifiers: list[ServedClassifier]
    filters: list[CandidateFilter]


class ReleaseResponse(ReleaseInfo):
    """One release: what it is and how good."""

    kind: str = Field(description="What made it: `train`, `reindex`.")
    card: bool = Field(description="Whether it has a model card, at `/v1/releases/{name}/card`.")
    scores: list[ReleaseScore] = Field(description="The primary score of each task it was evaluated on.")
    served: ServedParts | None = Field(description="Null where another release answers.")


class ReleaseListResponse(Answer):
    """All releases, newest first."""

    releases: list[ReleaseInfo]


class ActivateResponse(Answer):
    """The release that is live now, and the one that was."""

    release: str
    before: str | None
