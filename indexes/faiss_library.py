"""The FAISS library: imported here alone, its threads bounded, its files written and read through Python."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def openmp_threads(threads: int | None) -> Iterator[None]:
    """Bound the threads of FAISS for the calling thread: OpenMP keeps this number per thread."""
    if threads is None:
        yield
        return
    before = faiss.omp_get_max_threads()
    if before == max(1, threads):
        yield
        return
    faiss.omp_set_num_threads(max(1, threads))
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


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


def as_scores(values: Float32, positions: Int64, metric: Metric) -> Float32:
    """Turn FAISS's inner products or squared distances, in place, into scores as `indexes.base` has them."""
    if metric == "l2":
        np.negative(values, out=values)
    elif metric == "cosine":
        np.minimum(values, 1.0, out=values)  # together half as dear as `clip` for a single query
        np.maximum(values, -1.0, out=values)
    if (positions[0, -1] if len(positions) == 1 else positions[:, -1].min()) < 0:
        values[positions < 0] = -np.inf
    return values
