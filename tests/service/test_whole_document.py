"""All that the OpenAPI document allows, asked of the real service: no 500, every answer as it says."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from embedsvc.releases import Store
from tests.service.handmade import publish
from tests.service.serving import serving
from tests.service.test_openapi import PATHS

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def own_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service of its own: what is asked may change what it serves."""
    store = Store(tmp_path_factory.mktemp("document") / "store", create=True)
    for name in ("first", "second"):
        publish(store, name)
    store.activate("first")
    with serving(store.root, tmp_path_factory.mktemp("document") / "log") as address:
        yield address


@pytest.fixture(scope="module")
def document(own_address: str) -> BaseSchema:
    return schemathesis.openapi.from_dict(httpx.get(f"{own_address}/openapi.json").json())


OPERATIONS = [(path, method) for path, methods in PATHS.items() for method in methods.split("/")]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@given(data=st.data())
@settings(max_examples=16, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_what_the_document_says(
    document: BaseSchema, own_address: str, path: str, method: str, data: st.DataObject
) -> None:
    mode = data.draw(st.sampled_from(list(GenerationMode)))
    case = data.draw(document[path][method.upper()].as_strategy(generation_mode=mode))
    case.validate_response(case.call(base_url=own_address), checks=CHECKS)
