"""Candidates by meaning."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from embedsvc.schemas.base import MAX_BATCH, MAX_HITS, Answer, ItemError, K, Request, Text


class SearchRequest(Request):
    """Texts to find candidates by: a job description, a sentence, a list of skills."""

    queries: Annotated[list[Text], Field(min_length=1, max_length=MAX_BATCH)]
    k: K = 10

    @model_validator(mode="after")
    def _few_enough_hits(self) -> Self:
        """Refuse an answer that would be too large to hold."""
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


class SearchResponse(Answer):
    """Results in the order of the queries."""

    release: str
    results: list[SearchResult]
