"""Batches line by line, and batches some of whose items cannot be used."""

from __future__ import annotations

import http.client
import json
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest
from starlette.testclient import TestClient

from embedsvc.releases import Store
from embedsvc.service import create_app
from embedsvc.service.ndjson import MAX_LINE_BYTES
from embedsvc.settings import Settings
from tests.service.serving import serving

NDJSON = {"content-type": "application/x-ndjson"}
LONG = "x" * 100_001


def ask(web: TestClient, url: str, *lines: object) -> list[dict[str, Any]]:
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    answer = web.post(url, content=body, headers=NDJSON)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize(
    ("path", "field", "items", "codes"),
    [
        (
            "/v1/skills/related",
            "queries",
            [{"skill": "php"}, {"skill": ""}, {"skill": "php", "k": 0}, 7, {"skill": "JS", "top": 1}],
            {1, 2, 3, 4},
        ),
        ("/v1/skills/extract", "texts", ["php", "y" * 100_001, None, ""], {1, 2}),
        ("/v1/search", "queries", ["php", "", "y" * 100_001, 7, "nurse"], {1, 2, 3}),
        ("/v1/classify", "texts", ["php", "", ["php"], "payroll"], {1, 2}),
    ],
)
def test_an_item_that_cannot_be_used_fails_alone(
    handmade: Store, path: str, field: str, items: list[object], codes: set[int]
) -> None:
    with TestClient(create_app(Settings(store=handmade.root))) as web:
        answer = web.post(path, json={field: items})
        assert answer.status_code == 200, answer.text
        results = answer.json()["results"]
        assert [each["index"] for each in results] == list(range(len(items)))
        failed = {each["index"] for each in results if each["error"] is not None}
        assert failed == codes
        assert {results[index]["error"]["code"] for index in codes} == {"invalid_request"}
        assert "yyy" not in answer.text
        for index in set(range(len(items))) - codes:
            alone = web.post(path, json={field: [items[index]]}).json()["results"][0]
            assert {**alone, "index": index} == results[index]


def test_similarity_tells_which_pairs_cannot_be_used(web: TestClient) -> None:
    asked = {"pairs": [["php", "php"], ["php", ""], ["php"], ["php", "qqqqqq"]]}
    answer = web.post("/v1/similarity", json=asked).json()
    assert answer["scores"] == [1.0, None, None, None]
    assert [each["index"] for each in answer["errors"]] == [1, 2]
    asked = {"source": "php", "targets": ["", "php"]}
    answer = web.post("/v1/similarity", json=asked).json()
    assert (answer["scores"], answer["errors"][0]["index"]) == ([None, 1.0], 0)
    assert answer["errors"][0]["error"]["message"] == "item: String should have at least 1 character."


def test_lines_are_answered_as_the_batch_is(web: TestClient) -> None:
    queries = [{"skill": "php", "k": 2}, {"skill": "qqqqqq"}, {"skill": "JS", "relation": "used_with"}]
    batch = web.post("/v1/skills/related", json={"queries": queries}).json()
    told = ask(web, "/v1/skills/related", *queries)
    assert told == [{**each, "release": "first"} for each in batch["results"]]
    texts = ["php and payroll", "", "nurse"]
    batch = web.post("/v1/classify", json={"texts": texts, "top_k": 1, "threshold": 0.1}).json()
    told = ask(web, "/v1/classify?top_k=1&threshold=0.1", *texts)
    assert told == [{**each, "release": "first"} for each in batch["results"]]
    told = ask(web, "/v1/search?k=1", "php", "qqqqqq")
    assert told[0]["hits"][0]["id"] == "c1"
    assert told[1]["error"]["code"] == "invalid_request"
    told = ask(web, "/v1/similarity", ["php", "javascript"], ["php", 7])
    assert told[0] == {
        "index": 0,
        "score": 0.8,
        "relatedness": 0.8,
        "error": None,
        "tokens": [1, 1],
        "truncated": [False, False],
        "release": "first",
    }
    assert told[1]["error"]["code"] == "invalid_request"


def test_every_field_of_the_body_goes_into_the_query_string(web: TestClient) -> None:
    where = json.dumps({"field": "label", "in": ["finance"]})
    (told,) = ask(web, f"/v1/search?where={where}&exact=true", "php nurse")
    assert [hit["id"] for hit in told["hits"]] == ["c2"]
    examples = json.dumps({"code": ["php"], "care": ["nurse"]})
    (told,) = ask(web, f"/v1/classify?examples={examples}&threshold=0", "javascript")
    assert told["labels"][0]["label"] == "code"
    answer = web.post("/v1/search?where={", content=b'"php"', headers=NDJSON)
    assert answer.json()["error"]["details"]["problems"][0]["field"].startswith("where")


def test_the_largest_k_for_many_lines(web: TestClient) -> None:
    told = ask(web, "/v1/search?k=1000", *["php"] * 300)
    assert [each["index"] for each in told] == list(range(300))
    assert all(each["hits"][0]["id"] == "c1" for each in told)


def test_lines_that_are_no_json_or_too_long_fail_alone(web: TestClient) -> None:
    huge = b'"' + b"x" * (MAX_LINE_BYTES + 1) + b'"'
    told = ask(web, "/v1/skills/extract", "php", b"{", b"", b"  ", huge, b"\xff", "JS")
    assert [each["index"] for each in told] == [0, 1, 2, 3, 4]
    assert [bool(each["error"]) for each in told] == [False, True, True, True, False]
    assert told[1]["error"]["message"] == "item: this is not JSON."
    assert "1048576 bytes" in told[2]["error"]["message"]
    assert [each["skill"] for each in told[4]["skills"]] == ["javascript"]


def test_no_lines_are_no_results(web: TestClient) -> None:
    assert ask(web, "/v1/classify") == []
    assert ask(web, "/v1/classify", b"\n\n") == []


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("/v1/classify?classifier=seniority", 404, "unknown_name"),
        ("/v1/classify?top_k=none", 422, "invalid_request"),
        ("/v1/classify?unknown=1", 422, "invalid_request"),
        ("/v1/skills/gap", 422, "invalid_request"),
    ],
)
def test_what_is_wrong_as_a_whole_is_told_first(web: TestClient, url: str, status: int, code: str) -> None:
    answer = web.post(url, content=b'"php"\n', headers=NDJSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_only_batches_may_be_without_end(web: TestClient) -> None:
    answer = web.post("/v1/embeddings", content=b"x" * 70_000, headers=NDJSON)
    assert answer.status_code == 413


def test_a_stream_without_a_release_says_so(empty_store: Store) -> None:
    with TestClient(create_app(Settings(store=empty_store.root))) as client:
        answer = client.post("/v1/classify", content=b'"php"\n', headers=NDJSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "no_active_release")


def test_so_many_streams_and_no_more(handmade: Store) -> None:
    with TestClient(create_app(Settings(store=handmade.root, max_waiting=1))) as client:
        state = client.app.state.service  # type: ignore[attr-defined]
        with state.stream():
            answer = client.post("/v1/classify", content=b'"php"\n', headers=NDJSON)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "overloaded")
        assert client.post("/v1/classify", content=b'"php"\n', headers=NDJSON).status_code == 200


def test_thirty_megabytes_pass_through_flat_memory(handmade: Store, tmp_path: Path) -> None:
    line = json.dumps("php " + "word " * 2_000).encode() + b"\n"
    count = 30_000_000 // len(line)
    with serving(handmade.root, tmp_path / "log") as address:
        host, port = address.removeprefix("http://").split(":")
        listener = next(
            each
            for each in psutil.net_connections("tcp")
            if each.status == psutil.CONN_LISTEN and each.laddr.port == int(port)
        )
        process = psutil.Process(listener.pid)
        connection = http.client.HTTPConnection(host, int(port), timeout=120)
        connection.putrequest("POST", "/v1/skills/extract")
        connection.putheader("content-type", "application/x-ndjson")
        connection.putheader("transfer-encoding", "chunked")
        connection.endheaders()
        before = process.memory_info().rss

        def send() -> None:
            block = line * 20
            for _ in range(count // 20):
                connection.send(b"%x\r\n%b\r\n" % (len(block), block))
            connection.send(b"0\r\n\r\n")

        sender = threading.Thread(target=send)
        sender.start()
        answer = connection.getresponse()
        last, most = {}, 0
        for number, told in enumerate(answer):
            last = json.loads(told)
            assert last["index"] == number
            if number % 500 == 0:
                most = max(most, process.memory_info().rss)
        sender.join()
        connection.close()
    assert last["index"] == count // 20 * 20 - 1
    assert [each["skill"] for each in last["skills"]] == ["php"]
    assert most - before < 15_000_000
