"""Jobs over REST: a real re-index by a real service of two workers, and all that may befall it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from embedsvc.releases import Store
from embedsvc.service import create_app
from embedsvc.service.keys import new_key
from embedsvc.settings import Settings
from tests.service.serving import free_port, serving, start
from tests.training import toy

RECIPE = """
seed = 1
[[corpus.sources]]
path = "{source}"
"""
ENDED = {"succeeded", "failed", "cancelled"}
REINDEX = "/v1/jobs/reindex"


class Place:
    """A trained store, its candidates, and the recipe of a service."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "store")
        self.recipe = folder / "embedsvc.toml"
        self.read_from("candidates.jsonl")

    def read_from(self, source: str) -> None:
        self.recipe.write_text(RECIPE.format(source=source))

    def waiting(self) -> Path:
        """Let the next job wait for candidates, which come by a pipe."""
        pipe = self.folder / f"pipe{time.monotonic_ns()}"
        os.mkfifo(pipe)
        self.read_from(pipe.name)
        return pipe

    def job_process(self, job: str) -> int:
        return int((self.store.root / "jobs" / job / "process").read_text())

    def releases(self) -> set[str]:
        return {each.name for each in self.store.list()}

    def half_made(self) -> list[Path]:
        return list((self.store.root / "staging").iterdir())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("jobs")
    return Place(toy.served(folder, toy.candidates(60)))


@pytest.fixture(scope="module")
def address(place: Place) -> Iterator[str]:
    log = place.folder / "log"
    with serving(place.store.root, log, recipe=place.recipe, workers=2) as address:
        yield address


@pytest.fixture
def service(address: str, place: Place) -> Iterator[httpx.Client]:
    """Asks either worker, for every question comes by a connection of its own."""
    place.read_from("candidates.jsonl")
    with httpx.Client(base_url=address, headers={"connection": "close"}, timeout=60) as client:
        yield client
        for job in client.get("/v1/jobs").json()["jobs"]:
            if job["state"] not in ENDED:
                client.delete(f"/v1/jobs/{job['id']}")


def until(service: httpx.Client, job: str, *states: str) -> dict[str, Any]:
    deadline = time.monotonic() + 90
    while (now := service.get(f"/v1/jobs/{job}").json())["state"] not in states:
        assert time.monotonic() < deadline, now
        time.sleep(0.05)
    found: dict[str, Any] = now
    return found


def begin(service: httpx.Client, **options: Any) -> str:
    answer = service.post(REINDEX, **options)
    assert answer.status_code == 202, answer.text
    job: str = answer.json()["id"]
    assert answer.headers["location"] == f"/v1/jobs/{job}"
    return job


def told(lines: Iterator[str]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Events of a stream: id, name, data."""
    event: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif event.keys() - {""}:
            yield int(event["id"]), event["event"], json.loads(event["data"])
            event = {}


def test_a_reindex_is_followed_to_its_end_and_served(service: httpx.Client, place: Place) -> None:
    before = place.store.current()
    job = begin(service, json={}, headers={"idempotency-key": "night-1"})
    with service.stream("GET", f"/v1/jobs/{job}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        events = list(told(stream.iter_lines()))
    assert place.store.current() != before
    deadline = time.monotonic() + 60
    while service.get("/health/ready").json()["release"] != place.store.current():
        assert time.monotonic() < deadline  # the other worker looks twice a second

    stages = list(dict.fromkeys(data["stage"] for _, name, data in events if name == "progress"))
    assert stages == ["clean", "embed", "index", "recall", "publish"]
    assert [number for number, _, _ in events] == sorted({number for number, _, _ in events})
    assert {"stage": "embed", "done": 60.0, "total": 60.0, "eta_seconds": 0.0} in [each[2] for each in events]
    last, name, end = events[-1]
    assert (name, end["state"]) == ("end", "succeeded")
    assert end["result"] == {
        "release": place.store.current(),
        "parent": before,
        "activated": True,
        "candidates": 60,
        "recall": 1.0,
        "lines": 60,
        "bad_lines": 0,
    }
    assert end == service.get(f"/v1/jobs/{job}").json() == service.get("/v1/jobs").json()["jobs"][0]

    kept = [path.read_text() for path in (place.store.root / "jobs" / job).iterdir()]
    log = (place.folder / "log").read_text()
    assert "Worked with" in (place.folder / "candidates.jsonl").read_text()
    assert "Worked with" not in "".join([*kept, str(events), log])
    assert "night-1" not in "".join([*kept, log])

    headers = {"last-event-id": str(last - 2)}
    with service.stream("GET", f"/v1/jobs/{job}/events", headers=headers) as stream:
        assert list(told(stream.iter_lines())) == events[-2:]
    assert service.get(f"/v1/jobs/{job}/events", headers={"last-event-id": str(last)}).status_code == 204

    again = service.post(REINDEX, headers={"idempotency-key": "night-1"})
    assert (again.status_code, again.json()["id"]) == (202, job)
    other = service.post(REINDEX, json={"activate": False}, headers={"idempotency-key": "night-1"})
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert service.delete(f"/v1/jobs/{job}").json()["error"]["details"]["state"] == "succeeded"


def test_cancelled_half_way_it_leaves_nothing(service: httpx.Client, place: Place) -> None:
    place.waiting()
    releases, live = place.releases(), place.store.current()
    job = begin(service)
    until(service, job, "running")
    second = service.post(REINDEX)
    assert (second.status_code, second.json()["error"]["code"]) == (409, "job_running")
    assert second.json()["error"]["details"] == {"job": job}
    while not place.half_made():
        time.sleep(0.02)

    answer = service.delete(f"/v1/jobs/{job}")

    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert service.delete(f"/v1/jobs/{job}").json() == answer.json()
    assert (place.releases(), place.store.current(), place.half_made()) == (releases, live, [])


def test_killed_it_is_failed_and_the_next_one_works(service: httpx.Client, place: Place) -> None:
    place.waiting()
    live = place.store.current()
    job = begin(service)
    until(service, job, "running")
    os.kill(place.job_process(job), signal.SIGKILL)
    with service.stream("GET", f"/v1/jobs/{job}/events") as stream:
        *_, (_, name, end) = told(stream.iter_lines())
    assert (name, end["state"], end["error"]["code"]) == ("end", "failed", "job_died")
    assert place.store.current() == live

    place.read_from("candidates.jsonl")
    done = until(service, begin(service, json={"activate": False}), *ENDED)
    assert (done["state"], done["result"]["activated"], done["result"]["parent"]) == (
        "succeeded",
        False,
        live,
    )
    assert done["result"]["release"] in place.releases()
    assert (place.store.current(), place.half_made()) == (live, [])


def test_what_is_wrong_with_the_recipe_is_said(service: httpx.Client, place: Place) -> None:
    place.recipe.write_text("[index]\nbackned = 'exact'")
    done = until(service, begin(service), *ENDED)
    assert (done["state"], done["error"]["code"]) == ("failed", "invalid_recipe")
    assert "index.backned: unknown key" in done["error"]["message"]


def test_a_service_that_is_killed_forgets_no_job(place: Place, tmp_path: Path) -> None:
    pipe = place.waiting()
    log, port = tmp_path / "log", free_port()
    first = start(place.store.root, log, port=port, recipe=place.recipe)
    until_it_serves(log)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as ask:
        job = begin(ask)
        until(ask, job, "running")
    first.kill()
    first.wait()
    with serving(place.store.root, log, recipe=place.recipe) as second, httpx.Client(base_url=second) as ask:
        assert ask.get(f"/v1/jobs/{job}").json()["state"] == "running"
        pipe.write_bytes((place.folder / "candidates.jsonl").read_bytes())
        done = until(ask, job, *ENDED)
    assert (done["state"], done["result"]["candidates"]) == ("succeeded", 60)


def until_it_serves(log: Path) -> None:
    deadline = time.monotonic() + 60
    while "startup complete" not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_stream_keeps_no_service_from_stopping(place: Place, tmp_path: Path) -> None:
    place.waiting()
    port = free_port()
    process = start(place.store.root, tmp_path / "log", port=port, recipe=place.recipe)
    base = f"http://127.0.0.1:{port}"
    until_it_serves(tmp_path / "log")
    with httpx.Client(base_url=base, timeout=60) as ask:
        job = begin(ask)
        opened = threading.Event()
        got: list[tuple[int, str, dict[str, Any]]] = []

        def follow() -> None:
            with httpx.stream("GET", f"{base}/v1/jobs/{job}/events", timeout=60) as stream:
                opened.set()
                got.extend(told(stream.iter_lines()))

        follower = threading.Thread(target=follow)
        follower.start()
        assert opened.wait(30)
    process.terminate()
    assert process.wait(timeout=20) in (0, -signal.SIGTERM)  # 30 s are allowed to requests under way
    follower.join()
    assert [name for _, name, _ in got if name == "end"] == []
    with TestClient(create_app(Settings(store=place.store.root))) as later:
        assert later.delete(f"/v1/jobs/{job}").json()["state"] == "cancelled"


def test_only_admins_ask_about_jobs(handmade: Store) -> None:
    keys = dict(zip(("read", "admin"), (new_key("who", "read"), new_key("ops", "admin")), strict=True))
    lines = ",".join(line for _, line in keys.values())
    with TestClient(create_app(Settings(store=handmade.root, api_keys=lines))) as client:
        for scope, expected in (("read", 403), ("admin", 200)):
            headers = {"authorization": f"Bearer {keys[scope][0]}"}
            assert client.get("/v1/jobs", headers=headers).status_code == expected
            told_of = client.post(REINDEX, headers=headers)
            assert told_of.status_code == (403 if scope == "read" else 400)
        assert told_of.json()["error"]["code"] == "unsupported"
        assert "EMBEDSVC_RECIPE" in told_of.json()["error"]["message"]
        assert client.get("/v1/jobs").status_code == 401


@pytest.mark.parametrize(
    ("identity", "status"),
    [
        ("20261121-094054-0123456789abcdef", 404),
        ("lock", 422),
        ("..%2f..%2fcurrent", 404),
        ("%2e%2e", 422),
        ("x" * 7_000, 422),
        ("x" * 10_000, 414),
        ("20261121-094054-0123456789abcdef%0a", 422),
    ],
)
def test_bad_ids(web: TestClient, identity: str, status: int) -> None:
    for answer in (
        web.get(f"/v1/jobs/{identity}"),
        web.get(f"/v1/jobs/{identity}/events"),
        web.delete(f"/v1/jobs/{identity}"),
    ):
        assert answer.status_code == status
        assert len(answer.content) < 1_000


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"json": {"recipe": "/etc/passwd"}}, "recipe"),
        ({"json": {"activate": "perhaps"}}, "activate"),
        ({"headers": {"idempotency-key": "a b"}}, "idempotency-key"),
        ({"headers": {"idempotency-key": "x" * 256}}, "idempotency-key"),
    ],
)
def test_bad_requests_are_named(web: TestClient, options: dict[str, Any], field: str) -> None:
    answer = web.post(REINDEX, **options)
    assert answer.status_code == 422
    assert field in answer.json()["error"]["message"].lower()
