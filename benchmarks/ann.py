"""Nearest-neighbour indexes: what our contract adds to the bare library, recall against speed, and filters.

    python -m benchmarks.ann [--vectors vectors.npy|ann_mnist10k.npz] [--rows 200000] [--rounds 3] [--json]

overhead   a batch and single queries through our contract, and the bare library with the same parameters on
           the same vectors; in turns, one thread. `ratio` is our queries a second over the library's.
recall     each backend at rising effort: recall@10 of exact search on the original vectors, and microseconds
           a query, one thread.
filters    within ever fewer vectors: the index's path and the scan's, and which of them the contract takes.

Without --vectors clustered vectors are generated (128 dimensions, 1,000 clusters). Queries are held-out
vectors.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from indexes import Index, get_backend, recall_at_k
from indexes.annoy_backend import AnnoyIndex
from indexes.approximate import ApproximateIndex
from indexes.exact import ExactIndex
from indexes.faiss_backend import FaissHnswIndex
from indexes.faiss_factory_backend import FaissFactoryIndex
from indexes.faiss_library import faiss
from indexes.scan import Scan
from indexes.subset import Subset
from indexes.vectors import Float32

K, QUERIES, BATCH = 10, 1_000, 256
SETTINGS: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("faiss_hnsw", {}, (16, 32, 64, 128, 256)),
    ("faiss_factory", {"factory": "IVF{lists},Flat", "refine": 1}, (1, 4, 16, 64)),
    ("faiss_factory", {"factory": "IVF{lists},SQ8", "refine": 2}, (1, 4, 16, 64)),
    ("faiss_factory", {"factory": "IVF{lists},PQ16np", "refine": 10}, (1, 4, 16, 64)),
    ("annoy", {}, (200, 1_000, 5_000, 20_000)),
]


def main() -> int:
    """Build every index once, then measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", type=Path, help="a .npy matrix, or a .npz with `base` and `queries`")
    parser.add_argument("--rows", type=int, default=200_000, help="generated vectors")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    faiss.omp_set_num_threads(1)
    vectors, queries = generated(asked.rows) if asked.vectors is None else read(asked.vectors)
    rows = list(measure(vectors, queries, asked.rounds))
    print(json.dumps(rows, indent=2) if asked.json else table(rows))
    return 0


def generated(rows: int) -> tuple[Float32, Float32]:
    """Clusters of unequal size, and held-out vectors of the same."""
    rng = np.random.default_rng(1)
    centers = rng.normal(size=(1_000, 128))
    size = rng.pareto(1.5, 1_000) + 0.1
    home = rng.choice(1_000, rows + QUERIES, p=size / size.sum())
    vectors = (centers[home] + 0.7 * rng.normal(size=(rows + QUERIES, 128))).astype(np.float32)
    return vectors[:rows], vectors[rows:]


def read(path: Path) -> tuple[Float32, Float32]:
    """Vectors of a file; where it brings no queries, every n-th vector is held out as one."""
    loaded = np.load(path, allow_pickle=False)
    if isinstance(loaded, np.ndarray):
        held = np.zeros(len(loaded), bool)
        held[:: max(1, len(loaded) // QUERIES)] = True
        return loaded[~held].astype(np.float32), loaded[held].astype(np.float32)
    return loaded["base"].astype(np.float32), loaded["queries"].astype(np.float32)


def measure(vectors: Float32, queries: Float32, rounds: int) -> Iterator[dict[str, Any]]:
    """Yield a row a figure."""
    truth = ExactIndex.build(vectors).search(queries, K).ids
    for backend, arguments, efforts in SETTINGS:
        maker = get_backend(backend)
        began = time.perf_counter()
        index = cast("ApproximateIndex", maker.build(vectors, args=maker.args_type(**arguments), threads=1))
        name = str(getattr(index.args, "factory", backend))
        yield {"what": "build", "index": name, "seconds": time.perf_counter() - began}
        for effort in efforts:
            seconds = least(rounds, partial(index.search, queries, K, effort=effort, threads=1))
            recall = float(recall_at_k(index.search(queries, K, effort=effort).ids, truth).mean())
            yield {
                "what": "recall",
                "index": name,
                "effort": effort,
                "recall": recall,
                "us": seconds / len(queries) * 1e6,
            }
        yield from overhead(index, name, queries, rounds)
        yield from filters(index, name, queries[:100], rounds)


def overhead(index: Index, name: str, queries: Float32, rounds: int) -> Iterator[dict[str, Any]]:
    """Compare with the bare library: its own object, unit queries, the same parameters."""
    if getattr(index.args, "refine", 1) != 1:
        return  # what refines has no like in the bare library
    unit = (queries / np.linalg.norm(queries, axis=1, keepdims=True)).astype(np.float32)
    bare = bare_search(index)
    for shape, some, times in (("batch", queries[:BATCH], 1), ("single", queries[:1], BATCH)):
        normal = unit[: len(some)]
        ours, theirs = [], []
        for _ in range(max(5, rounds)):
            ours.append(least(1, partial(repeat, times, partial(index.search, some, K, threads=1))))
            theirs.append(least(1, partial(repeat, times, partial(bare, normal))))
        ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
        yield {
            "what": f"overhead, {shape}",
            "index": name,
            "ratio": statistics.median(ratios),
            "least": ratios[0],
            "most": ratios[-1],
            "added_us": (min(ours) - min(theirs)) / times * 1e6,
        }


def bare_search(index: Index) -> Callable[[Float32], object]:
    """The library's own search with the parameters that ours uses."""
    if isinstance(index, FaissHnswIndex):
        parameters = faiss.SearchParametersHNSW(efSearch=64)
        return lambda some: index._graph.search(some, K, params=parameters)
    if isinstance(index, FaissFactoryIndex):
        parameters = faiss.SearchParametersIVF(nprobe=32)
        return lambda some: index._codes.search(some, K, params=parameters)
    forest = cast("AnnoyIndex", index)._forest
    return lambda some: [forest.get_nns_by_vector(one, K, 2_000, include_distances=True) for one in some]


def filters(index: ApproximateIndex, name: str, queries: Float32, rounds: int) -> Iterator[dict[str, Any]]:
    """Time both paths within random subsets, and see what the contract chooses and finds."""
    rng = np.random.default_rng(2)
    unit = (queries / np.linalg.norm(queries, axis=1, keepdims=True)).astype(np.float32)
    for share in (0.5, 0.2, 0.1, 0.05, 0.01, 0.001):
        within = rng.random(index.size) < share
        subset = Subset(within, index.size)
        spent = min(index.size - 1, subset.stretched(index._effort(K, None)))
        wanted = min(spent, subset.stretched(2 * K))
        paths: dict[str, Callable[[Float32], object]] = {
            "index": partial(index._find, k=wanted, effort=spent, threads=1),
            "scan": partial(index._scanned, k=K, subset=subset, threads=1),
        }
        times = {
            path: least(rounds, partial(one_by_one, unit, run)) / len(unit) * 1e6
            for path, run in paths.items()
        }
        hits = index.search(queries, K, within=within)
        matches = Scan(index._scan.rows[subset.positions], "cosine").search(unit, K)[0]
        recall = float(recall_at_k(hits.ids, subset.positions[matches]).mean())
        yield {
            "what": "filters",
            "index": name,
            "share": share,
            **{f"{path}_us": value for path, value in times.items()},
            "taken": hits.path,
            "recall": recall,
            # Where both paths cost the same, this is `rows_per_effort`.
            "rows_per_effort": subset.count / spent * times["index"] / times["scan"],
        }


def least(rounds: int, run: Callable[[], object]) -> float:
    """Seconds of the quickest of some runs."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        found.append(time.perf_counter() - began)
    return min(found)


def repeat(times: int, run: Callable[[], object]) -> None:
    """Run so many times."""
    for _ in range(times):
        run()


def one_by_one(queries: Float32, run: Callable[[Float32], object]) -> None:
    """Run with each query alone, as a service is asked."""
    for row in range(len(queries)):
        run(queries[row : row + 1])


def table(rows: list[dict[str, Any]]) -> str:
    """One line a figure."""
    lines = []
    for row in rows:
        facts = "  ".join(
            f"{key} {value:,.3f}" if isinstance(value, float) else f"{key} {value}"
            for key, value in row.items()
            if key not in ("what", "index")
        )
        lines.append(f"{row['index']:22} {row['what']:17} {facts}")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
