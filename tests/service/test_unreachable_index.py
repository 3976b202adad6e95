"""An index that lives in a database which does not answer: an error that says so, in the log."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from embedsvc.errors import StoreError
from embedsvc.releases import Store
from embedsvc.releases.opening import open_release
from indexes import Index

SAID = "Milvus at http://milvus:19530 did not do what was asked"


def unanswered(*_: Any, **__: Any) -> None:
    raise ConnectionError(SAID)


@pytest.mark.parametrize("url", ["/v1/search", "/v1/candidates/c1/similar"])
def test_a_search_says_that_the_database_does_not_answer(
    url: str, web: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Index, "search", unanswered)
    asked = {"queries": ["php"]}
    answer = web.post(url, json=asked) if url == "/v1/search" else web.get(url)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "store_error")
    assert SAID not in answer.text  # where a database is, is nobody's business outside
    assert f"The candidates index cannot be asked: {SAID}" in capsys.readouterr().out


def test_a_release_whose_database_does_not_answer_is_not_opened(
    handmade: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embedsvc.releases.opening.open_index", unanswered)
    with pytest.raises(StoreError, match=f"Release first cannot be opened: {SAID}"):
        open_release(handmade, "first")
