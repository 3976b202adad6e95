"""How alike sentences are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from embedsvc.schemas.base import MAX_BATCH, Answer, ItemError, Request, Text
from embedsvc.schemas.tolerance import TOLERANT, BatchText, Refused

if TYPE_CHECKING:
    BatchPair = tuple[str, str] | Refused
else:
    BatchPair = Annotated[tuple[Text, Text], *TOLERANT]


class SimilarityRequest(Request):
    """Either sentence pairs, or one source against many targets."""

    pairs: Annotated[list[BatchPair], Field(min_length=1, max_length=MAX_BATCH)] | None = None
    source: Text | None = None
    targets: Annotated[list[BatchText], Field(min_length=1, max_length=MAX_BATCH)] | None = None

    @model_validator(mode="after")
    def _one_way_of_asking(self) -> Self:
        """Refuse a request that gives both forms, or half of one."""
        as_pairs = self.pairs is not None
        as_targets = self.source is not None and self.targets is not None
        half = (self.source is None) != (self.targets is None)
        if half or as_pairs == as_targets:
            raise ValueError("give either pairs, or source and targets")
        return self


class IndexedError(Answer):
    """What went wrong with the item at `index`."""

    index: int
    error: ItemError


class SimilarityResponse(Answer):
    """One cosine in [-1, 1] a pair (or target), in order; null where a text holds no known word."""

    release: str
    space: str
    scores: list[float | None]
    relatedness: list[float | None] | None = Field(
        None,
        description="Of each score, how far it lies above what random sentences score, in [0, 1], as for "
        "skills; null where the release was made without noise floors.",
    )
    errors: list[IndexedError] = Field(
        [], description="Pairs or targets that cannot be used, too long say; their scores are null."
    )
    tokens: list[tuple[int, int]] | None = Field(
        None,
        description="Of each score, the tokens read of its two texts (source and target), counted in the "
        "encoder's own.",
    )
    truncated: list[tuple[bool, bool]] | None = Field(
        None, description="Of each score, whether its two texts go on behind what was read."
    )
