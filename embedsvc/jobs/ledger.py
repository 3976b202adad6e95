"""All jobs of a store: beginning one, seeing how they are, cancelling, and forgetting the oldest.

Whatever changes which jobs there are happens under one lock of all processes. A job that is found dead
without an outcome is given one by whoever looks.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from embedsvc.errors import (
    IdempotencyKeyError,
    JobEndedError,
    JobRunningError,
    StoreError,
    UnknownJobError,
)
from embedsvc.jobs import processes
from embedsvc.jobs.folder import Asked, JobFolder, Outcome, is_job_id
from embedsvc.jobs.telling import ToldReader
from embedsvc.jobs.voice import now
from embedsvc.releases import Store, disk
from embedsvc.releases.locks import held
from embedsvc.schemas import ItemError, Job, ReindexRequest

_LOCK_WAIT_SECONDS = 30.0
_ENDED_BY_ITSELF = (
    "The process ended without a result: it was killed, ran out of memory, or the machine was restarted. "
    "What was live stays so; ask for the job again."
)
_ENDED_PUBLISHING = (
    "The process ended while it published: the list of releases says whether its release is there, and which "
    "is live. What is there is whole."
)
_CANCELLED = "The job was cancelled; nothing of it was published."


class JobLedger:
    """The jobs of a store.

    Args:
        store: Whose.
        keep: So many ended jobs are kept.
    """

    def __init__(self, store: Store, keep: int = 50) -> None:
        self._store = store
        self._home = store.root / "jobs"
        self._keep = keep

    def begin(self, asked: ReindexRequest, recipe: Path, key: str | None = None) -> Job:
        """Begin a job; with a key that was used before, answer what it began then.

        Args:
            asked: What to do.
            recipe: The recipe's file.
            key: Of the caller: the same key is the same job.

        Raises:
            JobRunningError: Another is queued or running; `details["job"]` is its id.
            IdempotencyKeyError: The key began a job that was asked something else.
            StoreError: The store cannot be written.
        """
        told = Asked(
            kind="reindex",
            created=now(),
            body=asked,
            key_hash=None if key is None else _hash(key.encode()),
            body_hash=_hash(asked.model_dump_json().encode()),
        )
        with self._changing("begin a job"):
            if (again := self._begun_with(told)) is not None:
                return again.job()
            for folder in self._folders():
                if folder.outcome() is None and self._settled(folder) is None:
                    raise JobRunningError(
                        f"Job {folder.identity} is under way, and one at a time is enough; wait for it, or "
                        "cancel it.",
                        details={"job": folder.identity},
                    )
            self._forget(self._keep - 1)
            folder = self._started(told, recipe)
            return folder.job()

    def _begun_with(self, told: Asked) -> JobFolder | None:
        """The job that was begun with the same key."""
        for folder in self._folders() if told.key_hash else ():
            with suppress(UnknownJobError):
                before = folder.asked()
                if before.key_hash != told.key_hash:
                    continue
                if (before.kind, before.body_hash) != (told.kind, told.body_hash):
                    raise IdempotencyKeyError(
                        f"This idempotency key began job {folder.identity}, which was asked something else; "
                        "use a key once.",
                        details={"job": folder.identity},
                    )
                return folder
        return None

    def _started(self, told: Asked, recipe: Path) -> JobFolder:
        folder = JobFolder(self._home, _new_id())
        aside = self._home / f".{folder.identity}"
        aside.mkdir()
        descriptor = -1
        try:
            # Held from before anybody sees the folder, and then by the process: never dead in between.
            descriptor = os.open(aside / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            disk.write_durably(aside / "asked.json", told.model_dump_json().encode())
            aside.rename(folder.path)
            folder.write_process(processes.start(self._store.root, folder.identity, recipe, descriptor))
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
            shutil.rmtree(folder.path, ignore_errors=True)
            raise
        finally:
            if descriptor >= 0:
                os.close(descriptor)
        return folder

    def get(self, identity: str) -> Job:
        """A job as it is now.

        Raises:
            UnknownJobError: There is none of that id.
        """
        return self._seen(JobFolder(self._home, identity))

    def newest(self, limit: int) -> list[Job]:
        """The newest jobs, newest first."""
        found = []
        for folder in reversed(self._folders()[-limit:]):
            with suppress(UnknownJobError):  # forgotten since it was listed
                found.append(self._seen(folder))
        return found

    def reader(self, identity: str) -> ToldReader:
        """Reads what a job tells, from the beginning.

        Raises:
            UnknownJobError: There is none of that id.
        """
        folder = JobFolder(self._home, identity)
        folder.asked()
        return folder.reader()

    def cancel(self, identity: str) -> Job:
        """End a job and all processes that it began; cancelling again changes nothing.

        Raises:
            UnknownJobError: There is none of that id.
            JobEndedError: It has succeeded or failed, or is publishing and can no longer be stopped.
        """
        folder = JobFolder(self._home, identity)
        folder.asked()
        with self._changing("cancel a job"):
            outcome = folder.outcome()
            if outcome is None:
                folder.want_no_more()
                processes.stop(folder)
                outcome = self._settled(folder)
            if outcome is None:
                folder.want_again()
                raise JobEndedError(
                    f"Job {identity} is publishing its release and can no longer be cancelled.",
                    details={"job": identity, "state": "running"},
                )
            if outcome.state != "cancelled":
                raise JobEndedError(
                    f"Job {identity} has {outcome.state} already, so there is nothing to cancel.",
                    details={"job": identity, "state": outcome.state},
                )
            with suppress(StoreError):  # else the next publish does so
                self._store.sweep()
            return folder.job()

    def settle(self) -> None:
        """Give an outcome to every job that has died without one."""
        for folder in self._folders():
            with suppress(UnknownJobError):
                self._seen(folder)

    def _seen(self, folder: JobFolder) -> Job:
        """A job; where it is dead without an outcome, with the one that it is given."""
        job = folder.job()
        if job.ended or folder.is_alive():
            return job
        try:
            with self._changing("note the end of a job"):
                self._settled(folder)
        except StoreError:  # full, or not to be written by this service: said all the same
            return folder.job(_of_the_dead(folder))
        return folder.job()

    def _settled(self, folder: JobFolder) -> Outcome | None:
        """The outcome of a job, given here where it is dead without one; None while it lives."""
        if folder.is_alive():
            return None
        outcome = folder.outcome()  # after the look at the lock: the process may have just written it
        if outcome is None:
            outcome = _of_the_dead(folder)
            folder.write_outcome(outcome)
        return outcome

    def _folders(self) -> list[JobFolder]:
        """All jobs, oldest first."""
        try:
            names = sorted(path.name for path in self._home.iterdir())
        except FileNotFoundError:
            return []
        return [JobFolder(self._home, name) for name in names if is_job_id(name)]

    def _forget(self, keep: int) -> None:
        """Remove the oldest jobs that have ended, and what a crash left half made."""
        ended = [folder for folder in self._folders() if folder.outcome() is not None]
        for folder in ended[: max(0, len(ended) - keep)]:
            shutil.rmtree(folder.path, ignore_errors=True)
        for path in self._home.glob(".*"):
            shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def _changing(self, doing: str) -> Iterator[None]:
        """Hold the lock of all jobs, and speak of the disk's errors in the store's words.

        Raises:
            StoreError: The store cannot be written, or somebody else holds the lock for long.
        """
        with disk.translated(self._store.root, doing):
            self._home.mkdir(exist_ok=True)
            with held(self._home / "lock", _LOCK_WAIT_SECONDS):
                yield


def _of_the_dead(folder: JobFolder) -> Outcome:
    published = folder.stage == processes.LAST_STAGE
    if folder.is_unwanted and not published:
        error = ItemError(code="job_cancelled", message=_CANCELLED)
        return Outcome(state="cancelled", finished=now(), error=error)
    error = ItemError(code="job_died", message=_ENDED_PUBLISHING if published else _ENDED_BY_ITSELF)
    return Outcome(state="failed", finished=now(), error=error)


def _new_id() -> str:
    """Of two jobs the later has the greater id, to the microsecond; the rest is random."""
    moment = datetime.now(UTC)
    return f"{moment:%Y%m%d-%H%M%S}-{moment.microsecond:05x}{secrets.token_hex(6)[:11]}"


def _hash(given: bytes) -> str:
    return hashlib.sha256(given).hexdigest()
