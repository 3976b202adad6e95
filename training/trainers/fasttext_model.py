"""fastText's own training of a classifier: its files, its parameters, autotuning, quantisation."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fasttext
import numpy as np

from embedsvc.classifiers.fasttext_classifier import PREFIX
from embedsvc.errors import RecipeError
from embedsvc.spaces import Space
from training.recipe import ClassifierSection

_END_OF_LINE = "</s>"
_SHARDS = 64
_EXCERPT = (8, 40)  # tokens
_THREADS = 11  # each fills a tenth of the matrix, the last what remains
_TUNED = ("lr", "epoch", "wordNgrams", "bucket", "minn", "maxn")
_FEWEST_ROWS = 256  # centroids of a product quantiser


def write_texts(
    documents: Iterable[tuple[Sequence[int], Sequence[str]]], excerpts: int, folder: Path, seed: int
) -> Counter[str]:
    """Write `texts.txt` in random order, a sixty-fourth in memory at a time; count its words.

    fastText takes texts as they come, and a source sorted by label would leave it the last label only.

    Args:
        documents: Numbers of labels, and tokens.
        excerpts: Pieces of each document to write too.
        folder: Where.
        seed: Of the order.
    """
    generator = random.Random(seed)  # noqa: S311 - order, not secrecy
    counts: Counter[str] = Counter()
    shards = [folder / f"shard-{number}" for number in range(_SHARDS)]
    with ExitStack() as stack:
        files = [stack.enter_context(shard.open("w", encoding="utf-8")) for shard in shards]
        for numbers, words in documents:
            # A user's alias file may name a skill like one of fastText's labels; it must not become one.
            tokens = [word for word in words if not word.startswith(PREFIX)]
            marks = " ".join(f"{PREFIX}{number}" for number in numbers)
            for text in (tokens, *(_excerpt(tokens, generator) for _ in range(excerpts))):
                # Every word that fastText will count twice must have a vector in the file of vectors.
                counts.update(text)
                generator.choice(files).write(f"{marks} {' '.join(text)}\n")
    with (folder / "texts.txt").open("w", encoding="utf-8") as out:
        for shard in shards:
            with shard.open(encoding="utf-8", newline="\n") as file:
                lines = file.readlines()
            generator.shuffle(lines)
            out.writelines(lines)
    return counts


def _excerpt(tokens: Sequence[str], generator: random.Random) -> Sequence[str]:
    """A piece of a document, as short as what people ask about."""
    length = min(len(tokens), generator.randint(*_EXCERPT))
    start = generator.randint(0, len(tokens) - length)
    return tokens[start : start + length]


def write_vectors(vocabulary: Counter[str], words: Space, path: Path, seed: int) -> None:
    """Write a first vector for every word that fastText will keep."""
    chosen = [word for word in sorted(vocabulary) if vocabulary[word] > 1 or words.row(word) is not None]
    with path.open("w", encoding="utf-8") as out:
        out.write(f"{len(chosen) + 1} {words.dimension}\n")
        out.writelines(_vector_lines([_END_OF_LINE, *chosen], words, seed))


def _vector_lines(chosen: Sequence[str], words: Space, seed: int) -> Iterator[str]:
    generator = np.random.default_rng(seed)
    bound = 1.0 / words.dimension
    for word in chosen:
        row = words.row(word)
        vector = generator.uniform(-bound, bound, words.dimension) if row is None else words.vectors[row]
        yield f"{word} {' '.join(f'{value:.6g}' for value in vector.tolist())}\n"


@dataclass(frozen=True)
class Fitting:
    """Trains models on folders with `texts.txt` and `vectors.txt`.

    Attributes:
        section: Parameters.
        dimension: Of the vectors.
        seed: The same gives the same model where one thread is used.
        multi_label: One-vs-all in place of a softmax.
    """

    section: ClassifierSection
    dimension: int
    seed: int
    multi_label: bool

    def fit(self, folder: Path, like: Any = None) -> Any:
        """A model by the recipe's parameters, or by those of another model.

        Raises:
            RecipeError: It diverged, or cannot be quantised.
        """
        given: dict[str, Any] = {
            "epoch": self.section.epochs, "lr": self.section.learning_rate, "bucket": 0, "thread": 1,
        }  # fmt: skip
        if like is not None:
            found = like.f.getArgs()
            given = {name: getattr(found, name) for name in _TUNED} | {"thread": _THREADS}
        return self._trained(folder, given)

    def tuned(self, folder: Path, held: Sequence[tuple[Sequence[int], Sequence[str]]]) -> Any:
        """The model of the best parameters found in `autotune_seconds`, judged by documents held back.

        Raises:
            RecipeError: There are none to judge by, it diverged, or cannot be quantised.
        """
        if not held:
            raise RecipeError(
                "There is no labelled candidate in the dev part to tune the classifier by; raise "
                "corpus.dev_share, or set classifier.autotune_seconds = 0."
            )
        validation = folder / "validation.txt"
        write = (
            f"{' '.join(f'{PREFIX}{n}' for n in numbers)} {' '.join(words)}\n" for numbers, words in held
        )
        with validation.open("w", encoding="utf-8") as out:
            out.writelines(write)
        given = {
            "autotuneValidationFile": str(validation),
            "autotuneDuration": self.section.autotune_seconds,
            "thread": _THREADS,
        }
        return self._trained(folder, given)

    def _trained(self, folder: Path, given: dict[str, Any]) -> Any:
        texts = str(folder / "texts.txt")
        try:
            model = fasttext.train_supervised(
                texts,
                pretrainedVectors=str(folder / "vectors.txt"),
                dim=self.dimension,
                minCount=2,
                loss="ova" if self.multi_label else "softmax",
                seed=self.seed,
                verbose=0,
                **given,
            )
        except RuntimeError as error:
            if "NaN" not in str(error):
                raise
            raise RecipeError(
                f"The classifier diverged at classifier.learning_rate = {self.section.learning_rate:g}; "
                "lower it."
            ) from error
        if self.section.quantize:
            if len(model.words) < _FEWEST_ROWS:
                raise RecipeError(
                    f"The classifier knows {len(model.words)} words, too few to quantise "
                    f"({_FEWEST_ROWS} at least); set classifier.quantize = false."
                )
            model.quantize(input=texts, qnorm=True, thread=1)
        return model
