"""The wire contract: what the service takes and answers, shared with the SDK.

Every successful answer names the release it came from. Every list request takes a batch; a batch
never fails whole: each item carries its own result or error, in the order asked.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_K = 1_000
MAX_BATCH = 1_000
MAX_SKILL_LENGTH = 200
MAX_TEXT_LENGTH = 100_000
MAX_LABELS = 100
MAX_LABEL_LENGTH = 200
MAX_EXAMPLES = 20
MAX_HITS = 100_000
"""Queries of a search times k: what one answer may hold."""

Relation = Literal["similar", "used_with"]
Step = Literal["exact", "alias", "spelling", "subwords"]

SkillQuery = Annotated[
    str, Field(min_length=1, max_length=MAX_SKILL_LENGTH, description="A skill, in any of its spellings.")
]
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH)]
K = Annotated[int, Field(ge=1, le=MAX_K, description="How many answers at most.")]
Limit = Annotated[int, Field(ge=1, le=100, description="How many skills at most.")]
Cosine = Annotated[float, Field(ge=-1.0, le=1.0, description="Leave out answers that score less.")]


class _Request(BaseModel):
    """Refuses what it does not know, so that a misspelt key is an error and not a default."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class _Answer(BaseModel):
    """Ignores what it does not know, so that an older SDK reads a newer service."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ErrorBody(_Answer):
    """What went wrong: a stable code for programs, a sentence for people."""

    code: str
    message: str
    details: dict[str, Any] = {}
    request_id: str


class ErrorResponse(_Answer):
    """The envelope of every answer that is not a success."""

    error: ErrorBody


class ItemError(_Answer):
    """What went wrong with one item of a batch."""

    code: str
    message: str
    details: dict[str, Any] = {}


class Resolution(_Answer):
    """How a query was understood: which skill, by which step of the ladder."""

    query: str
    skill: str = Field(description="Canonical name.")
    step: Step = Field(
        description="exact: the canonical name; alias: another surface form; spelling: edit distance; "
        "subwords: an unseen form that is made of nearly the same subwords."
    )


class RelatedSkill(_Answer):
    """One neighbour of a skill."""

    skill: str
    score: float = Field(description="similar: cosine in [-1, 1]; used_with: EASE weight in [0, 1].")
    candidates: int = Field(description="Distinct candidates who name the skill.")
    relatedness: float | None = Field(
        None,
        description="How far the cosine lies above what random skills score, in [0, 1]: 0.2 is what one "
        "random pair in 10 reaches, 0.4 one in 100, 0.6 one in 1,000, 0.8 one in 10,000; 1 is the skill "
        "itself. Null for `used_with`, and where the release was made without noise floors.",
    )


class RelatedResponse(_Answer):
    """Skills related to one skill, best first."""

    release: str
    relation: Relation
    resolved: Resolution
    related: list[RelatedSkill]


class RelatedQuery(_Request):
    """One item of a batch of related-skill queries."""

    skill: SkillQuery
    k: K = 10
    relation: Relation = "similar"
    min_score: Cosine | None = None


class RelatedBatchRequest(_Request):
    """A batch of related-skill queries."""

    queries: Annotated[list[RelatedQuery], Field(min_length=1, max_length=MAX_BATCH)]


class RelatedResult(_Answer):
    """The result or the error of the query at `index`; exactly one of the two."""

    index: int
    resolved: Resolution | None = None
    related: list[RelatedSkill] | None = None
    error: ItemError | None = None


class RelatedBatchResponse(_Answer):
    """Results in the order of the queries."""

    release: str
    results: list[RelatedResult]


class SuggestQuery(_Request):
    """A typeahead query."""

    prefix: SkillQuery
    limit: Limit = 10


class SkillAlias(_Answer):
    """A surface form of a skill and how many distinct candidates write it so."""

    surface: str
    candidates: int
    source: str = Field(
        description="Why it is one: mined (same normal form), plural, spelling, acronym, context (same "
        "company), esco, onet, or the user."
    )


class SkillResponse(_Answer):
    """What the lexicon knows of a skill."""

    release: str
    skill: str
    candidates: int
    aliases: list[SkillAlias]
    resolved: Resolution


class SkillSuggestion(_Answer):
    """One row of the typeahead."""

    skill: str
    candidates: int
    surface: str = Field(description="The surface form that the prefix matched.")


class SkillListResponse(_Answer):
    """Skills with a surface form that starts with the prefix, the most used first."""

    release: str
    prefix: str
    skills: list[SkillSuggestion]


class ExtractRequest(_Request):
    """Texts to find skills in, as they are: offsets are those of the text that was sent."""

    texts: Annotated[
        list[Annotated[str, Field(description="Plain text or HTML; an empty one names no skill.")]],
        Field(min_length=1, max_length=MAX_BATCH),
    ]


class ExtractedSkill(_Answer):
    """A skill named in a text."""

    skill: str = Field(description="Canonical name.")
    surface: str = Field(description="As written: `text[start:end]`.")
    start: int = Field(description="Where it begins, in characters (Unicode code points) from 0.")
    end: int = Field(description="Where it ends.")
    step: Step = Field(description="exact: a spelling of the canonical name; alias: another surface form.")


class ExtractResult(_Answer):
    """The skills in the text at `index`, in order and not overlapping, or its error."""

    index: int
    skills: list[ExtractedSkill] | None = None
    error: ItemError | None = None


class ExtractResponse(_Answer):
    """Results in the order of the texts."""

    release: str
    results: list[ExtractResult]


class SimilarityRequest(_Request):
    """Either sentence pairs, or one source against many targets."""

    pairs: Annotated[list[tuple[Text, Text]], Field(min_length=1, max_length=MAX_BATCH)] | None = None
    source: Text | None = None
    targets: Annotated[list[Text], Field(min_length=1, max_length=MAX_BATCH)] | None = None

    @model_validator(mode="after")
    def _one_way_of_asking(self) -> Self:
        """Refuse a request that gives both forms, or half of one."""
        as_pairs = self.pairs is not None
        as_targets = self.source is not None and self.targets is not None
        half = (self.source is None) != (self.targets is None)
        if half or as_pairs == as_targets:
            raise ValueError("give either pairs, or source and targets")
        return self


class SimilarityResponse(_Answer):
    """One cosine in [-1, 1] a pair (or target), in order; null where a text holds no known word."""

    release: str
    space: str
    scores: list[float | None]
    relatedness: list[float | None] | None = Field(
        None,
        description="Of each score, how far it lies above what random sentences score, in [0, 1], as for "
        "skills; null where the release was made without noise floors.",
    )


class SearchRequest(_Request):
    """Texts to find candidates by: a job description, a sentence, a list of skills."""

    queries: Annotated[list[Text], Field(min_length=1, max_length=MAX_BATCH)]
    k: K = 10

    @model_validator(mode="after")
    def _few_enough_hits(self) -> Self:
        """Refuse an answer that would be too large to hold."""
        if len(self.queries) * self.k > MAX_HITS:
            raise ValueError(f"queries times k is more than {MAX_HITS}; lower k or split the batch")
        return self


class CandidateHit(_Answer):
    """A candidate found by meaning."""

    id: str
    score: float = Field(description="Cosine of query and candidate in [-1, 1].")
    title: str
    label: str | None


class SearchResult(_Answer):
    """The hits or the error of the query at `index`; exactly one of the two."""

    index: int
    hits: list[CandidateHit] | None = None
    error: ItemError | None = None


class SearchResponse(_Answer):
    """Results in the order of the queries."""

    release: str
    results: list[SearchResult]


class ClassifyRequest(_Request):
    """Texts to label, by a classifier of the release or by a few examples of each label."""

    texts: Annotated[list[Text], Field(min_length=1, max_length=MAX_BATCH)]
    classifier: Annotated[
        str | None, Field(min_length=1, max_length=100, description="`label` where nothing is said.")
    ] = None
    examples: Annotated[
        dict[
            Annotated[str, Field(min_length=1, max_length=MAX_LABEL_LENGTH)],
            Annotated[list[Text], Field(min_length=1, max_length=MAX_EXAMPLES)],
        ]
        | None,
        Field(
            min_length=1,
            max_length=MAX_LABELS,
            description="Instead of a classifier, texts of each label; a text near none gets no label.",
        ),
    ] = None
    top_k: Annotated[int, Field(ge=1, le=100)] = 3
    threshold: Annotated[
        float | None, Field(ge=0.0, le=1.0, description="The classifier's own where nothing is said.")
    ] = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> ClassifyRequest:
        if self.examples is not None and self.classifier is not None:
            raise ValueError("give a classifier or examples, not both")
        return self


class LabelScore(_Answer):
    """A label and its probability in [0, 1]."""

    label: str
    probability: float


class ClassifyResult(_Answer):
    """The labels or the error of the text at `index`; no label reaching the threshold gives an empty list."""

    index: int
    labels: list[LabelScore] | None = None
    error: ItemError | None = None


class ClassifyResponse(_Answer):
    """Results in the order of the texts."""

    release: str
    classifier: str
    results: list[ClassifyResult]


class LiveResponse(_Answer):
    """The process answers."""

    status: Literal["live"] = "live"


class ReadyResponse(_Answer):
    """A canary query on the live release gave its known answer."""

    status: Literal["ready"] = "ready"
    release: str
    canary: str = Field(description="The skill that was asked.")


class ReleaseInfo(_Answer):
    """One release of the store."""

    name: str
    created: str
    active: bool
    bytes: int
    parent: str | None = None


class ReleaseListResponse(_Answer):
    """All releases, newest first."""

    releases: list[ReleaseInfo]
