"""`import embedsvc` is light, and exports what it promises."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import embedsvc
from embedsvc import errors


def imported(statement: str) -> set[str]:
    """The modules there after a statement, in an interpreter of its own."""
    told = f"import json, sys; {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_import_needs_httpx_and_pydantic_only() -> None:
    modules = imported("from embedsvc import Client")
    heavy = {
        "numpy",
        "fastapi",
        "starlette",
        "uvicorn",
        "orjson",
        "structlog",
        "pyarrow",
        "faiss",
        "fasttext",
    }
    heavy |= {"gensim", "scipy", "typer", "pydantic_settings", "indexes", "training"}
    assert modules & heavy == set()
    ours = {name for name in modules if name.startswith("embedsvc.")}
    assert {name.split(".")[1] for name in ours} == {"client", "errors", "schemas"}
    assert {"httpx", "pydantic"} <= modules


def test_the_clients_are_imported_when_asked_for() -> None:
    clients = {"httpx", "embedsvc.client"}
    assert imported("import embedsvc; from embedsvc.service.app import create_app") & clients == set()
    assert clients <= imported("import embedsvc; embedsvc.AsyncClient")


def test_there_is_no_other_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Server'"):
        embedsvc.Server  # noqa: B018


def test_exports_are_sorted_and_there() -> None:
    assert embedsvc.__all__ == sorted(embedsvc.__all__)
    for name in embedsvc.__all__:
        assert getattr(embedsvc, name) is not None, name


def test_every_error_is_exported() -> None:
    assert {error.__name__ for error in errors.tree()} <= set(embedsvc.__all__)


def test_every_code_is_one_class_and_comes_back_as_it() -> None:
    kinds = list(errors.tree())
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        back = errors.from_wire(kind.code, "A sentence.", {"a": 1}, "id")
        assert type(back) is kind
        assert (back.message, back.details, back.request_id) == ("A sentence.", {"a": 1}, "id")
