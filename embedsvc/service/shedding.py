"""More than can be answered: refused at once, so that what is taken is answered soon and health at any time.

A question that is read before it is refused costs nearly as much as its answer; a process that is asked twice
of what it can do would then do little else, and be late with everything. So the first look at a question is
whether it can be taken. It cannot

* where it is none of those that only ask (GET), and as many of its kind are under way as there are threads
  and places to wait for one;
* where the event loop is late, as everything that is asked waits for that, and many questions are the reason:
  a machine that is busy with other things makes it late too, but then this process works no longer than it
  should have, and to refuse a few would not help.

Plain ASGI, a microsecond a request: see middleware.py.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from embedsvc.service.access import OPEN_PATHS
from embedsvc.service.envelope import RETRY_AFTER_SECONDS, SHED, failure
from embedsvc.service.ndjson import is_ndjson

LATE_SECONDS: Final = 0.05
"""A loop that is later than this keeps health checks waiting for about as long again."""

MANY: Final = 64
"""Questions under way or begun since the last look; a late loop refuses what comes on top of so many."""

_TICK = 0.02
_LOG_SECONDS = 1.0
_ALWAYS = OPEN_PATHS | {"/metrics"}
_RETRY = {"Retry-After": str(RETRY_AFTER_SECONDS)}
_OVERLOADED = "The service is asked more than it can answer; ask again after Retry-After, or add workers."
_log = structlog.get_logger("embedsvc.service")


class Pressure:
    """How much is asked of this process, and how late it is.

    Args:
        most_heavy: Questions that change or compute something which may be under way at once.
        clock: Seconds, never going back.
        worked: Seconds of processor time that this process has taken.
    """

    def __init__(
        self,
        most_heavy: int,
        clock: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.process_time,
    ) -> None:
        self._most_heavy = most_heavy
        self._clock = clock
        self._worked = worked
        self._due = float("inf")
        self._worked_before = 0.0
        self._last = 0.0
        self._begun = 0
        self._refused = 0
        self._task: asyncio.Task[None] | None = None
        self.running = 0
        self.heavy = 0

    def start(self) -> None:
        """Begin to look whether the running loop is on time."""
        self._task = asyncio.get_running_loop().create_task(self._watch(), name="watch-pressure")

    async def stop(self) -> None:
        """End looking; tell of what was refused last."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._tell()

    @property
    def late(self) -> float:
        """Seconds by which its own work makes the loop late now, or made it at the last look."""
        return max(self._last, self._late_now() if self._clock() - self._due > self._last else 0.0)

    def _late_now(self) -> float:
        return min(self._clock() - self._due, self._worked() - self._worked_before)

    def takes(self, *, heavy: bool) -> bool:
        """Whether another question can be taken; one that cannot is counted as refused."""
        self._begun += 1
        full = heavy and self.heavy >= self._most_heavy
        if full or (self.running + self._begun > MANY and self.late > LATE_SECONDS):
            self._refused += 1
            return False
        return True

    async def _watch(self) -> None:
        told = self._clock()
        while True:
            self._due, self._worked_before = self._clock() + _TICK, self._worked()
            await asyncio.sleep(_TICK)
            self._last, self._begun = self._late_now(), 0
            if self._clock() - told >= _LOG_SECONDS:
                told = self._clock()
                self._tell()

    def _tell(self) -> None:
        """One line for all that was refused: a line for each would take longer than refusing it."""
        if self._refused:
            _log.warning("overloaded", refused=self._refused, running=self.running)
            self._refused = 0


class Shedding:
    """Refuses what cannot be taken by 503 and Retry-After; health checks and measures pass always."""

    def __init__(self, app: ASGIApp, pressure: Pressure) -> None:
        self.app = app
        self._pressure = pressure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self.app(scope, receive, send)
            return
        pressure = self._pressure
        # Streams of lines are counted on their own: they last, and have one block under way at most.
        heavy = scope["method"] != "GET" and not is_ndjson(scope)
        if not pressure.takes(heavy=heavy):
            scope[SHED] = True
            await failure(scope, 503, "overloaded", _OVERLOADED, headers=_RETRY)(scope, receive, send)
            return
        pressure.running += 1
        pressure.heavy += heavy
        try:
            await self.app(scope, receive, send)
        finally:
            pressure.running -= 1
            pressure.heavy -= heavy
