"""HNSW graphs by hnswlib, the quickest for a query asked alone; read into memory, not mapped.

Each process that opens such an index holds a copy of graph and vectors, and reads all of its file first. The
vectors lie beside it once more, mapped, for what compares them: scans, filters, exact scores.
"""

import errno
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from indexes.approximate import ApproximateIndex
from indexes.base import BackendArgs, Progress
from indexes.errors import CorruptIndexError, MissingBackendError
from indexes.manifest import Manifest, load_array, save_array
from indexes.scan import Scan
from indexes.vectors import Float32, Int64

try:
    import hnswlib
except ImportError as missing:
    raise MissingBackendError("the hnswlib backend needs hnswlib: pip install 'hnswlib>=0.8,<1'") from missing

GRAPH_FILE = "graph.hnswlib"
VECTORS_FILE = "vectors.npy"
_LEAST_STEP = 10_000


@dataclass(frozen=True)
class HnswlibArgs(BackendArgs):
    """Arguments of an HNSW graph (Malkov and Yashunin, arXiv:1603.09320).

    Attributes:
        m: links of a vector on the upper levels, twice as many on the lowest.
        ef_construction: candidates kept while a vector is linked; more is a better graph, built slower.
        ef_search: the default effort of a search.
        seed: of the levels; with one thread two builds are alike.
    """

    m: int = 16
    ef_construction: int = 200
    ef_search: int = 64
    seed: int = 1

    def __post_init__(self) -> None:
        self._within(
            m=(2, 512), ef_construction=(1, 100_000), ef_search=(1, 100_000), seed=(0, (1 << 31) - 1)
        )


class HnswlibIndex(ApproximateIndex):
    """Approximate neighbours from an HNSW graph, with exact scores.

    `effort` is ef (never below k); from `size` on the graph is left aside and every vector is scanned.
    """

    backend: ClassVar[str] = "hnswlib"
    args_type: ClassVar[type[BackendArgs]] = HnswlibArgs
    effort_arg: ClassVar[str] = "ef_search"
    search_args: ClassVar[frozenset[str]] = frozenset({"ef_search"})

    _graph: Any

    def _fill(self, rows: Float32, progress: Progress | None, threads: int | None) -> None:
        args = self._hnswlib_args
        self._scan = Scan(rows, self._metric)
        self._graph = self._empty_graph()
        if not len(rows):
            return
        self._graph.init_index(len(rows), args.m, args.ef_construction, args.seed)
        self._graph.set_ef(1)
        scale = _scale(rows) if self._metric == "ip" else 1.0
        step = max(_LEAST_STEP, len(rows) // 50) if progress is not None else len(rows)
        for start in range(0, len(rows), step):
            if progress is not None:
                progress(start, len(rows))
            part = rows[start : start + step]
            linked = part if scale == 1.0 else part * np.float32(scale)
            names = np.arange(start, start + len(part))
            self._graph.add_items(linked, names, -1 if threads is None else threads)

    def _find(self, queries: Float32, k: int, effort: int, threads: int | None) -> tuple[Int64, Float32]:
        # Its ef is a state of the graph that all threads share. It looks at no fewer than the neighbours
        # asked for, so asking for more of them is the same, and changes nothing for others.
        asked = _unit(queries) if self._metric == "ip" else queries
        try:
            found, apart = self._graph.knn_query(asked, effort, -1 if threads is None else threads)
        except RuntimeError:  # the graph leads to fewer than so many
            return self._scan.search(queries, k, threads=threads)
        positions, apart = found[:, :k].view(np.int64), apart[:, :k]
        if self._metric == "ip":
            return self._scan.rank(queries, positions, k)
        if self._metric == "l2":
            return positions, -apart
        scores: Float32 = 1.0 - apart
        if len(scores) > 1 or scores[0, 0] > 1.0 or scores[0, -1] < -1.0:
            scores.clip(-1.0, 1.0, out=scores)
        return positions, scores

    def searched_bytes(self) -> int:  # noqa: D102 - as in ApproximateIndex
        return int(self._graph.index_file_size()) if self._size else 0

    @property
    def _rows_per_effort(self) -> float:
        return 10.0

    def _effort(self, k: int, asked: int | None) -> int:
        return max(k, self._hnswlib_args.ef_search if asked is None else asked)

    def _write(self, folder: Path) -> list[str]:
        path = folder / GRAPH_FILE
        with path.open("wb") as file:
            if self._size:
                # By descriptor, since it takes no path that is not UTF-8.
                self._graph.save_index(f"/dev/fd/{file.fileno()}")
        if path.stat().st_size != self.searched_bytes():  # it says nothing of a disk that is full
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        save_array(folder / VECTORS_FILE, self._scan.rows)
        return [GRAPH_FILE, VECTORS_FILE]

    def _open(self, folder: Path, manifest: Manifest, mmap: bool) -> None:
        path = folder / GRAPH_FILE
        manifest.require(folder, GRAPH_FILE, VECTORS_FILE)
        shape = (manifest.size, manifest.dimension)
        self._scan = Scan(load_array(folder / VECTORS_FILE, np.float32, shape, mmap=mmap), self._metric)
        self._graph = self._empty_graph()
        with path.open("rb") as file:
            # hnswlib trusts its file, so it sees none that is not what was saved.
            if hashlib.file_digest(file, "sha256").hexdigest() != manifest.files[GRAPH_FILE].sha256:
                raise CorruptIndexError(
                    f"{path} is not what was saved (its sha256 differs): build the index again"
                )
            if not self._size:
                return
            try:
                self._graph.load_index(f"/dev/fd/{file.fileno()}")
            except (RuntimeError, MemoryError) as error:
                raise CorruptIndexError(f"{path} cannot be read ({error}): build the index again") from error
        self._graph.set_ef(1)
        facts = (self._graph.get_current_count(), self._graph.M, self._graph.index_file_size())
        if facts != (self._size, self._hnswlib_args.m, manifest.files[GRAPH_FILE].bytes):
            raise CorruptIndexError(f"{path} contradicts index.json (its size or links differ)")

    def _empty_graph(self) -> Any:
        return hnswlib.Index("l2" if self._metric == "l2" else "ip", self._dimension)

    @property
    def _hnswlib_args(self) -> HnswlibArgs:
        assert isinstance(self._args, HnswlibArgs)  # noqa: S101 - checked by `build` and `load`
        return self._args


def _unit(queries: Float32) -> Float32:
    """Queries of length 1: hnswlib takes an inner product from 1, by which a small one would be lost."""
    lengths = np.linalg.norm(queries, axis=1, keepdims=True)
    scaled: Float32 = (queries / np.where(lengths > 0.0, lengths, 1.0)).astype(np.float32)
    return scaled


def _scale(rows: Float32) -> float:
    """By which the longest row becomes 1 long, as in `_unit`."""
    longest = float(np.vecdot(rows, rows).max()) ** 0.5
    return 1.0 / longest if longest > 0.0 else 1.0
