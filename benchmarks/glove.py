"""GloVe: our trainer beside others, end to end and in pairs a second.

    python -m benchmarks.glove [--corpus corpus.txt.gz] [--evaluation FOLDER] [--stanford FOLDER] [--seeds 3]

End to end means from a text file to vectors. `--stanford` names the folder of the authors' programs, built on
this machine from their source, which run with the same parameters. Then, on the most frequent words alone,
training is timed beside mittens (`pip install -e '.[bench]'`), which needs the whole matrix in memory and
takes one step an iteration, and beside plain numpy in batches. `pairs/s` counts one pair, one way round, seen
once. CPU seconds say more than seconds where the machine has other work. Without `--corpus` the words are
made up.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import importlib.util
import io
import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.word_tasks import judge_words
from training.recipe import GloveSection
from training.trainers.glove import train_glove
from training.trainers.glove.counting import count_pairs, text_context
from training.trainers.glove.descent import descend
from training.trainers.glove.pairs import TiledPairs, weigh_pairs
from training.trainers.glove.parameters import initial_rows, row_bytes
from training.trainers.glove.tiles import Tiling
from training.trainers.glove.tokens import number_corpus

SMALL = 2000  # words of the small vocabulary
BATCH = 4096  # pairs a step of the plain version


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, help="a document a line, plain or gzip")
    parser.add_argument("--evaluation", type=Path, help="folder of eval_wordsim_* and eval_analogies files")
    parser.add_argument("--stanford", type=Path, help="folder of vocab_count, cooccur, shuffle and glove")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    section = GloveSection(epochs=options.epochs, workers=options.workers)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = _text(options.corpus, folder)
        _ours(_small_text(folder), section.model_copy(update={"epochs": 1}), 1, folder, None)  # compiles
        rows = [
            _ours(text, section, seed, folder, options.evaluation) for seed in range(1, options.seeds + 1)
        ]
        if options.stanford:
            rows.append(_stanford(options.stanford, text, section, folder, options.evaluation))
        small = _small(text, section, folder)
    if options.json:
        print(json.dumps({"end_to_end": rows, "small": small}, indent=2))
        return
    print(f"{section.dimension} dimensions, window {section.window}, {section.epochs} epochs")
    for row in rows:
        print(_line(row))
    print(f"the {SMALL:,} most frequent words, training alone")
    for row in small:
        print(_line(row))


def _line(row: dict[str, Any]) -> str:
    shown = (f"{name} {value:,}" if not isinstance(value, str) else value for name, value in row.items())
    return "   ".join(shown)


def _text(corpus: Path | None, folder: Path) -> Path:
    path = folder / "text.txt"
    if corpus is None:
        draw = np.random.default_rng(1)
        words = np.minimum(draw.zipf(1.2, (20_000, 100)), 50_000)
        path.write_text("\n".join(" ".join(f"w{word}" for word in line) for line in words.tolist()) + "\n")
    else:
        open_file = gzip.open if corpus.suffix == ".gz" else open
        with open_file(corpus, "rb") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
    return path


def _small_text(folder: Path) -> Path:
    path = folder / "tiny.txt"
    path.write_text("one two three four five\n" * 20)
    return path


class _Stopwatch:
    """Seconds and CPU seconds, of this process and of those it waited for."""

    def __init__(self) -> None:
        self._begun = time.perf_counter(), self._cpu()

    def read(self) -> dict[str, float]:
        return {
            "seconds": round(time.perf_counter() - self._begun[0], 1),
            "cpu_seconds": round(self._cpu() - self._begun[1], 1),
        }

    @staticmethod
    def _cpu() -> float:
        usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _ours(
    text: Path, section: GloveSection, seed: int, folder: Path, evaluation: Path | None
) -> dict[str, Any]:
    nothing = folder / "nothing.txt"
    nothing.touch()
    training: list[float] = []

    def progress(_done: float, _total: float, note: str) -> None:
        if note.startswith("epoch"):
            training.append(time.perf_counter())

    watch = _Stopwatch()
    space = train_glove(text, nothing, section, seed, folder, progress)
    times = watch.read()
    steps = 2 * space.parameters["pairs"] * section.epochs
    # The first report comes after the first portion of pairs: a few hundredths of an epoch.
    rate = steps / max(training[-1] - training[0], 1e-9)
    scores = judge_words(evaluation, space.keys, space.vectors) if evaluation else {}
    return {
        "run": f"ours, seed {seed}",
        **times,
        "words": len(space),
        "pairs": 2 * space.parameters["pairs"],
        "pairs/s": round(rate),
        "loss": round(space.parameters["loss"][-1], 4),
        **scores,
    }


def _stanford(
    programs: Path, text: Path, section: GloveSection, folder: Path, evaluation: Path | None
) -> dict[str, Any]:
    steps: list[tuple[str, Path, str | None, dict[str, object]]] = [
        ("vocab_count", text, "vocab", {"min-count": section.min_count}),
        ("cooccur", text, "counts", {"window-size": section.window, "vocab-file": "vocab", "memory": 4}),
        ("shuffle", folder / "counts", "shuffled", {"memory": 4, "seed": 1}),
        (
            "glove",
            text,
            None,
            {
                "input-file": "shuffled",
                "vocab-file": "vocab",
                "save-file": "vectors",
                "vector-size": section.dimension,
                "iter": section.epochs,
                "x-max": section.x_max,
                "threads": section.workers,
                "seed": 1,
                "binary": 0,
            },
        ),
    ]
    watch = _Stopwatch()
    for program, source, target, knobs in steps:
        arguments = [word for name, value in knobs.items() for word in (f"-{name}", str(value))]
        with source.open("rb") as read, (folder / (target or "log")).open("wb") as written:
            subprocess.run(
                [str((programs / program).resolve()), "-verbose", "0", *arguments],
                stdin=read,
                stdout=written,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                check=True,
            )
    times = watch.read()
    keys, vectors = _read(folder / "vectors.txt")
    scores = judge_words(evaluation, keys, vectors) if evaluation else {}
    return {"run": "Stanford's programs", **times, "words": len(keys), **scores}


def _read(path: Path) -> tuple[list[str], npt.NDArray[np.float32]]:
    keys, vectors = [], []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            key, *numbers = line.split(" ")
            if key != "<unk>":
                keys.append(key)
                vectors.append(np.array(numbers, np.float32))
    return keys, np.stack(vectors)


def _small(text: Path, section: GloveSection, folder: Path) -> list[dict[str, Any]]:
    """Training alone, each in pairs a second, on the most frequent words."""
    corpus = number_corpus([text], section.min_count, folder)
    ids = corpus.streams[0][corpus.streams[0] < SMALL].copy()
    words = min(SMALL, len(corpus.words))
    tiling = Tiling.fitting(words, row_bytes(section.dimension), symmetric=True)
    contexts = [text_context(ids, section.window)]
    counted = count_pairs(contexts, tiling, folder, 1 << 30, section.workers)
    pairs = weigh_pairs(counted, section.x_max, section.alpha, 1, folder, 1 << 30)
    rows, columns, counts = _both_ways(pairs)
    runs: dict[str, Callable[[], int]] = {
        f"ours, {section.workers} workers": lambda: _train(pairs, section, words, section.workers),
        "ours, 1 worker": lambda: _train(pairs, section, words, 1),
        "plain numpy": lambda: _plain(rows, columns, counts, section, words),
    }
    if importlib.util.find_spec("mittens"):
        matrix = np.zeros((words, words))
        matrix[rows, columns] = counts
        runs["mittens"] = lambda: _mittens(matrix, section)
    found = []
    for name, run in runs.items():
        begun = time.perf_counter()
        seen = run()
        found.append({"run": name, "pairs/s": round(seen / (time.perf_counter() - begun))})
    return found


def _both_ways(pairs: TiledPairs) -> tuple[npt.NDArray[np.int64], ...]:
    tiling = pairs.tiling
    tile = np.repeat(np.arange(tiling.tiles), np.diff(pairs.starts))
    row = (tile // tiling.blocks << tiling.bits) + (pairs.cells >> tiling.bits).astype(np.int64)
    column = (tile % tiling.blocks << tiling.bits) + (pairs.cells & (1 << tiling.bits) - 1).astype(np.int64)
    apart = row != column
    counts = np.exp(pairs.logs)
    return (
        np.concatenate([row, column[apart]]),
        np.concatenate([column, row[apart]]),
        np.concatenate([counts, counts[apart]]),
    )


def _train(pairs: TiledPairs, section: GloveSection, words: int, workers: int) -> int:
    w, c = initial_rows(words, section.dimension, section.learning_rate, 1)
    descend(pairs, w, c, section.learning_rate, section.epochs, workers, 1)
    return 2 * len(pairs) * section.epochs


def _plain(
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    counts: npt.NDArray[Any],
    section: GloveSection,
    words: int,
) -> int:
    """The same steps in batches of numpy; biases as two more columns. A few batches tell its speed."""
    draw = np.random.default_rng(1)
    w, c = ((draw.random((words, section.dimension + 2), np.float32) - 0.5) / section.dimension for _ in "wc")
    w[:, -1], c[:, -2] = 1, 1
    w_squares, c_squares = np.ones_like(w), np.ones_like(c)
    order = draw.permutation(len(rows))[: 100 * BATCH]
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        i, j = rows[batch], columns[batch]
        error = np.einsum("nd,nd->n", w[i], c[j]) - np.log(counts[batch])
        slope = (
            section.learning_rate * np.minimum(1, (counts[batch] / section.x_max) ** section.alpha) * error
        )
        w_step, c_step = slope[:, None] * c[j], slope[:, None] * w[i]
        np.subtract.at(w, i, w_step / np.sqrt(w_squares[i]))
        np.subtract.at(c, j, c_step / np.sqrt(c_squares[j]))
        np.add.at(w_squares, i, w_step**2)
        np.add.at(c_squares, j, c_step**2)
        w[:, -1], c[:, -2] = 1, 1
    return len(order)


def _mittens(matrix: npt.NDArray[np.float64], section: GloveSection) -> int:
    model = importlib.import_module("mittens").GloVe(
        n=section.dimension,
        max_iter=section.epochs,
        xmax=section.x_max,
        alpha=section.alpha,
        learning_rate=section.learning_rate,
    )
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        model.fit(matrix)
    return int(np.count_nonzero(matrix)) * section.epochs


if __name__ == "__main__":
    main()
