"""`client.jobs`: begun once however often it is sent, waited for and followed through broken connections."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from embedsvc import (
    AsyncClient,
    Client,
    InputError,
    JobEndedError,
    TransportError,
    TransportTimeoutError,
    UnknownJobError,
)
from embedsvc.client import job_plans
from embedsvc.schemas import Job, JobEvent, JobProgress, ReindexRequest
from tests.service.serving import serving
from tests.training import toy

ID = "20260101-000000-0123456789abcdef"
RECIPE = 'seed = 1\n[[corpus.sources]]\npath = "candidates.jsonl"\n'
ERROR = {"error": {"code": "overloaded", "message": "Ask again.", "details": {}, "request_id": "r"}}


def job(state: str, done: float | None = None) -> Job:
    progress = None if done is None else JobProgress(stage="embed", done=done, total=9)
    return Job.model_validate(
        {"id": ID, "kind": "reindex", "state": state, "asked": ReindexRequest(), "created": "2026"}
        | {"progress": progress}
    )


def answered(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    content = body.model_dump_json() if isinstance(body, Job) else None
    return httpx.Response(status, headers=headers, content=content, json=None if content else body)


class Script(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers what it is told to, one after the other, and keeps what it was asked."""

    def __init__(self, *answers: Any, then: Iterable[Any] = ()) -> None:
        self._answers = itertools.chain(answers, then)
        self.asked: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx.Response)
        return answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_plans, "FIRST_PAUSE_SECONDS", 0.0)


def test_one_call_is_one_key_however_often_it_is_sent() -> None:
    script = Script(
        answered(ERROR, 503, **{"retry-after": "0"}),
        httpx.ReadError("broke"),
        answered(job("queued"), 202),
        answered(job("queued"), 202),
        answered(job("queued"), 202),
    )
    with Client("http://x", transport=script) as client:
        assert client.jobs.reindex().id == ID
        client.jobs.reindex(activate=False)
        client.jobs.reindex(idempotency_key="night-1")
    keys = [request.headers["idempotency-key"] for request in script.asked]
    assert len(set(keys[:3])) == 1
    assert len(set(keys)) == 3
    assert len(keys[0]) == 32
    assert keys[-1] == "night-1"
    bodies = [request.content for request in script.asked]
    assert bodies == [b'{"activate":true}'] * 3 + [b'{"activate":false}', b'{"activate":true}']


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 256, "a\n"])
def test_a_key_that_no_header_can_hold_is_refused_before_it_is_sent(key: str) -> None:
    with Client("http://x", transport=Script()) as client, pytest.raises(InputError, match="idempotency key"):
        client.jobs.reindex(idempotency_key=key)


STATES = ("queued", "running", "running", "running", "succeeded")
DONE = (None, 1, 1, 2, 2)


def looks() -> list[httpx.Response]:
    return [answered(job(state, done)) for state, done in zip(STATES, DONE, strict=True)]


def test_waiting_tells_what_is_new() -> None:
    told: list[tuple[str, float | None]] = []
    with Client("http://x", transport=Script(*looks())) as client:
        done = client.jobs.wait(
            ID, progress=lambda now: told.append((now.state, now.progress and now.progress.done))
        )
    assert done.state == "succeeded"
    assert told == [("queued", None), ("running", 1), ("running", 2), ("succeeded", 2)]


async def test_waiting_tells_what_is_new_awaited() -> None:
    told: list[str] = []
    async with AsyncClient("http://x", transport=Script(*looks())) as client:
        done = await client.jobs.wait(ID, progress=lambda now: told.append(now.state))
    assert (done.state, told) == ("succeeded", ["queued", "running", "running", "succeeded"])


def test_a_service_that_is_away_is_waited_for_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = httpx.ConnectError("refused")
    script = Script(answered(job("running")), gone, gone, answered(job("failed")))
    with Client("http://x", retries=0, transport=script) as client:
        assert client.jobs.wait(ID).state == "failed"
    monkeypatch.setattr(job_plans, "LOST_SECONDS", 0.0)
    for endless in (Script(*[gone] * 9), Script(answered(job("running")), *[gone] * 9)):
        with (
            Client("http://x", retries=0, transport=endless) as client,
            pytest.raises(TransportError, match="No connection"),
        ):
            client.jobs.wait(ID)


async def test_waiting_has_an_end_and_the_job_goes_on() -> None:
    def endless() -> Script:
        return Script(then=(answered(job("running", done)) for done in itertools.count()))

    late = r"has not ended within 0\.05 s; it goes on"
    with (
        Client("http://x", transport=endless()) as client,
        pytest.raises(TransportTimeoutError, match=late),
    ):
        client.jobs.wait(ID, timeout=0.05)
    async with AsyncClient("http://x", transport=endless()) as awaiting:
        with pytest.raises(TransportTimeoutError, match=late):
            await awaiting.jobs.wait(ID, timeout=0.05)


def test_a_job_that_is_not_there_is_said_at_once() -> None:
    unknown = {"error": {**ERROR["error"], "code": "unknown_job", "details": {"job": ID}}}
    for ask in (lambda jobs: jobs.wait(ID), lambda jobs: next(jobs.events(ID))):
        with Client("http://x", transport=Script(answered(unknown, 404))) as client:
            with pytest.raises(UnknownJobError) as refused:
                ask(client.jobs)
            assert refused.value.details == {"job": ID}


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Pieces of an answer, and then nothing more: the connection is gone."""

    def __init__(self, *pieces: str) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from (piece.encode() for piece in self._pieces)
        raise httpx.ReadError("gone")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def step(number: int) -> str:
    return f'id: {number}\nevent: progress\ndata: {{"stage":"embed","done":{number}.0,"total":9.0}}\n\n'


END = f"id: 5\nevent: end\ndata: {job('succeeded').model_dump_json()}\n\n"


def stream() -> Script:
    def broken(*pieces: str) -> httpx.Response:
        return httpx.Response(200, stream=Broken(*pieces))

    return Script(
        broken(step(2)[:20], step(2)[20:], ": nothing new\n\n", step(3), step(4)[:30]),
        httpx.ConnectError("refused"),
        httpx.Response(200, text=step(4) + "event: later\nid: 9\ndata: {}\n\n"),  # the service was stopped
        httpx.Response(200, text=END),
    )


EVENTS = [
    *(
        JobEvent(id=number, event="progress", progress=JobProgress(stage="embed", done=number, total=9))
        for number in (2, 3, 4)
    ),
    JobEvent(id=5, event="end", job=job("succeeded")),
]


def after(script: Script) -> Sequence[str | None]:
    return [request.headers.get("last-event-id") for request in script.asked]


async def test_events_are_taken_up_where_they_broke() -> None:
    script = stream()
    with Client("http://x", transport=script) as client:
        assert list(client.jobs.events(ID)) == EVENTS
    assert after(script) == [None, "3", "3", "4"]
    assert script.asked[0].url.path == f"/v1/jobs/{ID}/events"
    script = stream()
    async with AsyncClient("http://x", transport=script) as awaiting:
        assert [event async for event in awaiting.jobs.events(ID)] == EVENTS
    assert after(script) == [None, "3", "3", "4"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = toy.served(tmp_path_factory.mktemp("jobs"), toy.candidates(60))
    (folder / "embedsvc.toml").write_text(RECIPE)
    return folder


@pytest.fixture(scope="module")
def remote(folder: Path) -> Iterator[str]:
    with serving(folder / "store", folder / "log", recipe=folder / "embedsvc.toml") as address:
        yield address


def ended(events: Sequence[JobEvent]) -> Job:
    stages = [event.progress.stage for event in events if event.progress]
    assert list(dict.fromkeys(stages)) == ["clean", "embed", "index", "recall", "publish"]
    (end,) = [event.job for event in events if event.event == "end"]
    assert end is not None
    assert end.result is not None
    assert (end.state, end.result.candidates, end.result.recall) == ("succeeded", 60, 1.0)
    return end


async def test_a_real_job_by_every_client(remote: str, folder: Path) -> None:
    recipe = folder / "embedsvc.toml"
    followed = []
    with Client(remote) as client:
        begun = client.jobs.reindex()
        followed.append(ended(list(client.jobs.events(begun.id))))
        assert client.jobs.get(begun.id) == client.jobs.wait(begun.id) == followed[0]
        assert client.jobs.list(1) == followed
        assert client.health.ready().release == followed[0].result.release  # type: ignore[union-attr]
        with pytest.raises(JobEndedError):
            client.jobs.cancel(begun.id)
    async with AsyncClient.local(folder / "store", recipe=recipe) as awaiting:
        begun = await awaiting.jobs.reindex(activate=False)
        followed.append(ended([event async for event in awaiting.jobs.events(begun.id)]))
        assert await awaiting.jobs.list(9) == followed[::-1]
    with Client.local(folder / "store", recipe=recipe) as local, Client(remote) as client:
        assert local.jobs.list() == client.jobs.list() == followed[::-1]
        (folder / "candidates.jsonl").rename(folder / "elsewhere.jsonl")
        failed = local.jobs.wait(local.jobs.reindex().id)
        assert (failed.state, failed.error and failed.error.code) == ("failed", "source_not_found")
        assert client.jobs.get(failed.id) == failed
