"""One candidate: what is known of it, who is like it, putting it in, erasing it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from embedsvc.schemas.base import MAX_BATCH, MAX_TEXT_LENGTH, Answer, ItemError, K, Request
from embedsvc.schemas.search import EXACT_AND_EFFORT, CandidateHit, Effort, Exact

MAX_ID_LENGTH = 512
MAX_SKILLS = 500
MAX_COLUMNS = 32

CandidateId = Annotated[str, Field(min_length=1, max_length=MAX_ID_LENGTH)]
_Text = Annotated[str, Field(max_length=MAX_TEXT_LENGTH)]
_Column = Annotated[str, Field(max_length=64)]
_Short = Annotated[str, Field(max_length=1_000)]


class CandidateIn(Request):
    """A candidate to put in, whole: what is left out is unknown, and an older version is gone.

    Texts are cleaned and personal data taken out of them before anything is kept, as in training.
    """

    id: CandidateId
    title: _Text = ""
    summary: Annotated[_Text, Field(description="Or the whole CV, if it is one text.")] = ""
    skills: list[_Short] = Field(default_factory=list, max_length=MAX_SKILLS)
    experience: _Text = ""
    education: _Text = ""
    projects: _Text = ""
    label: _Short | None = None
    location: _Short = ""
    updated_at: Annotated[
        str, Field(max_length=64, description="ISO 8601; the moment it is put in where left out.")
    ] = ""
    name: Annotated[
        _Short, Field(description="What the candidate is called: taken out of all texts, and not kept.")
    ] = ""
    metadata: dict[_Column, _Short | float] = Field(
        default_factory=dict,
        max_length=MAX_COLUMNS,
        description="Other columns to filter by, as the recipe names them.",
    )


class PutCandidatesRequest(Request):
    """Candidates to put in; of equal ids the last stays."""

    candidates: Annotated[list[CandidateIn], Field(min_length=1, max_length=MAX_BATCH)]


class PutCandidateResponse(Answer):
    """The candidate is found from now on, by every process of the service."""

    release: str
    id: str
    created: bool = Field(description="False where an older version was known.")


class PutResult(Answer):
    """What became of the candidate at `index`: `created`, or an error; exactly one of the two."""

    index: int
    created: bool | None = None
    error: ItemError | None = None


class PutCandidatesResponse(Answer):
    """Results in the order of the candidates."""

    release: str
    results: list[PutResult]


class ErasureResponse(Answer):
    """The candidate is in no answer from now on and in no later release, whatever the sources hold."""

    release: str
    erased_at: str = Field(description="UTC, ISO 8601; of the first time, where it was erased before.")
    already: bool = Field(description="True where it was erased before.")


class CandidateResponse(Answer):
    """What a release keeps of a candidate."""

    release: str
    id: str
    title: str
    label: str | None
    updated_at: str
    columns: dict[str, str | float | None] = Field(description="What candidates can be filtered by.")


class SimilarCandidatesQuery(Request):
    """Who is like a candidate."""

    id: CandidateId
    k: K = 10
    exact: Exact = False
    effort: Effort = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.exact and self.effort is not None:
            raise ValueError(EXACT_AND_EFFORT)
        return self


class SimilarCandidatesResponse(Answer):
    """Those most like the candidate, who is not among them, best first."""

    release: str
    id: str
    hits: list[CandidateHit]
    path: Literal["index", "scan"] | None = None
