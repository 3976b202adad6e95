"""What FAISS makes of a factory string: inverted lists, quantisers, graphs over codes; with exact scores.

FAISS proposes from its codes, the exact score of each proposal decides (refinement): the vectors themselves
lie beside FAISS's file and are mapped, so that only what is proposed of them is read.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
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
    refined,
    saved_bytes,
    write_faiss,
)
from indexes.manifest import Manifest, load_array, save_array
from indexes.scan import Scan
from indexes.vectors import Float32, Int64

CODES_FILE = "codes.faiss"
VECTORS_FILE = "vectors.npy"
_FACTORY = re.compile(r"[A-Za-z0-9_,()x{}]{1,200}")
_SCALAR = re.compile(r"(IVF\w+,|HNSW\w+,)?SQ")
_WIDTH = 16  # floats of a register; of other dimensions FAISS decodes one by one, at a quarter of the speed
_LEAST_STEP = 10_000
_POINTS_A_LIST = 39  # FAISS warns where a cluster has fewer to learn from


@dataclass(frozen=True)
class FaissFactoryArgs(BackendArgs):
    """Arguments of an index made by `faiss.index_factory`.

    Attributes:
        factory: FAISS's description, as "IVF1024,SQ8", "OPQ16,IVF{lists},PQ16np" or "HNSW32,SQ8".
            `{lists}` becomes 2 sqrt(n), or as many as n vectors can train. Refinement is ours: no "RFlat".
            Before a scalar quantiser comes "Pad" where dimensions are no multiple of 16.
            PCA suits cosine and L2: it moves the origin, so that proposals by inner product are poor.
        probes: the default effort of a search: inverted lists visited (nprobe), or efSearch of a graph.
        refine: proposals for each neighbour wanted, whose exact scores are computed.
    """

    factory: str = "IVF{lists},Flat"
    probes: int = 32
    refine: int = 4

    def __post_init__(self) -> None:
        if type(self.factory) is not str or not _FACTORY.fullmatch(self.factory):
            raise ValueError(f"factory must be a FAISS factory string, not {str(self.factory)[:80]!r}")
        self._within(probes=(1, 1 << 24), refine=(1, 1_000))


class FaissFactoryIndex(ApproximateIndex):
    """Approximate neighbours from FAISS's codes, with exact scores.

    `effort` is nprobe or efSearch, whichever FAISS's index has; from `size` on every vector is scanned.
    `args` of a built index name the factory with its numbers filled in.
    """

    backend: ClassVar[str] = "faiss_factory"
    args_type: ClassVar[type[BackendArgs]] = FaissFactoryArgs
    effort_arg: ClassVar[str] = "probes"
    search_args: ClassVar[frozenset[str]] = frozenset({"probes", "refine"})

    _codes: Any

    def _fill(self, rows: Float32, progress: Progress | None, threads: int | None) -> None:
        self._args = replace(self._factory_args, factory=self._spelled_out(len(rows)))
        self._scan = Scan(rows, self._metric)
        self._codes = self._empty_codes()
        if not len(rows):
            return
        _quieten(self._codes)
        step = max(_LEAST_STEP, len(rows) // 50)
        with OpenmpThreads(threads):
            if progress is not None:
                progress(0, len(rows))
            try:
                self._codes.train(rows)
            except RuntimeError as error:
                raise ValueError(
                    f"{self._factory_args.factory} cannot be trained on {len(rows)} vectors "
                    f"({_reason(error)}): use fewer lists or smaller codes"
                ) from error
            for start in range(0, len(rows), step):
                self._codes.add(rows[start : start + step])
                if progress is not None:
                    progress(min(start + step, len(rows)), len(rows))

    def _spelled_out(self, rows: int) -> str:
        """The factory string with what follows from the vectors."""
        lists = max(1, min(int(2 * np.sqrt(rows)), rows // _POINTS_A_LIST))
        factory = self._factory_args.factory.replace("{lists}", str(lists))
        lacking = -self._dimension % _WIDTH
        padded = lacking and _SCALAR.match(factory)
        return f"Pad{self._dimension + lacking},{factory}" if padded else factory

    def _find(self, queries: Float32, k: int, effort: int, threads: int | None) -> tuple[Int64, Float32]:
        if self._refined is None:
            found, values = ask_faiss(self._codes, queries, k, self._parameters(effort, None), threads)
            return found, as_scores(values, found, self._metric)
        factor = min(float(self._factory_args.refine), self._size / k)
        # Refining calls threads together even for a single query, to wait for them: one is enough.
        with OpenmpThreads(1 if len(queries) == 1 else threads):
            found, values = ask_faiss(self._refined, queries, k, self._parameters(effort, factor), None)
        return found, as_scores(values, found, self._metric)

    @cached_property
    def _refined(self) -> Any:
        """What computes exact scores of FAISS's proposals; None where FAISS holds the vectors as they are."""
        if _kind(self._codes) in (faiss.IndexFlat, faiss.IndexIVFFlat, faiss.IndexHNSWFlat):
            return None
        return refined(self._codes, self._scan.rows, self._metric)

    @cached_property
    def _parameters(self) -> Callable[[int, float | None], Any]:
        """Search parameters by effort and refinement; making them costs more than a small search step."""
        return lru_cache(maxsize=64)(self._new_parameters)

    def _new_parameters(self, effort: int, factor: float | None) -> Any:
        """Search parameters of what does the work in FAISS's index; None where it has nothing to choose."""
        worker = _chain(self._codes)[-1]
        parameters: Any = None
        if isinstance(worker, faiss.IndexIVF):
            parameters = faiss.SearchParametersIVF(nprobe=min(effort, worker.nlist))
        elif isinstance(worker, faiss.IndexHNSW):
            parameters = graph_parameters(effort)
        if parameters is not None and isinstance(self._codes, faiss.IndexPreTransform):
            parameters = faiss.SearchParametersPreTransform(index_params=parameters)
        if factor is None:
            return parameters
        return faiss.IndexRefineSearchParameters(k_factor=factor, base_index_params=parameters)

    def searched_bytes(self) -> int:  # noqa: D102 - as in ApproximateIndex
        return saved_bytes(self._codes)

    @property
    def _rows_per_effort(self) -> float:
        # A list is read in order, matches are gathered first: a quarter of the speed, of codes a tenth.
        rows = self._size / getattr(_chain(self._codes)[-1], "nlist", self._size / 40.0)
        return float(rows / (4.0 if self._refined is None else 10.0))

    def _effort(self, k: int, asked: int | None) -> int:  # noqa: ARG002 - lists know no k
        return self._factory_args.probes if asked is None else asked

    def _write(self, folder: Path) -> list[str]:
        with (folder / CODES_FILE).open("wb") as file:
            write_faiss(self._codes, file)
        save_array(folder / VECTORS_FILE, self._scan.rows)
        return [CODES_FILE, VECTORS_FILE]

    def _open(self, folder: Path, manifest: Manifest, mmap: bool) -> None:
        manifest.require(folder, CODES_FILE, VECTORS_FILE)
        path = folder / CODES_FILE
        self._codes = read_faiss(path, mmap=mmap)
        try:
            expected = self._empty_codes()
        except ValueError as error:
            raise CorruptIndexError(f"{path} cannot be opened ({error}): build the index again") from error
        if _shape(self._codes) != [*_shape(expected)[:-1], self._size]:
            raise CorruptIndexError(f"{path} contradicts index.json (its kind, size or dimension differ)")
        shape = (manifest.size, manifest.dimension)
        self._scan = Scan(load_array(folder / VECTORS_FILE, np.float32, shape, mmap=mmap), self._metric)

    def _empty_codes(self) -> Any:
        try:
            codes = faiss.index_factory(self._dimension, self._factory_args.factory, self._metric_of_codes)
        except RuntimeError as error:
            raise ValueError(
                f"FAISS makes nothing of {self._factory_args.factory!r} in {self._dimension} dimensions "
                f"({_reason(error)})"
            ) from error
        if isinstance(codes, faiss.IndexRefine):
            raise ValueError(
                "refinement is an argument of its own: leave the refinement out of the factory string"
            )
        return codes

    @property
    def _metric_of_codes(self) -> int:
        # PCA moves the origin to the mean. That changes inner products and leaves distances, by which vectors
        # of length 1 have the same order.
        by_distance = self._metric == "cosine" and self._factory_args.factory.startswith("PCA")
        return int(faiss.METRIC_L2 if by_distance or self._metric == "l2" else faiss.METRIC_INNER_PRODUCT)

    @property
    def _factory_args(self) -> FaissFactoryArgs:
        assert isinstance(self._args, FaissFactoryArgs)  # noqa: S101 - checked by `build` and `load`
        return self._args


def _chain(index: Any) -> list[Any]:
    """FAISS's index and those inside it, outermost first."""
    found = [faiss.downcast_index(index)]
    while isinstance(found[-1], faiss.IndexPreTransform):
        found.append(faiss.downcast_index(found[-1].index))
    return found


def _kind(index: Any) -> Any:
    """Its class; what the factory makes of "Flat" is read from a file as one of two others."""
    return faiss.IndexFlat if isinstance(index, faiss.IndexFlat) else type(index)


def _quieten(index: Any) -> None:
    """Let k-means say nothing of clusters with few points, which small corpora always have."""
    worker = _chain(index)[-1]
    for clustering in (getattr(worker, "cp", None), getattr(getattr(worker, "pq", None), "cp", None)):
        if clustering is not None:
            clustering.min_points_per_centroid = 1


def _shape(index: Any) -> list[Any]:
    """What tells one kind of FAISS's index from another, and at last the number of vectors."""
    facts = [(_kind(each).__name__, each.d, each.metric_type) for each in _chain(index)]
    worker = _chain(index)[-1]
    return [*facts, getattr(worker, "nlist", 0), getattr(worker, "code_size", 0), index.ntotal]


def _reason(error: RuntimeError) -> str:
    """FAISS's message without the place in its own source."""
    return str(error).splitlines()[-1].rpartition("Error: ")[2].strip()[-200:]
