"""What the service tells of a release: its scores and parts, and its model card as a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from embedsvc.releases import Store
from embedsvc.releases.candidates import CandidateTable, CandidateTableWriter
from embedsvc.service import create_app
from embedsvc.settings import Settings
from tests.service.handmade import publish

SCORE: dict[str, Any] = {
    "task": "hidden skill",
    "metric": "R@10",
    "value": 0.5,
    "low": 0.4,
    "high": 0.6,
    "items": 200,
    "baselines": {"popularity": 0.1},
    "higher_is_better": True,
}
CARD = b"<!doctype html><title>card</title><style>p{color:red}</style><p>learnt from lists"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    store = Store(tmp_path_factory.mktemp("told") / "store", create=True)
    publish(store, "first")
    with store.draft("second") as draft:
        (draft.path / "card").mkdir()
        (draft.path / "card" / "card.html").write_bytes(CARD)
        metrics = {"scores": [{**SCORE, "primary": True}, SCORE, {"primary": True}, "none"]}
        draft.publish(recipe={}, metrics=metrics, canary={}, kind="reindex")
    store.activate("first")
    with TestClient(create_app(Settings(store=store.root))) as client:
        yield client


def test_the_release_that_answers_says_what_can_be_asked_of_it(told: TestClient) -> None:
    found = told.get("/v1/releases/first").json()

    assert (found["name"], found["active"], found["kind"], found["card"]) == ("first", True, "train", False)
    assert found["scores"] == []
    served = found["served"]
    assert (served["skills"], served["words"], served["candidates"]) == (10, 5, 3)
    assert served["relations"] == ["similar", "used_with"]
    assert served["spaces"] == ["word2vec", "sentences"]
    assert served["commonest"][:2] == [
        {"skill": "php", "candidates": 100},
        {"skill": "javascript", "candidates": 90},
    ]
    assert served["classifiers"] == [{"name": "label", "labels": ["it", "finance"], "multi_label": False}]
    # Each label is borne by one candidate, and so few are not told of.
    assert served["filters"] == [{"field": "label", "kind": "text", "values": []}]


def test_another_release_is_told_by_its_manifest(told: TestClient) -> None:
    found = told.get("/v1/releases/second").json()

    assert (found["active"], found["kind"], found["card"], found["served"]) == (False, "reindex", True, None)
    assert found["scores"] == [SCORE]


def test_only_values_of_several_candidates_are_told(tmp_path: Path) -> None:
    from embedsvc.queries.release_info import _filters

    rows = [(f"c{n}", "a title", "it", "2026", "Pune", 1.0) for n in range(6)]
    rows += [(f"d{n}", "a title", "finance", "2026", "Delhi", 1.0) for n in range(5)]
    rows += [(f"e{n}", "a title", None, "2026", "a hamlet", 1.0) for n in range(4)]
    with CandidateTableWriter(tmp_path, {"location": "text", "years": "number"}) as table:
        table.write(rows)

    assert [each.model_dump() for each in _filters(CandidateTable.open(tmp_path))] == [
        {
            "field": "label",
            "kind": "text",
            "values": [{"value": "it", "candidates": 6}, {"value": "finance", "candidates": 5}],
        },
        {
            "field": "location",
            "kind": "text",
            "values": [{"value": "Pune", "candidates": 6}, {"value": "Delhi", "candidates": 5}],
        },
        {"field": "years", "kind": "number", "values": []},
    ]


def test_the_card_is_a_page_that_may_run_and_load_nothing(told: TestClient) -> None:
    page = told.get("/v1/releases/second/card")

    assert (page.status_code, page.content) == (200, CARD)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers.get_list("content-security-policy") == [
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; sandbox"
    ]
    assert page.headers["x-content-type-options"] == "nosniff"


def test_a_release_without_a_card_says_how_to_write_one(told: TestClient) -> None:
    refused = told.get("/v1/releases/first/card")

    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown_release")
    assert "embedsvc release card first" in refused.json()["error"]["message"]


@pytest.mark.parametrize("suffix", ["", "/card"])
@pytest.mark.parametrize(
    ("name", "status"), [("nowhere", 404), ("a..b", 422), ("A", 422), ("..%2F..%2Fcurrent", 404)]
)
def test_only_names_of_releases_reach_the_store(
    told: TestClient, name: str, status: int, suffix: str
) -> None:
    assert told.get(f"/v1/releases/{name}{suffix}").status_code == status


def test_a_card_that_is_gone_is_a_fault_of_the_service(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", create=True)
    with store.draft("first") as draft:
        (draft.path / "card").mkdir()
        (draft.path / "card" / "card.html").write_bytes(CARD)
        draft.publish(recipe={}, metrics={}, canary={})
    (store.path("first") / "card" / "card.html").unlink()

    with TestClient(create_app(Settings(store=store.root))) as client:
        assert client.get("/v1/releases/first/card").status_code == 500
