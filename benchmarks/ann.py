"""Nearest-neighbour indexes: recall against speed, what `auto` chooses, what our contract adds to a library.

    python -m benchmarks.ann [--vectors vectors.npy|ann_mnist10k.npz] [--rows 100000] [--rounds 3]
                             [--rivals annoy,hnswlib,hnswlib16,usearch,voyager]
                             [--only-auto] [--plot front.svg] [--json] [--overhead]

recall     every way to search at rising effort: recall@10 of exact search over the original vectors, and
           microseconds a query, in batches of 100 and alone; one thread, all in turns, least of the rounds.
best       of each family the quickest setting that reaches the recall of --recall, and how many times quicker
           `auto` is. `auto` was tuned on other queries than those asked here: once among what maps its files,
           once (unmapped) also with hnswlib. As it keeps a margin for chance, which the others need not who
           are chosen by the queries that are asked, also the quickest that find as much as `auto` does.
overhead   ours beside FAISS's own search of the same index by the same parameters.

With --only-auto nothing else of ours is built, and no hnswlib for `auto`: for a million vectors. Without
--vectors clustered vectors are generated (128 dimensions, 1,000 clusters). Queries are held-out
vectors, two thirds of them for tuning. The rivals are in the extra `bench`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from benchmarks.ann_plot import front
from benchmarks.ann_rivals import RIVALS, Way, _ask, bare, ours
from benchmarks.ann_vectors import QUERIES, alone_us, batch_us, generated, read, truth, unit
from indexes import get_backend, recall_at_k
from indexes.approximate import ApproximateIndex
from indexes.faiss_library import faiss
from indexes.tune import tune
from indexes.tuning import Goal
from indexes.vectors import Float32, Float64, Int64

_OVERHEAD_ROUNDS, _BATCH = 200, 256


def main() -> int:
    """Build every index once, then measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", type=Path, help="a .npy matrix, or a .npz with `base` and `queries`")
    parser.add_argument("--rows", type=int, default=100_000, help="generated vectors")
    parser.add_argument("--recall", type=float, default=0.95)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rivals", default="annoy,hnswlib", help=f"of {', '.join(RIVALS)}; or none")
    parser.add_argument("--plot", type=Path, help="write the fronts as SVG")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--overhead", action="store_true", help="measure nothing else")
    parser.add_argument("--only-auto", action="store_true", help="of ours; the rest takes long of many")
    asked = parser.parse_args()
    drawn = generated(asked.rows, 3 * QUERIES) if asked.vectors is None else read(asked.vectors, 3 * QUERIES)
    vectors, queries = unit(drawn[0]), unit(drawn[1][::3])
    held = unit(np.delete(drawn[1], np.s_[::3], axis=0))
    if asked.overhead:
        faiss.omp_set_num_threads(1)
        print(table(list(overhead(vectors, queries))))
        return 0
    ways = []
    for name, mapped in (("auto", True), ("auto, unmapped", False))[: 1 if asked.only_auto else 2]:
        index, _ = tune(vectors, held, goal=Goal(asked.recall, mapped=mapped))
        print(f"{name} chose {index.backend} {vars(index.args)}", flush=True)
        ways.append(Way(name, "", ours=True, run=partial(_usual, index)))
    if not asked.only_auto:
        ways += ours(vectors)
    for name in asked.rivals.split(",") if asked.rivals != "none" else []:
        ways += RIVALS[name](vectors)
    faiss.omp_set_num_threads(1)
    rows = list(measured(ways, queries, truth(vectors, queries), asked.rounds))
    reached = next(row["recall"] for row in rows if row["family"] == "auto")
    rows += [*best(rows, asked.recall), *best(rows, reached, "as good")]
    rows += overhead(vectors, queries)
    if asked.plot:
        asked.plot.write_text(front([row for row in rows if row["what"] == "recall"], asked.recall))
    print(json.dumps(rows, indent=2) if asked.json else table(rows))
    return 0


def _usual(index: Any, queries: Float32) -> Int64:
    found: Int64 = index.search(queries, 10, threads=1).ids
    return found


def measured(ways: Sequence[Way], queries: Float32, true: Int64, rounds: int) -> Iterator[dict[str, Any]]:
    """Yield a row a way, each timed in turns with all others.

    Of each batch, and of each query, the least of its rounds counts, and the mean of these.
    """
    times = [[_timed(way, queries) for way in ways] for _ in range(rounds)]
    for way, taken in zip(ways, zip(*times, strict=True), strict=True):
        batch, alone = (np.min(each, axis=0).mean() for each in zip(*taken, strict=True))
        yield {
            "what": "recall",
            "family": way.family,
            "setting": way.setting,
            "recall": float(recall_at_k(way.run(queries), true).mean()),
            "batch_us": float(batch),
            "alone_us": float(alone),
        }


def _timed(way: Way, queries: Float32) -> tuple[Float64, Float64]:
    """Microseconds, in batches and alone; warm, as the other efforts of an index make each other."""
    way.run(queries)
    return batch_us(way.run, queries), alone_us(way.run, queries)


def best(rows: Sequence[dict[str, Any]], recall: float, what: str = "best") -> list[dict[str, Any]]:
    """The quickest setting of each family that reaches the recall, and `auto` beside it."""
    auto = next(row for row in rows if row["family"] == "auto")
    found = []
    for family in dict.fromkeys(str(row["family"]) for row in rows):
        reaching = [row for row in rows if row["family"] == family and row["recall"] >= recall]
        for how in ("alone_us", "batch_us") if reaching else ():
            quickest = min(reaching, key=lambda row: float(row[how]))
            found.append(
                {
                    "what": f"{what}, {how.removesuffix('_us')}",
                    "family": family,
                    "setting": quickest["setting"],
                    "recall": quickest["recall"],
                    "us": quickest[how],
                    "auto is quicker by": quickest[how] / auto[how],
                }
            )
    return sorted(found, key=lambda row: (str(row["what"]), float(row["us"])))


def overhead(vectors: Float32, queries: Float32) -> Iterator[dict[str, Any]]:
    """Ours and FAISS's own search in turns, in many rounds too short to be interrupted: the least of each."""
    for backend, built, effort in (
        ("faiss_hnsw", {"m": 16, "ef_construction": 100}, 32),
        ("faiss_factory", {"factory": "IVF{lists},Flat", "refine": 1}, 8),
        ("faiss_factory", {"factory": "IVF{lists},SQ8", "refine": 2}, 8),
    ):
        maker = get_backend(backend)
        arguments: dict[str, Any] = dict(built)
        built_index = maker.build(vectors[:50_000], args=maker.args_type(**arguments))
        index = cast("ApproximateIndex", built_index)
        mine, theirs = partial(_ask, index, effort), bare(index, effort)
        found: dict[str, list[float]] = {"batch": [], "alone": []}
        for how, some in (("batch", queries[:_BATCH]), ("alone", queries[:1])):
            rounds = [
                (batch_us(mine, some, _BATCH).item(), batch_us(theirs, some, _BATCH).item())
                for _ in range(_OVERHEAD_ROUNDS)
            ]
            found[how] = np.min(rounds, axis=0).tolist()
        yield {
            "what": "overhead",
            "family": str(arguments.get("factory", backend)).replace("{lists}", ""),
            "setting": str(effort),
            "batch, times the library's speed": found["batch"][1] / found["batch"][0],
            "alone, us added": found["alone"][0] - found["alone"][1],
            "to us": found["alone"][1],
        }


def table(rows: list[dict[str, Any]]) -> str:
    """One line a figure."""
    lines = []
    for row in rows:
        facts = "  ".join(
            f"{key} {value:,.3f}" if isinstance(value, float) else f"{key} {value}"
            for key, value in row.items()
            if key not in ("what", "family", "setting")
        )
        lines.append(f"{row['what']:12} {row['family']:16} {row['setting']:16} {facts}")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
