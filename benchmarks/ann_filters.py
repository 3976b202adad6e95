"""Search within some of the vectors: the index's path and the scan's, and which of them the contract takes.

    python -m benchmarks.ann_filters [--vectors vectors.npy|ann_mnist10k.npz] [--rows 100000] [--rounds 3]

One thread, a query at a time, within ever fewer vectors drawn at random. Where both paths cost the same,
the last column is the backend's `rows_per_effort`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from benchmarks.ann_vectors import K, alone_us, generated, read, unit
from indexes import get_backend, recall_at_k
from indexes.approximate import ApproximateIndex
from indexes.faiss_library import faiss
from indexes.scan import Scan
from indexes.subset import Subset
from indexes.vectors import Float32

SHARES = (0.5, 0.2, 0.1, 0.05, 0.01, 0.001)
_QUERIES = 100
_SETTINGS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("faiss_hnsw", {}),
    ("faiss_factory", {"factory": "IVF{lists},Flat", "refine": 1}),
    ("faiss_factory", {"factory": "IVF{lists},SQbf16", "refine": 1}),
    ("faiss_factory", {"factory": "IVF{lists},SQ8", "refine": 2}),
    ("faiss_factory", {"factory": "IVF{lists},PQ{dimension}x4fsr", "refine": 4}),
    ("annoy", {}),
)


def main() -> int:
    """Build every index once, then measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", type=Path, help="a .npy matrix, or a .npz with `base` and `queries`")
    parser.add_argument("--rows", type=int, default=100_000, help="generated vectors")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    drawn = generated(asked.rows) if asked.vectors is None else read(asked.vectors)
    vectors, queries = drawn[0], unit(drawn[1][:_QUERIES])
    print(
        f"{'index':22} {'share':>6} {'index us':>10} {'scan us':>10} {'taken':>6} {'recall':>7} {'rows':>6}"
    )
    for backend, arguments in _SETTINGS:
        maker = get_backend(backend)
        told = dict(arguments)
        if "factory" in told:
            told["factory"] = told["factory"].replace("{dimension}", str(vectors.shape[1]))
        index = cast("ApproximateIndex", maker.build(vectors, args=maker.args_type(**told)))
        faiss.omp_set_num_threads(1)
        name = str(getattr(index.args, "factory", backend))
        for row in measured(index, queries, asked.rounds):
            print(f"{name:22} {row}", flush=True)
    return 0


def measured(index: ApproximateIndex, queries: Float32, rounds: int) -> Iterator[str]:
    """Time both paths within random subsets, and see what the contract chooses and finds."""
    rng = np.random.default_rng(2)
    for share in SHARES:
        within = rng.random(index.size) < share
        subset = Subset(within, index.size)
        spent = min(index.size - 1, subset.stretched(index._effort(K, None)))
        wanted = min(spent, subset.stretched(2 * K))
        paths: dict[str, Callable[[Float32], object]] = {
            "index": partial(index._find, k=wanted, effort=spent, threads=1),
            "scan": partial(index._scanned, k=K, subset=subset, threads=1),
        }
        times = {
            name: float(np.min([alone_us(run, queries) for _ in range(rounds)], axis=0).mean())
            for name, run in paths.items()
        }
        hits = index.search(queries, K, within=within)
        matches = Scan(index._scan.rows[subset.positions], "cosine").search(queries, K)[0]
        recall = float(recall_at_k(hits.ids, subset.positions[matches]).mean())
        even = subset.count / spent * times["index"] / times["scan"]
        taken = f"{times['index']:10,.0f} {times['scan']:10,.0f} {hits.path:>6}"
        yield f"{share:6} {taken} {recall:7.3f} {even:6.2f}"


if __name__ == "__main__":
    raise SystemExit(main())
