"""Heavy queries run in a bounded number of threads, and only so many wait for one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from embedsvc import queries
from embedsvc.releases import Store
from embedsvc.releases.opening import Release
from embedsvc.schemas import ClassifyRequest, ClassifyResponse
from embedsvc.service import create_app
from embedsvc.settings import Settings


def test_one_computes_one_waits_the_next_is_refused(handmade: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Semaphore(0), threading.Event()

    def slow(release: Release, asked: ClassifyRequest) -> ClassifyResponse:
        begun.release()
        assert go.wait(timeout=30)
        return ClassifyResponse(release=release.name, classifier="label", results=[])

    monkeypatch.setattr(queries, "classify", slow)
    settings = Settings(store=handmade.root, cpu_threads=1, max_waiting=1)
    with TestClient(create_app(settings)) as client, ThreadPoolExecutor(2) as callers:
        threads = client.app.state.service.threads  # type: ignore[attr-defined]
        try:
            accepted = [callers.submit(client.post, "/v1/classify", json={"texts": ["a"]}) for _ in range(2)]
            assert begun.acquire(timeout=30)
            while threads.statistics().tasks_waiting < 1:
                pass
            refused = client.post("/v1/classify", json={"texts": ["a"]})
            assert refused.status_code == 503
            assert refused.headers["retry-after"] == "1"
            assert refused.json()["error"]["code"] == "overloaded"
            assert client.get("/v1/skills/php/related").status_code == 200
        finally:
            go.set()
        assert [each.result().status_code for each in accepted] == [200, 200]


def test_nobody_waits_for_a_thread_without_end(handmade: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(release: Release, asked: ClassifyRequest) -> ClassifyResponse:
        begun.set()
        assert go.wait(timeout=30)
        return ClassifyResponse(release=release.name, classifier="label", results=[])

    monkeypatch.setattr(queries, "classify", slow)
    settings = Settings(store=handmade.root, cpu_threads=1, wait_seconds=0.05)
    with TestClient(create_app(settings)) as client, ThreadPoolExecutor(1) as callers:
        try:
            accepted = callers.submit(client.post, "/v1/classify", json={"texts": ["a"]})
            assert begun.wait(timeout=30)
            refused = client.post("/v1/similarity", json={"pairs": [["a", "b"]]})
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
        finally:
            go.set()
        assert accepted.result().status_code == 200
        assert client.post("/v1/similarity", json={"pairs": [["a", "b"]]}).status_code == 200
