"""Backends by name, and any saved index by its folder."""

from importlib import import_module
from pathlib import Path

from indexes.base import Index
from indexes.errors import CorruptIndexError, UnknownBackendError
from indexes.manifest import read_manifest

# Modules, not classes: a backend's library is imported when it is asked for.
_BACKENDS = {
    "annoy": ("indexes.annoy_backend", "AnnoyIndex"),
    "exact": ("indexes.exact", "ExactIndex"),
    "faiss_factory": ("indexes.faiss_factory_backend", "FaissFactoryIndex"),
    "faiss_hnsw": ("indexes.faiss_backend", "FaissHnswIndex"),
    "hnswlib": ("indexes.hnswlib_backend", "HnswlibIndex"),
    "milvus": ("indexes.milvus_backend", "MilvusIndex"),
}


def backend_names() -> list[str]:
    """Names that `get_backend` knows, sorted."""
    return sorted(_BACKENDS)


def get_backend(name: str) -> type[Index]:
    """Return the class of a backend.

    Raises:
        UnknownBackendError: no such backend.
        MissingBackendError: its library is not installed.
    """
    if name not in _BACKENDS:
        raise UnknownBackendError(f"there is no backend {name!r}: use one of {', '.join(backend_names())}")
    module, attribute = _BACKENDS[name]
    found: type[Index] = getattr(import_module(module), attribute)
    return found


def open_index(folder: Path, *, mmap: bool = True, verify: bool = False) -> Index:
    """Open whatever index `folder` holds; arguments and errors as in `Index.load`.

    Raises:
        FileNotFoundError: no such folder.
        CorruptIndexError: not an index, damaged, or of a backend unknown here.
        MissingBackendError: its backend's library is not installed.
    """
    manifest = read_manifest(folder, verify=verify)
    if manifest.backend == "neighbours":
        raise CorruptIndexError(f"{folder} holds a neighbour table: open it with NeighbourTable.load")
    try:
        backend = get_backend(manifest.backend)
    except UnknownBackendError as error:
        raise CorruptIndexError(f"{folder} cannot be opened: {error}") from error
    return backend.from_manifest(folder, manifest, mmap=mmap)
