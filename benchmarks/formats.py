"""Readers and writers of vectors: ours beside gensim's, on the same vectors in the same run.

    python -m benchmarks.formats [--rows 20000] [--dimension 200] [--rounds 3] [--json]

Ours reads into a space's folder on disk and checks every key and number; gensim reads into memory. Both
write to the same disk. Each runs in a process of its own, in turns, and is timed without its imports. MB/s
are megabytes (10^6 bytes) of the file in the format per second of wall time; peak is what the
process's memory grew by while it worked (Linux). Formats that gensim has no reader or writer for stand alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from embedsvc.formats import Table, export_vectors
from embedsvc.spaces import Space

FORMATS = (
    "word2vec",
    "word2vec-binary",
    "glove",
    "projector",
    "magnitude",
    "sentence-transformers",
    "fasttext",
)
GENSIM: dict[str, dict[str, bool]] = {
    "word2vec": {},
    "word2vec-binary": {"binary": True},
    "glove": {"no_header": True},
    "fasttext": {},
}

_TIMED = """
import json, re, sys, time
def memory(what):
    return int(re.search(what + r":\\s+(\\d+) kB", open("/proc/self/status").read())[1])
way, task, name, source, target = sys.argv[1:]
from pathlib import Path
if way == "ours":
    from embedsvc.formats import Table, export_vectors, import_vectors
    from embedsvc.spaces import Space
    space = Space.open(Path(source)) if task == "write" else None
    run = (lambda: export_vectors(Table.of_space(space), Path(target), name)) if space else (
        lambda: import_vectors(Path(source), Path(target), name))
else:
    from gensim.models import KeyedVectors
    from benchmarks.formats import GENSIM
    options = GENSIM[name]
    if name == "fasttext":
        from gensim.models.fasttext import load_facebook_vectors
        run = lambda: load_facebook_vectors(source)
    elif task == "read":
        run = lambda: KeyedVectors.load_word2vec_format(source, **options)
    else:
        from embedsvc.spaces import Space
        space = Space.open(Path(source))
        vectors = KeyedVectors(space.dimension)
        vectors.add_vectors(space.keys, space.vectors)
        binary = options.get("binary", False)
        header = not options.get("no_header", False)
        run = lambda: vectors.save_word2vec_format(target, binary=binary, write_header=header)
before = memory("VmRSS")
begun = time.perf_counter()
run()
seconds = time.perf_counter() - begun
grown = memory("VmHWM") - before
print(json.dumps({"seconds": seconds, "grown_mb": grown / 1e3}))
"""


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--dimension", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder), options.rows, options.dimension, options.rounds)
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    print(f"{options.rows:,} keys of {options.dimension} dimensions, median of {options.rounds}")
    head = ("format", "task", "MB", "ours", "gensim", "ratio", "ours", "gensim")
    layout = "{:<22} {:<6} {:>7} {:>8} {:>8} {:>6} {:>8} {:>8}"
    print(layout.format("", "", "", "MB/s", "MB/s", "", "peak MB", "peak MB"))
    print(layout.format(*head))
    for row in rows:
        figures = ("mb", "ours_mb_per_s", "gensim_mb_per_s", "ratio", "ours_peak_mb", "gensim_peak_mb")
        shown = ["-" if row[name] is None else f"{row[name]:.1f}" for name in figures]
        print(layout.format(row["format"], row["task"], *shown))


def measure(folder: Path, size: int, dimension: int, rounds: int) -> list[dict[str, Any]]:
    """Time every format, both tasks, both ways in turns."""
    vectors = np.random.default_rng(1).normal(0, 0.3, (size, dimension)).astype(np.float32)
    keys = [f"word_{row}" for row in range(size)]
    Space("word2vec", keys, np.ones(size, np.int64), vectors).save(folder / "space")
    rows = []
    for name in FORMATS:
        file = folder / f"given-{name}"
        if name == "fasttext":
            _trained(keys, dimension, folder / "text", file)
        else:
            export_vectors(Table(keys, vectors), file, name)
        megabytes = _bytes(file) / 1e6
        for task in ("read",) if name == "fasttext" else ("read", "write"):
            source = file if task == "read" else folder / "space"
            ways = ("ours", "gensim") if name in GENSIM else ("ours",)
            taken: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
            for turn in range(rounds):
                for way in ways:
                    target = folder / f"{way}-{task}-{name}-{turn}"
                    taken[way].append(_timed(way, task, name, source, target))
            rows.append({"format": name, "task": task, "mb": megabytes, **_summary(taken, megabytes)})
    return rows


def _timed(way: str, task: str, name: str, source: Path, target: Path) -> dict[str, float]:
    command = [sys.executable, "-c", _TIMED, way, task, name, str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    timed: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return timed


def _summary(taken: dict[str, list[dict[str, float]]], megabytes: float) -> dict[str, float | None]:
    speed = {
        way: megabytes / statistics.median(each["seconds"] for each in times) for way, times in taken.items()
    }
    peak = {way: max(each["grown_mb"] for each in times) for way, times in taken.items()}
    theirs = speed.get("gensim")
    return {
        "ours_mb_per_s": speed["ours"],
        "gensim_mb_per_s": theirs,
        "ratio": speed["ours"] / theirs if theirs else None,
        "ours_peak_mb": peak["ours"],
        "gensim_peak_mb": peak.get("gensim"),
    }


def _trained(keys: list[str], dimension: int, text: Path, model: Path) -> None:
    """A fastText model of these words, as good as untrained; subwords in 100,000 buckets."""
    import fasttext

    text.write_text(f"{' '.join(keys)}\n")
    fasttext.train_unsupervised(
        str(text), dim=dimension, minCount=1, epoch=1, bucket=100_000, thread=12, verbose=0
    ).save_model(str(model))


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())


if __name__ == "__main__":
    main()
