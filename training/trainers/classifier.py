"""A classifier of fastText, supervised, over our own word vectors, then calibrated.

fastText 0.9.3 fills only a tenth of its input matrix when it trains with one thread and leaves the rest as
it finds the memory, which ends in NaN or in a model that learnt nothing. A file with a first vector for
every word (and for the end of a line) fills all rows: the word space's own where it has one, which also
helps where labelled texts are few.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embedsvc.classifiers import WORK, FastTextClassifier
from embedsvc.classifiers.fasttext_classifier import tempered
from embedsvc.spaces import Space
from training.recipe import ClassifierSection
from training.trainers.calibration import best_thresholds
from training.trainers.fasttext_model import Fitting, write_texts, write_vectors

_TEMPERATURES = np.geomspace(0.25, 8.0, 61)
Labelled = tuple[Sequence[str], Sequence[str]]
Truth = npt.NDArray[np.bool_]


def train_classifier(
    train: Callable[[], Iterable[Labelled]],
    dev: Sequence[Labelled],
    words: Space,
    section: ClassifierSection,
    seed: int,
    scratch: Path | None = None,
    *,
    multi_label: bool = False,
) -> FastTextClassifier | None:
    """Train on (labels, tokens); None where fewer than two labels have `min_label_count` documents.

    Args:
        train: Gives the training documents, streamed; called twice, with autotuning three times.
        dev: Held back from training; the temperature and thresholds are chosen on them. May be empty.
        words: Gives the words their first vectors.
        section: Parameters.
        seed: One thread is used, so the same seed gives the same model, unless it is autotuned.
        scratch: Takes fastText's input for the time of training, about three times the texts; the
            system's folder for such files by default.
        multi_label: Whether a document may have several labels; of others the first counts.

    Raises:
        RecipeError: Training diverged, nothing is there to tune by, or too few words to quantise.
    """
    counts = Counter(label for labels, _ in train() for label in _counted(labels, multi_label=multi_label))
    labels = sorted(label for label, count in counts.items() if count >= section.min_label_count)
    if len(labels) < 2:
        return None
    known = _Known(labels, multi_label)
    with tempfile.TemporaryDirectory(prefix="fasttext-", dir=scratch) as folder:
        learned = _written(lambda: known.of(train()), Path(folder) / "train", words, section, seed)
        fitting = Fitting(section, words.dimension, seed, multi_label=multi_label)
        held = list(known.of(dev))
        if not section.autotune_seconds:
            model = fitting.fit(learned)
            return _calibrated(model, labels, held, section, multi_label=multi_label)
        tuned = fitting.tuned(learned, held)
        judged = _calibrated(tuned, labels, held, section, multi_label=multi_label)
        every = _written(
            lambda: (text for texts in (known.of(train()), held) for text in texts),
            Path(folder) / "every",
            words,
            section,
            seed,
        )
        model = fitting.fit(every, like=tuned)
        limits = judged.thresholds.tolist()
        return FastTextClassifier(model, labels, judged.temperature, limits, multi_label=multi_label)


def _counted(labels: Sequence[str], *, multi_label: bool) -> Sequence[str]:
    return [*dict.fromkeys(labels)] if multi_label else labels[:1]


@dataclass(frozen=True)
class _Known:
    """Documents by the numbers of their labels; those without a known one are left out."""

    labels: Sequence[str]
    multi_label: bool
    numbers: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", {label: number for number, label in enumerate(self.labels)})

    def of(self, documents: Iterable[Labelled]) -> Iterator[tuple[list[int], list[str]]]:
        for labels, tokens in documents:
            counted = _counted(labels, multi_label=self.multi_label)
            found = [self.numbers[label] for label in counted if label in self.numbers]
            if found:
                yield found, [token for token in tokens if token != WORK]


def _written(
    documents: Callable[[], Iterable[tuple[list[int], list[str]]]],
    folder: Path,
    words: Space,
    section: ClassifierSection,
    seed: int,
) -> Path:
    """The folder with `texts.txt` and `vectors.txt` of documents."""
    folder.mkdir()
    vocabulary = write_texts(documents(), section.excerpts, folder, seed)
    write_vectors(vocabulary, words, folder / "vectors.txt", seed)
    return folder


def _calibrated(
    model: Any,
    labels: Sequence[str],
    dev: Sequence[tuple[list[int], list[str]]],
    section: ClassifierSection,
    *,
    multi_label: bool,
) -> FastTextClassifier:
    """The temperature of least loss on `dev` (Guo et al. 2017) and, of several labels, thresholds."""
    threshold = [0.5 if multi_label else section.threshold] * len(labels)
    bare = FastTextClassifier(model, labels, threshold=threshold, multi_label=multi_label)
    if not dev:
        return bare
    shares = bare.probabilities([tokens for _, tokens in dev])
    truth = np.zeros(shares.shape, bool)
    for row, (numbers, _) in enumerate(dev):
        truth[row, numbers] = True
    tried = [tempered(shares, float(each), alone=multi_label) for each in _TEMPERATURES]
    best = int(np.argmin([_loss(each, truth, multi_label=multi_label) for each in tried]))
    if multi_label:
        threshold = best_thresholds(tried[best], truth).tolist()
    return FastTextClassifier(model, labels, float(_TEMPERATURES[best]), threshold, multi_label=multi_label)


def _loss(shares: npt.NDArray[np.float64], truth: Truth, *, multi_label: bool) -> float:
    """Mean negative log likelihood."""
    kept = np.clip(shares, 1e-12, 1 - 1e-12 if multi_label else 1.0)
    wrong = np.log(1 - kept)[~truth].sum() if multi_label else 0.0
    return float(-(np.log(kept[truth]).sum() + wrong) / len(shares))
