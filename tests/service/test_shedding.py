"""What is refused unread, and what never is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog
from starlette.types import Message, Receive, Scope, Send

from embedsvc.service.envelope import REQUEST_ID, SHED
from embedsvc.service.shedding import LATE_SECONDS, MANY, Pressure, Shedding


class Held:
    """An application that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = asyncio.Event()

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def scope_of(method: str, path: str, content_type: str = "application/json") -> dict[str, Any]:
    headers = [(b"content-type", content_type.encode())]
    return {"type": "http", "method": method, "path": path, "headers": headers, REQUEST_ID: "r1"}


async def ask(app: Shedding, scope: dict[str, Any]) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("a refused question was read")

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def status_of(app: Shedding, method: str, path: str) -> int:
    status: int = (await ask(app, scope_of(method, path)))[0]["status"]
    return status


@asynccontextmanager
async def asking(app: Shedding, held: Held, *scopes: dict[str, Any]) -> AsyncIterator[None]:
    """Questions under way for the body; all of them are answered at its end."""
    under_way = [asyncio.create_task(ask(app, scope)) for scope in scopes]
    while len(held.asked) < len(scopes):
        await asyncio.sleep(0)
    yield
    held.go.set()
    assert [sent[0]["status"] for sent in await asyncio.gather(*under_way)] == [200] * len(scopes)


async def test_what_computes_is_refused_where_all_places_are_taken() -> None:
    held, pressure = Held(), Pressure(2)
    app = Shedding(held, pressure)
    async with asking(app, held, scope_of("POST", "/v1/search"), scope_of("POST", "/v1/classify")):
        scope = scope_of("POST", "/v1/search")
        start, body = await ask(app, scope)
        assert start["status"] == 503
        assert (b"retry-after", b"1") in start["headers"]
        assert json.loads(body["body"])["error"]["code"] == "overloaded"
        assert scope[SHED] is True
        assert await status_of(app, "PUT", "/v1/candidates/c1") == 503
        assert held.asked == ["/v1/search", "/v1/classify"]
        held.go.set()
        for path in ("/v1/skills/php/related", "/health/live", "/health/ready", "/metrics"):
            assert await status_of(app, "GET", path) == 200
    assert (pressure.running, pressure.heavy) == (0, 0)
    assert await status_of(app, "POST", "/v1/search") == 200


async def test_streams_of_lines_take_no_place() -> None:
    held, pressure = Held(), Pressure(1)
    app = Shedding(held, pressure)
    lines = "application/x-ndjson; charset=utf-8"
    streams = [scope_of("POST", "/v1/search", lines) for _ in range(3)]
    async with asking(app, held, *streams):
        assert (pressure.running, pressure.heavy) == (3, 0)
        held.go.set()
        assert await status_of(app, "POST", "/v1/search") == 200


async def test_a_late_loop_refuses_what_comes_on_top_of_many_until_it_is_on_time() -> None:
    now = 100.0
    held, pressure = Held(), Pressure(1_000, lambda: now, lambda: now)
    app = Shedding(held, pressure)
    pressure.start()
    await asyncio.sleep(0)
    held.go.set()
    assert [await status_of(app, "GET", "/v1/skills/php/related") for _ in range(MANY + 5)] == [200] * (
        MANY + 5
    )
    now += LATE_SECONDS + 0.1
    assert pressure.late == pytest.approx(LATE_SECONDS + 0.08)
    assert await status_of(app, "GET", "/v1/skills/php/related") == 503
    assert await status_of(app, "GET", "/health/live") == 200
    async with asyncio.timeout(20):
        while pressure.late > 0:  # the look after the next finds it on time
            await asyncio.sleep(0.005)
    assert await status_of(app, "GET", "/v1/skills/php/related") == 200
    await pressure.stop()


async def test_a_late_loop_refuses_no_few() -> None:
    now = 100.0
    held, pressure = Held(), Pressure(1_000, lambda: now, lambda: now)
    app = Shedding(held, pressure)
    pressure.start()
    await asyncio.sleep(0)
    held.go.set()
    now += 10.0
    assert [await status_of(app, "POST", "/v1/search") for _ in range(MANY)] == [200] * MANY
    assert await status_of(app, "POST", "/v1/search") == 503
    await pressure.stop()


async def test_a_loop_that_waits_for_the_machine_refuses_nobody() -> None:
    now, worked = 100.0, 0.0
    held, pressure = Held(), Pressure(1_000, lambda: now, lambda: worked)
    app = Shedding(held, pressure)
    pressure.start()
    await asyncio.sleep(0)
    held.go.set()
    now += 10.0
    worked += LATE_SECONDS
    assert pressure.late == LATE_SECONDS
    assert {await status_of(app, "POST", "/v1/search") for _ in range(2 * MANY)} == {200}
    worked += 0.001
    assert await status_of(app, "POST", "/v1/search") == 503
    await pressure.stop()


async def test_refusals_are_told_in_one_line() -> None:
    pressure = Pressure(0)
    app = Shedding(Held(), pressure)
    with structlog.testing.capture_logs() as lines:
        pressure.start()
        for _ in range(7):
            assert await status_of(app, "POST", "/v1/search") == 503
        await pressure.stop()
        await pressure.stop()
    assert [(line["event"], line["refused"], line["running"]) for line in lines] == [("overloaded", 7, 0)]
