"""Load over keep-alive connections, and what came of it.

Closed load asks the next question when an answer has come: the most a service can do. Open load asks at fixed
times whatever comes back, and counts each answer's time from when its question was due, so that a service
that falls behind cannot hide it (what Gil Tene calls coordinated omission).
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import ceil
from typing import Any, cast

import uvloop

BROKEN = 0
"""Stands for the status where no answer came."""

_TICK = 0.001  # the finest that uvloop sleeps
_DRAIN_SECONDS = 30.0


@dataclass(slots=True)
class Outcome:
    """Answers in the order in which they came.

    Attributes:
        seconds: The load lasted, without the last answers.
        due: When each question was due, in seconds since the first.
        latency: Seconds from then to the end of its answer.
        status: 200 say; `BROKEN` where the connection broke or no answer came in time.
        told: Whether the answer said when to ask again (Retry-After).
        drained: Seconds from the end of the load to the last answer.
    """

    seconds: float = 0.0
    drained: float = 0.0
    due: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    told: list[bool] = field(default_factory=list)

    def add(self, due: float, latency: float, status: int, *, told: bool = False) -> None:
        """Take one answer."""
        self.due.append(due)
        self.latency.append(latency)
        self.status.append(status)
        self.told.append(told)

    def __len__(self) -> int:
        return len(self.status)

    @property
    def per_second(self) -> float:
        """Good answers a second, of those that came while the load lasted."""
        ended = zip(self.due, self.latency, self.status, strict=True)
        good = sum(status == 200 and due + latency <= self.seconds for due, latency, status in ended)
        return good / self.seconds

    def counts(self) -> dict[int, int]:
        """Answers by status."""
        return dict(sorted(Counter(self.status).items()))

    def latencies(self, status: int = 200) -> list[float]:
        """Seconds that the answers of this status took."""
        return [each for each, its in zip(self.latency, self.status, strict=True) if its == status]

    def untold(self) -> int:
        """How many refusals (429, 503) did not say when to ask again."""
        refused = zip(self.status, self.told, strict=True)
        return sum(status in (429, 503) and not told for status, told in refused)


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that `share` (in (0, 1]) of all do not exceed, one of them; NaN of none."""
    if not values:
        return float("nan")
    return sorted(values)[ceil(share * len(values)) - 1]


def question(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> bytes:
    """The bytes of a request; a body is sent as JSON."""
    sent = b"" if body is None else json.dumps(body).encode()
    lines = [
        f"{method} {path} HTTP/1.1",
        "host: 127.0.0.1",
        *(f"{k}: {v}" for k, v in (headers or {}).items()),
    ]
    if sent:
        lines += ["content-type: application/json", f"content-length: {len(sent)}"]
    return "\r\n".join([*lines, "", ""]).encode() + sent


def closed_load(port: int, questions: Sequence[bytes], connections: int, seconds: float) -> Outcome:
    """Keep so many connections busy for some seconds."""
    return _run(lambda: _Load(port, questions, connections).closed(seconds))


def open_load(
    port: int, questions: Sequence[bytes], rate: float, seconds: float, connections: int = 1_000
) -> Outcome:
    """Ask `rate` questions a second, evenly, over at most so many connections."""
    return _run(lambda: _Load(port, questions, connections).open(rate, seconds))


def _run(load: Callable[[], Coroutine[Any, Any, Outcome]]) -> Outcome:
    gc.collect()
    gc.disable()  # a pause of ours would be counted as the service's
    try:
        return uvloop.run(load())
    finally:
        gc.enable()


class _Load:
    """One run of load; see the two functions."""

    def __init__(self, port: int, questions: Sequence[bytes], connections: int) -> None:
        self._port = port
        self._questions = itertools.cycle(questions)
        self._most = connections
        self._made = 0
        self._idle: list[_Connection] = []
        self._all: list[_Connection] = []
        self._late: deque[float] = deque()
        self._begin = 0.0
        self._asking = True
        self._repeats = False
        self.outcome = Outcome()
        self._tasks: set[asyncio.Task[None]] = set()

    async def closed(self, seconds: float) -> Outcome:
        self._repeats = True
        self._begin = time.perf_counter()
        for _ in range(self._most):
            self._ask(self._begin)
        await asyncio.sleep(seconds)
        return await self._ended(seconds)

    async def open(self, rate: float, seconds: float) -> Outcome:
        begin = self._begin = time.perf_counter()
        asked, all_of_them = 0, int(rate * seconds)
        while asked < all_of_them:
            due = min(all_of_them, int((time.perf_counter() - begin) * rate) + 1)
            for number in range(asked, due):
                self._ask(begin + number / rate)
            asked = due
            await asyncio.sleep(max(_TICK, begin + asked / rate - time.perf_counter()))
        return await self._ended(seconds)

    def _ask(self, due: float) -> None:
        if self._idle:
            self._idle.pop().send(next(self._questions), due)
        elif self._made < self._most:
            self._made += 1
            task = asyncio.get_running_loop().create_task(self._connect(due))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._late.append(due)

    async def _connect(self, due: float) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._port)
        except OSError:
            self._made -= 1
            self.answered(due, BROKEN)
            return
        self._all.append(connection)
        connection.send(next(self._questions), due)

    def answered(self, due: float, status: int, *, told: bool = False) -> None:
        """Count an answer."""
        self.outcome.add(due - self._begin, time.perf_counter() - due, status, told=told)

    def free(self, connection: _Connection) -> None:
        """Give a connection its next question, if there is one."""
        if self._late:
            connection.send(next(self._questions), self._late.popleft())
        elif self._repeats and self._asking:
            connection.send(next(self._questions), time.perf_counter())
        else:
            self._idle.append(connection)

    def lost(self, connection: _Connection) -> None:
        """Take a connection that the service has closed out of use; another is made in its place."""
        self._made -= 1
        with suppress(ValueError):
            self._idle.remove(connection)
        if self._late:
            self._ask(self._late.popleft())
        elif self._repeats and self._asking:
            self._ask(time.perf_counter())

    async def _ended(self, seconds: float) -> Outcome:
        self._asking = False
        self.outcome.seconds = seconds
        ended = time.perf_counter()
        deadline = ended + _DRAIN_SECONDS
        while time.perf_counter() < deadline and (
            self._tasks or self._late or any(each.due is not None for each in self._all)
        ):
            await asyncio.sleep(_TICK)
        for due in [*self._late, *(each.due for each in self._all if each.due is not None)]:
            self.answered(due, BROKEN)
        self._late.clear()
        self.outcome.drained = time.perf_counter() - ended
        for each in self._all:
            each.close()
        return self.outcome


class _Connection(asyncio.Protocol):
    """Asks one question at a time."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self.due: float | None = None
        self._got = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is not one of its subclasses

    def send(self, raw: bytes, due: float) -> None:
        """Ask."""
        assert self._transport is not None  # noqa: S101
        self.due = due
        self._transport.write(raw)

    def data_received(self, data: bytes) -> None:
        got = self._got = self._got + data if self._got else data
        head = got.find(b"\r\n\r\n")
        if head < 0 or len(got) < head + 4 + _length(got[:head]):
            return
        self._got = b""
        due, self.due = self.due, None
        if due is not None:
            told = got[9:12] != b"200" and b"retry-after:" in got[:head].lower()
            self._load.answered(due, int(got[9:12]), told=told)
            self._load.free(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        due, self.due = self.due, None
        if due is not None:
            self._load.answered(due, BROKEN)
        self._load.lost(self)

    def close(self) -> None:
        """Hang up."""
        self.due = None
        if self._transport is not None:
            self._transport.close()


def _length(head: bytes) -> int:
    """What Content-Length says; 0 where it says nothing."""
    at = head.lower().find(b"\r\ncontent-length:")
    return int(head[at + 17 :].split(b"\r", 1)[0]) if at >= 0 else 0
