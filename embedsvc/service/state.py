"""What the routes share: the live release, the store, and the threads for heavy work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import anyio
import anyio.to_thread
from fastapi import FastAPI, Request

from embedsvc.errors import OverloadedError
from embedsvc.queries.stages import recorder, stage
from embedsvc.releases import Store
from embedsvc.releases.opening import Release
from embedsvc.schemas import Job
from embedsvc.service.jobs import JobDesk
from embedsvc.service.live import LiveRelease
from embedsvc.service.metrics import Metrics
from embedsvc.service.recall import RecallGauge
from embedsvc.service.stage_times import has_read

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
_BATCHES = ("queries", "texts", "pairs", "targets", "input", "candidates")


@dataclass(slots=True)
class StreamCount:
    """How many streams of lines are open."""

    open: int = 0


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One a process; `app.state.service`.

    Attributes:
        store: The release store.
        live: The release being served.
        metrics: What /metrics tells.
        recall: Samples searches.
        jobs: Begins jobs and says how they are.
        threads: Bounds how many heavy requests are computed at once; the others wait.
        max_waiting: How many may wait.
        wait_seconds: How long each may wait.
        streams: Those that are open; each has one block in a thread or waiting for one.
    """

    store: Store
    live: LiveRelease
    metrics: Metrics
    recall: RecallGauge
    jobs: JobDesk
    threads: anyio.CapacityLimiter
    max_waiting: int
    wait_seconds: float = 10.0
    streams: StreamCount = field(default_factory=StreamCount)

    @contextmanager
    def stream(self) -> Iterator[None]:
        """Count a stream of lines while it lasts.

        Raises:
            OverloadedError: As many are open as may wait for a thread.
        """
        if self.streams.open >= max(1, self.max_waiting):
            raise OverloadedError(
                f"{self.streams.open} streams are open already; ask again after a moment, or add workers."
            )
        self.streams.open += 1
        try:
            yield
        finally:
            self.streams.open -= 1

    async def heavy(self, query: Callable[[Release, Asked], Answer], asked: Asked) -> Answer:
        """Ask the live release in a thread, so that short queries go on being answered.

        Raises:
            OverloadedError: Too many requests are waiting for a thread; whoever joined them would wait
                for longer than callers do.
        """
        if self.threads.statistics().tasks_waiting >= self.max_waiting:
            raise OverloadedError(
                f"{self.max_waiting} requests are waiting already; ask again after a moment, or add workers."
            )
        turn = object()
        with stage("wait"), anyio.move_on_after(self.wait_seconds) as waiting:
            await self.threads.acquire_on_behalf_of(turn)
        if waiting.cancelled_caught:
            raise OverloadedError(
                f"No thread was free for {self.wait_seconds:g} s; ask again after a moment, or add workers."
            )
        try:
            release = self.live.release()
            tell_of(release, batch_size(asked))
            return await anyio.to_thread.run_sync(query, release, asked, limiter=self._given())
        finally:
            self.threads.release_on_behalf_of(turn)

    async def follow(self, job: Job) -> None:
        """Serve what a job made before anybody is told that it has."""
        if job.result is not None and job.result.activated:
            await self.live.refresh()

    @staticmethod
    def _given() -> anyio.CapacityLimiter:
        """A limiter that lets one through at once: whoever has waited for a turn waits no more."""
        return anyio.CapacityLimiter(1)


def tell_of(release: Release, items: int) -> None:
    """Say to whoever times the request which release answers, and how many items more."""
    listener = recorder()
    if listener is not None:
        listener.release = release.name
        listener.items += items


def batch_size(asked: object) -> int:
    """How many items a request has; 1 where it is no batch."""
    for name in _BATCHES:
        items = getattr(asked, name, None)
        if isinstance(items, list):
            return len(items)
    return 1


def attach(app: FastAPI, state: ServiceState) -> None:
    """Give `app` its state."""
    app.state.service = state


def state_of(request: Request) -> ServiceState:
    """Return the state of the app that got the request; a route asks for it when it has read the request."""
    has_read(request.scope)
    state: ServiceState = request.app.state.service
    return state
