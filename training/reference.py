"""Which space a new one is rotated onto: that of the live release, or the same again where it once was."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import orjson

from embedsvc.errors import StoreError
from embedsvc.releases import Manifest, Store

ALIGNMENT = "alignment"
_VECTORS, _ROTATION, _DESCRIPTION = "vectors.npy", "vectors_rotation.npy", "space.json"


class Reference(NamedTuple):
    """A space of a release.

    Attributes:
        release: The release that is rotated onto.
        digest: sha256 of the vectors that are rotated onto, and of their own rotation where they have one.
        space: Folder of the space; where `done`, of the very space that the rotation gives.
        done: Whether a release of the store holds the result already.
    """

    release: str
    digest: str
    space: Path
    done: bool


def reference(root: Path, place: str, trained: Path, digest: str) -> Reference | None:
    """What a space just trained is rotated onto, or None.

    A space that a release holds already is what it is there, whatever is live by now: a second run of a
    recipe finds what the first one made.

    Args:
        root: The store; it need not exist.
        place: Of the space in a release.
        trained: Folder of the space as it was trained.
        digest: sha256 of its vectors.
    """
    if not root.is_dir():
        return None
    store = Store(root)
    for info in store.list():
        manifest = _manifest(store, info.name)
        if manifest is None or f"{place}/{_VECTORS}" not in manifest.files:
            continue
        space = store.path(info.name) / place
        kept = _description(space).get("parameters", {}).get(ALIGNMENT)
        if kept and kept["trained"] == digest:
            return Reference(kept["release"], kept["vectors"], space, done=True)
        # Packed vectors keep their bytes when they are rotated; then the rotation tells.
        if _digest(manifest, place) == digest:
            return None
    live = store.current()
    manifest = _manifest(store, live) if live else None
    if live is None or manifest is None or f"{place}/{_VECTORS}" not in manifest.files:
        return None
    space = store.path(live) / place
    if _description(space).get("dimension") != _description(trained).get("dimension"):
        return None
    return Reference(live, _digest(manifest, place), space, done=False)


def _digest(manifest: Manifest, place: str) -> str:
    """Hashes of the vectors and, where they have one, of their rotation."""
    names = (f"{place}/{name}" for name in (_VECTORS, _ROTATION))
    return "+".join(manifest.files[name].sha256 for name in names if name in manifest.files)


def _manifest(store: Store, name: str) -> Manifest | None:
    """The manifest of a release; None where it cannot be read, which is for others to say."""
    try:
        return store.manifest(name)
    except StoreError:
        return None


def _description(space: Path) -> dict[str, Any]:
    try:
        found = orjson.loads((space / _DESCRIPTION).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
