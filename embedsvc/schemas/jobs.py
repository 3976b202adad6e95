"""Jobs: work that outlasts a request, done by a process of its own."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from embedsvc.schemas.base import Answer, ItemError, Request

JOB_PATTERN: Final = r"^[0-9]{8}-[0-9]{6}-[0-9a-f]{16}$"
IDEMPOTENCY_KEY_PATTERN: Final = r"^[\x21-\x7e]{1,255}$"

JobKind = Literal["reindex"]
JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})


class ReindexRequest(Request):
    """What a re-index may be told; the recipe is the service's own."""

    activate: bool = Field(
        True, description="Let the new release go live; else it is published and waits to be activated."
    )


class JobProgress(Answer):
    """How far a job is: the stage under way, and how much of it is done."""

    stage: str = Field(description="clean, embed, index, recall, card or publish, in this order.")
    done: float | None = Field(None, description="Of the stage, in its own units; null where unknown.")
    total: float | None = Field(None, description="What `done` will be when the stage ends.")
    eta_seconds: float | None = Field(None, description="Until the stage ends, at its pace so far.")


class ReindexOutcome(Answer):
    """What a re-index made."""

    release: str = Field(description="The new release.")
    parent: str = Field(description="The release whose models and lexicon it shares.")
    activated: bool = Field(description="Whether the job let it go live.")
    candidates: int = Field(description="Candidates in its index.")
    recall: float = Field(description="Recall@10 of the index against exact search.")
    lines: int = Field(description="Lines of the sources that were read.")
    bad_lines: int = Field(description="Those of them that could not be used.")


class Job(Answer):
    """A job, as it is now."""

    id: str
    kind: JobKind
    state: JobState
    asked: ReindexRequest
    created: str = Field(description="UTC, ISO 8601; so are `started` and `finished`.")
    started: str | None = None
    finished: str | None = None
    progress: JobProgress | None = Field(None, description="The last that was told; null before the first.")
    result: ReindexOutcome | None = Field(None, description="Where it succeeded.")
    error: ItemError | None = Field(None, description="Where it failed or was cancelled: why.")

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED


class JobListResponse(Answer):
    """The jobs that are kept, newest first."""

    jobs: list[Job]


class JobEvent(Answer):
    """One thing that a job told: `progress` on its way, one `end` at last."""

    id: int = Field(description="Counts from 1; `Last-Event-ID` asks for those after it.")
    event: Literal["progress", "end"]
    progress: JobProgress | None = None
    job: Job | None = Field(None, description="Of `end`: the job with its result or error.")
