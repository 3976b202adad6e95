"""Server-sent events of a job: its progress as it is told, and its end.

See https://html.spec.whatwg.org/multipage/server-sent-events.html for the format, and for what browsers do
with `Last-Event-ID` and an answer of 204.
"""

from __future__ import annotations

import signal
import time
from collections.abc import AsyncIterator

import anyio
from fastapi import Response
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from embedsvc.errors import EmbedsvcError, UnknownJobError
from embedsvc.jobs import ToldReader
from embedsvc.service.envelope import failure_of_error
from embedsvc.service.state import ServiceState

EVENT_STREAM = "text/event-stream"
_LOOK_SECONDS = 0.25
_COMMENT_SECONDS = 15.0


class EventResponse(Response):
    """Sends what a job tells until it has ended, the caller has gone, or the service is to stop.

    Args:
        state: Of the service.
        job: The job's id; there is such a job.
        reader: Reads what it tells.
        after: The number of the last event that the caller has.
    """

    media_type = EVENT_STREAM

    def __init__(self, state: ServiceState, job: str, reader: ToldReader, after: int) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})  # nginx would hold events back
        del self.headers["content-length"]
        self._state, self._job, self._reader, self._after = state, job, reader, after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a service with too many streams open says so instead."""
        try:
            with self._state.stream():
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._stop_with, receive, tasks.cancel_scope)
                    async for body in self._events():
                        await send({"type": "http.response.body", "body": body, "more_body": True})
                    await send({"type": "http.response.body", "body": b""})
                    tasks.cancel_scope.cancel()
        except EmbedsvcError as error:
            await failure_of_error(scope, error)(scope, receive, send)

    @staticmethod
    async def _stop_with(receive: Receive, scope: anyio.CancelScope) -> None:
        """Stop when the caller has gone."""
        while (await receive())["type"] != "http.disconnect":
            pass
        scope.cancel()

    async def _events(self) -> AsyncIterator[bytes]:
        desk, sent = self._state.jobs, time.monotonic()
        while True:
            try:
                # Before reading: what it told until then is all there.
                job = await desk.ask(desk.ledger.get, self._job)
            except UnknownJobError:  # forgotten meanwhile
                return
            while found := await desk.ask(self._reader.read):
                for event in found:
                    if event.number > self._after:
                        yield _event(event.number, "progress", event.progress)
                        sent = time.monotonic()
            if job.ended:
                await self._state.follow(job)
                yield _event(self._reader.lines + 1, "end", job)
                return
            if is_stopping():
                return
            if time.monotonic() - sent > _COMMENT_SECONDS:
                yield b": nothing new\n\n"
                sent = time.monotonic()
            await anyio.sleep(_LOOK_SECONDS)


def is_stopping() -> bool:
    """Whether uvicorn was told to stop: it then waits for requests under way, and streams would keep it.

    It has no other way to be asked: while it serves, its own method handles the signal.
    """
    handler = signal.getsignal(signal.SIGTERM)
    return bool(getattr(getattr(handler, "__self__", None), "should_exit", False))


def _event(number: int, name: str, data: BaseModel) -> bytes:
    return f"id: {number}\nevent: {name}\ndata: {data.model_dump_json()}\n\n".encode()
