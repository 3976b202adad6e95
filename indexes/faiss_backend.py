"""HNSW graphs by FAISS: `IndexHNSWFlat`, saved in FAISS's own file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from indexes.approximate import ApproximateIndex
from indexes.base import BackendArgs, Progress
from indexes.errors import CorruptIndexError
from indexes.faiss_library import (
    OpenmpThreads,
    as_scores,
    ask_faiss,
    faiss,
    graph_parameters,
    read_faiss,
    saved_bytes,
    write_faiss,
)
from indexes.manifest import Manifest
from indexes.scan import Scan
from indexes.vectors import Float32, Int64

GRAPH_FILE = "hnsw.faiss"
_LEAST_STEP = 10_000


@dataclass(frozen=True)
class FaissHnswArgs(BackendArgs):
    """Arguments of an HNSW graph (Malkov and Yashunin, arXiv:1603.09320).

    Attributes:
        m: links of a vector on the upper levels, twice as many on the lowest.
        ef_construction: candidates kept while a vector is linked; more is a better graph, built slower.
        ef_search: the default effort of a search.
    """

    m: int = 32
    ef_construction: int = 200
    ef_search: int = 64

    def __post_init__(self) -> None:
        self._within(m=(2, 512), ef_construction=(1, 100_000), ef_search=(1, 100_000))


class FaissHnswIndex(ApproximateIndex):
    """Approximate neighbours from an HNSW graph, with exact scores.

    Cosine is the inner product of vectors scaled to length 1. `effort` is efSearch (never below k); from
    `size` on the graph is left aside and every vector is scanned. With more than one thread two builds
    give two slightly different graphs; `threads=1` repeats itself.
    """

    backend: ClassVar[str] = "faiss_hnsw"
    args_type: ClassVar[type[BackendArgs]] = FaissHnswArgs
    effort_arg: ClassVar[str] = "ef_search"
    search_args: ClassVar[frozenset[str]] = frozenset({"ef_search"})

    _graph: Any

    def _fill(self, rows: Float32, progress: Progress | None, threads: int | None) -> None:
        args = self._hnsw_args
        graph = faiss.IndexHNSWFlat(self._dimension, args.m, self._faiss_metric)
        graph.hnsw.efConstruction = args.ef_construction
        graph.hnsw.efSearch = args.ef_search
        # The room of a vector's links is filled up with the next nearest, where FAISS leaves it empty after
        # choosing the diverse ones: as much is found for two thirds of the effort (`benchmarks/ann.py`).
        graph.keep_max_size_level0 = True
        step = max(_LEAST_STEP, len(rows) // 50) if progress is not None else max(1, len(rows))
        with OpenmpThreads(threads):
            for start in range(0, len(rows), step):
                if progress is not None:
                    progress(start, len(rows))
                graph.add(rows[start : start + step])
        self._use(graph)

    def _find(self, queries: Float32, k: int, effort: int, threads: int | None) -> tuple[Int64, Float32]:
        positions, values = ask_faiss(self._graph, queries, k, graph_parameters(effort), threads)
        return positions, as_scores(values, positions, self._metric)

    def searched_bytes(self) -> int:  # noqa: D102 - as in ApproximateIndex
        return saved_bytes(self._graph)

    @property
    def _rows_per_effort(self) -> float:
        return 20.0

    def _effort(self, k: int, asked: int | None) -> int:
        return max(k, self._hnsw_args.ef_search if asked is None else asked)

    def _write(self, folder: Path) -> list[str]:
        with (folder / GRAPH_FILE).open("wb") as file:
            write_faiss(self._graph, file)
        return [GRAPH_FILE]

    def _open(self, folder: Path, manifest: Manifest, mmap: bool) -> None:
        path = folder / GRAPH_FILE
        manifest.require(folder, GRAPH_FILE)
        graph = read_faiss(path, mmap=mmap)
        found = (type(graph), graph.ntotal, graph.d, graph.metric_type)
        if found != (faiss.IndexHNSWFlat, self._size, self._dimension, self._faiss_metric):
            raise CorruptIndexError(f"{path} contradicts index.json (its size, dimension or metric differ)")
        self._use(graph)

    def _use(self, graph: Any) -> None:
        self._graph = graph
        storage = faiss.downcast_index(graph.storage)
        if type(storage) not in (faiss.IndexFlat, faiss.IndexFlatIP, faiss.IndexFlatL2):
            raise CorruptIndexError(f"the graph stores its vectors as {type(storage).__name__}, not flat")
        # A view into FAISS's memory, which lives as long as `_graph`.
        rows: Float32 = np.empty((0, self._dimension), np.float32)
        if self._size:
            flat = faiss.rev_swig_ptr(storage.get_xb(), self._size * self._dimension)
            rows = flat.reshape(self._size, self._dimension)
        self._scan = Scan(rows, self._metric)

    @property
    def _hnsw_args(self) -> FaissHnswArgs:
        assert isinstance(self._args, FaissHnswArgs)  # noqa: S101 - checked by `build` and `load`
        return self._args

    @property
    def _faiss_metric(self) -> int:
        return int(faiss.METRIC_L2 if self._metric == "l2" else faiss.METRIC_INNER_PRODUCT)
