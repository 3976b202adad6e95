"""The job's own side: what its process tells, and how it says that it has ended."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from embedsvc.jobs.folder import JobFolder, Outcome
from embedsvc.schemas import ItemError, ReindexOutcome


def now() -> str:
    """The time, in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class JobVoice:
    """Writes what a job tells; used by its process alone.

    Args:
        folder: The job's.
        every: Seconds between two steps of progress that are written, of one stage.
    """

    def __init__(self, folder: JobFolder, every: float = 0.5) -> None:
        self._folder = folder
        self._every = every

    def begin(self) -> None:
        """Say that the process has begun, and which it is."""
        self._folder.tell({"pid": os.getpid(), "at": now()})

    @contextmanager
    def stage(self, name: str) -> Iterator[StageMeter]:
        """Open a stage; it ends with the context."""
        self._folder.tell({"stage": name, "at": now()})
        meter = StageMeter(self._folder.tell, name, self._every)
        yield meter
        meter.end()

    def reused(self, name: str) -> None:
        """Say that a stage was found done."""
        self._folder.tell({"stage": name, "at": now()})

    def succeed(self, result: ReindexOutcome) -> None:
        """Say what was made."""
        self._folder.write_outcome(Outcome(state="succeeded", finished=now(), result=result))

    def fail(self, code: str, message: str) -> None:
        """Say why nothing was made."""
        error = ItemError(code=code, message=message)
        self._folder.write_outcome(Outcome(state="failed", finished=now(), error=error))


class StageMeter:
    """How far a stage is; its notes are not written, they are for people at a terminal."""

    def __init__(self, tell: Callable[[dict[str, Any]], None], name: str, every: float) -> None:
        self._tell = tell
        self._name = name
        self._every = every
        self._begun = self._told = time.monotonic()
        self._last: dict[str, Any] | None = None

    def update(self, done: float, total: float | None = None, note: str = "") -> None:  # noqa: ARG002
        """Say how far it is."""
        moment = time.monotonic()
        left = (moment - self._begun) * (total - done) / done if total and 0 < done <= total else None
        eta = None if left is None else round(left, 1)
        facts = {"stage": self._name, "done": done, "total": total, "eta_seconds": eta, "at": now()}
        self._last = facts
        if moment - self._told >= self._every:
            self._told, self._last = moment, None
            self._tell(facts)

    def end(self) -> None:
        """Tell the last step, where it was not told."""
        if self._last is not None:
            self._tell(self._last)
