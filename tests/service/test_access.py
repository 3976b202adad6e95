"""Keys, scopes, limits and headers: who may ask, how often, and what every answer carries."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from embedsvc.errors import InputError, ServeError
from embedsvc.releases import Store
from embedsvc.service import create_app
from embedsvc.service.access import needs_admin
from embedsvc.service.keys import Keyring, new_key, read_keys
from embedsvc.service.rates import MAX_CALLERS, RateLimiter
from embedsvc.service.server import check_keys, is_loopback
from embedsvc.settings import Settings
from tests.service.handmade import publish
from tests.service.serving import free_port, start

READER, READER_LINE = new_key("reader", "read")
ADMIN, ADMIN_LINE = new_key("boss", "admin")
LINES = f"{READER_LINE},{ADMIN_LINE}"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def guarded(handmade: Store) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(store=handmade.root, api_keys=LINES))) as client:
        yield client


@pytest.mark.parametrize("url", ["/v1/skills/php/related", "/v1/skills?prefix=p", "/v1/releases", "/nowhere"])
def test_no_key_no_answer(guarded: TestClient, url: str) -> None:
    for headers in ({}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer"}):
        answer = guarded.get(url, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "unauthorized"
        assert answer.headers["www-authenticate"] == 'Bearer realm="embedsvc"'


@pytest.mark.parametrize("key", ["esk_wrong", READER[:-1], READER + "x", READER_LINE, "", "x" * 10_000, "é"])
def test_a_wrong_key_is_none(guarded: TestClient, key: str) -> None:
    headers = {"Authorization": b"Bearer " + key.encode()}
    assert guarded.get("/v1/skills/php/related", headers=headers).status_code == 401  # type: ignore[arg-type]


def test_a_key_opens_what_its_scope_allows(guarded: TestClient, handmade: Store) -> None:
    for key in (READER, ADMIN):
        assert guarded.get("/v1/skills/php/related", headers=bearer(key)).status_code == 200
        asked = guarded.post("/v1/classify", json={"texts": ["php"]}, headers=bearer(key))
        assert asked.status_code == 200
    refused = guarded.post("/v1/releases/second/activate", headers=bearer(READER))
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert handmade.current() == "first"
    assert guarded.get("/v1/skills/php/related", headers={"authorization": f"bearer  {READER} "}).is_success


@pytest.mark.parametrize(
    ("method", "path", "admin"),
    [
        ("POST", "/v1/releases/a/activate", True),
        ("POST", "/v1/jobs/reindex", True),
        ("POST", "/v1/candidates", True),
        ("PUT", "/v1/candidates/c1", True),
        ("DELETE", "/v1/candidates/c1", True),
        ("DELETE", "/v1/jobs/7", True),
        ("GET", "/v1/candidates/c1/similar", False),
        ("GET", "/v1/releases", False),
        ("POST", "/v1/search", False),
        ("POST", "/v1/embeddings", False),
        ("POST", "/v1/releasesque", False),
    ],
)
def test_what_needs_admin(method: str, path: str, admin: bool) -> None:
    assert needs_admin(method, path) is admin


@pytest.mark.parametrize("url", ["/health/live", "/health/ready", "/docs", "/openapi.json", "/docs/start.js"])
def test_health_and_manual_ask_for_no_key(guarded: TestClient, url: str) -> None:
    assert guarded.get(url).status_code == 200


def test_nothing_but_the_manuals_files_lies_below_it(guarded: TestClient) -> None:
    for url in ("/docs/x", "/docs/..%2f..%2fsettings.py", "/docs/__init__.py", "/docs/../v1/releases"):
        assert guarded.get(url).status_code in (401, 404)


def test_key_is_named_in_the_log_and_never_told(handmade: Store) -> None:
    settings = Settings(store=handmade.root, api_keys=LINES, access_log="all")
    with TestClient(create_app(settings)) as client, structlog.testing.capture_logs() as lines:
        client.get("/v1/skills/php/related", headers=bearer(READER))
        client.get("/v1/skills/php/related", headers=bearer("esk_secret"))
    assert [(line["status"], line["key"]) for line in lines] == [(200, "reader"), (401, None)]
    assert READER not in repr(lines)
    assert "esk_secret" not in repr(lines)


def test_new_keys_are_random_and_only_their_hash_is_kept() -> None:
    assert READER.startswith("esk_")
    assert len(READER) == 47
    assert READER not in READER_LINE
    assert f"reader:read:{hashlib.sha256(READER.encode()).hexdigest()}" == READER_LINE
    assert len({new_key("a", "read")[0] for _ in range(100)}) == 100
    (key,) = read_keys([new_key("a", "admin", datetime(2027, 1, 31, tzinfo=UTC).date())[1]])
    assert (key.name, key.scope, str(key.last_day)) == ("a", "admin", "2027-01-31")
    with pytest.raises(InputError, match="NAME:SCOPE:SHA256"):
        new_key("a b", "read")


@pytest.mark.parametrize(
    "line",
    [
        "reader",
        "a:read",
        "a:write:" + "0" * 64,
        "a:read:" + "g" * 64,
        f"{READER_LINE}:soon",
        f"{READER_LINE}0",
    ],
)
def test_lines_that_are_no_keys_are_refused_without_repeating_them(line: str) -> None:
    with pytest.raises(InputError, match="API key 2 is no") as caught:
        read_keys(["# comment", line])
    assert line not in str(caught.value)


@given(st.text())
def test_any_line_is_a_key_or_an_input_error(line: str) -> None:
    try:
        keys = read_keys([line])
    except InputError:
        return
    assert len(keys) <= 1


def test_a_key_ends_with_its_last_day() -> None:
    today = datetime.now(UTC).date()
    for days, taken in ((1, True), (0, True), (-1, False)):
        secret, line = new_key("a", "read", today + timedelta(days=days))
        assert (Keyring(line, None).find(secret.encode()) is not None) is taken


def test_keys_are_rotated_by_their_file(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"# ours\n\n{READER_LINE}\n")
    ring = Keyring("", path)
    secret, line = new_key("reader", "read")
    assert ring.find(READER.encode()) is not None
    assert ring.find(secret.encode()) is None
    path.write_text(f"{READER_LINE}\n{line}\n")
    os.utime(path, ns=(1, 1))
    ring._next_look = 0.0
    assert ring.find(secret.encode()) is not None
    assert ring.find(READER.encode()) is not None
    path.write_text(line)
    ring._next_look = 0.0
    assert ring.find(READER.encode()) is None
    # What cannot be read leaves the keys as they were.
    with structlog.testing.capture_logs() as lines:
        for spoil in (lambda: path.write_text("nonsense"), path.unlink):
            spoil()
            ring._next_look = 0.0
            assert ring.find(secret.encode()) is not None
    assert [each["event"] for each in lines] == ["keys_not_read"] * 2


def test_a_file_without_keys_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("# none yet\n")
    for path in (tmp_path / "keys", tmp_path / "nowhere"):
        with pytest.raises(InputError, match="key file"):
            Keyring("", path)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "127.0.0.1:8000"}, 200),
        ({"Host": "[::1]:8000"}, 200),
        ({"Host": "localhost:8000", "Origin": "http://localhost:8000"}, 200),
        ({"Host": "localhost:8000", "Origin": "http://evil.example"}, 403),
        ({"Host": "localhost:8000", "Origin": "null"}, 403),
        ({"Host": "evil.example:8000"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
    ],
)
def test_without_keys_no_page_of_the_web_may_ask(
    web: TestClient, headers: dict[str, str], status: int
) -> None:
    assert web.get("/v1/skills/php/related", headers=headers).status_code == status
    assert web.post("/v1/classify", json={"texts": ["php"]}, headers=headers).status_code == status
    assert web.get("/health/live", headers=headers).status_code == 200


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_evenly() -> None:
    clock = Clock()
    limiter = RateLimiter(60, clock)
    told = [limiter.take("a") for _ in range(60)]
    assert [wait for wait, _ in told] == [0.0] * 60
    assert dict(told[0][1]) == {
        b"ratelimit-limit": b"60",
        b"ratelimit-policy": b"60;w=60",
        b"ratelimit-remaining": b"59",
        b"ratelimit-reset": b"1",
    }
    wait, headers = limiter.take("a")
    assert wait == pytest.approx(1.0)
    assert dict(headers)[b"ratelimit-remaining"] == b"0"
    assert dict(headers)[b"ratelimit-reset"] == b"60"
    assert limiter.take("b")[0] == 0.0
    clock.now += 0.5
    assert limiter.take("a")[0] == pytest.approx(0.5)
    clock.now += 0.5
    assert limiter.take("a")[0] == 0.0
    clock.now += 3600
    assert dict(limiter.take("a")[1])[b"ratelimit-remaining"] == b"59"


@given(gaps=st.lists(st.floats(0, 30), max_size=60), most=st.integers(1, 20))
def test_never_more_than_the_limit_and_what_refills(gaps: list[float], most: int) -> None:
    clock = Clock()
    limiter, passed = RateLimiter(most, clock), 0
    for gap in gaps:
        clock.now += gap
        passed += limiter.take("a")[0] == 0.0
    assert passed <= most + sum(gaps) * most / 60 + 1e-6


def test_callers_without_number_take_no_memory_without_end() -> None:
    limiter = RateLimiter(1)
    for number in range(MAX_CALLERS + 50):
        limiter.take(str(number))
    assert len(limiter._buckets) == MAX_CALLERS


def test_limits_are_each_keys_own_and_never_healths(handmade: Store) -> None:
    settings = Settings(store=handmade.root, api_keys=LINES, rate_limit=3)
    with TestClient(create_app(settings)) as client:
        told = [client.get("/v1/skills/php/related", headers=bearer(READER)) for _ in range(4)]
        assert [each.status_code for each in told] == [200, 200, 200, 429]
        assert [each.headers["ratelimit-remaining"] for each in told] == ["2", "1", "0", "0"]
        assert told[3].json()["error"]["code"] == "rate_limited"
        assert 1 <= int(told[3].headers["retry-after"]) <= 20
        assert client.get("/v1/skills/php/related", headers=bearer(ADMIN)).status_code == 200
        assert client.get("/v1/skills/php/related", headers=bearer("esk_x")).status_code == 401
        for _ in range(5):
            assert client.get("/health/ready").status_code == 200
            assert "ratelimit-limit" not in client.get("/health/live").headers


def test_every_answer_carries_its_safety_headers(web: TestClient) -> None:
    for url in ("/v1/skills/php/related", "/v1/skills/qqqqqq", "/nowhere", "/health/live", "/v1/skills/%ff"):
        headers = web.get(url).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_no_page_of_the_manual_loads_anything_from_elsewhere(web: TestClient) -> None:
    page = web.get("/docs")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "//" not in page.text.replace("<!DOCTYPE html>", "")
    assert "<script>" not in page.text
    bundle = web.get("/docs/swagger-ui-bundle.js")
    assert bundle.headers["content-type"].startswith("text/javascript")
    assert "SwaggerUIBundle" in bundle.text
    assert web.get("/docs/swagger-ui.css").headers["content-type"].startswith("text/css")
    assert web.get("/redoc").status_code == 404


def test_origins_are_let_in_by_name_alone(handmade: Store) -> None:
    ours = "https://recruiting.example"
    settings = Settings(store=handmade.root, api_keys=LINES, cors_origins=[ours])
    with TestClient(create_app(settings)) as client:
        for origin, allowed in ((ours, ours), ("https://evil.example", None)):
            asked = {
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization",
            }
            before = client.options("/v1/classify", headers=asked)
            assert before.headers.get("access-control-allow-origin") == allowed
            answer = client.get("/v1/skills/php/related", headers={"Origin": origin, **bearer(READER)})
            assert answer.headers.get("access-control-allow-origin") == allowed
        assert client.options("/v1/classify", headers={"Origin": ours}).status_code == 401


async def test_a_body_that_does_not_come_is_not_waited_for(handmade: Store) -> None:
    app = create_app(Settings(store=handmade.root, body_seconds=0.05))
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/classify",
        "raw_path": b"/v1/classify",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"5")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "scheme": "http",
        "root_path": "",
        "http_version": "1.1",
    }
    async with app.router.lifespan_context(app):
        for kind in (b"application/json", b"application/x-ndjson"):
            sent.clear()
            scope["headers"][0] = (b"content-type", kind)  # type: ignore[index]
            await app(dict(scope), never, send)
            assert sent[0]["status"] == 408
            assert b"request_timeout" in sent[1]["body"]


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],  # noqa: S104
)
def test_without_keys_only_this_machine_is_served(handmade: Store, host: str, alone: bool) -> None:
    assert is_loopback(host) is alone
    settings = Settings(store=handmade.root, host=host)
    with structlog.testing.capture_logs() as lines:
        if alone:
            check_keys(settings)
        else:
            with pytest.raises(ServeError, match="embedsvc key NAME"):
                check_keys(settings)
    assert [line["event"] for line in lines] == (["no_api_keys"] if alone else [])
    check_keys(Settings(store=handmade.root, host=host, api_keys=LINES))


def test_a_server_for_others_does_not_start_without_keys(handmade: Store, tmp_path: Path) -> None:
    process = start(handmade.root, tmp_path / "log", host="0.0.0.0", port=free_port())  # noqa: S104
    assert process.wait(timeout=60) == 69
    assert (tmp_path / "log").read_text().startswith("There are no API keys, and 0.0.0.0 can be reached")


def test_activation_swaps_or_is_refused_and_the_old_one_serves(empty_store: Store) -> None:
    publish(empty_store, "first")
    publish(empty_store, "second", best=0.8)
    publish(empty_store, "broken")
    damaged = empty_store.path("broken") / "indexes/similar/scores.npy"
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:-4] + b"\x00\x00\x00\x01")
    empty_store.activate("first")
    with TestClient(create_app(Settings(store=empty_store.root, watch_seconds=3600))) as client:
        answer = client.post("/v1/releases/second/activate")
        assert answer.json() == {"release": "second", "before": "first"}
        assert client.get("/v1/skills/php/related").json()["release"] == "second"
        refused = client.post("/v1/releases/broken/activate")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "gate_refused")
        assert len(refused.json()["error"]["details"]["faults"]) == 1
        assert client.get("/v1/skills/php/related").json()["release"] == "second"
        assert client.post("/v1/releases/nowhere/activate").json()["error"]["code"] == "unknown_release"
        for name in ("..", "%2e%2e%2fstaging", "A", "a%00", "x" * 65, "-a"):
            assert client.post(f"/v1/releases/{name}/activate").status_code in (404, 422), name
        assert client.post("/v1/releases/first/activate").json()["before"] == "second"
    assert empty_store.current() == "first"
