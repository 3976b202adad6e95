"""Nearest-neighbour indexes: vectors and ids in, ids and scores out.

`get_backend(name).build(vectors, ids, metric=...)` makes an index, `open_index(folder)` opens a saved one;
`NeighbourTable` is the precomputed answer for a vocabulary, `Segments` an index under changes. The contract
is in `indexes.base`.
"""

from indexes.base import BackendArgs, Hits, Index
from indexes.errors import (
    CorruptIndexError,
    IndexesError,
    InvalidVectorsError,
    MissingBackendError,
    UnknownBackendError,
)
from indexes.neighbours import NeighbourTable
from indexes.recall import recall_at_k
from indexes.registry import backend_names, get_backend, open_index
from indexes.segments import Segments
from indexes.vectors import METRICS, Metric

__all__ = [
    "METRICS",
    "BackendArgs",
    "CorruptIndexError",
    "Hits",
    "Index",
    "IndexesError",
    "InvalidVectorsError",
    "Metric",
    "MissingBackendError",
    "NeighbourTable",
    "Segments",
    "UnknownBackendError",
    "backend_names",
    "get_backend",
    "open_index",
    "recall_at_k",
]
