"""A fastText supervised model with its labels and a temperature.

A classifier is a folder:

    classifier.json   {"kind": "fasttext", "labels": [...], "temperature": float, "threshold": float}
    model.bin         fastText's own format; label i is `__label__i`, so that a label may be any string;
                      `model.ftz` where it is quantised
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import fasttext
import numpy as np
import numpy.typing as npt

from embedsvc.classifiers.base import (
    DESCRIPTION,
    WORK,
    Probabilities,
    described,
    is_share,
    likeliest,
    unreadable,
)
from embedsvc.errors import ReleaseCorruptError

PREFIX = "__label__"


class FastTextClassifier:
    """Gives every label a probability.

    Args:
        model: An open fastText supervised model.
        labels: The label of each class number.
        temperature: Divides the logits (Guo et al. 2017, On Calibration of Modern Neural Networks);
            1 leaves the model's own probabilities.
        threshold: The probability from which a label is given where nobody asks for another.
    """

    kind: ClassVar[str] = "fasttext"
    multi_label: ClassVar[bool] = False

    def __init__(
        self,
        model: fasttext.FastText._FastText,
        labels: Sequence[str],
        temperature: float = 1.0,
        threshold: float = 0.0,
    ) -> None:
        self.labels = list(labels)
        self.thresholds = np.full(len(self.labels), threshold)
        self.temperature = temperature
        self._model = model

    def probabilities(self, texts: Sequence[Sequence[str]]) -> Probabilities:
        """(n, labels) float64; rows sum to 1. `texts` are tokenised by the release's tokenizer."""
        scores = np.full((len(texts), len(self.labels)), 1e-12)
        if not texts:
            return scores
        found, values = self._model.predict([_line(text) for text in texts], k=-1)
        for row, (names, shares) in enumerate(zip(found, values, strict=True)):
            columns = [int(name.removeprefix(PREFIX)) for name in names]
            scores[row, columns] = np.clip(shares, 1e-12, 1.0)
        return tempered(scores, self.temperature)

    def top(self, texts: Sequence[Sequence[str]], k: int) -> list[list[tuple[str, float]]]:
        """The `k` likeliest labels of each text with their probabilities, best first."""
        return likeliest(self.probabilities(texts), self.labels, k)

    def save(self, folder: Path) -> None:
        """Write the classifier into `folder`, which is made where missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._model.save_model(str(folder / ("model.ftz" if self._model.is_quantized() else "model.bin")))
        description = {
            "kind": self.kind,
            "labels": self.labels,
            "temperature": self.temperature,
            "threshold": float(self.thresholds[0]) if self.labels else 0.0,
        }
        (folder / DESCRIPTION).write_text(
            json.dumps(description, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )

    @classmethod
    def open(cls, folder: Path) -> FastTextClassifier:
        """Open a saved classifier.

        Raises:
            ReleaseCorruptError: A file is missing or cannot be read.
        """
        told = described(folder)
        try:
            labels, temperature = list(told["labels"]), float(told["temperature"])
            threshold = told.get("threshold", 0.0)  # releases up to 0.3 have none
            model = fasttext.FastText._FastText(model_path=str(_model_of(folder)))
            numbers = sorted(name.removeprefix(PREFIX) for name in model.get_labels())
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, MemoryError) as error:
            raise unreadable(folder, error) from error
        known = numbers == sorted(map(str, range(len(labels))))
        if not (known and 0 < temperature < math.inf and is_share(threshold)):
            raise ReleaseCorruptError(
                f"The model of classifier '{folder.name}' does not fit its classifier.json; "
                "build the release again."
            )
        return cls(model, labels, temperature, threshold)


def _line(tokens: Sequence[str]) -> str:
    return " ".join(token for token in tokens if token != WORK)


def _model_of(folder: Path) -> Path:
    quantised = folder / "model.ftz"
    return quantised if quantised.is_file() else folder / "model.bin"


def tempered(shares: npt.NDArray[np.float64], temperature: float) -> npt.NDArray[np.float64]:
    """Softmax of log(shares) / temperature, row by row: temperature scaling of a softmax's own output."""
    logits = np.log(shares) / temperature
    logits -= logits.max(axis=1, keepdims=True)
    raised = np.exp(logits)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
