"""The FAISS library: imported here alone, its threads bounded, its files written and read through Python."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from indexes.errors import CorruptIndexError, MissingBackendError
from indexes.vectors import Float32, Int64, Metric

try:
    import faiss as _faiss
except ImportError as missing:
    raise MissingBackendError("the faiss backends need FAISS: pip install 'faiss-cpu>=1.15,<2'") from missing

faiss: Any = _faiss  # its type stubs miss what its Python layer adds


class OpenmpThreads:
    """Bound the threads of FAISS for the calling thread: OpenMP keeps this number per thread.

    A class, as a generator would take a twentieth of a quick search.
    """

    def __init__(self, threads: int | None) -> None:
        self._wanted = threads
        self._before: int | None = None

    def __enter__(self) -> None:
        if self._wanted is not None:
            before = faiss.omp_get_max_threads()
            if before != self._wanted:
                faiss.omp_set_num_threads(max(1, self._wanted))
                self._before = before

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            faiss.omp_set_num_threads(self._before)


def write_faiss(index: Any, file: BinaryIO) -> None:
    """Write through Python, so that a full disk raises `OSError` and any path works."""
    failure: list[OSError] = []

    def write(data: bytes) -> int:
        try:
            return file.write(data)
        except OSError as error:
            failure.append(error)
            raise

    try:
        faiss.write_index(index, faiss.PyCallbackIOWriter(write))
    except RuntimeError:
        if failure:
            raise failure[0] from None
        raise


def saved_bytes(index: Any) -> int:
    """How large its file would be."""
    counted = 0

    def count(data: bytes) -> int:
        nonlocal counted
        counted += len(data)
        return len(data)

    faiss.write_index(index, faiss.PyCallbackIOWriter(count))
    return counted


def read_faiss(path: Path, *, mmap: bool) -> Any:
    """Open FAISS's file, by memory map where asked and where FAISS can take the path (it must be UTF-8).

    Raises:
        CorruptIndexError: FAISS cannot read it.
    """
    name = os.fspath(path)
    try:
        if mmap and name.isprintable():
            return faiss.read_index(name, faiss.IO_FLAG_MMAP_IFC)
        with path.open("rb") as file:
            return faiss.read_index(faiss.PyCallbackIOReader(file.read))
    except (RuntimeError, MemoryError) as error:
        reason = str(error).splitlines()[-1][-200:]
        raise CorruptIndexError(f"{path} cannot be read ({reason}): build the index again") from error


@lru_cache(maxsize=64)
def graph_parameters(ef: int) -> Any:
    """Search parameters of a graph, which FAISS only reads; making them costs more than a search step."""
    return faiss.SearchParametersHNSW(efSearch=ef)


def ask_faiss(
    index: Any, queries: Float32, k: int, parameters: Any, threads: int | None
) -> tuple[Int64, Float32]:
    """FAISS's own search: positions, and inner products or squared distances, each of shape (q, k).

    Below FAISS's Python layer, whose checks `Index.search` has made and which cost a quick search a fifth.

    Args:
        index: any of FAISS's.
        queries: as `as_matrix` gives them, of the index's dimension.
        k: at least 1.
        parameters: of the search, or None.
        threads: at most this many for a batch.
    """
    count, pointer, search = len(queries), faiss.swig_ptr, type(index).search_c
    values, positions = np.empty((count, k), np.float32), np.empty((count, k), np.int64)
    # What they wrap is handed over, as FAISS takes over half a microsecond to look into each of its objects.
    told = None if parameters is None else parameters.this
    place = index.this, count, pointer(queries), k, pointer(values), pointer(positions), told
    if threads is None or count == 1:
        search(*place)
    else:
        with OpenmpThreads(threads):
            search(*place)
    return positions, values


def pair_scores(
    rows: Float32, queries: Float32, positions: Int64, metric: Metric, threads: int | None
) -> Float32:
    """Scores of each query with the rows at its positions, which are read in place, not copied.

    Args:
        rows: in one piece, shape (n, d).
        queries: in one piece, shape (q, d).
        positions: shape (q, m), in one piece; what -1 scores means nothing.
        metric: what a score means.
        threads: at most this many for a batch.

    Returns:
        float32, shape (q, m); a cosine may be beyond 1 by rounding.
    """
    scores, pointer = np.empty(positions.shape, np.float32), faiss.swig_ptr
    compute = faiss.fvec_L2sqr_by_idx if metric == "l2" else faiss.fvec_inner_products_by_idx
    place = pointer(scores), pointer(queries), pointer(rows), pointer(positions), rows.shape[1]
    # It calls threads together even for a single query, to wait for them; so one is told to be enough.
    with OpenmpThreads(1 if len(queries) == 1 else threads):
        compute(*place, len(queries), positions.shape[1])
    return np.negative(scores, out=scores) if metric == "l2" else scores


def as_scores(values: Float32, positions: Int64, metric: Metric) -> Float32:
    """Turn FAISS's inner products or squared distances, in place, into scores as `indexes.base` has them.

    Args:
        values: best first, shape (q, k).
        positions: -1 where fewer were found, which come last; shape (q, k).
        metric: what a score means.
    """
    alone = len(positions) == 1
    if metric == "l2":
        np.negative(values, out=values)
    elif metric == "cosine" and not (alone and values[0, 0] <= 1.0 and values[0, -1] >= -1.0):
        np.minimum(values, 1.0, out=values)
        np.maximum(values, -1.0, out=values)
    if (positions[0, -1] if alone else positions[:, -1].min()) < 0:
        values[positions < 0] = -np.inf
    return values
