"""Word spaces beside the library called directly: similarity and analogies, from the same text.

    python -m benchmarks.words --corpus corpus.txt.gz --evaluation FOLDER [--megabytes 20] [--json]

word2vec  skip-gram by our trainer, which takes turns with skill lists (here none), and by gensim alone.

Word pairs are scored by Spearman's correlation with people, analogies by the share answered rightly;
`seconds` are wall-clock, on all cores. More seeds give a mean and, beside it, the least and the greatest.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gensim.models import Word2Vec

from benchmarks.word_tasks import Matrix, judge_words
from training.recipe import Word2VecSection
from training.trainers.word2vec import train_word2vec

Trained = tuple[list[str], Matrix]


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, required=True, help="a document a line, plain or gzip")
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of eval_* files")
    parser.add_argument("--megabytes", type=float, help="how much of the corpus; all where left out")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    section = Word2VecSection(epochs=options.epochs)
    with tempfile.TemporaryDirectory() as name:
        text, lists = Path(name) / "text.txt", Path(name) / "lists.txt"
        unpack(options.corpus, text, options.megabytes)
        lists.touch()
        ways: dict[str, Callable[[int], Trained]] = {
            "word2vec, ours": lambda seed: _ours(text, lists, section, seed),
            "word2vec, gensim": lambda seed: _gensim(text, section, seed),
        }
        runs = {
            way: [_judged(train, seed, options.evaluation) for seed in range(1, options.seeds + 1)]
            for way, train in ways.items()
        }
    _show(runs, as_json=options.json)


def unpack(corpus: Path, text: Path, megabytes: float | None) -> None:
    """Write the first so many megabytes of a corpus, plain or gzip, in whole lines."""
    left = float("inf") if megabytes is None else megabytes * 1e6
    with gzip.open(corpus) if corpus.suffix == ".gz" else corpus.open("rb") as lines, text.open("wb") as out:
        for line in lines:
            left -= len(line)
            if left < 0:
                break
            out.write(line)


def _ours(text: Path, lists: Path, section: Word2VecSection, seed: int) -> Trained:
    space = train_word2vec(text, lists, section, seed)
    return space.keys, space.vectors


def _gensim(text: Path, section: Word2VecSection, seed: int) -> Trained:
    model = Word2Vec(
        corpus_file=str(text),
        vector_size=section.dimension,
        window=section.window,
        min_count=section.min_count,
        sg=1,
        negative=section.negative,
        sample=section.sample,
        alpha=section.learning_rate,
        workers=os.cpu_count() or 1,
        epochs=section.epochs,
        seed=seed,
    )
    return model.wv.index_to_key, model.wv.vectors


def _judged(train: Callable[[int], Trained], seed: int, evaluation: Path) -> dict[str, float]:
    begun = time.perf_counter()
    keys, vectors = train(seed)
    seconds = time.perf_counter() - begun
    return {"words": len(keys), **judge_words(evaluation, keys, vectors), "seconds": round(seconds, 1)}


def _show(runs: dict[str, list[dict[str, float]]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(runs, indent=2))
        return
    for way, results in runs.items():
        print(way)
        for name in results[0]:
            values = [result[name] for result in results]
            spread = f"  ({min(values):g} to {max(values):g})" if len(values) > 1 else ""
            print(f"  {name:12} {round(statistics.mean(values), 4):12,}{spread}")


if __name__ == "__main__":
    main()
