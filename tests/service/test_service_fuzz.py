"""Whatever is sent: an answer or the error envelope, and never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from embedsvc.schemas import ErrorResponse

TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["php", "c#", " ", "\x00", "a\nb", "\u2028", "<b>php</b>", "__label__0", "é" * 300, "&#0;"]
    ),
)
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)


def body(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Fields of the right kind, or any of them missing or of any kind, or no body at all."""
    wild = {name: st.one_of(each, ANYTHING) for name, each in fields.items()}
    return st.one_of(
        st.fixed_dictionaries({}, optional=wild),
        ANYTHING,
        *[st.fixed_dictionaries(fields)] * 4,
    )


SOME = st.lists(TEXTS.filter(bool), min_size=1, max_size=4)
QUERY = body(
    skill=TEXTS,
    k=st.integers(0, 1001),
    relation=st.sampled_from(["similar", "used_with"]),
    space=st.sampled_from(["skills", "skills", "word2vec", "sentences", "glove"]),
    min_score=st.floats(-1.1, 1.1),
)
BODIES = {
    "/v1/skills/related": body(queries=st.lists(QUERY, min_size=1, max_size=3)),
    "/v1/similarity": st.one_of(
        body(pairs=st.lists(st.tuples(TEXTS, TEXTS), max_size=3)), body(source=TEXTS, targets=SOME)
    ),
    "/v1/skills/gap": body(cv=st.one_of(TEXTS, SOME), job=st.one_of(TEXTS, SOME), least=st.floats(-0.1, 1.1)),
    "/v1/embeddings": body(
        input=st.one_of(TEXTS, SOME, st.lists(st.integers())),
        model=st.sampled_from(["sentences", "skills", "x"]),
        encoding_format=st.sampled_from(["float", "base64", "x"]),
        dimensions=st.one_of(st.none(), st.integers(0, 5)),
    ),
    "/v1/search": body(queries=SOME, k=st.integers(0, 1001)),
    "/v1/classify": body(
        texts=SOME,
        classifier=st.sampled_from(["label", "x"]),
        top_k=st.integers(0, 101),
        threshold=st.floats(-0.1, 1.1),
    ),
}


def check(answer: Any) -> None:
    assert answer.status_code in {200, 400, 404, 405, 413, 414, 422}, answer.text
    assert answer.headers["content-type"] == "application/json"
    if answer.status_code != 200:
        error = ErrorResponse.model_validate_json(answer.content).error
        assert error.message
        assert error.request_id == answer.headers["x-request-id"]


@pytest.mark.parametrize("path", BODIES)
@given(data=st.data())
@settings(max_examples=120)
def test_any_body(web: TestClient, path: str, data: st.DataObject) -> None:
    sent = json.dumps(data.draw(BODIES[path]))
    check(web.post(path, content=sent, headers={"content-type": "application/json"}))


@given(
    name=st.one_of(st.binary(max_size=12), st.text(max_size=12).map(str.encode)),
    tail=st.sampled_from(["", "/related", "/related?k=3&off_the_lane=1", "/explain", "/search-string"]),
)
@settings(max_examples=200)
def test_any_bytes_in_the_path(web: TestClient, name: bytes, tail: str) -> None:
    check(web.get("/v1/skills/" + "".join(f"%{byte:02x}" for byte in name) + tail))


@given(
    prefix=st.one_of(st.binary(max_size=12), st.text(max_size=3).map(str.encode)), limit=st.integers(-1, 101)
)
def test_any_bytes_in_the_query(web: TestClient, prefix: bytes, limit: int) -> None:
    escaped = "".join(f"%{byte:02X}" for byte in prefix)
    check(web.get(f"/v1/skills?prefix={escaped}&limit={limit}"))
