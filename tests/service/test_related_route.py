"""`GET related`: values, odd names in paths, and the fast lane's promise to answer like the route."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from embedsvc.schemas import MAX_K, RelatedResponse
from embedsvc.service.fast_lane import read_options
from tests.service.handmade import SKILLS, neighbours


def found(answer: dict[str, Any]) -> list[tuple[str, float]]:
    return [(other["skill"], other["score"]) for other in answer["related"]]


def test_answer_is_whole(web: TestClient) -> None:
    answer = web.get("/v1/skills/php/related?k=2")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "release": "first",
        "relation": "similar",
        "space": "skills",
        "resolved": {"query": "php", "skill": "php", "step": "exact"},
        "related": [
            {"skill": "javascript", "candidates": 90, "score": 0.9, "relatedness": 0.96},
            {"skill": "c#", "candidates": 80, "score": 0.8, "relatedness": 0.92},
        ],
    }


@pytest.mark.parametrize("skill", SKILLS)
def test_every_name_works_percent_encoded(web: TestClient, skill: str) -> None:
    answer = web.get(f"/v1/skills/{quote(skill, safe='')}/related").json()
    assert answer["resolved"] == {"query": skill, "skill": skill, "step": "exact"}
    assert found(answer) == neighbours(skill)


@pytest.mark.parametrize(
    ("query", "skill", "step"),
    [("JS", "javascript", "alias"), ("javascrpt", "javascript", "spelling"), ("PHP", "php", "exact")],
)
def test_answer_says_how_the_query_was_understood(web: TestClient, query: str, skill: str, step: str) -> None:
    answer = web.get(f"/v1/skills/{query}/related").json()
    assert answer["resolved"] == {"query": query, "skill": skill, "step": step}
    assert found(answer) == neighbours(skill)


def test_relations_are_different_questions(web: TestClient) -> None:
    answer = web.get("/v1/skills/c%23/related?relation=used_with&k=2").json()
    assert answer["relation"] == "used_with"
    assert found(answer) == [("javascript", 0.9), ("php", 0.8)]


def test_a_space_alone_is_asked(web: TestClient) -> None:
    answer = web.get("/v1/skills/JS/related?space=word2vec&min_score=-0.5").json()
    assert (answer["relation"], answer["space"]) == ("similar", "word2vec")
    assert answer["resolved"] == {"query": "JS", "skill": "javascript", "step": "alias"}
    assert answer["related"] == [
        {"skill": "php", "candidates": 100, "score": 0.8, "relatedness": None},
        {"skill": "payroll", "candidates": 30, "score": 0.0, "relatedness": None},
    ]
    assert found(web.get("/v1/skills/javascript/related?space=word2vec&k=1").json()) == [("php", 0.8)]
    assert found(web.get("/v1/skills/php/related?space=sentences&min_score=0.5").json())[0] == (
        "javascript",
        0.8,
    )
    plain = web.get("/v1/skills/php/related")
    assert web.get("/v1/skills/php/related?space=skills").content == plain.content


def test_what_a_space_cannot_tell(web: TestClient) -> None:
    for query, status, code, says in (
        ("php/related?space=glove", 404, "unknown_name", "it has: word2vec, sentences"),
        ("php/related?space=fasttext", 404, "unknown_name", "it has: word2vec, sentences"),
        ("php/related?space=word2vec&relation=used_with", 400, "unsupported", "counted in lists"),
        ("c%23/related?space=word2vec", 422, "invalid_request", "no vector of 'c#' in the space 'word2vec'"),
        ("phq/related?space=word2vec", 404, "unknown_skill", "Did you mean: php"),
    ):
        answer = web.get(f"/v1/skills/{query}")
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (status, code)
        assert says in error["message"]
    known = web.get("/v1/skills/php/related?space=glove").json()["error"]["details"]
    assert known == {"known": ["word2vec", "sentences"]}


def test_a_batch_asks_each_its_space(web: TestClient) -> None:
    queries = [
        {"skill": "php", "space": "word2vec", "k": 1},
        {"skill": "php", "k": 1},
        {"skill": "php", "space": "glove"},
        {"skill": "php", "space": "word2vec", "relation": "used_with"},
        {"skill": "php", "space": "word2vec", "also": ["payroll"]},
        {"skill": "php", "space": "word2vec", "negative": ["payroll"]},
        {"skill": "php", "space": "magnitude"},
    ]
    results = web.post("/v1/skills/related", json={"queries": queries}).json()["results"]
    assert [each["space"] for each in results] == ["word2vec", None, None, None, None, None, None]
    assert [each and each[0]["score"] for each in (result["related"] for result in results[:2])] == [0.8, 0.9]
    codes = [result["error"]["code"] for result in results[2:]]
    assert codes == ["unknown_name", "unsupported", "unsupported", "unsupported", "invalid_request"]


def test_min_score_cuts_the_tail(web: TestClient) -> None:
    answer = web.get("/v1/skills/php/related?min_score=0.75").json()
    assert found(answer) == [("javascript", 0.9), ("c#", 0.8)]


def test_no_skill_is_refused_with_suggestions(web: TestClient) -> None:
    answer = web.get("/v1/skills/phq/related")
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert error["code"] == "unknown_skill"
    assert error["details"]["suggestions"] == ["php"]
    assert "php" in error["message"]
    assert error["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("k=0", "query.k"),
        ("k=1000000000", "query.k"),
        ("k=ten", "query.k"),
        ("k=", "query.k"),
        ("relation=near", "query.relation"),
        ("space=magnitude", "query.space"),
        ("min_score=nan", "query.min_score"),
        ("min_score=2", "query.min_score"),
        ("min_score=-1.5", "query.min_score"),
    ],
)
def test_bad_options_are_named(web: TestClient, query: str, field: str) -> None:
    answer = web.get(f"/v1/skills/php/related?{query}")
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "invalid_request"
    assert error["message"].startswith(f"{field}: ")
    assert [problem["field"] for problem in error["details"]["problems"]] == [field]


def test_blank_or_endless_skill_is_refused(web: TestClient) -> None:
    assert web.get("/v1/skills//related").status_code == 422
    assert web.get("/v1/skills/%20/related").status_code == 422
    assert web.get(f"/v1/skills/{'x' * 201}/related").status_code == 422
    assert web.get(f"/v1/skills/{'x' * 200}/related").status_code == 404


def test_read_options() -> None:
    assert read_options(b"") == (10, "similar", None)
    assert read_options(b"k=3&relation=used_with&min_score=-0.5") == (3, "used_with", -0.5)
    assert read_options(b"k=%d" % MAX_K) == (MAX_K, "similar", None)
    for strange in (
        b"k=0",
        b"k=1001",
        b"k=1&k=2",
        b"K=1",
        b"k=+1",
        b"k=%31",
        b"relation=x",
        b"min_score=2",
        b"space=skills",
        b"k=3&space=word2vec",
        b"&",
    ):
        assert read_options(strange) is None, strange


options = st.lists(
    st.one_of(
        st.tuples(
            st.just("k"), st.one_of(st.integers(-1, 7).map(str), st.sampled_from(["1001", " 3", "007", "x"]))
        ),
        st.tuples(st.just("relation"), st.sampled_from(["similar", "used_with", "Similar"])),
        st.tuples(
            st.just("min_score"), st.sampled_from(["0.75", "-1", "1", "1.1", ".5", "1e-1", "inf", "+0.5"])
        ),
        st.tuples(st.just("space"), st.sampled_from(["skills", "word2vec", "glove", "x"])),
        st.tuples(st.just("other"), st.just("1")),
    ),
    max_size=3,
)


@given(skill=st.sampled_from(["php", "c%23", "ci%2Fcd", "js", "zzzzzz", "", "%20"]), pairs=options)
@settings(max_examples=150, deadline=None)
def test_fast_lane_answers_like_the_route(web: TestClient, skill: str, pairs: list[tuple[str, str]]) -> None:
    """An unknown parameter is ignored by FastAPI and keeps a request off the lane: so both are asked."""
    query = "&".join(f"{name}={quote(value)}" for name, value in pairs)
    url = f"/v1/skills/{skill}/related"
    lane = web.get(f"{url}?{query}", headers={"X-Request-ID": "one"})
    route = web.get(f"{url}?{query}&off_the_lane=1", headers={"X-Request-ID": "one"})
    assert lane.status_code == route.status_code
    assert lane.content == route.content
    assert lane.headers == route.headers
    if lane.status_code == 200:
        RelatedResponse.model_validate_json(lane.content)
