"""Word spaces beside the library called directly: similarity and analogies, from the same text.

    python -m benchmarks.words --data FOLDER [--ways word2vec fasttext glove] [--megabytes 20] [--json]

word2vec  skip-gram by our trainer, which takes turns with skill lists (here none), and by gensim alone.
fasttext  skip-gram by our trainer, pruned and packed as a release serves it, and by the library alone.
glove     by our trainer; no package trains GloVe here, and `benchmarks.glove` takes its authors' programs.

Trained on `corpus_wiki100m.txt.gz` of FOLDER, or on `--corpus`. Word pairs are scored by Spearman's
correlation with people, analogies by the share answered rightly, both with a bootstrap 95 % interval over
pairs or questions; `difference` is ours less the library's on the same pairs, resampled together. `seconds`
are wall-clock. What has been measured is printed at once.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
from gensim.models import Word2Vec

from benchmarks.word_tasks import STATISTICS, asked_of
from embedsvc.spaces.space import Matrix
from training.evaluation.score import Measures
from training.recipe import FastTextSection, GloveSection, Word2VecSection
from training.trainers.fasttext import train_fasttext
from training.trainers.fasttext.trainer import parameters_of
from training.trainers.glove import train_glove
from training.trainers.word2vec import train_word2vec

Trained = tuple[list[str], Matrix]
_RESAMPLES = 1_000


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("EMBEDSVC_DATA"), help="folder of data")
    parser.add_argument("--corpus", type=Path, help="a document a line, plain or gzip")
    parser.add_argument("--ways", nargs="+", choices=_WAYS, default=list(_WAYS))
    parser.add_argument("--megabytes", type=float, help="how much of the corpus; all where left out")
    parser.add_argument("--epochs", type=int, help="5, for GloVe 10, where left out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="a JSON object a line")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the folder of data: --data FOLDER, or EMBEDSVC_DATA")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unpack(
            options.corpus or options.data / "corpus_wiki100m.txt.gz", folder / "text.txt", options.megabytes
        )
        (folder / "lists.txt").touch()
        for way in options.ways:
            _compare(way, _WAYS[way](folder, options.epochs, options.seed), options.data, options.json)


def unpack(corpus: Path, text: Path, megabytes: float | None) -> None:
    """Write the first so many megabytes of a corpus, plain or gzip, in whole lines."""
    left = float("inf") if megabytes is None else megabytes * 1e6
    with gzip.open(corpus) if corpus.suffix == ".gz" else corpus.open("rb") as lines, text.open("wb") as out:
        for line in lines:
            left -= len(line)
            if left < 0:
                break
            out.write(line)


def _word2vec(folder: Path, epochs: int | None, seed: int) -> dict[str, Callable[[], Trained]]:
    section = Word2VecSection(epochs=epochs or 5)

    def ours() -> Trained:
        space = train_word2vec(folder / "text.txt", folder / "lists.txt", section, seed)
        return space.keys, space.vectors

    def library() -> Trained:
        model = Word2Vec(
            corpus_file=str(folder / "text.txt"),
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

    return {"ours": ours, "gensim": library}


def _fasttext(folder: Path, epochs: int | None, seed: int) -> dict[str, Callable[[], Trained]]:
    section = FastTextSection(epochs=epochs or 5)

    def ours() -> Trained:
        space = train_fasttext(folder / "text.txt", folder / "lists.txt", section, seed, folder)
        return space.keys, space.vectors(space.keys)

    def library() -> Trained:
        told = {**parameters_of(section, seed), "minCount": section.min_count}
        # Its seed cannot be given. As many threads as ours: with few it leaves most of its matrix unfilled.
        told = {name: value for name, value in told.items() if name not in ("seed", "label")}
        model = fasttext.train_unsupervised(str(folder / "text.txt"), verbose=0, **told)
        keys = [word for word in model.words if word != "</s>"]
        return keys, np.array([model.get_word_vector(word) for word in keys], np.float32)

    return {"ours": ours, "fasttext": library}


def _glove(folder: Path, epochs: int | None, seed: int) -> dict[str, Callable[[], Trained]]:
    section = GloveSection(epochs=epochs or 10)

    def ours() -> Trained:
        space = train_glove(folder / "text.txt", folder / "lists.txt", section, seed, folder)
        return space.keys, space.vectors

    return {"ours": ours}


_WAYS = {"word2vec": _word2vec, "fasttext": _fasttext, "glove": _glove}


def _compare(way: str, runs: dict[str, Callable[[], Trained]], data: Path, as_json: bool) -> None:
    answers: dict[str, dict[str, Measures]] = {}
    for name, run in runs.items():
        begun = time.perf_counter()
        keys, vectors = run()
        seconds = time.perf_counter() - begun
        answers[name] = asked_of(data, keys, vectors)
        row: dict[str, Any] = {"way": way, "by": name, "words": len(keys), "seconds": round(seconds, 1)}
        _show({**row, **{task: _interval(task, [each]) for task, each in answers[name].items()}}, as_json)
    if len(answers) == 2:
        one, other = answers.values()
        row = {"way": way, "by": "difference"}
        _show({**row, **{task: _interval(task, [one[task], other[task]]) for task in one}}, as_json)


def _interval(task: str, answers: list[Measures]) -> list[float]:
    """[value, low, high] of the statistic, or of the difference of two on the same items."""
    statistic = STATISTICS[task]

    def value(chosen: Any) -> float:
        first, *second = (statistic(each[chosen]) for each in answers)
        return first - (second[0] if second else 0.0)

    items = len(answers[0])
    if any(len(each) != items for each in answers):
        return [round(value(slice(None)), 4)]  # other vocabularies: nothing to pair
    generator = np.random.default_rng(0)
    drawn = [value(generator.integers(0, items, items)) for _ in range(_RESAMPLES)]
    return [round(float(number), 4) for number in (value(slice(None)), *np.percentile(drawn, [2.5, 97.5]))]


def _show(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(row), flush=True)
        return
    print(f"{row.pop('way')}, {row.pop('by')}")
    for name, value in row.items():
        shown = f"{value:,}" if not isinstance(value, list) else f"{value[0]:.3f}"
        between = f"  ({value[1]:.3f} to {value[2]:.3f})" if isinstance(value, list) and value[1:] else ""
        print(f"  {name:12} {shown:>10}{between}", flush=True)


if __name__ == "__main__":
    main()
