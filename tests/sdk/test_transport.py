"""Retries, timeouts, request ids, and what is raised for each way to fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from embedsvc import (
    AsyncClient,
    Client,
    EmbedsvcError,
    ForbiddenError,
    InputError,
    NoActiveReleaseError,
    PayloadTooLargeError,
    RateLimitError,
    TransportError,
    TransportTimeoutError,
    UnauthorizedError,
)
from embedsvc.client import plans
from embedsvc.client.retries import FIRST_PAUSE_SECONDS, RetryPolicy
from embedsvc.client.transport import AsyncTransport, SyncTransport
from embedsvc.schemas import LiveResponse, ReleaseListResponse

Handler = Callable[[httpx.Request], httpx.Response]
URL = "http://service.test"


def ok() -> httpx.Response:
    return httpx.Response(200, json={"releases": []})


def failed(status: int, code: str, **headers: str) -> httpx.Response:
    error = {"code": code, "message": "A sentence.", "details": {"a": 1}, "request_id": "theirs"}
    return httpx.Response(
        status, json={"error": error}, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


class Service:
    """Answers from a list, and remembers what was asked."""

    def __init__(self, *outcomes: httpx.Response | Exception) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def ask(service: Service, retries: int = 2) -> tuple[ReleaseListResponse, list[float]]:
    slept: list[float] = []
    transport = SyncTransport(URL, 3.0, retries, httpx.MockTransport(service), slept.append)
    return transport.run(plans.releases()), slept


def slept_while_failing(service: Service, expected: type[EmbedsvcError]) -> list[float]:
    slept: list[float] = []
    transport = SyncTransport(URL, 3.0, 2, httpx.MockTransport(service), slept.append)
    with pytest.raises(expected):
        transport.run(plans.releases())
    return slept


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_passing_failures_are_asked_again(status: int) -> None:
    service = Service(failed(status, "x"), failed(status, "x"), ok())
    answer, slept = ask(service)
    assert answer.releases == []
    assert len(slept) == 2
    assert FIRST_PAUSE_SECONDS / 2 <= slept[0] <= FIRST_PAUSE_SECONDS
    assert FIRST_PAUSE_SECONDS <= slept[1] <= FIRST_PAUSE_SECONDS * 2


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("cut"),
    ],
)
def test_broken_connections_are_asked_again(error: Exception) -> None:
    answer, slept = ask(Service(error, ok()))
    assert answer.releases == []
    assert len(slept) == 1


@pytest.mark.parametrize("status", [400, 404, 413, 422, 500, 501])
def test_lasting_failures_are_not_asked_again(status: int) -> None:
    service = Service(failed(status, "payload_too_large"))
    assert slept_while_failing(service, PayloadTooLargeError) == []
    assert len(service.asked) == 1


def test_who_waited_in_vain_waits_no_longer() -> None:
    service = Service(httpx.ReadTimeout("slow"))
    assert slept_while_failing(service, TransportTimeoutError) == []


def test_at_most_so_many_retries() -> None:
    service = Service(*[failed(503, "no_active_release")] * 3)
    assert len(slept_while_failing(service, NoActiveReleaseError)) == 2
    with pytest.raises(NoActiveReleaseError):
        ask(Service(failed(503, "no_active_release")), retries=0)


def test_retry_after_is_obeyed() -> None:
    _, slept = ask(Service(failed(503, "x", Retry_After="7"), failed(429, "x", Retry_After="60"), ok()))
    assert slept == [7.0, 60.0]


def test_retry_after_as_a_date_is_obeyed() -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    _, (pause,) = ask(Service(failed(503, "x", Retry_After=when), ok()))
    assert 25 < pause <= 30
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    assert ask(Service(failed(503, "x", Retry_After=past), ok()))[1] == [0.0]


def test_longer_waits_are_the_callers_decision() -> None:
    service = Service(failed(503, "no_active_release", Retry_After="61"))
    assert slept_while_failing(service, NoActiveReleaseError) == []


@pytest.mark.parametrize("value", ["", "soon", "-5", "1e9", "Mon, 99 Foo 2026"])
def test_unreadable_retry_after_is_ignored(value: str) -> None:
    _, (pause,) = ask(Service(failed(503, "x", Retry_After=value), ok()))
    assert 0 < pause <= FIRST_PAUSE_SECONDS


def test_pauses_grow_to_a_limit() -> None:
    policy = RetryPolicy(retries=20, jitter=lambda: 0.0)
    pauses = [policy.pause(attempt, httpx.Response(503)) for attempt in range(8)]
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert RetryPolicy(retries=20, jitter=lambda: 0.5).pause(0, httpx.Response(503)) == pytest.approx(0.15)


def test_health_is_asked_once() -> None:
    service = Service(failed(503, "no_active_release"))
    with Client(URL, transport=httpx.MockTransport(service)) as client, pytest.raises(NoActiveReleaseError):
        client.health.ready()
    assert len(service.asked) == 1


def test_one_id_for_all_attempts_and_another_for_the_next_question() -> None:
    service = Service(failed(503, "x", Retry_After="0"), ok(), ok())
    with Client(URL, transport=httpx.MockTransport(service)) as client:
        client.releases()
        client.releases()
    first, again, other = [request.headers["x-request-id"] for request in service.asked]
    assert first == again != other
    assert len(first) == 32


def test_errors_are_those_of_the_service() -> None:
    with pytest.raises(NoActiveReleaseError) as caught:
        ask(Service(failed(503, "no_active_release")), retries=0)
    assert (str(caught.value), caught.value.details, caught.value.request_id) == (
        "A sentence.",
        {"a": 1},
        "theirs",
    )


def test_error_of_a_newer_service_is_still_an_error_of_ours() -> None:
    with pytest.raises(EmbedsvcError) as caught:
        ask(Service(failed(418, "teapot")))
    assert type(caught.value) is EmbedsvcError
    assert caught.value.details == {"code": "teapot", "a": 1}


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        (httpx.ConnectError("Connection refused"), "start it with 'embedsvc serve'"),
        (httpx.ReadTimeout("slow"), "did not answer within 3 s; raise the timeout"),
        (httpx.ReadError("reset"), "broke (reset); ask again"),
        (
            httpx.Response(502, text="<html>Bad gateway</html>"),
            "answered 502 in words that are not embedsvc's",
        ),
        (httpx.Response(302, headers={"Location": "/login"}), "answered 302"),
        (httpx.Response(200, text="<html>Welcome</html>"), "is not a ReleaseListResponse; check base_url"),
        (httpx.Response(200, json={"status": "live"}), "is not a ReleaseListResponse"),
    ],
)
def test_sentence_says_what_to_do(outcome: httpx.Response | Exception, says: str) -> None:
    with pytest.raises(TransportError) as caught:
        ask(Service(outcome), retries=0)
    assert says in str(caught.value)
    assert URL in str(caught.value)
    assert caught.value.request_id


def test_answer_of_a_newer_service_is_read() -> None:
    service = Service(httpx.Response(200, json={"status": "live", "since": "today"}))
    with Client(URL, transport=httpx.MockTransport(service)) as client:
        assert client.health.live() == LiveResponse()


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://a", "http://", "http://a:b", "/v1"])
def test_address_that_is_none_is_refused(url: str) -> None:
    for kind in (Client, AsyncClient):
        with pytest.raises(InputError, match="http://127"):
            kind(url)


def test_service_below_a_path_is_asked_there() -> None:
    service = Service(ok())
    with Client(f"{URL}/embeddings/", transport=httpx.MockTransport(service)) as client:
        client.releases()
    assert service.asked[0].url == f"{URL}/embeddings/v1/releases"


def test_no_service_at_all() -> None:
    with (
        Client("http://127.0.0.1:9", retries=0) as client,
        pytest.raises(TransportError, match="No connection"),
    ):
        client.health.live()


async def test_async_transport_retries_alike() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    service = Service(failed(503, "x", Retry_After="7"), httpx.ConnectError("refused"), ok())
    transport = AsyncTransport(URL, 3.0, 2, httpx.MockTransport(service), sleep)
    answer = await transport.run(plans.releases())
    await transport.close()
    assert answer.releases == []
    assert slept[0] == 7.0
    assert len({request.headers["x-request-id"] for request in service.asked}) == 1
    failing = AsyncTransport(URL, 3.0, 0, httpx.MockTransport(Service(httpx.ReadTimeout("slow"))), sleep)
    with pytest.raises(TransportTimeoutError):
        await failing.run(plans.releases())
    await failing.close()


def test_body_leaves_out_what_is_not_given() -> None:
    service = Service(httpx.Response(200, json={"release": "r", "space": "s", "scores": [1.0]}))
    with Client(URL, transport=httpx.MockTransport(service)) as client:
        client.similarity.one_to_many("ä", ["b"])
    assert json.loads(service.asked[0].content) == {"source": "ä", "targets": ["b"]}


def test_api_key_goes_with_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def sent(**options: str) -> str | None:
        service = Service(ok())
        with Client(URL, transport=httpx.MockTransport(service), **options) as client:
            client.releases()
        return service.asked[0].headers.get("authorization")

    monkeypatch.delenv("EMBEDSVC_API_KEY", raising=False)
    assert sent() is None
    assert sent(api_key="esk_a") == "Bearer esk_a"
    monkeypatch.setenv("EMBEDSVC_API_KEY", "esk_b")
    assert sent() == "Bearer esk_b"
    assert sent(api_key="") is None
    for wrong in ("a b", "é", "a\nb"):
        with pytest.raises(InputError) as caught:
            Client(URL, api_key=wrong)
        assert wrong not in str(caught.value)


def test_refusals_for_a_key_are_errors_of_their_own() -> None:
    with pytest.raises(UnauthorizedError):
        ask(Service(failed(401, "unauthorized")))
    with pytest.raises(ForbiddenError):
        ask(Service(failed(403, "forbidden")))
    with pytest.raises(RateLimitError):
        ask(Service(failed(429, "rate_limited", Retry_After="61")))
    _, slept = ask(Service(failed(429, "rate_limited", Retry_After="3"), ok()))
    assert slept == [3.0]
