from __future__ import annotations

from collections.abc import Iterator

import pytest

from embedsvc.releases import Store
from tests.service.handmade import publish
from tests.service.serving import serving


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of the real service over the handmade release."""
    folder = tmp_path_factory.mktemp("sdk")
    store = Store(folder / "store", create=True)
    publish(store, "first")
    store.activate("first")
    with serving(store.root, folder / "log") as address:
        yield address
