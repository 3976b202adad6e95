"""Releases activated again and again under load, two workers: nothing dropped, mixed, or kept in memory."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil
import pytest

from embedsvc.releases import Store
from embedsvc.releases.draft import Draft
from tests.service.handmade import publish
from tests.service.serving import running

SCORES = {"first": 0.9, "second": 0.8, "third": 0.7}
CALLERS = 4


@pytest.fixture
def store(empty_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Three releases, and one whose canary does not give its known answer."""
    for name, best in SCORES.items():
        publish(empty_store, name, best)
    whole = Draft.publish

    def lying(draft: Draft, *, canary: dict[str, Any], **facts: Any) -> Any:
        return whole(draft, canary={**canary, "related": ["another"]}, **facts)

    monkeypatch.setattr(Draft, "publish", lying)
    publish(empty_store, "lying", 0.6)
    empty_store.activate("first")
    return empty_store


def ask(address: str, number: int) -> Iterator[tuple[str, float]]:
    """The release and the best score of every part of one answer."""
    if number % 3 == 0:
        # A connection of its own, so that both workers are asked.
        body = httpx.get(f"{address}/v1/skills/php/related?k=1", timeout=30).raise_for_status().json()
        yield body["release"], body["related"][0]["score"]
        return
    asked = {"queries": [{"skill": skill, "k": 1} for skill in ("php", "c#", "payroll") * 10]}
    if number % 3 == 1:
        answer = httpx.post(f"{address}/v1/skills/related", json=asked, timeout=30).raise_for_status()
        for result in answer.json()["results"]:
            yield answer.json()["release"], result["related"][0]["score"]
        return
    lines = b'{"skill": "php", "k": 1}\n' * 250
    kind = {"content-type": "application/x-ndjson"}
    answer = httpx.post(f"{address}/v1/skills/related", content=lines, headers=kind, timeout=30)
    found = [line for line in answer.raise_for_status().iter_lines() if line]
    assert len(found) == 250
    assert len({orjson.loads(line)["release"] for line in found}) == 1
    for line in found:
        yield orjson.loads(line)["release"], orjson.loads(line)["related"][0]["score"]


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def maps(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


def test_releases_come_and_go_under_load(store: Store, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    failures: list[BaseException] = []
    stop = threading.Event()
    with running(store.root, tmp_path / "log", workers=2, watch_seconds=0.02) as (address, service):
        children = psutil.Process(service.pid).children()
        workers = [each.pid for each in children if "spawn_main" in " ".join(each.cmdline())]
        assert len(workers) == 2

        def load(number: int) -> None:
            while not stop.is_set():
                try:
                    told.extend(ask(address, number))
                except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
                    failures.append(error)
                number += 1

        def all_map(name: str) -> bool:
            return all(f"/releases/{name}/" in maps(pid) for pid in workers)

        threads = [threading.Thread(target=load, args=(number,)) for number in range(CALLERS)]
        for thread in threads:
            thread.start()
        try:
            for name in ("second", "third", "first", "second"):
                if name == "third":
                    answer = httpx.post(f"{address}/v1/releases/third/activate", timeout=60)
                    assert answer.json() == {"release": "third", "before": "second"}
                else:
                    store.activate(name)
                mark = len(told)
                until(lambda name=name, mark=mark: all_map(name) and name in dict(told[mark:]))
            refused = httpx.post(f"{address}/v1/releases/lying/activate", timeout=60)
            assert (refused.status_code, refused.json()["error"]["code"]) == (409, "gate_refused")
            # Also where somebody points `current` at it, past every check.
            store.activate("lying")
            until(lambda: (tmp_path / "log").read_text().count('"event": "release_refused"') == 2)
            seen = len(told)
            until(lambda: len(told) > seen + 500)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert failures == []
        # What no request holds any more is not mapped any more, by either worker.
        for gone in ("first", "third", "lying"):
            until(lambda gone=gone: not any(f"/releases/{gone}/" in maps(pid) for pid in workers))
        assert all_map("second")
    assert set(told) <= set(SCORES.items())
    assert min(Counter(release for release, _ in told)[name] for name in SCORES) > 0
    assert {release for release, _ in told[-100:]} == {"second"}
