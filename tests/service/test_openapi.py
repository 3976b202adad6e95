"""The OpenAPI document is whole, and what the service answers is what it says."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

PATHS = {
    "/v1/skills/{skill}/related": "get",
    "/v1/skills/{skill}/explain": "get",
    "/v1/skills/{skill}/search-string": "get",
    "/v1/skills/gap": "post",
    "/v1/skills/related": "post",
    "/v1/skills/extract": "post",
    "/v1/skills": "get",
    "/v1/skills/{skill}": "get",
    "/v1/similarity": "post",
    "/v1/search": "post",
    "/v1/candidates/{candidate}/similar": "get",
    "/v1/candidates/{candidate}": "get",
    "/v1/candidates": "post",
    "/v1/classify": "post",
    "/v1/embeddings": "post",
    "/v1/models": "get",
    "/v1/models/{model}": "get",
    "/v1/releases": "get",
    "/v1/releases/{name}": "get",
    "/v1/releases/{name}/card": "get",
    "/v1/releases/{name}/activate": "post",
    "/v1/jobs/reindex": "post",
    "/v1/jobs": "get",
    "/v1/jobs/{job}": "get",
    "/v1/jobs/{job}/events": "get",
    "/health/live": "get",
    "/health/ready": "get",
}
CHANGING = "/v1/candidates/{candidate}"
JOB = "/v1/jobs/{job}"
OTHER_THAN_JSON = {"/v1/releases/{name}/card": "text/html", f"{JOB}/events": "text/event-stream"}
NO_JOB = "/v1/jobs/20260101-000000-0123456789abcdef"

ASKED: list[tuple[str, str, str, object]] = [
    ("get", "/v1/skills/{skill}/related", "/v1/skills/php/related?k=3", None),
    ("get", "/v1/skills/{skill}/related", "/v1/skills/qqqqqq/related", None),
    ("get", "/v1/skills/{skill}/related", "/v1/skills/php/related?k=0", None),
    ("get", "/v1/skills/{skill}/related", "/v1/skills/php/related?space=word2vec", None),
    ("get", "/v1/skills/{skill}/related", "/v1/skills/php/related?space=glove", None),
    ("get", "/v1/skills/{skill}/related", "/v1/skills/php/related?space=glove&relation=used_with", None),
    ("get", "/v1/skills/{skill}/explain", "/v1/skills/php/explain", None),
    ("get", "/v1/skills/{skill}/explain", "/v1/skills/php/explain?other=payroll", None),
    ("get", "/v1/skills/{skill}/explain", "/v1/skills/php/explain?other=qqqqqq", None),
    ("get", "/v1/skills/{skill}/explain", "/v1/skills/php/explain?relation=x", None),
    ("get", "/v1/skills/{skill}/search-string", "/v1/skills/js/search-string", None),
    ("get", "/v1/skills/{skill}/search-string", "/v1/skills/js/search-string?max_length=1", None),
    ("post", "/v1/skills/gap", "/v1/skills/gap", {"cv": "php", "job": ["JS", "c#", "qqqqqq"]}),
    ("post", "/v1/skills/gap", "/v1/skills/gap", {"cv": "php"}),
    ("get", "/v1/skills/{skill}", "/v1/skills/js", None),
    ("get", "/v1/skills/{skill}", "/v1/skills/qqqqqq", None),
    ("get", "/v1/skills", "/v1/skills?prefix=p", None),
    ("post", "/v1/skills/extract", "/v1/skills/extract", {"texts": ["php, ML", "", "x" * 200_000]}),
    ("post", "/v1/skills/extract", "/v1/skills/extract", {"texts": ["php, JS", "", "<p>"]}),
    (
        "post",
        "/v1/skills/related",
        "/v1/skills/related",
        {"queries": [{"skill": "php"}, {"skill": "qqqqqq"}]},
    ),
    ("post", "/v1/skills/related", "/v1/skills/related", {}),
    ("post", "/v1/similarity", "/v1/similarity", {"pairs": [["php", "nurse"], ["qqqqqq", "php"]]}),
    ("post", "/v1/search", "/v1/search", {"queries": ["php", "qqqqqq"]}),
    ("post", "/v1/search", "/v1/search", {"queries": ["x" * 70_000]}),
    ("get", "/v1/candidates/{candidate}/similar", "/v1/candidates/c1/similar?k=2", None),
    ("get", "/v1/candidates/{candidate}/similar", "/v1/candidates/nobody/similar", None),
    ("get", "/v1/candidates/{candidate}", "/v1/candidates/c1", None),
    ("get", "/v1/candidates/{candidate}", "/v1/candidates/nobody", None),
    ("put", "/v1/candidates/{candidate}", "/v1/candidates/c1", {"id": "c2", "summary": "php"}),
    ("delete", "/v1/candidates/{candidate}", "/v1/candidates/nobody", None),
    ("post", "/v1/candidates", "/v1/candidates", {"candidates": []}),
    ("post", "/v1/candidates", "/v1/candidates", {"candidates": [{"id": "x", "summary": "qqqqqq"}]}),
    ("post", "/v1/classify", "/v1/classify", {"texts": ["php"]}),
    ("post", "/v1/classify", "/v1/classify", {"texts": ["php"], "classifier": "x"}),
    ("post", "/v1/embeddings", "/v1/embeddings", {"input": ["php", "qqqqqq"]}),
    ("post", "/v1/embeddings", "/v1/embeddings", {"input": "php", "encoding_format": "base64"}),
    ("post", "/v1/embeddings", "/v1/embeddings", {"input": [1, 2]}),
    ("post", "/v1/embeddings", "/v1/embeddings", {"input": "php", "model": "x"}),
    ("post", "/v1/embeddings", "/v1/embeddings", {"input": []}),
    ("get", "/v1/models", "/v1/models", None),
    ("get", "/v1/models/{model}", "/v1/models/skills", None),
    ("get", "/v1/models/{model}", "/v1/models/x", None),
    ("get", "/v1/releases", "/v1/releases", None),
    ("get", "/v1/releases/{name}", "/v1/releases/first", None),
    ("get", "/v1/releases/{name}", "/v1/releases/second", None),
    ("get", "/v1/releases/{name}", "/v1/releases/nowhere", None),
    ("get", "/v1/releases/{name}/card", "/v1/releases/first/card", None),
    ("post", "/v1/releases/{name}/activate", "/v1/releases/first/activate", None),
    ("post", "/v1/releases/{name}/activate", "/v1/releases/nowhere/activate", None),
    ("post", "/v1/releases/{name}/activate", "/v1/releases/A/activate", None),
    ("post", "/v1/jobs/reindex", "/v1/jobs/reindex", {}),
    ("post", "/v1/jobs/reindex", "/v1/jobs/reindex", {"store": "x"}),
    ("get", "/v1/jobs", "/v1/jobs", None),
    ("get", "/v1/jobs", "/v1/jobs?limit=0", None),
    ("get", JOB, NO_JOB, None),
    ("get", JOB, "/v1/jobs/x", None),
    ("get", f"{JOB}/events", f"{NO_JOB}/events", None),
    ("delete", JOB, NO_JOB, None),
    ("get", "/health/live", "/health/live", None),
    ("get", "/health/ready", "/health/ready", None),
]


@pytest.fixture(scope="module")
def document(web: TestClient) -> dict[str, Any]:
    answer: dict[str, Any] = web.get("/openapi.json").json()
    return answer


def test_every_path_is_there_and_no_other(document: dict[str, Any]) -> None:
    assert {path: "/".join(methods) for path, methods in document["paths"].items()} == {
        **PATHS,
        CHANGING: "get/put/delete",
        JOB: "get/delete",
    }
    assert document["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    ("path", "method"), [*PATHS.items(), (CHANGING, "put"), (CHANGING, "delete"), (JOB, "delete")]
)
def test_every_route_tells_what_it_does_and_how_it_fails(
    document: dict[str, Any], path: str, method: str
) -> None:
    route = document["paths"][path][method]
    assert route["summary"]
    assert route["description"]
    for status, answer in route["responses"].items():
        if status[0] == "2" and path in OTHER_THAN_JSON:
            assert list(answer.get("content", {})) in ([OTHER_THAN_JSON[path]], [])
            continue
        schema = answer["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        assert (schema == "ErrorResponse") == (status[0] != "2"), (status, schema)
    assert "500" in route["responses"]
    if "requestBody" in route:
        content = route["requestBody"]["content"]["application/json"]
        assert "example" in content or "examples" in content or "examples" in content["schema"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_schemas_are_valid_and_refer_to_what_is_there(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        Draft202012Validator.check_schema(schema)
        for target in references(schema):
            assert target.removeprefix("#/components/schemas/") in schemas, (name, target)


def references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in references(value)]
    if isinstance(node, list):
        return [found for value in node for found in references(value)]
    return []


@pytest.mark.parametrize(("method", "path", "url", "body"), ASKED)
def test_answers_are_what_the_document_says(
    web: TestClient, document: dict[str, Any], method: str, path: str, url: str, body: object
) -> None:
    answer = web.request(method, url, json=body)
    schema = document["paths"][path][method]["responses"][str(answer.status_code)]["content"][
        "application/json"
    ]
    Draft202012Validator({**schema["schema"], "components": document["components"]}).validate(answer.json())


def test_examples_of_the_document_work(web: TestClient, document: dict[str, Any]) -> None:
    for path, method in PATHS.items():
        content = document["paths"][path][method].get("requestBody", {}).get("content", {})
        told = content.get("application/json", {})
        examples = [each["value"] for each in told.get("examples", {}).values()]
        examples += told.get("schema", {}).get("examples", [])
        # Those of candidates would change the store that other tests read, and jobs need a recipe.
        for example in examples if path not in {"/v1/candidates", "/v1/jobs/reindex"} else ():
            assert web.post(path, json=example).status_code == 200, (path, example)


def test_keys_are_told_of(document: dict[str, Any]) -> None:
    assert document["security"] == [{}, {"key": []}]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for path, method in PATHS.items():
        told = {"401", "429"} & set(document["paths"][path][method]["responses"])
        assert told == (set() if path.startswith("/health") else {"401", "429"})


def test_page_of_the_manual(web: TestClient) -> None:
    page = web.get("/docs")
    assert page.status_code == 200
    assert "openapi.json" in page.text
