"""Following the store: swaps, refusals, and what is served meanwhile."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog
from starlette.testclient import TestClient

from embedsvc import queries
from embedsvc.errors import NoActiveReleaseError, NotReadyError, ReleaseCorruptError
from embedsvc.releases import Store, layout
from embedsvc.releases.opening import Release, open_release
from embedsvc.service import create_app
from embedsvc.service.heap import give_back
from embedsvc.service.live import LiveRelease
from embedsvc.settings import Settings
from tests.service.handmade import publish


@asynccontextmanager
async def following(
    store: Store,
    opener: Callable[[Store, str], Release] = open_release,
    settle: Callable[[], None] = give_back,
) -> AsyncIterator[LiveRelease]:
    live = LiveRelease(store, 0.01, opener, settle)
    await live.start()
    try:
        yield live
    finally:
        await live.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
def store(empty_store: Store) -> Store:
    publish(empty_store, "first")
    publish(empty_store, "second", best=0.8)
    return empty_store


async def test_nothing_active_then_activated(store: Store) -> None:
    async with following(store) as live:
        with pytest.raises(NoActiveReleaseError, match="activate"):
            live.release()
        store.activate("first")
        await until(lambda: live._release is not None)
        assert live.release().name == "first"


async def test_swap_and_roll_back(store: Store) -> None:
    store.activate("first")
    async with following(store) as live:
        held = live.release()
        store.activate("second")
        await until(lambda: live.release().name == "second")
        assert held.name == "first"
        assert b'"score":0.9' in queries.related_json(held, "php", 1, "similar", None)
        assert b'"score":0.8' in queries.related_json(live.release(), "php", 1, "similar", None)
        store.rollback()
        await until(lambda: live.release().name == "first")


async def test_the_first_release_serves_before_it_is_warm_and_later_ones_after(store: Store) -> None:
    gates = {name: threading.Event() for name in ("first", "second")}
    warmed = []

    def opener(of: Store, name: str) -> Release:
        release = open_release(of, name)
        warm = release.warm

        def wait_and_warm() -> None:
            assert gates[name].wait(20)
            warm()
            warmed.append(name)

        release.warm = wait_and_warm  # type: ignore[method-assign]
        return release

    store.activate("first")
    async with following(store, opener, lambda: warmed.append("settled")) as live:
        assert (live.release().name, warmed) == ("first", [])
        gates["first"].set()
        await until(lambda: warmed == ["first", "settled"])
        store.activate("second")
        await asyncio.sleep(0.05)
        assert live.release().name == "first"
        gates["second"].set()
        await until(lambda: live.release().name == "second")
        assert warmed == ["first", "settled", "second", "settled"]


async def test_old_release_goes_with_its_last_request(store: Store) -> None:
    store.activate("first")
    async with following(store) as live:
        held = live.release()
        gone = weakref.ref(held)
        store.activate("second")
        await until(lambda: live.release().name == "second")
        gc.collect()
        assert gone() is held
        del held
        gc.collect()
        assert gone() is None


async def test_damaged_release_is_refused_once_and_the_old_one_serves(store: Store) -> None:
    damaged = store.path("second") / layout.WORDS / "vectors.npy"
    damaged.chmod(0o644)
    damaged.write_bytes(bytes(damaged.stat().st_size))
    store.activate("first")
    async with following(store) as live:
        with structlog.testing.capture_logs() as lines:
            store.activate("second", verify=False)
            await until(lambda: bool(lines))
            await asyncio.sleep(0.05)
        assert [(line["event"], line["release"], line["serving"]) for line in lines] == [
            ("release_refused", "second", "first")
        ]
        assert live.release().name == "first"


@pytest.mark.parametrize("reason", [ReleaseCorruptError("cut short"), MemoryError(), ValueError("odd")])
async def test_refusal_never_ends_the_watch(store: Store, reason: Exception) -> None:
    def opener(of: Store, name: str) -> Release:
        if name == "second":
            raise reason
        return open_release(of, name)

    store.activate("first")
    async with following(store, opener) as live:
        with structlog.testing.capture_logs() as lines:
            store.activate("second")
            await until(lambda: bool(lines))
            await asyncio.sleep(0.05)
        assert [line["event"] for line in lines] == ["release_refused"]
        assert live.release().name == "first"
        publish(store, "third", best=0.7)
        store.activate("third")
        await until(lambda: live.release().name == "third")


async def test_failing_canary_refuses_a_release(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(release: Release) -> str:
        if release.name == "second":
            raise NotReadyError("another answer")
        return "php"

    monkeypatch.setattr(queries, "check_canary", check)
    store.activate("second")
    async with following(store) as live:
        with pytest.raises(NotReadyError, match="second was refused"):
            live.release()
        store.activate("first")
        await until(lambda: live._release is not None)
        assert live.release().name == "first"


def test_service_without_a_release_says_so(empty_store: Store) -> None:
    with TestClient(create_app(Settings(store=empty_store.root))) as client:
        assert client.get("/health/live").status_code == 200
        for answer in (
            client.get("/health/ready"),
            client.get("/v1/skills/php/related"),
            client.get("/v1/skills/php/related?other=1"),
            client.post("/v1/classify", json={"texts": ["a"]}),
        ):
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "1"
            assert answer.json()["error"]["code"] == "no_active_release"
        assert client.get("/v1/releases").json() == {"releases": []}


def test_readiness_fails_when_the_canary_answers_otherwise(
    handmade: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TestClient(create_app(Settings(store=handmade.root))) as client:
        assert client.get("/health/ready").status_code == 200
        monkeypatch.setattr("embedsvc.queries.canary.related", _refuse)
        answer = client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "not_ready"


def _refuse(*asked: object) -> None:
    raise NotReadyError("no")


def test_fresh_volume_is_made_a_store(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(store=tmp_path))) as client:
        assert client.get("/health/ready").json()["error"]["code"] == "no_active_release"
    assert Store(tmp_path).list() == []
