"""Stages in /metrics: which, of which model and release, and gone with the release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from embedsvc.releases import Store
from embedsvc.service import create_app
from embedsvc.service.stage_times import EVERY
from embedsvc.settings import Settings
from tests.service.handmade import publish
from tests.service.serving import serving
from tests.service.test_metrics import samples, value, wait_until

RELATED = "/v1/skills/{skill:path}/related"


def stages(text: str, route: str, release: str = "first") -> dict[tuple[str, str], float]:
    """How often each stage of a route was seen, by stage and model."""
    seen = {}
    for (name, labels), count in samples(text).items():
        told = dict(labels)
        if name == "embedsvc_stage_seconds_count" and (told["route"], told["release"]) == (route, release):
            seen[told["stage"], told["model"]] = count
    return seen


def test_each_route_tells_its_stages(handmade: Store) -> None:
    with TestClient(create_app(Settings(store=handmade.root))) as web:
        web.post("/v1/search", json={"queries": ["php", "payroll"]})
        web.post("/v1/search", json={"queries": 7})
        web.post("/v1/classify", json={"texts": ["php"]})
        web.post("/v1/skills/related", json={"queries": [{"skill": "php"}, {"skill": "c#"}]})
        web.get("/v1/candidates/c1")
        web.get("/health/ready")
        lines = b'"php"\n"payroll"\n'
        web.post("/v1/classify", content=lines, headers={"content-type": "application/x-ndjson"})
        text = web.get("/metrics").text
    usual = {("parse", ""): 1, ("wait", ""): 1, ("serialise", ""): 1}
    assert stages(text, "/v1/search") == {**usual, ("encode", "sif"): 1, ("search", "exact"): 1}
    assert stages(text, "/v1/skills/related") == {
        **usual,
        ("resolve", "lexicon"): 1,
        ("search", "similar"): 1,
    }
    assert stages(text, "/v1/candidates/{candidate:path}") == usual
    assert stages(text, "/v1/classify") == {
        ("parse", ""): 2,
        ("wait", ""): 1,
        ("serialise", ""): 2,
        ("classify", "label"): 2,
    }
    assert stages(text, "/health/ready") == {}


def test_the_fast_lane_is_sampled(handmade: Store) -> None:
    with TestClient(create_app(Settings(store=handmade.root))) as web:
        for _ in range(2 * EVERY):
            assert web.get("/v1/skills/php/related").status_code == 200
        text = web.get("/metrics").text
    assert stages(text, RELATED) == {
        ("resolve", "lexicon"): 2,
        ("search", "similar"): 2,
        ("serialise", ""): 2,
    }
    assert value(text, "embedsvc_request_seconds_count", route=RELATED, release="first") == 2 * EVERY


@pytest.fixture
def two(empty_store: Store) -> Store:
    publish(empty_store, "first")
    publish(empty_store, "second", best=0.8)
    empty_store.activate("first")
    return empty_store


def test_what_a_collected_release_counted_is_let_go(two: Store) -> None:
    with TestClient(create_app(Settings(store=two.root))) as web:
        web.post("/v1/classify", json={"texts": ["php"]})
        assert web.post("/v1/releases/second/activate").status_code == 200
        web.post("/v1/classify", json={"texts": ["php"]})
        both = web.get("/metrics").text
        two.remove(["first"])
        after = web.get("/metrics").text
        held = web.app.state.service.metrics.text().decode()  # type: ignore[attr-defined]
        web.post("/v1/classify", json={"texts": ["php"]})
        more = web.get("/metrics").text
    assert stages(both, "/v1/classify", "first")["classify", "label"] == 1
    assert 'release="first"' not in after + held
    assert stages(after, "/v1/classify", "second")["classify", "label"] == 1
    assert stages(more, "/v1/classify", "second")["classify", "label"] == 2


def test_no_measure_is_lost_while_the_store_cannot_be_read(
    two: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TestClient(create_app(Settings(store=two.root, watch_seconds=3600))) as web:
        web.post("/v1/classify", json={"texts": ["php"]})
        two.root.rename(two.root.with_name("elsewhere"))
        assert stages(web.get("/metrics").text, "/v1/classify")["classify", "label"] == 1


def apart() -> httpx.Client:
    """Makes a new connection each time, so that either worker may take it."""
    return httpx.Client(headers={"connection": "close"}, timeout=30)


def test_workers_count_together_and_pass_over_what_is_gone(two: Store, tmp_path: Path) -> None:
    with serving(two.root, tmp_path / "log", workers=2, watch_seconds=0.02) as address, apart() as web:

        def ask(times: int) -> None:
            for _ in range(times):
                answer = web.post(f"{address}/v1/classify", json={"texts": ["php"]})
                assert answer.status_code == 200

        def told(release: str) -> Any:
            text = web.get(f"{address}/metrics").text
            return stages(text, "/v1/classify", release).get(("classify", "label"), 0)

        ask(10)
        assert told("first") == 10
        two.activate("second")
        wait_until(lambda: ask(4) or told("second"), 8)
        two.remove(["first"])
        text = web.get(f"{address}/metrics").text
    assert 'release="first"' not in text
    assert stages(text, "/v1/classify", "second")["classify", "label"] >= 8
