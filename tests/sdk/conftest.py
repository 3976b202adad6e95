from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from embedsvc.releases import Store
from tests.service.handmade import publish
from tests.service.serving import serving


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A client without a server quietens the log of its process."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The store behind `address`: the handmade release."""
    store = Store(tmp_path_factory.mktemp("sdk") / "store", create=True)
    publish(store, "first")
    store.activate("first")
    return store


@pytest.fixture(scope="session")
def address(served: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of the real service over the handmade release."""
    with serving(served.root, tmp_path_factory.mktemp("serving") / "log") as address:
        yield address
