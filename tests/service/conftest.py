from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from embedsvc.releases import Store
from embedsvc.service import create_app
from embedsvc.settings import Settings
from tests.service.handmade import publish


@pytest.fixture(scope="session")
def handmade(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """`first` is active, `second` published; nobody activates another."""
    store = Store(tmp_path_factory.mktemp("handmade") / "store", create=True)
    publish(store, "first")
    publish(store, "second", best=0.8)
    store.activate("first")
    return store


@pytest.fixture(scope="session")
def web(handmade: Store) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(store=handmade.root, max_body_bytes=64 * 1024))) as client:
        yield client


@pytest.fixture
def empty_store(tmp_path: Path) -> Store:
    return Store(tmp_path / "empty", create=True)
