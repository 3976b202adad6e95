"""What every schema is made of: the limits, the two kinds of model, and what went wrong."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

MAX_K = 1_000
MAX_BATCH = 1_000
MAX_SKILL_LENGTH = 200
MAX_TEXT_LENGTH = 100_000
MAX_LABELS = 100
MAX_LABEL_LENGTH = 200
MAX_EXAMPLES = 20
MAX_HITS = 100_000
"""Queries of a search times k: what one answer may hold."""

Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH)]
K = Annotated[int, Field(ge=1, le=MAX_K, description="How many answers at most.")]


class Request(BaseModel):
    """Refuses what it does not know, so that a misspelt key is an error and not a default."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Answer(BaseModel):
    """Ignores what it does not know, so that an older SDK reads a newer service."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ErrorBody(Answer):
    """What went wrong: a stable code for programs, a sentence for people."""

    code: str
    message: str
    details: dict[str, Any] = {}
    request_id: str


class ErrorResponse(Answer):
    """The envelope of every answer that is not a success."""

    error: ErrorBody


class ItemError(Answer):
    """What went wrong with one item of a batch."""

    code: str
    message: str
    details: dict[str, Any] = {}
