"""A classifier of fastText, supervised, over our own word vectors, then calibrated.

fastText 0.9.3 fills only a tenth of its input matrix when it trains with one thread and leaves the rest as
it finds the memory, which ends in NaN or in a model that learnt nothing. A file with a first vector for
every word (and for the end of a line) fills all rows: the word space's own where it has one, which also
helps where labelled texts are few. An autotuned one is trained by enough threads to fill all rows, with
those vectors and without.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embedsvc.classifiers import WORK, FastTextClassifier
from embedsvc.classifiers.fasttext_classifier import tempered
from embedsvc.errors import RecipeError
from embedsvc.spaces import Space
from training.recipe import ClassifierSection
from training.trainers.calibration import best_thresholds
from training.trainers.fasttext.process import Progress
from training.trainers.fasttext_model import Fitting
from training.trainers.fasttext_texts import write_lines, write_texts
from training.trainers.rare_labels import learned_labels

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
    progress: Progress | None = None,
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
        progress: Told (done, total, note with the loss).

    Returns:
        The classifier; its facts hold the curve of the `loss`, the labels `left_out` with their documents,
        and where it was autotuned what was found, `tuned`.

    Raises:
        RecipeError: Training diverged, nothing is there to tune by, or too few words to quantise.
    """
    counts = Counter(label for labels, _ in train() for label in _counted(labels, multi_label=multi_label))
    labels, left_out = learned_labels(counts, section.min_label_count)
    if len(labels) < 2:
        return None
    known = _Known(labels, multi_label)
    held = list(known.of(dev))
    with tempfile.TemporaryDirectory(prefix="fasttext-", dir=scratch) as folder:
        written = write_texts(known.of(train()), section.excerpts, Path(folder) / "train", seed)
        fitting = Fitting(section, words, seed, multi_label, progress)
        if not section.autotune_seconds:
            model, curve = fitting.fit(written)
            made = _calibrated(model, labels, held, section, multi_label=multi_label)
            facts = {}
        else:
            every = 1 + len(held) / max(1, sum(counts[label] for label in labels))
            validation, begun = _validation(held, Path(folder)), time.monotonic()
            tuned, trial, trials = fitting.tuned(written, validation, every)
            judged = _calibrated(tuned.model, labels, held, section, multi_label=multi_label)
            texts = chain(known.of(train()), held)
            again = write_texts(texts, section.excerpts, Path(folder) / "every", seed)
            model, curve = fitting.fit_like(again, trial.settings, time.monotonic() - begun)
            limits = judged.thresholds.tolist()
            made = FastTextClassifier(model, labels, judged.temperature, limits, multi_label=multi_label)
            facts = {"tuned": trial.told(trials)}
    made.facts = {**facts, "loss": curve, "left_out": left_out}
    return made


def _validation(held: Sequence[tuple[list[int], list[str]]], folder: Path) -> Path:
    if not held:
        raise RecipeError(
            "There is no labelled candidate in the dev part to tune the classifier by; raise "
            "corpus.dev_share, or set classifier.autotune_seconds = 0."
        )
    return write_lines(folder / "validation.txt", held)


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
