"""Indexes of many vectors: time and memory of building, opening, sharing, and of a neighbour table.

    python -m benchmarks.ann_scale build [--rows 1000000] [--folder FOLDER] [--ways ours-hnsw,bare-hnsw]
    python -m benchmarks.ann_scale open --folder FOLDER       # seconds to open, PSS of 4 processes
    python -m benchmarks.ann_scale table [--rows 100000]      # 100 neighbours of every key, 100 dimensions

Every build and every table runs in a process of its own, whose peak of resident memory is read at its end;
the vectors (generated, 128 dimensions) are mapped from a file, and what a build writes is counted too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ann_vectors import K, generated, unit
from indexes import NeighbourTable, get_backend, open_index, recall_at_k
from indexes.faiss_library import faiss
from indexes.vectors import Float32

WAYS = ("ours-hnsw", "bare-hnsw", "ours-ivfpq", "bare-ivfpq")
HNSW: dict[str, Any] = {"m": 16, "ef_construction": 40}
_PROCESSES = 4
_KEPT = "bench-index"


def main() -> int:
    """Measure in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("build", "open", "table", "child"))
    parser.add_argument("--rows", type=int)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--folder", type=Path, help="kept between runs: vectors and the indexes of `build`")
    asked = parser.parse_args()
    if asked.what == "child":
        print(json.dumps(child(asked.ways, asked.folder)))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        rows = asked.rows or (100_000 if asked.what == "table" else 1_000_000)
        ways = ["table"] if asked.what == "table" else asked.ways.split(",")
        prepare(folder, rows, 100 if asked.what == "table" else 128)
        if asked.what == "open":
            opening(folder)
            return 0
        for way in ways:
            command = [sys.executable, "-m", "benchmarks.ann_scale", "child", "--ways", way]
            ran = subprocess.run(
                [*command, "--folder", str(folder)], check=True, stdout=subprocess.PIPE, text=True
            )
            print(f"{way:12}", "  ".join(f"{k} {v}" for k, v in json.loads(ran.stdout).items()), flush=True)
    return 0


def prepare(folder: Path, rows: int, dimension: int) -> None:
    """Write vectors and queries, where they are not there yet."""
    place = folder / "vectors.npy"
    if place.is_file() and np.load(place, mmap_mode="r").shape == (rows, dimension):
        return
    vectors, queries = generated(rows)
    np.save(place, unit(vectors[:, :dimension]))
    np.save(folder / "queries.npy", unit(queries[:, :dimension]))


def child(way: str, folder: Path) -> dict[str, Any]:
    """Build one thing and tell seconds, peak memory beyond what was there before, and what it is good for."""
    vectors: Float32 = np.load(folder / "vectors.npy", mmap_mode="r")
    queries: Float32 = np.load(folder / "queries.npy")
    before, began, used = _resident("VmRSS"), time.perf_counter(), time.process_time()
    found: dict[str, Any] = {}
    if way == "table":
        built = NeighbourTable.build(vectors, 100)
        found["of ids and scores"] = round(
            (_resident("VmHWM") - before) / (built.ids.nbytes + built.scores.nbytes), 2
        )
        built.save(folder / "table")
        files = sum(path.stat().st_size for path in (folder / "table").iterdir())
        found["on disk of them"] = round(files / (built.ids.nbytes + built.scores.nbytes), 3)
        seconds, used = time.perf_counter() - began, time.process_time() - used
    elif way in ("ours-hnsw", "ours-ivfpq"):
        backend = "faiss_hnsw" if way == "ours-hnsw" else "faiss_factory"
        maker = get_backend(backend)
        args: dict[str, Any] = HNSW if way == "ours-hnsw" else {"factory": _ivfpq(len(vectors)), "refine": 10}
        index = maker.build(vectors, args=maker.args_type(**args))
        seconds, used = time.perf_counter() - began, time.process_time() - used
        found["ids"] = index.search(queries, K).ids
        index.save(folder / f"{_KEPT}-{way}")
    else:
        bare = _bare(way, vectors)
        seconds, used = time.perf_counter() - began, time.process_time() - used
        found["ids"] = bare.search(queries, K)[1]
        faiss.write_index(bare, str(folder / f"{way}.faiss"))
    peak = _resident("VmHWM")
    if "ids" in found:
        sure = queries[:100]
        best = np.argsort(-(sure @ np.asarray(vectors).T), axis=1)[:, :K]
        found["recall as built"] = round(float(recall_at_k(found.pop("ids")[:100], best).mean()), 3)
    return {
        "seconds": round(seconds, 1),
        "of all cores": round(used, 1),
        "peak MB": round((peak - before) / 1e6),
        **found,
    }


def _bare(way: str, vectors: Float32) -> Any:
    if way == "bare-hnsw":
        index = faiss.IndexHNSWFlat(vectors.shape[1], HNSW["m"], faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = HNSW["ef_construction"]
        index.keep_max_size_level0 = True  # as ours, so that both build the same graph
        index.hnsw.efSearch = 64
    else:
        index = faiss.index_factory(vectors.shape[1], _ivfpq(len(vectors)), faiss.METRIC_INNER_PRODUCT)
        index.nprobe = 32
        index.train(np.ascontiguousarray(vectors))
    index.add(np.ascontiguousarray(vectors))
    return index


def _ivfpq(rows: int) -> str:
    return f"IVF{int(rows**0.5)},PQ32np"


def opening(folder: Path) -> None:
    """Seconds to open what `build` kept, and what processes that search it take together."""
    for place in sorted(folder.glob(f"{_KEPT}-*")):
        began = time.perf_counter()
        index = open_index(place)
        seconds = time.perf_counter() - began
        size = sum(path.stat().st_size for path in place.iterdir())
        print(f"{place.name}: {index.size:,} vectors, {size / 1e6:,.0f} MB, opened in {seconds:.3f} s")
        script = (
            "import sys, numpy as np; from pathlib import Path; from indexes import open_index;"
            "index = open_index(Path(sys.argv[1])); queries = np.load(sys.argv[2]);"
            "index.search(queries, 10); print('searched', flush=True); sys.stdin.read()"
        )
        arguments = [sys.executable, "-c", script, str(place), str(folder / "queries.npy")]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        started = [subprocess.Popen(arguments, **pipes) for _ in range(_PROCESSES)]  # type: ignore[call-overload]
        try:
            for process in started:
                process.stdout.readline()
            for process in started:
                told = _rollup(process.pid)
                print(f"  process: PSS {told['Pss']:,.0f} MB, RSS {told['Rss']:,.0f} MB")
        finally:
            for process in started:
                process.communicate(b"")


def _rollup(pid: int) -> dict[str, float]:
    """Megabytes by name, as the kernel tells of a process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    return {name: int(rest.split()[0]) / 1e3 for name, _, rest in (line.partition(":") for line in lines)}


def _resident(which: str) -> int:
    """Bytes that this process has resident now (VmRSS), or had at most (VmHWM), mapped files included."""
    # `getrusage` would tell the peak of the process that started this one, where that was higher.
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(which))


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    raise SystemExit(main())
