"""What comes in wrong: one envelope, a code, a sentence, and nothing of the input in it."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from embedsvc.errors import MAX_PROBLEMS

PRIVATE = "Jane Doe, born 1980"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/skills/related", {"queries": []}, "body.queries"),
        ("/v1/skills/related", {"queries": [{"skill": "a"}] * 1001}, "body.queries"),
        ("/v1/similarity", {}, "body"),
        ("/v1/similarity", {"source": PRIVATE}, "body"),
        ("/v1/similarity", {"pairs": [["a", "b"]], "source": PRIVATE, "targets": ["b"]}, "body"),
        ("/v1/search", {"queries": [PRIVATE], "k": 10**9}, "body.k"),
        ("/v1/search", {"queries": [PRIVATE] * 101, "k": 1000}, "body"),
        ("/v1/embeddings", {"input": [PRIVATE, 7]}, "body.input.texts[1]"),
        ("/v1/embeddings", {"input": PRIVATE, "encoding_format": "hex"}, "body.encoding_format"),
        ("/v1/classify", {"texts": [PRIVATE], "threshold": 2}, "body.threshold"),
        ("/v1/classify", {"texts": PRIVATE}, "body.texts"),
        ("/v1/classify", [PRIVATE], "body"),
    ],
)
def test_invalid_bodies_are_named_and_not_repeated(
    web: TestClient, path: str, body: object, field: str
) -> None:
    answer = web.post(path, json=body)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "invalid_request"
    assert error["details"]["problems"][0]["field"] == field
    assert PRIVATE not in answer.text


@pytest.mark.parametrize(
    "body", [b"", b"{", b"nonsense", b"\xff\xfe", b"[" * 30_000, b'{"texts": "\\ud800"}']
)
def test_bodies_that_are_no_json_are_refused(web: TestClient, body: bytes) -> None:
    answer = web.post("/v1/classify", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["code"] == "invalid_request"


def test_json_that_python_takes_and_the_standard_does_not(web: TestClient) -> None:
    body = b'{"queries": [{"skill": "php", "min_score": NaN}]}'
    answer = web.post("/v1/skills/related", content=body, headers={"content-type": "application/json"})
    (result,) = answer.json()["results"]
    assert result["error"]["details"]["problems"][0]["field"] == "item.min_score"


def test_keys_of_the_sender_are_cut_short(web: TestClient) -> None:
    body = b'{"texts": ["a"], "\\ud800%b": 1}' % (b"x" * 10_000)
    answer = web.post("/v1/classify", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert len(answer.content) < 1000


def test_only_so_many_problems_are_listed(web: TestClient) -> None:
    error = web.post("/v1/embeddings", json={"input": ["a"] + [1] * 500}).json()["error"]
    assert len(error["details"]["problems"]) == MAX_PROBLEMS
    assert error["details"]["count"] == 500
    assert error["message"].endswith("499 more in details.")


def test_large_body_is_refused_by_its_declared_length(web: TestClient) -> None:
    answer = web.post("/v1/classify", json={"texts": ["x" * 70_000]})
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "payload_too_large"
    assert answer.json()["error"]["details"] == {"max_bytes": 64 * 1024}


def test_large_body_is_refused_while_it_streams(web: TestClient) -> None:
    answer = web.post(
        "/v1/classify",
        content=(b" " * 10_000 for _ in range(10)),
        headers={"content-type": "application/json"},
    )
    assert answer.request.headers.get("content-length") is None
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "payload_too_large"


def test_long_url_is_refused(web: TestClient) -> None:
    answer = web.get("/v1/skills", params={"prefix": "x" * 9000})
    assert answer.status_code == 414
    assert answer.json()["error"]["code"] == "payload_too_large"


@pytest.mark.parametrize(
    "url",
    [
        "/v1/skills/%ff/related",
        "/v1/skills/caf%e9",
        "/v1/skills?prefix=%c3%28",
        "/%80",
        "/v1/skills/%ED%A0%80",
    ],
)
def test_escapes_that_are_not_utf8_are_refused(web: TestClient, url: str) -> None:
    answer = web.get(url)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid_request"
    assert "UTF-8" in answer.json()["error"]["message"]


def test_unknown_path_and_method(web: TestClient) -> None:
    nowhere = web.get("/v2/skills")
    assert nowhere.status_code == 404
    assert nowhere.json()["error"]["code"] == "not_found"
    wrong = web.get("/v1/similarity")
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "POST"
    assert wrong.json()["error"]["code"] == "method_not_allowed"
    assert web.delete("/v1/skills/php").json()["error"]["code"] == "method_not_allowed"
