"""Candidates by meaning."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from embedsvc.schemas.base import MAX_BATCH, MAX_HITS, Answer, ItemError, K, Request
from embedsvc.schemas.conditions import MAX_CONDITIONS, Condition, parts_of
from embedsvc.schemas.tolerance import BatchText

MAX_EFFORT = 2**31 - 1
EXACT_AND_EFFORT = "exact spends all effort there is; leave one of exact and effort out"

Exact = Annotated[bool, Field(description="Compare every candidate instead of asking the index; slower.")]
Effort = Annotated[
    int | None,
    Field(
        ge=1,
        le=MAX_EFFORT,
        description="How much the index looks at for each query, in its own unit: candidates that a graph "
        "keeps in view (efSearch), inverted lists visited, nodes of a forest. More finds more and takes "
        "longer; from the number of candidates on everybody is compared. What the index was built or tuned "
        "with where left out.",
    ),
]


class SearchRequest(Request):
    """Texts to find candidates by: a job description, a sentence, a list of skills."""

    queries: Annotated[list[BatchText], Field(min_length=1, max_length=MAX_BATCH)]
    k: K = 10
    where: Annotated[
        Condition | None,
        Field(description="Whom to look among; recall is what it is without. Everybody where left out."),
    ] = None
    exact: Exact = False
    effort: Effort = None

    @model_validator(mode="after")
    def _within_reason(self) -> Self:
        """Refuse an answer that would be too large to hold, and a condition without end."""
        if self.where is not None and sum(1 for _ in parts_of(self.where)) > MAX_CONDITIONS:
            raise ValueError(f"where holds more than {MAX_CONDITIONS} conditions; ask with fewer")
        if self.exact and self.effort is not None:
            raise ValueError(EXACT_AND_EFFORT)
        if len(self.queries) * self.k > MAX_HITS:
            raise ValueError(f"queries times k is more than {MAX_HITS}; lower k or split the batch")
        return self


class CandidateHit(Answer):
    """A candidate found by meaning."""

    id: str
    score: float = Field(description="Cosine of query and candidate in [-1, 1].")
    title: str
    label: str | None


class SearchResult(Answer):
    """The hits or the error of the query at `index`; exactly one of the two."""

    index: int
    hits: list[CandidateHit] | None = None
    error: ItemError | None = None
    tokens: int | None = Field(None, description="Tokens read of the query, counted in the encoder's own.")
    truncated: bool | None = Field(None, description="Whether the query goes on behind what was read.")


class SearchResponse(Answer):
    """Results in the order of the queries."""

    release: str
    results: list[SearchResult]
    path: Literal["index", "scan"] | None = Field(
        None,
        description="index: the index was asked; scan: every candidate who may be found was compared, since "
        "they were few or `exact` was set.",
    )
    matching: int | None = Field(None, description="Candidates that `where` lets through; null without it.")
