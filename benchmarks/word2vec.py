"""word2vec: our trainer beside gensim called directly on the same tokens.

    python -m benchmarks.word2vec --prepared work/corpus-0123456789abcdef [--repeats 3] [--epochs 2] [--json]

Both train skip-gram with the same parameters on all cores and count their own vocabulary. gensim reads text
and skill lists as one file with one window; ours reads them in turns, the lists with a window of their own.
`same windows` sets that window to the text's, so that both do the same work; `own window` is the default
recipe. Ratios are paired run by run: gensim's seconds over ours, so that above 1 ours is faster.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gensim.models import Word2Vec

from training.preparation.prepared_corpus import PreparedCorpus
from training.recipe import Word2VecSection
from training.trainers.word2vec import train_word2vec


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prepared", type=Path, required=True, help="a stage folder `corpus-...`")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    corpus = PreparedCorpus(options.prepared)
    section = Word2VecSection(epochs=options.epochs)
    same = section.model_copy(update={"list_window": section.window})
    with tempfile.TemporaryDirectory() as folder:
        joined = Path(folder) / "joined.txt"
        tokens = _join(corpus, joined)
        runs: dict[str, Callable[[], object]] = {
            "gensim": lambda: _direct(joined, section),
            "ours, same windows": lambda: train_word2vec(corpus.text, corpus.lists, same, 1),
            "ours, own window": lambda: train_word2vec(corpus.text, corpus.lists, section, 1),
        }
        seconds: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(options.repeats):
            for name, run in runs.items():
                begun = time.perf_counter()
                run()
                seconds[name].append(time.perf_counter() - begun)
    _show(tokens * options.epochs, seconds, as_json=options.json)


def _join(corpus: PreparedCorpus, path: Path) -> int:
    tokens = 0
    with path.open("w", encoding="utf-8") as out:
        for source in (corpus.text, corpus.lists):
            with source.open(encoding="utf-8") as lines:
                for line in lines:
                    tokens += line.count(" ") + 1
                    out.write(line)
    return tokens


def _direct(path: Path, section: Word2VecSection) -> Word2Vec:
    return Word2Vec(
        corpus_file=str(path),
        vector_size=section.dimension,
        window=section.window,
        min_count=section.min_count,
        sg=1,
        negative=section.negative,
        sample=section.sample,
        alpha=section.learning_rate,
        workers=os.cpu_count() or 1,
        epochs=section.epochs,
        seed=1,
    )


def _show(tokens: int, seconds: dict[str, list[float]], *, as_json: bool) -> None:
    rows = []
    for name, taken in seconds.items():
        ratios = [theirs / ours for theirs, ours in zip(seconds["gensim"], taken, strict=True)]
        rows.append(
            {
                "run": name,
                "tokens_per_second": round(tokens / statistics.median(taken)),
                "seconds": [round(value, 2) for value in taken],
                "ratio": {
                    "min": round(min(ratios), 3),
                    "median": round(statistics.median(ratios), 3),
                    "max": round(max(ratios), 3),
                },
            }
        )
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    print(f"{tokens:,} tokens, all epochs")
    for row in rows:
        print(
            f"{row['run']:<20} {row['tokens_per_second']:>10,} tokens/s   speed against gensim {row['ratio']}"
        )


if __name__ == "__main__":
    main()
