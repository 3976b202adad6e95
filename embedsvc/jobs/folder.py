"""STORE/jobs/<id>: what was asked, what the job tells on its way, how it ended, and a lock while it lives.

asked.json       what was asked, when, and hashes of the idempotency key and the body
lock             flock of the job's process, from before it begins until it is dead, however it dies
process          the id of that process, which leads a group of its own
told.jsonl       what it tells, a line at a time (see telling.py)
cancel           there when somebody wants it cancelled
outcome.json     how it ended; written once, in one step, by the process or by who found it dead
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from embedsvc.errors import UnknownJobError
from embedsvc.jobs.telling import ToldReader, add_line, first_and_last
from embedsvc.releases import disk
from embedsvc.schemas import (
    JOB_PATTERN,
    ItemError,
    Job,
    JobKind,
    JobProgress,
    JobState,
    ReindexOutcome,
    ReindexRequest,
)

_ID = re.compile(JOB_PATTERN)
_FILE = ConfigDict(extra="ignore", frozen=True)


class Asked(BaseModel):
    """asked.json."""

    model_config = _FILE

    kind: JobKind
    created: str
    body: ReindexRequest
    key_hash: str | None = None
    body_hash: str


class Outcome(BaseModel):
    """outcome.json."""

    model_config = _FILE

    state: JobState
    finished: str
    result: ReindexOutcome | None = None
    error: ItemError | None = None


def is_job_id(identity: str) -> bool:
    """Whether a text may be a job's id, and so the name of a folder."""
    # fullmatch: `$` alone would accept a trailing newline.
    return _ID.fullmatch(identity) is not None


class JobFolder:
    """The files of one job.

    Args:
        home: STORE/jobs.
        identity: The job's id; checked before it is a path.

    Raises:
        UnknownJobError: It cannot be the id of a job.
    """

    def __init__(self, home: Path, identity: str) -> None:
        if not is_job_id(identity):
            raise unknown_job(identity)
        self.identity = identity
        self.path = home / identity
        self.lock = self.path / "lock"
        self._told = self.path / "told.jsonl"

    def asked(self) -> Asked:
        """What was asked.

        Raises:
            UnknownJobError: There is no such job, or none that can be read.
        """
        try:
            return Asked.model_validate_json((self.path / "asked.json").read_bytes())
        except (OSError, ValidationError):
            raise unknown_job(self.identity) from None

    def write_asked(self, asked: Asked) -> None:
        """Keep what was asked; before anybody sees the job."""
        disk.write_durably(self.path / "asked.json", asked.model_dump_json().encode())

    def outcome(self) -> Outcome | None:
        """How it ended; None while it has not, or where nobody has said so yet."""
        try:
            return Outcome.model_validate_json((self.path / "outcome.json").read_bytes())
        except (OSError, ValidationError):
            return None

    def write_outcome(self, outcome: Outcome) -> None:
        """Say how it ended, in one step.

        Only the job's own process does so while it lives; after that, who holds the lock of all jobs.
        """
        disk.replace_durably(self.path / "outcome.json", outcome.model_dump_json().encode())

    def tell(self, facts: Mapping[str, Any]) -> None:
        """Add a line to what the job tells; for its own process."""
        add_line(self._told, facts)

    def is_alive(self) -> bool:
        """Whether the job's process lives: somebody holds its lock."""
        try:
            descriptor = os.open(self.lock, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        try:
            # Shared: two who look at once do not take each other for the job.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    @property
    def is_unwanted(self) -> bool:
        """Whether somebody asked to cancel it."""
        return (self.path / "cancel").exists()

    def want_no_more(self) -> None:
        """Note that it is to be cancelled, so that whoever finds it dead knows why."""
        (self.path / "cancel").touch()

    def want_again(self) -> None:
        """Take the note back: it could not be cancelled any more."""
        (self.path / "cancel").unlink(missing_ok=True)

    def reader(self) -> ToldReader:
        """Reads what it tells, from the beginning."""
        return ToldReader(self._told)

    def job(self, outcome: Outcome | None = None) -> Job:
        """The job as its files have it; one that is dead without an outcome still says it is running.

        Args:
            outcome: What is said where they hold none.

        Raises:
            UnknownJobError: There is no such job.
        """
        asked, outcome = self.asked(), self.outcome() or outcome
        begun, last = first_and_last(self._told)
        return Job(
            id=self.identity,
            kind=asked.kind,
            state=outcome.state if outcome else "running" if begun else "queued",
            asked=asked.body,
            created=asked.created,
            started=begun and begun.get("at"),
            finished=outcome and outcome.finished,
            progress=JobProgress.model_validate(last) if last and "stage" in last else None,
            result=outcome and outcome.result,
            error=outcome and outcome.error,
        )

    @property
    def stage(self) -> str | None:
        """The stage that it told last."""
        _, last = first_and_last(self._told)
        return last.get("stage") if last else None

    def write_process(self, process: int) -> None:
        """Keep the id of the job's process, which leads a group of its own."""
        disk.write_durably(self.path / "process", b"%d" % process)

    def process(self) -> int | None:
        """The id of the job's process; None where it is not known yet."""
        try:
            return int((self.path / "process").read_bytes())
        except (OSError, ValueError):
            begun, _ = first_and_last(self._told)  # whoever began it was killed before it could say so
            pid = begun.get("pid") if begun else None
            return pid if isinstance(pid, int) else None


def unknown_job(identity: str) -> UnknownJobError:
    """The error for an id that no job bears."""
    return UnknownJobError(
        f"There is no job {identity[:80]!a}; GET /v1/jobs lists those that are kept.",
        details={"job": identity[:80]},
    )
