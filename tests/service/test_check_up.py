"""What must hold for every route there is, also for those of tomorrow: scopes, limits, names from outside."""

from __future__ import annotations

import hmac
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from embedsvc.releases import Store
from embedsvc.service import create_app
from embedsvc.service.keys import Keyring, new_key
from embedsvc.settings import Settings
from tests.service.handmade import publish

READER, READER_LINE = new_key("reader", "read")
ASKS = {"POST /v1/skills/gap", "POST /v1/skills/related", "POST /v1/skills/extract", "POST /v1/similarity"}
ASKS |= {"POST /v1/search", "POST /v1/classify", "POST /v1/embeddings"}
OPEN = {"GET /health/live", "GET /health/ready"}
JOBS = {"GET /v1/jobs", "GET /v1/jobs/{job}", "GET /v1/jobs/{job}/events"}
HOSTILE = (
    "../../../../etc/passwd",
    "/etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "..\\..\\etc\\passwd",
    "etc/passwd\x00.json",
    "first/../../../etc/passwd",
    "~root/etc/passwd",
    "file:///etc/passwd",
)

_opened: list[str] | None = None


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _opened is not None and event in (
        "open",
        "os.listdir",
        "os.scandir",
        "os.remove",
        "os.rename",
        "os.mkdir",
    ):
        _opened.extend(str(each) for each in arguments[:2])


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """The paths that Python opens, lists or changes; hooks stay for ever, so this one is made deaf."""
    global _opened
    if not getattr(_listen, "added", False):
        sys.addaudithook(_listen)
        _listen.added = True  # type: ignore[attr-defined]
    _opened = []
    yield _opened
    _opened = None


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path, methods in document["paths"].items():
        yield from ((method.upper(), path) for method in methods)


def test_every_key_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [new_key(f"k{number}", "read") for number in range(5)]
    ring = Keyring(",".join(line for _, line in keys), None)
    compared: list[bytes] = []
    whole = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append(one)
        return whole(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    for secret, name in ((keys[0][0], "k0"), (keys[4][0], "k4"), ("esk_none", None)):
        compared.clear()
        found = ring.find(secret.encode())
        assert (found.name if found else None) == name
        assert len(compared) == 5  # whichever it is, and if it is none


def test_a_reader_may_ask_and_change_nothing(handmade: Store) -> None:
    with TestClient(create_app(Settings(store=handmade.root, api_keys=READER_LINE))) as web:
        allowed, unasked = set(), set()
        for method, path in operations(web.get("/openapi.json").json()):
            url = path.replace("{", "").replace("}", "")
            if web.request(method, url).status_code != 401:
                unasked.add(f"{method} {path}")
            answer = web.request(method, url, headers={"authorization": f"Bearer {READER}"})
            if answer.status_code != 403:
                allowed.add((method, path))
    assert unasked == OPEN
    posts = {f"{method} {path}" for method, path in allowed if method != "GET"}
    assert posts == ASKS
    every = set(operations(create_app(Settings(store=handmade.root)).openapi()))
    gets = {f"{method} {path}" for method, path in every - allowed if method == "GET"}
    assert gets == JOBS
    assert handmade.current() == "first"


def test_no_name_from_outside_reaches_the_file_system(empty_store: Store, opened: list[str]) -> None:
    publish(empty_store, "first")
    empty_store.activate("first")
    with TestClient(create_app(Settings(store=empty_store.root)), raise_server_exceptions=False) as web:
        paths = [each for each in operations(web.get("/openapi.json").json()) if "{" in each[1]]
        opened.clear()
        for method, path in paths:
            before, _, rest = path.partition("{")
            after = rest.partition("}")[2]
            for name in HOSTILE:
                for sent in (name, quote(name, safe="")):
                    url = f"{before}{sent.replace(chr(0), '%00')}{after}"
                    assert web.request(method, url).status_code != 500, url
        for name in HOSTILE:
            web.get("/v1/skills/php/related", params={"space": name})
            web.post("/v1/classify", json={"texts": ["php"], "classifier": name})
            web.post("/v1/embeddings", json={"input": "php", "model": name})
            web.put("/v1/candidates/x", json={"id": "x", "title": "Nurse", "metadata": {name: "a"}})
        web.get("/v1/releases/first")
    assert len(paths) >= 10
    assert any(path.endswith("releases/first/manifest.json") for path in opened)
    assert [path for path in opened if "passwd" in path] == []


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/v1/skills/extract", {"texts": ["php", "x" * 100_001]}, "results"),
        ("/v1/search", {"queries": ["php", "x" * 100_001]}, "results"),
        ("/v1/classify", {"texts": ["php", "x" * 100_001]}, "results"),
        ("/v1/similarity", {"pairs": [["php", "php"], ["php", "x" * 100_001]]}, "errors"),
    ],
)
def test_a_text_that_is_too_long_fails_alone(
    handmade: Store, path: str, body: dict[str, Any], place: str
) -> None:
    with TestClient(create_app(Settings(store=handmade.root))) as web:
        answer = web.post(path, json=body).json()
    (failed,) = [each for each in answer[place] if each["error"] is not None]
    assert (failed["index"], failed["error"]["code"]) == (1, "invalid_request")
    assert "xxx" not in str(answer)
