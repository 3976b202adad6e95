"""Stores and small releases for the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from embedsvc.releases import Manifest, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", create=True)


@pytest.fixture
def publish(store: Store) -> Callable[..., Manifest]:
    """Publish a small release: publish(name, {path: bytes}, parent=None)."""

    def one(
        name: str | None = None, files: dict[str, bytes] | None = None, parent: str | None = None
    ) -> Manifest:
        with store.draft(name, parent) as draft:
            for relative, data in (files or {"words/vectors.npy": b"abc", "lexicon": b"php"}).items():
                (draft.path / relative).parent.mkdir(parents=True, exist_ok=True)
                (draft.path / relative).write_bytes(data)
            return draft.publish(recipe={"seed": 1}, metrics={"r": 0.5}, canary={"skill": "php"})

    return one
