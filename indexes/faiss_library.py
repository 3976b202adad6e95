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


def refined(codes: Any, rows: Float32, metric: Metric) -> Any:
    """FAISS's index that lets `codes` propose and decides by the vectors, which stay where they are.

    Args:
        codes: holds a code of every row.
        rows: in one piece, shape (n, d); must outlive what is returned.
        metric: what a score means; `codes` may propose by another.
    """
    flat = faiss.IndexFlat(rows.shape[1], codes.metric_type)
    place = faiss.swig_ptr(rows.reshape(-1).view(np.uint8))
    # An owner is kept alive with a view; the one of an empty vector is nobody, as numpy has the rows.
    flat.codes = faiss.MaybeOwnedVectorUInt8.create_view(place, rows.nbytes, flat.codes.owner)
    flat.ntotal = len(rows)
    both = faiss.IndexRefine(codes, flat)
    # Only now, as FAISS asks for the same metric of both, which only the order of its answer depends on.
    flat.metric_type = both.metric_type = faiss.METRIC_L2 if metric == "l2" else faiss.METRIC_INNER_PRODUCT
    return both


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
