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
import gzip
import importlib.util
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.glove_yardsticks import run_mittens, run_plain, run_stanford
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
            watch = _Stopwatch()
            keys, vectors = run_stanford(options.stanford, text, section, folder)
            rows.append(
                {
                    "run": "Stanford's programs",
                    **watch.read(),
                    "words": len(keys),
                    **_scores(options.evaluation, keys, vectors),
                }
            )
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
    return {
        "run": f"ours, seed {seed}",
        **times,
        "words": len(space),
        "pairs": 2 * space.parameters["pairs"],
        "pairs/s": round(rate),
        "loss": round(space.parameters["loss"][-1], 4),
        **_scores(evaluation, space.keys, space.vectors),
    }


def _scores(folder: Path | None, keys: Sequence[str], vectors: npt.NDArray[np.float32]) -> dict[str, float]:
    return judge_words(folder, keys, vectors) if folder else {}


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
        "plain numpy": lambda: run_plain(rows, columns, counts, section, words),
    }
    if importlib.util.find_spec("mittens"):
        matrix = np.zeros((words, words))
        matrix[rows, columns] = counts
        runs["mittens"] = lambda: run_mittens(matrix, section)
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


if __name__ == "__main__":
    main()
