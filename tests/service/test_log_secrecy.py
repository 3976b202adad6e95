"""Nothing that was asked, put in or sent as a key is in the log or in /metrics, however the request ends."""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from embedsvc.releases import Store
from embedsvc.service.keys import new_key
from tests.service.handmade import publish
from tests.service.serving import START, running

CANARY = "xylocarpZebedee"
SECRET, LINE = new_key("boss", "admin")
CRASHES = """
from embedsvc import queries
def crash(release, prefix, limit):
    raise ValueError(prefix)
queries.suggest = crash
"""


def laced(value: Any) -> Iterator[Any]:
    """The value with the canary in one of its texts, in each in turn; then in all of them."""
    for path in _texts(value):
        yield _with(value, {path})
    yield _with(value, set(_texts(value)))


def _texts(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, str):
        return [path]
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [found for key, each in entries for found in _texts(each, (*path, key))]


def _with(value: Any, paths: set[tuple[Any, ...]], here: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, str):
        return f"{value} {CANARY}" if here in paths else value
    if isinstance(value, dict):
        return {key: _with(each, paths, (*here, key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_with(each, paths, (*here, place)) for place, each in enumerate(value)]
    return value


def bodies(operation: dict[str, Any]) -> list[Any]:
    """The examples of a request body."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    named = [each["value"] for each in content.get("examples", {}).values() if isinstance(each, dict)]
    return named + content.get("schema", {}).get("examples", [])


def requests(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Requests of every operation with the canary in path, query, body and header."""
    line, jsons = {"content-type": "application/x-ndjson"}, {"content-type": "application/json"}
    for template, operations in document["paths"].items():
        for method, operation in operations.items():
            path, query = template, {}
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    path = path.replace(f"{{{parameter['name']}}}", quote(CANARY))
                elif parameter["in"] == "query":
                    query[parameter["name"]] = CANARY
            common = {"method": method.upper(), "url": path}
            yield common
            yield {**common, "params": query | {CANARY: CANARY}, "headers": {"x-request-id": f"{CANARY} !"}}
            for example in bodies(operation):
                for body in laced(example):
                    yield {**common, "json": body}
                yield {**common, "json": {**example, CANARY: CANARY} if isinstance(example, dict) else []}
            if "requestBody" in operation:
                yield {**common, "content": f'{{"{CANARY}', "headers": jsons}
                yield {**common, "content": json.dumps({"texts": [CANARY * 10_000]}), "headers": jsons}
                yield {**common, "content": f'"{CANARY}"\n{{{CANARY}\n', "headers": line}
    yield {"method": "GET", "url": f"/{CANARY}"}
    yield {"method": "DELETE", "url": f"/v1/skills/{CANARY}"}
    yield {"method": "GET", "url": f"/v1/skills/{CANARY}%ff"}
    yield {"method": "GET", "url": "/v1/skills", "params": {"prefix": CANARY}}
    yield {"method": "GET", "url": "/v1/skills", "params": {"prefix": CANARY * 700}}
    yield {
        "method": "GET",
        "url": f"/v1/skills?prefix={CANARY}",
        "headers": {"authorization": f"Bearer {CANARY}"},
    }


@pytest.fixture
def store(empty_store: Store) -> Store:
    publish(empty_store, "first")
    empty_store.activate("first")
    return empty_store


def test_no_text_and_no_key_is_logged(store: Store, tmp_path: Path) -> None:
    log = tmp_path / "log"
    settings = {
        "api_keys": LINE,
        "access_log": "all",
        "log_level": "debug",
        "max_body_bytes": 65_536,
        "recall_seconds": 0.001,
        "rate_limit": 1_000_000,
    }
    with running(store.root, log, CRASHES + START, **settings) as (address, _):
        headers = {"authorization": f"Bearer {SECRET}"}
        with httpx.Client(base_url=address, headers=headers, timeout=60) as web:
            seen = Counter(
                web.request(**each).status_code for each in requests(web.get("/openapi.json").json())
            )
            given = {"id": CANARY, "title": "Nurse", "summary": CANARY, "skills": ["nurse"]}
            assert web.put(f"/v1/candidates/{CANARY}", json=given).status_code == 200
            assert web.delete(f"/v1/candidates/{CANARY}").status_code == 200
            journal = store.root / "changes/journal"
            journal.write_bytes(journal.read_bytes().replace(b"{", b"(", 2))
            assert web.post("/v1/search", json={"queries": [CANARY]}).status_code == 500
            measures = web.get("/metrics").text
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as raw:
            raw.sendall(f"{CANARY} {CANARY} {CANARY}\r\n\r\n".encode())
            raw.recv(1000)
    told = log.read_text()
    assert {200, 400, 401, 404, 405, 413, 414, 422, 500} <= set(seen)
    assert told.count('"event": "answered"') >= sum(seen.values())
    assert told.count('"event": "crashed"') == 1
    assert '"event": "request_failed"' in told
    assert '"key": "boss"' in told
    for text in (told, measures):
        assert CANARY.lower() not in text.lower()
        assert SECRET not in text
        assert LINE.rpartition(":")[2] not in text
