"""Ways to search that `benchmarks.ann` compares: our backends and the bare libraries."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np

from benchmarks.ann_vectors import K
from indexes import get_backend
from indexes.approximate import ApproximateIndex
from indexes.faiss_library import faiss
from indexes.vectors import Float32, Int64

Run = Callable[[Float32], Int64]
GRAPH_EFFORTS = (*range(10, 33, 2), 36, 40, 44, 48, 56, 64, 96, 128, 192, 208, 224, 240, 256, 384)
LIST_EFFORTS = (*range(1, 9), 10, 12, 14, 16, 20, 24, 32, 48, 64)


@dataclass(frozen=True)
class Way:
    """One index at one effort.

    Attributes:
        family: what its curve is called.
        setting: the effort and what else tells it from the others of the family.
        ours: whether it runs through our contract.
        run: queries to ids; cosine, the ten nearest, one thread.
    """

    family: str
    setting: str
    ours: bool
    run: Run


def ours(vectors: Float32) -> Iterator[Way]:
    """Our backends."""
    codes = max(count for count in range(1, 33) if vectors.shape[1] % count == 0)
    for backend, built, efforts, refines in (
        ("faiss_hnsw", {"m": 16}, GRAPH_EFFORTS, (None,)),
        ("faiss_hnsw", {"m": 32}, GRAPH_EFFORTS[:18], (None,)),
        ("faiss_factory", {"factory": "IVF{lists},Flat", "refine": 1}, LIST_EFFORTS, (None,)),
        ("faiss_factory", {"factory": "IVF{lists},SQbf16"}, LIST_EFFORTS, (1, 2)),
        ("faiss_factory", {"factory": "IVF{lists},SQ8"}, LIST_EFFORTS, (1, 2)),
        ("faiss_factory", {"factory": f"IVF{{lists}},PQ{vectors.shape[1]}x4fsr"}, LIST_EFFORTS, (2, 4)),
        ("faiss_factory", {"factory": f"IVF{{lists}},PQ{codes}np"}, LIST_EFFORTS, (4, 16)),
        ("faiss_factory", {"factory": "IVF{lists},RaBitQ"}, LIST_EFFORTS, (8, 16)),
    ):
        maker = get_backend(backend)
        built_args: dict[str, Any] = dict(built)
        with _told(f"{backend} {built_args}"):
            index = cast("ApproximateIndex", maker.build(vectors, args=maker.args_type(**built_args)))
        name = f"faiss HNSW {built_args['m']}" if "m" in built_args else str(built_args["factory"])
        name = name.replace("{lists}", "")
        for refine in refines:
            searched = index if refine is None else index.with_args(refine=refine)
            for effort in efforts:
                setting = f"{effort}" if refine is None else f"{effort}, refine {refine}"
                yield Way(name, setting, ours=True, run=partial(_ask, searched, effort))


def annoy(vectors: Float32) -> Iterator[Way]:
    """The bare library, at several numbers of trees."""
    import annoy as library

    for trees in (50, 200):
        forest = library.AnnoyIndex(vectors.shape[1], "angular")
        forest.set_seed(1)
        with _told(f"annoy {trees}"):
            for position, row in enumerate(vectors.tolist()):
                forest.add_item(position, row)
            forest.build(trees, n_jobs=2)
        for nodes in (500, 1_000, 2_000, 4_000, 8_000, 16_000):
            yield Way(f"Annoy {trees}", str(nodes), ours=False, run=partial(_forest, forest, nodes))


def hnswlib(vectors: Float32, several_links: Sequence[int] = (16, 32)) -> Iterator[Way]:
    """The bare library."""
    import hnswlib as library

    for links in several_links:
        graph = library.Index("ip", vectors.shape[1])
        graph.init_index(len(vectors), M=links, ef_construction=200, random_seed=1)
        with _told(f"hnswlib {links}"):
            graph.add_items(vectors, num_threads=2)
        for effort in GRAPH_EFFORTS:
            yield Way(f"hnswlib {links}", str(effort), ours=False, run=partial(_hnswlib, graph, effort))


def usearch(vectors: Float32) -> Iterator[Way]:
    """The bare library."""
    from usearch.index import Index

    graph = Index(ndim=vectors.shape[1], metric="ip", dtype="f32", connectivity=16, expansion_add=200)
    with _told("usearch 16"):
        graph.add(np.arange(len(vectors)), vectors, threads=2)
    for effort in GRAPH_EFFORTS:
        yield Way("usearch 16", str(effort), ours=False, run=partial(_usearch, graph, effort))


def voyager(vectors: Float32) -> Iterator[Way]:
    """The bare library."""
    import voyager as library

    graph = library.Index(library.Space.InnerProduct, vectors.shape[1], M=16, ef_construction=200)
    with _told("voyager 16"):
        graph.add_items(vectors, num_threads=2)
    for effort in GRAPH_EFFORTS:
        yield Way("voyager 16", str(effort), ours=False, run=partial(_voyager, graph, effort))


RIVALS: dict[str, Callable[[Float32], Iterator[Way]]] = {
    "annoy": annoy,
    "hnswlib": hnswlib,
    "hnswlib16": partial(hnswlib, several_links=(16,)),  # builds in half the time
    "usearch": usearch,
    "voyager": voyager,
}


def bare(index: ApproximateIndex, effort: int) -> Run:
    """FAISS's own search of what our index holds, by the same parameters."""
    if hasattr(index, "_graph"):
        parameters = faiss.SearchParametersHNSW(efSearch=effort)
        return lambda some: index._graph.search(some, K, params=parameters)[1]
    codes: Any = index._codes  # type: ignore[attr-defined]
    lists = faiss.SearchParametersIVF(nprobe=effort)
    refine = int(getattr(index.args, "refine", 1))
    if refine == 1:
        return lambda some: codes.search(some, K, params=lists)[1]
    flat = faiss.IndexFlat(index.dimension, codes.metric_type)
    flat.add(index._scan.rows)
    refined = faiss.IndexRefine(codes, flat)
    keep = (refined, flat)  # FAISS holds no reference to what it wraps
    asked = faiss.IndexRefineSearchParameters(k_factor=float(refine), base_index_params=lists)
    return lambda some: keep[0].search(some, K, params=asked)[1]


def _ask(index: ApproximateIndex, effort: int, queries: Float32) -> Int64:
    return index.search(queries, K, effort=effort, threads=1).ids


def _forest(forest: Any, nodes: int, queries: Float32) -> Int64:
    found = np.full((len(queries), K), -1)
    for row, query in enumerate(queries.tolist()):
        ids = forest.get_nns_by_vector(query, K, nodes)
        found[row, : len(ids)] = ids
    return found


def _hnswlib(graph: Any, effort: int, queries: Float32) -> Int64:
    graph.set_ef(effort)
    return np.asarray(graph.knn_query(queries, K, num_threads=1)[0], np.int64)


def _usearch(graph: Any, effort: int, queries: Float32) -> Int64:
    graph.expansion_search = effort
    return np.asarray(graph.search(queries, K, threads=1).keys, np.int64).reshape(len(queries), K)


def _voyager(graph: Any, effort: int, queries: Float32) -> Int64:
    return np.asarray(graph.query(queries, K, num_threads=1, query_ef=effort)[0], np.int64)


class _told:  # noqa: N801 - used as a function
    """Says how long a build took, as some take minutes."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        print(f"built {self._what}: {time.perf_counter() - self._began:.1f} s", flush=True)
