"""What /metrics tells: requests by route, never by path, and the recall of real searches."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from embedsvc.queries.search import Observed
from embedsvc.releases import Store
from embedsvc.releases.candidate_index import CandidateIndex
from embedsvc.releases.candidates import CandidateTable
from embedsvc.service import create_app
from embedsvc.service.metrics import Metrics
from embedsvc.service.recall import RecallGauge
from embedsvc.settings import Settings
from indexes import get_backend
from tests.service.serving import serving


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    return samples(text).get((name, tuple(sorted(labels.items()))), 0.0)


def wait_until(told: Any, least: float) -> None:
    deadline = time.monotonic() + 30
    while told() < least:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_requests_are_counted_by_route_and_release(handmade: Store) -> None:
    with TestClient(create_app(Settings(store=handmade.root))) as web:
        for path in (
            "/v1/skills/php/related",
            "/v1/skills/javascript/related",
            "/v1/skills/qqqqqq",
            "/secret-path",
        ):
            web.get(path)
        answer = web.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    route = "/v1/skills/{skill:path}/related"
    shared = {"method": "GET", "route": route, "release": "first"}
    assert value(answer.text, "embedsvc_requests_total", status="200", **shared) == 2
    assert value(answer.text, "embedsvc_request_seconds_count", route=route, release="first") == 2
    other = {"method": "GET", "route": "/v1/skills/{skill:path}", "release": "first", "status": "404"}
    assert value(answer.text, "embedsvc_requests_total", **other) == 1
    assert not re.search("qqqqqq|secret", answer.text)


@pytest.fixture
def candidates() -> CandidateIndex:
    points = np.random.default_rng(1).normal(size=(3_000, 16)).astype(np.float32)
    index = get_backend("faiss_hnsw").build(points, threads=1)
    rows = [{"id": f"c{row}", "title": "", "updated_at": ""} for row in range(len(points))]
    return CandidateIndex(index, CandidateTable.empty({}).with_rows(rows))


def test_the_gauge_is_the_recall_of_what_was_answered(candidates: CandidateIndex) -> None:
    metrics = Metrics()
    gauge = RecallGauge(metrics, 1e-9)
    (query,) = candidates.index.vectors_at([5])
    truth = candidates.index.search(query[None, :], 10, effort=3_000).ids[0]
    told = lambda: value(metrics.text().decode(), "embedsvc_search_recall_wanted_total", release="r")  # noqa: E731
    gauge.start()
    gauge.offer("r", Observed(candidates, query, truth, None))
    wait_until(told, 10)
    assert value(metrics.text().decode(), "embedsvc_search_recall", release="r") == 1.0
    half = np.concatenate((truth[:5], 2_000 + np.arange(5)))
    assert not np.isin(half[5:], truth).any()
    gauge.offer("r", Observed(candidates, query, half, None))
    wait_until(told, 20)
    assert value(metrics.text().decode(), "embedsvc_search_recall", release="r") == 0.75
    assert value(metrics.text().decode(), "embedsvc_search_recall_found_total", release="r") == 15
    # Whom a filter let through is all that can be missed.
    within = np.isin(np.arange(3_000), truth[[0, 3]])
    gauge.offer("r", Observed(candidates, query, np.array([truth[0], truth[3], -1, -1]), within))
    wait_until(told, 22)
    assert value(metrics.text().decode(), "embedsvc_search_recall_found_total", release="r") == 17
    gauge.stop()


def test_samples_are_few_and_none_where_none_are_wanted(candidates: CandidateIndex) -> None:
    metrics = Metrics()
    (query,) = candidates.index.vectors_at([5])
    observed = Observed(candidates, query, candidates.index.search(query[None, :], 10).ids[0], None)
    for seconds, wanted in ((3_600.0, 10), (0.0, 10)):
        gauge = RecallGauge(metrics, seconds)
        gauge.start()
        for _ in range(50):
            gauge.offer("r", observed)
        gauge.stop()
        assert value(metrics.text().decode(), "embedsvc_search_recall_wanted_total", release="r") == wanted


def test_any_worker_answers_for_all(handmade: Store, tmp_path: Path) -> None:
    with serving(handmade.root, tmp_path / "log", workers=2) as address:
        for _ in range(30):
            # A new connection each: either worker may take it.
            assert httpx.get(f"{address}/v1/skills?prefix=p", timeout=30).status_code == 200
        text = httpx.get(f"{address}/metrics", timeout=30).text
    labels = {"method": "GET", "route": "/v1/skills", "status": "200", "release": "first"}
    assert value(text, "embedsvc_requests_total", **labels) == 30


def test_a_real_search_is_sampled(sample: Any) -> None:
    settings = Settings(store=sample.store, recall_seconds=0.001)
    with TestClient(create_app(settings)) as web:

        def told() -> float:
            web.post("/v1/search", json={"queries": ["payroll accountant"], "k": 10})
            return value(web.get("/metrics").text, "embedsvc_search_recall", release=sample.release)

        wait_until(told, 0.9)
        assert "payroll" not in web.get("/metrics").text
