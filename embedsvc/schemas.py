"""The wire contract: what the service takes and answers, shared with the SDK.

Every successful answer names the release it came from. Every list request takes a batch; a batch
never fails whole: each item carries its own result or error, in the order asked.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_K = 1_000
MAX_BATCH = 1_000
MAX_SKILL_LENGTH = 200
MAX_TEXT_LENGTH = 100_000

Relation = Literal["similar", "used_with"]
Step = Literal["exact", "alias", "spelling"]

SkillQuery = Annotated[str, Field(min_length=1, max_length=MAX_SKILL_LENGTH)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH)]
K = Annotated[int, Field(ge=1, le=MAX_K, description="How many answers at most.")]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ErrorBody(_Wire):
    """What went wrong: a stable code for programs, a sentence for people."""

    code: str
    message: str
    details: dict[str, Any] = {}
    request_id: str


class ErrorResponse(_Wire):
    """The envelope of every answer that is not a success."""

    error: ErrorBody


class ItemError(_Wire):
    """What went wrong with one item of a batch."""

    code: str
    message: str
    details: dict[str, Any] = {}


class Resolution(_Wire):
    """How a query was understood: which skill, by which step of the ladder."""

    query: str
    skill: str = Field(description="Canonical name.")
    step: Step = Field(
        description="exact: the canonical name; alias: another surface form; spelling: edit distance."
    )


class RelatedSkill(_Wire):
    """One neighbour of a skill."""

    skill: str
    score: float = Field(description="similar: cosine in [-1, 1]; used_with: normalised PMI in [-1, 1].")
    candidates: int = Field(description="Distinct candidates who name the skill.")


class RelatedResponse(_Wire):
    """Skills related to one skill, best first."""

    release: str
    relation: Relation
    resolved: Resolution
    related: list[RelatedSkill]


class RelatedQuery(_Wire):
    """One item of a batch of related-skill queries."""

    skill: SkillQuery
    k: K = 10
    relation: Relation = "similar"
    min_score: float | None = None


class RelatedBatchRequest(_Wire):
    """A batch of related-skill queries."""

    queries: Annotated[list[RelatedQuery], Field(min_length=1, max_length=MAX_BATCH)]


class RelatedResult(_Wire):
    """The result or the error of the query at `index`; exactly one of the two."""

    index: int
    resolved: Resolution | None = None
    related: list[RelatedSkill] | None = None
    error: ItemError | None = None


class RelatedBatchResponse(_Wire):
    """Results in the order of the queries."""

    release: str
    results: list[RelatedResult]


class SkillAlias(_Wire):
    """A surface form of a skill and how many distinct candidates write it so."""

    surface: str
    candidates: int
    source: str = Field(description="Where the alias comes from: mined, or the user's own file.")


class SkillResponse(_Wire):
    """What the lexicon knows of a skill."""

    release: str
    skill: str
    candidates: int
    aliases: list[SkillAlias]
    resolved: Resolution


class SkillSuggestion(_Wire):
    """One row of the typeahead."""

    skill: str
    candidates: int
    surface: str = Field(description="The surface form that the prefix matched.")


class SkillListResponse(_Wire):
    """Skills with a surface form that starts with the prefix, the most used first."""

    release: str
    prefix: str
    skills: list[SkillSuggestion]


class SimilarityRequest(_Wire):
    """Either sentence pairs, or one source against many targets."""

    pairs: Annotated[list[tuple[Text, Text]], Field(min_length=1, max_length=MAX_BATCH)] | None = None
    source: Text | None = None
    targets: Annotated[list[Text], Field(min_length=1, max_length=MAX_BATCH)] | None = None


class SimilarityResponse(_Wire):
    """One cosine in [-1, 1] a pair (or target), in order; null where a text holds no known word."""

    release: str
    space: str
    scores: list[float | None]


class SearchRequest(_Wire):
    """Texts to find candidates by: a job description, a sentence, a list of skills."""

    queries: Annotated[list[Text], Field(min_length=1, max_length=MAX_BATCH)]
    k: K = 10


class CandidateHit(_Wire):
    """A candidate found by meaning."""

    id: str
    score: float = Field(description="Cosine of query and candidate in [-1, 1].")
    title: str
    label: str | None


class SearchResult(_Wire):
    """The hits or the error of the query at `index`; exactly one of the two."""

    index: int
    hits: list[CandidateHit] | None = None
    error: ItemError | None = None


class SearchResponse(_Wire):
    """Results in the order of the queries."""

    release: str
    results: list[SearchResult]


class ClassifyRequest(_Wire):
    """Texts to label."""

    texts: Annotated[list[Text], Field(min_length=1, max_length=MAX_BATCH)]
    classifier: Annotated[str, Field(min_length=1, max_length=100)] = "label"
    top_k: Annotated[int, Field(ge=1, le=100)] = 3
    threshold: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0


class LabelScore(_Wire):
    """A label and its probability in [0, 1]."""

    label: str
    probability: float


class ClassifyResult(_Wire):
    """The labels or the error of the text at `index`; no label reaching the threshold gives an empty list."""

    index: int
    labels: list[LabelScore] | None = None
    error: ItemError | None = None


class ClassifyResponse(_Wire):
    """Results in the order of the texts."""

    release: str
    classifier: str
    results: list[ClassifyResult]


class LiveResponse(_Wire):
    """The process answers."""

    status: Literal["live"] = "live"


class ReadyResponse(_Wire):
    """A canary query on the live release gave its known answer."""

    status: Literal["ready"] = "ready"
    release: str
    canary: str = Field(description="The skill that was asked.")


class ReleaseInfo(_Wire):
    """One release of the store."""

    name: str
    created: str
    active: bool
    bytes: int
    parent: str | None = None


class ReleaseListResponse(_Wire):
    """All releases, newest first."""

    releases: list[ReleaseInfo]
