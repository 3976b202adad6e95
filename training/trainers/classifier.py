"""The classifier of the label field: fastText supervised over our own word vectors, then calibrated.

fastText 0.9.3 fills only a tenth of its input matrix when it trains with one thread and leaves the rest as
it finds the memory, which ends in NaN or in a model that learnt nothing. A file with a first vector for
every word (and for the end of a line) fills all rows: the word space's own where it has one, which also
helps where labelled texts are few.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import numpy.typing as npt

from embedsvc.classifiers import WORK, FastTextClassifier
from embedsvc.classifiers.fasttext_classifier import PREFIX, tempered
from embedsvc.errors import RecipeError
from embedsvc.spaces import Space
from training.recipe import ClassifierSection

_TEMPERATURES = np.geomspace(0.25, 8.0, 61)
_END_OF_LINE = "</s>"
_SHARDS = 64
_EXCERPT = (8, 40)  # tokens
Labelled = tuple[str, Sequence[str]]


def train_classifier(
    train: Callable[[], Iterable[Labelled]],
    dev: Sequence[Labelled],
    words: Space,
    section: ClassifierSection,
    seed: int,
    scratch: Path | None = None,
) -> FastTextClassifier | None:
    """Train on (label, tokens); None where fewer than two labels have `min_label_count` documents.

    Args:
        train: Gives the training documents, streamed; called twice.
        dev: Held back from training; the temperature is chosen on them. May be empty.
        words: Gives the words their first vectors.
        section: Parameters.
        seed: One thread is used, so the same seed gives the same model.
        scratch: Takes fastText's input for the time of training, about three times the texts; the
            system's folder for such files by default.

    Raises:
        RecipeError: The learning rate is so high that training diverged.
    """
    counts = Counter(label for label, _ in train())
    labels = sorted(label for label, count in counts.items() if count >= section.min_label_count)
    if len(labels) < 2:
        return None
    numbers = {label: number for number, label in enumerate(labels)}
    with tempfile.TemporaryDirectory(prefix="fasttext-", dir=scratch) as folder:
        texts, vectors = Path(folder) / "texts.txt", Path(folder) / "vectors.txt"
        known = (
            (numbers[label], [token for token in tokens if token != WORK])
            for label, tokens in train()
            if label in numbers
        )
        vocabulary = _write_shuffled(known, section.excerpts, texts, Path(folder), seed)
        _write_vectors(vocabulary, words, vectors, seed)
        model = _fit(texts, vectors, words.dimension, section, seed)
    held = [(numbers[label], tokens) for label, tokens in dev if label in numbers]
    temperature = _temperature(FastTextClassifier(model, labels), held)
    return FastTextClassifier(model, labels, temperature, section.threshold)


def _write_shuffled(
    documents: Iterable[tuple[int, Sequence[str]]], excerpts: int, path: Path, scratch: Path, seed: int
) -> Counter[str]:
    """Write fastText's input in random order, a sixty-fourth in memory at a time; count its words.

    fastText takes texts as they come, and a source sorted by label would leave it the last label only.
    """
    generator = random.Random(seed)  # noqa: S311 - order, not secrecy
    counts: Counter[str] = Counter()
    shards = [scratch / f"shard-{number}" for number in range(_SHARDS)]
    with ExitStack() as stack:
        files = [stack.enter_context(shard.open("w", encoding="utf-8")) for shard in shards]
        for number, words in documents:
            # A user's alias file may name a skill like one of fastText's labels; it must not become one.
            tokens = [word for word in words if not word.startswith(PREFIX)]
            for text in (tokens, *(_excerpt(tokens, generator) for _ in range(excerpts))):
                # Every word that fastText will count twice must have a vector in the file of vectors.
                counts.update(text)
                generator.choice(files).write(f"{PREFIX}{number} {' '.join(text)}\n")
    with path.open("w", encoding="utf-8") as out:
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


def _write_vectors(vocabulary: Counter[str], words: Space, path: Path, seed: int) -> None:
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


def _fit(texts: Path, vectors: Path, dimension: int, section: ClassifierSection, seed: int) -> Any:
    try:
        return fasttext.train_supervised(
            str(texts),
            pretrainedVectors=str(vectors),
            dim=dimension,
            epoch=section.epochs,
            lr=section.learning_rate,
            minCount=2,
            bucket=0,
            thread=1,
            seed=seed,
            verbose=0,
        )
    except RuntimeError as error:
        if "NaN" not in str(error):
            raise
        raise RecipeError(
            f"The classifier diverged at classifier.learning_rate = {section.learning_rate:g}; lower it."
        ) from error


def _temperature(bare: FastTextClassifier, dev: Sequence[tuple[int, Sequence[str]]]) -> float:
    """The temperature of least loss on `dev` (Guo et al. 2017)."""
    if not dev:
        return 1.0
    shares = bare.probabilities([tokens for _, tokens in dev])
    truth = np.array([number for number, _ in dev])
    losses = [_loss(tempered(shares, float(temperature)), truth) for temperature in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _loss(shares: npt.NDArray[np.float64], truth: npt.NDArray[np.int64]) -> float:
    """Mean negative log likelihood."""
    return float(-np.log(np.clip(shares[np.arange(len(truth)), truth], 1e-12, 1.0)).mean())
