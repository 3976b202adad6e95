"""The folder to serve from."""

from __future__ import annotations

from pathlib import Path

from embedsvc.releases import Store


def open_store(root: Path) -> Store:
    """Open the store to serve from; an empty folder (a fresh volume) is made into one.

    Raises:
        StoreError: There is no store at that path.
    """
    fresh = root.is_dir() and not any(root.iterdir())
    return Store(root, create=fresh)
