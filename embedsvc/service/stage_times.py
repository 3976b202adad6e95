"""Tells /metrics how long each stage of a request took.

Every request that goes through FastAPI is timed; of those on the fast lane, whose stages take less time than
telling of them, one in `EVERY`.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter_ns

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from embedsvc.queries.stages import Recorder, recorder, recording
from embedsvc.service.access import OPEN_PATHS
from embedsvc.service.metrics import Metrics, route_of

EVERY = 128
RECEIVED = "embedsvc.received"
"""Key of the ASGI scope under which lies when the last of a request came; gone once it has been read."""


class StageTimes:
    """Takes the stages of a request into the metrics.

    Args:
        metrics: Where.
        release: Names the live release.
    """

    def __init__(self, metrics: Metrics, release: Callable[[], str | None]) -> None:
        self._metrics = metrics
        self._release = release

    def tell(self, scope: Scope, listener: Recorder) -> None:
        """Take in what `listener` heard of the request with this scope."""
        route = route_of(scope)
        release = listener.release or self._release() or "none"
        for (stage, model), took in listener.took.items():
            self._metrics.staged(route, stage, model, release, took.nanoseconds / 1e9)


class Timed:
    """Listens to the stages of each request; inside of the fast lane, which does so itself."""

    def __init__(self, app: ASGIApp, times: StageTimes) -> None:
        self.app = app
        self._times = times

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self.app(scope, receive, send)
            return
        scope[RECEIVED] = perf_counter_ns()

        async def receive_timed() -> Message:
            message = await receive()
            if RECEIVED in scope:
                scope[RECEIVED] = perf_counter_ns()  # to wait for a body is not to parse it
            return message

        with recording(recorder()) as listener:
            try:
                await self.app(scope, receive_timed, send)
            finally:
                self._times.tell(scope, listener)


def has_read(scope: Scope) -> None:
    """The request has been read, and what it asks is known; only the first call counts."""
    received, listener = scope.pop(RECEIVED, None), recorder()
    if received is not None and listener is not None:
        listener.add("parse", "", received, perf_counter_ns())
