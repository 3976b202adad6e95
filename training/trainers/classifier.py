"""The classifier of the label field: fastText supervised, its probabilities calibrated on held-back texts."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import fasttext
import numpy as np
import numpy.typing as npt

from embedsvc.classifiers import FastTextClassifier
from embedsvc.classifiers.fasttext_classifier import PREFIX, tempered
from training.recipe import ClassifierSection

_TEMPERATURES = np.geomspace(0.25, 8.0, 61)
Labelled = tuple[str, Sequence[str]]


def train_classifier(
    train: Callable[[], Iterable[Labelled]],
    dev: Sequence[Labelled],
    section: ClassifierSection,
    seed: int,
) -> FastTextClassifier | None:
    """Train on (label, tokens); None where fewer than two labels have `min_label_count` documents.

    Args:
        train: Gives the training documents; called twice.
        dev: Held back from training; the temperature is chosen on them. May be empty.
        section: Parameters.
        seed: Of fastText; one thread is used, so the same seed gives the same model.
    """
    counts = Counter(label for label, _ in train())
    labels = sorted(label for label, count in counts.items() if count >= section.min_label_count)
    if len(labels) < 2:
        return None
    numbers = {label: number for number, label in enumerate(labels)}
    with tempfile.TemporaryDirectory(prefix="embedsvc-") as folder:
        path = Path(folder) / "train.txt"
        with path.open("w", encoding="utf-8") as out:
            out.writelines(
                f"{PREFIX}{numbers[label]} {' '.join(tokens)}\n"
                for label, tokens in train()
                if label in numbers
            )
        model = fasttext.train_supervised(
            str(path),
            dim=section.dimension,
            epoch=section.epochs,
            lr=section.learning_rate,
            wordNgrams=section.word_ngrams,
            bucket=section.buckets,
            minCount=2,
            thread=1,
            seed=seed,
            verbose=0,
        )
    known = [(numbers[label], tokens) for label, tokens in dev if label in numbers]
    bare = FastTextClassifier(model, labels)
    return FastTextClassifier(model, labels, _temperature(bare, known))


def _temperature(bare: FastTextClassifier, dev: Sequence[tuple[int, Sequence[str]]]) -> float:
    if not dev:
        return 1.0
    shares = bare.probabilities([tokens for _, tokens in dev])
    truth = np.array([number for number, _ in dev])
    losses = [_loss(tempered(shares, float(temperature)), truth) for temperature in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _loss(shares: npt.NDArray[np.float64], truth: npt.NDArray[np.int64]) -> float:
    """Mean negative log likelihood."""
    return float(-np.log(np.clip(shares[np.arange(len(truth)), truth], 1e-12, 1.0)).mean())
