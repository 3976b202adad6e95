"""Every other resource, by its values."""

from __future__ import annotations

from starlette.testclient import TestClient

from embedsvc.releases import Store


def test_batch_keeps_order_and_fails_item_by_item(web: TestClient) -> None:
    queries = [
        {"skill": "c#", "k": 1},
        {"skill": "qqqqqq"},
        {"skill": "php", "k": 1, "relation": "used_with"},
    ]
    answer = web.post("/v1/skills/related", json={"queries": queries})
    assert answer.status_code == 200
    assert answer.json()["release"] == "first"
    first, second, third = answer.json()["results"]
    assert first["related"] == [{"skill": "ci/cd", "candidates": 70, "score": 0.9, "relatedness": 0.96}]
    assert first["error"] is None
    assert second["index"] == 1
    assert second["error"]["code"] == "unknown_skill"
    assert second["related"] is None
    assert third["related"] == [{"skill": "日本語", "candidates": 10, "score": 0.9, "relatedness": None}]


def test_skill_info(web: TestClient) -> None:
    assert web.get("/v1/skills/js").json() == {
        "release": "first",
        "skill": "javascript",
        "candidates": 90,
        "aliases": [{"surface": "JS", "candidates": 7, "source": "mined"}],
        "resolved": {"query": "js", "skill": "javascript", "step": "alias"},
    }
    assert web.get("/v1/skills/pl%2Fsql").json()["skill"] == "pl/sql"
    assert web.get("/v1/skills/qqqqqq").json()["error"]["code"] == "unknown_skill"


def test_gap(web: TestClient) -> None:
    answer = web.post(
        "/v1/skills/gap", json={"cv": "PHP and nursing", "job": ["JS", "c++", "php"], "least": 0.9}
    ).json()
    assert [each["skill"] for each in answer["covered"]] == ["php"]
    assert [(each["skill"], each["by"], each["score"]) for each in answer["related"]] == [
        ("javascript", "php", 0.9)
    ]
    assert [each["skill"] for each in answer["missing"]] == ["c++"]
    assert answer["coverage"] == round((1 + 0.96) / 3, 4)


def test_search_string(web: TestClient) -> None:
    answer = web.get("/v1/skills/machine%20learning/search-string?similar=1").json()
    assert answer["query"] == (
        '("machine learning" OR ("ML" AND ("c++" OR "pl/sql" OR "ci/cd" OR "javascript")) OR "payroll")'
    )
    assert answer["terms"][1]["guarded_by"] == ["c++", "pl/sql", "ci/cd", "javascript"]


def test_explain(web: TestClient) -> None:
    answer = web.get("/v1/skills/php/explain?relation=similar&k=1").json()
    (told,) = answer["explained"]
    assert (told["skill"], told["rank"], told["score"]) == ("javascript", 1, 0.9)
    assert told["corpus"] == {
        "lists": 1000,
        "floor": 5,
        "named": 100,
        "other_named": 90,
        "together": 9,
        "expected": 9.0,
        "pmi": 0.0,
    }
    (few,) = web.get("/v1/skills/php/explain?other=pl/sql&relation=used_with").json()["explained"]
    assert few["corpus"]["together"] == 9


def test_typeahead_gives_the_most_used_first(web: TestClient) -> None:
    answer = web.get("/v1/skills", params={"prefix": "P", "limit": 2}).json()
    assert answer["skills"] == [
        {"skill": "php", "candidates": 100, "surface": "php"},
        {"skill": "pl/sql", "candidates": 60, "surface": "pl/sql"},
    ]
    assert web.get("/v1/skills", params={"prefix": "j"}).json()["skills"][0]["skill"] == "javascript"
    assert web.get("/v1/skills").json()["error"]["details"]["problems"][0]["field"] == "query.prefix"


def test_similarity_of_pairs(web: TestClient) -> None:
    pairs = [["php", "javascript"], ["php", "php"], ["php", "nurse"], ["php", "qqqqqq"]]
    answer = web.post("/v1/similarity", json={"pairs": pairs}).json()
    assert answer == {
        "release": "first",
        "space": "sentences",
        "scores": [0.8, 1.0, 0.0, None],
        "relatedness": [0.8, 1.0, 0.0, None],
        "errors": [],
        "tokens": [[1, 1]] * 4,
        "truncated": [[False, False]] * 4,
    }


def test_similarity_of_one_to_many(web: TestClient) -> None:
    asked = {"source": "accountant", "targets": ["payroll", "nurse"]}
    assert web.post("/v1/similarity", json=asked).json()["scores"] == [1.0, 0.0]


def test_search_finds_by_meaning(web: TestClient) -> None:
    answer = web.post("/v1/search", json={"queries": ["javascript", "qqqqqq"], "k": 1}).json()
    found, refused = answer["results"]
    assert found["hits"] == [{"id": "c1", "score": 0.8, "title": "PHP developer", "label": "it"}]
    assert refused["error"]["code"] == "invalid_request"
    nurse = web.post("/v1/search", json={"queries": ["nurse"], "k": 1}).json()["results"][0]["hits"][0]
    assert (nurse["id"], nurse["label"]) == ("c3", None)


def test_search_among_some(web: TestClient) -> None:
    where = {"or": [{"field": "label", "in": ["finance"]}, {"field": "id", "in": ["c3"]}]}
    answer = web.post("/v1/search", json={"queries": ["php nurse"], "where": where}).json()
    assert [hit["id"] for hit in answer["results"][0]["hits"]] == ["c3", "c2"]
    assert (answer["path"], answer["matching"]) == ("scan", 2)
    refused = web.post("/v1/search", json={"queries": ["php"], "where": {"field": "age", "in": ["7"]}})
    assert refused.status_code == 422
    assert "label" in refused.json()["error"]["message"]


def test_classify_gives_probabilities(web: TestClient) -> None:
    texts = ["php javascript developer", "payroll accountant"]
    answer = web.post("/v1/classify", json={"texts": texts, "threshold": 0.5}).json()
    assert [[each["label"] for each in result["labels"]] for result in answer["results"]] == [
        ["it"],
        ["finance"],
    ]
    both = web.post("/v1/classify", json={"texts": texts}).json()["results"][0]["labels"]
    assert abs(sum(each["probability"] for each in both) - 1) < 1e-3


def test_unknown_classifier_is_named(web: TestClient) -> None:
    answer = web.post("/v1/classify", json={"texts": ["a"], "classifier": "seniority"})
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "unknown_name"
    assert answer.json()["error"]["details"]["known"] == ["label"]


def test_releases(web: TestClient, handmade: Store) -> None:
    listed = web.get("/v1/releases").json()["releases"]
    assert [(each["name"], each["active"]) for each in listed] == [("second", False), ("first", True)]
    assert all(each["bytes"] == handmade.manifest(each["name"]).bytes for each in listed)


def test_health(web: TestClient) -> None:
    assert web.get("/health/live").json() == {"status": "live"}
    assert web.get("/health/ready").json() == {"status": "ready", "release": "first", "canary": "php"}
