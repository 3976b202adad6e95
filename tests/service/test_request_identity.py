"""Request ids, the access log, and the last resort."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from starlette.testclient import TestClient

from embedsvc import queries
from embedsvc.errors import StoreError
from embedsvc.releases import Store
from embedsvc.service import create_app
from embedsvc.settings import AccessLog, Settings

PRIVATE = "Jane Doe, born 1980"


def logged(store: Path, access_log: AccessLog, url: str) -> list[dict[str, Any]]:
    with (
        TestClient(create_app(Settings(store=store, access_log=access_log))) as client,
        structlog.testing.capture_logs() as lines,
    ):
        client.get(url, headers={"X-Request-ID": "mine-1"})
    return [dict(line) for line in lines]


def test_sane_id_is_answered_back(web: TestClient) -> None:
    for sent in ("a", "trace.1-2_3", "x" * 128):
        assert web.get("/health/live", headers={"X-Request-ID": sent}).headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "x" * 129, "<script>", "a,b"])
def test_other_ids_are_replaced(web: TestClient, sent: str) -> None:
    one = web.get("/health/live", headers={"X-Request-ID": sent}).headers["x-request-id"]
    two = web.get("/health/live", headers={"X-Request-ID": sent}).headers["x-request-id"]
    assert sent not in (one, two)
    assert one != two
    assert len(one) >= 16


def test_every_failure_carries_its_id(web: TestClient) -> None:
    for url in ("/nowhere", "/v1/skills/%ff", "/v1/skills/qqqqqq", "/v1/skills/php/related?k=0"):
        answer = web.get(url, headers={"X-Request-ID": "mine"})
        assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"] == "mine"


def test_log_names_the_route_and_not_what_was_asked(handmade: Store) -> None:
    (line,) = logged(handmade.root, "all", "/v1/skills/payroll/related")
    assert line.pop("ms") > 0
    assert line == {
        "event": "answered",
        "log_level": "info",
        "request_id": "mine-1",
        "method": "GET",
        "route": "/v1/skills/{skill:path}/related",
        "status": 200,
        "key": None,
    }
    (line,) = logged(handmade.root, "all", "/v1/skills/payroll")
    assert line["route"] == "/v1/skills/{skill:path}"


def test_log_levels(handmade: Store) -> None:
    assert logged(handmade.root, "errors", "/v1/skills/php/related") == []
    assert [line["status"] for line in logged(handmade.root, "errors", "/nowhere")] == [404]
    assert logged(handmade.root, "none", "/nowhere") == []


@pytest.fixture
def crashing(handmade: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    def crash(*asked: object) -> bytes:
        raise ValueError(PRIVATE)

    with TestClient(create_app(Settings(store=handmade.root))) as client:
        for name in ("related_json", "classify", "suggest"):
            monkeypatch.setattr(queries, name, crash)
        yield client


@pytest.mark.parametrize("way", ["lane", "thread", "route"])
def test_crash_is_an_answer_and_a_log_line_without_the_text(crashing: TestClient, way: str) -> None:
    with structlog.testing.capture_logs() as lines:
        if way == "lane":
            answer = crashing.get("/v1/skills/php/related")
        elif way == "thread":
            answer = crashing.post("/v1/classify", json={"texts": [PRIVATE]})
        else:
            answer = crashing.get("/v1/skills", params={"prefix": "p"})
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    crash = next(dict(line) for line in lines if line["event"] == "crashed")
    assert crash["error"] == "ValueError"
    assert crash["request_id"] == answer.headers["x-request-id"] == answer.json()["error"]["request_id"]
    assert any(frame.endswith(" crash") for frame in crash["frames"])
    assert PRIVATE not in answer.text + repr(lines)


def test_store_failure_does_not_name_the_servers_files(
    handmade: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(store: Store) -> None:
        raise StoreError("cannot read /srv/store/current")

    with TestClient(create_app(Settings(store=handmade.root))) as client:
        monkeypatch.setattr(Store, "list", fail)
        with structlog.testing.capture_logs() as lines:
            answer = client.get("/v1/releases")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "store_error"
    assert "/srv" not in answer.text
    assert any(line.get("reason") == "cannot read /srv/store/current" for line in lines)
