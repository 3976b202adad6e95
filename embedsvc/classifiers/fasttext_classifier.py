"""A fastText supervised model with its labels and a temperature.

A classifier is a folder:

    classifier.json   {"kind": "fasttext", "labels": [...], "temperature": float, "threshold": float};
                      of several labels "multi_label": true, and "thresholds", one a label
    model.bin         fastText's own format; label i is `__label__i`, so that a label may be any string;
                      `model.ftz` where it is quantised
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import fasttext
import numpy as np
import numpy.typing as npt

from embedsvc.classifiers.base import (
    DESCRIPTION,
    WORK,
    Probabilities,
    described,
    facts_of,
    is_share,
    likeliest,
    unreadable,
)
from embedsvc.classifiers.fasttext_check import check_model
from embedsvc.errors import ReleaseCorruptError

PREFIX = "__label__"


class FastTextClassifier:
    """Gives every label a probability.

    Args:
        model: An open fastText supervised model.
        labels: The label of each class number.
        temperature: Divides the logits (Guo et al. 2017, On Calibration of Modern Neural Networks);
            1 leaves the model's own probabilities.
        threshold: The probability from which a label is given where nobody asks for another; one a label,
            or one for all.
        multi_label: Whether each label's probability stands alone (one-vs-all).
    """

    kind: ClassVar[str] = "fasttext"

    def __init__(
        self,
        model: fasttext.FastText._FastText,
        labels: Sequence[str],
        temperature: float = 1.0,
        threshold: float | Sequence[float] = 0.0,
        *,
        multi_label: bool = False,
    ) -> None:
        self.labels = list(labels)
        self.multi_label = multi_label
        self.thresholds = np.broadcast_to(np.asarray(threshold, np.float64), (len(self.labels),)).copy()
        self.temperature = temperature
        self.facts: dict[str, Any] = {}
        self._model = model

    def probabilities(self, texts: Sequence[Sequence[str]]) -> Probabilities:
        """(n, labels) float64; rows sum to 1 unless `multi_label`.

        Args:
            texts: Tokenised by the release's tokenizer.
        """
        scores = np.full((len(texts), len(self.labels)), 1e-12)
        if not texts:
            return scores
        found, values = self._model.predict([_line(text) for text in texts], k=-1)
        for row, (names, shares) in enumerate(zip(found, values, strict=True)):
            columns = [int(name.removeprefix(PREFIX)) for name in names]
            scores[row, columns] = np.clip(shares, 1e-12, 1.0)
        return tempered(scores, self.temperature, alone=self.multi_label)

    def top(self, texts: Sequence[Sequence[str]], k: int) -> list[list[tuple[str, float]]]:
        """The `k` likeliest labels of each text with their probabilities, best first."""
        return likeliest(self.probabilities(texts), self.labels, k)

    def save(self, folder: Path) -> None:
        """Write the classifier into `folder`, which is made where missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._model.save_model(str(folder / ("model.ftz" if self._model.is_quantized() else "model.bin")))
        description: dict[str, object] = {
            "kind": self.kind,
            "labels": self.labels,
            "temperature": self.temperature,
            "facts": self.facts,
        }
        if self.multi_label:
            description |= {"multi_label": True, "thresholds": self.thresholds.tolist()}
        else:
            description["threshold"] = float(self.thresholds[0]) if self.labels else 0.0
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
            several = told.get("multi_label", False) is True
            # Releases up to 0.3 have no threshold.
            limits = list(told["thresholds"]) if several else [told.get("threshold", 0.0)] * len(labels)
            alone = check_model(_model_of(folder))
            model = fasttext.FastText._FastText(model_path=str(_model_of(folder)))
            numbers = sorted(name.removeprefix(PREFIX) for name in model.get_labels())
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, MemoryError) as error:
            raise unreadable(folder, error) from error
        known = numbers == sorted(map(str, range(len(labels)))) and len(limits) == len(labels)
        sound = 0 < temperature < math.inf and all(map(is_share, limits))
        if not (known and sound and several == alone):
            raise ReleaseCorruptError(
                f"The model of classifier '{folder.name}' does not fit its classifier.json; "
                "build the release again."
            )
        opened = cls(model, labels, temperature, limits, multi_label=several)
        opened.facts = facts_of(told)
        return opened


def _line(tokens: Sequence[str]) -> str:
    return " ".join(token for token in tokens if token != WORK)


def _model_of(folder: Path) -> Path:
    quantised = folder / "model.ftz"
    return quantised if quantised.is_file() else folder / "model.bin"


def tempered(
    shares: npt.NDArray[np.float64], temperature: float, *, alone: bool = False
) -> npt.NDArray[np.float64]:
    """Softmax of log(shares) / temperature, row by row: temperature scaling of a softmax's own output.

    Where each share stands alone, the sigmoid of its log odds / temperature.
    """
    if alone:
        odds = (np.log(shares) - np.log(np.maximum(1.0 - shares, 1e-12))) / temperature
        return np.asarray(1 / (1 + np.exp(-odds)))
    logits = np.log(shares) / temperature
    logits -= logits.max(axis=1, keepdims=True)
    raised = np.exp(logits)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
