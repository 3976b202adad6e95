"""The service in a process of its own: swapping under load, limits on the wire, starting and stopping."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from embedsvc.errors import ServeError
from embedsvc.releases import Store
from embedsvc.service.server import bind
from tests.service.handmade import publish
from tests.service.serving import free_port, serving, start

SCORES = {"first": 0.9, "second": 0.8}


@pytest.fixture(scope="module")
def address(handmade: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("serving") / "log"
    with serving(handmade.root, log) as address:
        yield address


def ask_until(stop: threading.Event, address: str, told: list[tuple[int, str, float]]) -> None:
    with httpx.Client(base_url=address) as client:
        while not stop.is_set():
            answer = client.get("/v1/skills/php/related?k=1")
            body = answer.json()
            told.append((answer.status_code, body["release"], body["related"][0]["score"]))
            batch = client.post("/v1/skills/related", json={"queries": [{"skill": "php"}, {"skill": "c#"}]})
            body = batch.json()
            told += [
                (batch.status_code, body["release"], result["related"][0]["score"])
                for result in body["results"]
            ]


def test_swap_under_load_drops_and_mixes_nothing(empty_store: Store, tmp_path: Path) -> None:
    publish(empty_store, "first")
    publish(empty_store, "second", best=0.8)
    empty_store.activate("first")
    told: list[list[tuple[int, str, float]]] = [[] for _ in range(4)]
    stop = threading.Event()
    with serving(empty_store.root, tmp_path / "log", watch_seconds=0.02) as address:
        threads = [threading.Thread(target=ask_until, args=(stop, address, each)) for each in told]
        for thread in threads:
            thread.start()
        try:
            for name in ("second", "first", "second"):
                empty_store.activate(name)
                for _ in range(2000):
                    if httpx.get(f"{address}/health/ready").json()["release"] == name:
                        break
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert httpx.get(f"{address}/v1/skills/php/related").json()["release"] == "second"
    answers = [answer for each in told for answer in each]
    assert {status for status, _, _ in answers} == {200}
    assert {(release, score) for _, release, score in answers} == set(SCORES.items())


def test_five_megabytes_are_refused(address: str) -> None:
    answer = httpx.post(f"{address}/v1/search", json={"queries": ["x" * 5_000_000]})
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "payload_too_large"
    assert len(answer.content) < 500


def test_five_megabytes_in_the_url_are_refused(address: str) -> None:
    answer = raw(address, b"/v1/skills/" + b"x" * 5_000_000 + b"/related")
    assert answer.split(b" ", 2)[1] in (b"400", b"414", b"431")  # the server's parser may refuse it first
    assert httpx.get(f"{address}/health/live").status_code == 200


def raw(address: str, path: bytes) -> bytes:
    """GET a path that no HTTP library would send."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return connection.makefile("rb").read()


def test_five_megabytes_in_pieces_are_refused(address: str) -> None:
    answer = httpx.post(
        f"{address}/v1/search",
        content=(b"x" * 50_000 for _ in range(100)),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path", [b"/v1/skills/\xff/related", b"/v1/skills/%ff/related", b"/v1/skills?prefix=\xc3("]
)
def test_raw_bytes_that_are_not_utf8_never_crash(address: str, path: bytes) -> None:
    assert raw(address, path).split(b" ", 2)[1] in (b"400", b"422")
    assert httpx.get(f"{address}/health/live").status_code == 200


def test_port_in_use_is_one_sentence(handmade: Store, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(handmade.root, tmp_path / "log", port=port)
        assert process.wait(timeout=60) == 69
    assert (tmp_path / "log").read_text() == (
        f"Port {port} on 127.0.0.1 is in use; stop what listens there, or set EMBEDSVC_PORT to another.\n"
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_missing_store_is_one_sentence(tmp_path: Path, workers: int) -> None:
    process = start(tmp_path / "nowhere", tmp_path / "log", port=free_port(), workers=workers)
    assert process.wait(timeout=60) == 74
    assert (tmp_path / "log").read_text().startswith("There is no release store at")
    assert (tmp_path / "log").read_text().count("\n") == 1


def test_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ServeError, match=r"Cannot listen on 203\.0\.113\.1:8000"):
        bind("203.0.113.1", 8000)


def test_two_workers_serve_and_stop(handmade: Store, tmp_path: Path) -> None:
    with serving(handmade.root, tmp_path / "log", workers=2) as address:
        assert httpx.get(f"{address}/health/ready").json()["release"] == "first"
