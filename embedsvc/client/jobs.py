"""Jobs: begun, waited for, followed and cancelled."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator

from embedsvc.client import job_plans as plans
from embedsvc.client.transport import AsyncTransport, SyncTransport
from embedsvc.errors import NotReadyError, TransportError, TransportTimeoutError
from embedsvc.schemas import Job, JobEvent

Told = Callable[[Job], object]


class Jobs:
    """Work that outlasts a request; `client.jobs`. Of API keys it takes one of the scope admin."""

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def reindex(self, *, activate: bool = True, idempotency_key: str | None = None) -> Job:
        """Begin to read the candidates again and index them; returns at once, see `wait`.

        Args:
            activate: Let the new release go live.
            idempotency_key: The same key is the same job, however often it is sent. Each call takes one of
                its own by default, so that a call that is repeated after a broken connection begins one job.

        Raises:
            JobRunningError: Another is under way; `details["job"]` is its id.
            UnsupportedError: The service was started without a recipe.
        """
        return self._transport.run(plans.reindex(activate, idempotency_key))

    def get(self, job: str) -> Job:
        """A job as it is now.

        Raises:
            UnknownJobError: There is none of that id.
        """
        return self._transport.run(plans.get(job))

    def list(self, limit: int = 20) -> list[Job]:
        """The newest jobs, newest first."""
        return self._transport.run(plans.newest(limit))

    def cancel(self, job: str) -> Job:
        """End a job; returns when it has ended.

        Raises:
            JobEndedError: It has succeeded or failed, or is publishing its release.
        """
        return self._transport.run(plans.cancel(job))

    def wait(self, job: str, *, progress: Told | None = None, timeout: float | None = None) -> Job:
        """Wait until a job has ended, well or not: `state`, `result` and `error` say how.

        A service that is restarted meanwhile is waited for.

        Args:
            job: Its id.
            progress: Called with the job whenever it has got further, and when it has ended.
            timeout: Seconds; without one, as long as it takes.

        Raises:
            TransportTimeoutError: It has not ended by then; it goes on.
        """
        watch = _Watch(job, timeout)
        while True:
            try:
                now = self._transport.run(plans.get(job))
            except (TransportError, NotReadyError) as error:
                self._transport.sleep(watch.lost(error))
                continue
            if watch.is_news(now) and progress is not None:
                progress(now)
            if now.ended:
                return now
            self._transport.sleep(watch.pause())

    def events(self, job: str) -> Iterator[JobEvent]:
        """What a job tells, from its beginning, as it tells it; the last is `end`. Taken up where it breaks.

        Of `Client.local` all events come when the job has ended.
        """
        lines, watch = plans.EventLines(), _Watch(job, None)
        while not lines.ended:
            try:
                headers = lines.start_again()
                for line in self._transport.lines(f"{plans.path(job)}/events", headers):
                    if (event := lines.take(line)) is not None:
                        watch.found()
                        yield event
            except TransportError as error:
                self._transport.sleep(watch.lost(error))
            else:
                if not lines.ended:
                    self._transport.sleep(watch.pause())


class AsyncJobs:
    """Work that outlasts a request, awaited; `client.jobs`. The methods are those of `Jobs`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def reindex(self, *, activate: bool = True, idempotency_key: str | None = None) -> Job:
        """Begin to read the candidates again and index them; returns at once. As `Jobs.reindex`."""
        return await self._transport.run(plans.reindex(activate, idempotency_key))

    async def get(self, job: str) -> Job:
        """A job as it is now. As `Jobs.get`."""
        return await self._transport.run(plans.get(job))

    async def list(self, limit: int = 20) -> list[Job]:
        """The newest jobs, newest first."""
        return await self._transport.run(plans.newest(limit))

    async def cancel(self, job: str) -> Job:
        """End a job; returns when it has ended. As `Jobs.cancel`."""
        return await self._transport.run(plans.cancel(job))

    async def wait(self, job: str, *, progress: Told | None = None, timeout: float | None = None) -> Job:
        """Wait until a job has ended, well or not. As `Jobs.wait`."""
        watch = _Watch(job, timeout)
        while True:
            try:
                now = await self._transport.run(plans.get(job))
            except (TransportError, NotReadyError) as error:
                await self._transport.sleep(watch.lost(error))
                continue
            if watch.is_news(now) and progress is not None:
                progress(now)
            if now.ended:
                return now
            await self._transport.sleep(watch.pause())

    async def events(self, job: str) -> AsyncIterator[JobEvent]:
        """What a job tells, as it tells it; the last is `end`. As `Jobs.events`."""
        lines, watch = plans.EventLines(), _Watch(job, None)
        while not lines.ended:
            try:
                headers = lines.start_again()
                async for line in self._transport.lines(f"{plans.path(job)}/events", headers):
                    if (event := lines.take(line)) is not None:
                        watch.found()
                        yield event
            except TransportError as error:
                await self._transport.sleep(watch.lost(error))
            else:
                if not lines.ended:
                    await self._transport.sleep(watch.pause())


class _Watch:
    """How long to wait for a job, and for a service that is away."""

    def __init__(self, job: str, timeout: float | None) -> None:
        self._job = job
        self._timeout = timeout
        self._begun = time.monotonic()
        self._lost_since: float | None = None
        self._pause = plans.FIRST_PAUSE_SECONDS
        self._seen: Job | None = None

    def is_news(self, job: Job) -> bool:
        """Whether a job has got further since the last look."""
        self.found()
        before, self._seen = self._seen, job
        return job != before

    def found(self) -> None:
        """The service is there."""
        self._lost_since = None

    def lost(self, error: Exception) -> float:
        """Seconds until the next look at a service that does not answer; raises `error` after a while."""
        now = time.monotonic()
        if self._lost_since is None:
            self._lost_since = now
        if now - self._lost_since > plans.LOST_SECONDS:
            raise error
        return self.pause()

    def pause(self) -> float:
        """Seconds until the next look.

        Raises:
            TransportTimeoutError: The time is up.
        """
        pause, self._pause = self._pause, plans.next_pause(self._pause)
        if self._timeout is None:
            return pause
        left = self._begun + self._timeout - time.monotonic()
        if left <= 0:
            raise TransportTimeoutError(
                f"Job {self._job} has not ended within {self._timeout:g} s; it goes on, wait for it again.",
                details={"job": self._job},
            )
        return min(pause, left)
