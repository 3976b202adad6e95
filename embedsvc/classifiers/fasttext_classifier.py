"""A fastText supervised model with its labels and a temperature.

A classifier is a folder:

    classifier.json   {"kind": "fasttext", "labels": [...], "temperature": float}
    model.bin         fastText's own format; label i is `__label__i`, so that a label may be any string
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import fasttext
import numpy as np
import numpy.typing as npt

from embedsvc.errors import ReleaseCorruptError

PREFIX = "__label__"


class FastTextClassifier:
    """Gives every label a probability.

    Args:
        model: An open fastText supervised model.
        labels: The label of each class number.
        temperature: Divides the logits (Guo et al. 2017, On Calibration of Modern Neural Networks);
            1 leaves the model's own probabilities.
    """

    def __init__(
        self, model: fasttext.FastText._FastText, labels: Sequence[str], temperature: float = 1.0
    ) -> None:
        self.labels = list(labels)
        self.temperature = temperature
        self._model = model

    def probabilities(self, texts: Sequence[Sequence[str]]) -> npt.NDArray[np.float64]:
        """(n, labels) float64; rows sum to 1. `texts` are tokenised by the release's tokenizer."""
        scores = np.full((len(texts), len(self.labels)), 1e-12)
        if not texts:
            return scores
        found, values = self._model.predict([" ".join(text) for text in texts], k=-1)
        for row, (names, shares) in enumerate(zip(found, values, strict=True)):
            columns = [int(name.removeprefix(PREFIX)) for name in names]
            scores[row, columns] = np.clip(shares, 1e-12, 1.0)
        return tempered(scores, self.temperature)

    def top(self, texts: Sequence[Sequence[str]], k: int) -> list[list[tuple[str, float]]]:
        """The `k` likeliest labels of each text with their probabilities, best first."""
        shares = self.probabilities(texts)
        order = np.argsort(-shares, axis=1, kind="stable")[:, :k]
        return [
            [(self.labels[column], float(row[column])) for column in columns]
            for row, columns in zip(shares, order, strict=True)
        ]

    def save(self, folder: Path) -> None:
        """Write the classifier into `folder`, which is made where missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._model.save_model(str(folder / "model.bin"))
        description = {"kind": "fasttext", "labels": self.labels, "temperature": self.temperature}
        (folder / "classifier.json").write_text(json.dumps(description, indent=2, ensure_ascii=False) + "\n")

    @classmethod
    def open(cls, folder: Path) -> FastTextClassifier:
        """Open a saved classifier.

        Raises:
            ReleaseCorruptError: A file is missing or cannot be read.
        """
        try:
            description = json.loads((folder / "classifier.json").read_bytes())
            labels, temperature = list(description["labels"]), float(description["temperature"])
            model = fasttext.FastText._FastText(model_path=str(folder / "model.bin"))
            numbers = sorted(name.removeprefix(PREFIX) for name in model.get_labels())
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, MemoryError) as error:
            raise ReleaseCorruptError(
                f"Classifier '{folder.name}' cannot be opened ({error}); build the release again."
            ) from error
        if numbers != sorted(map(str, range(len(labels)))) or not 0 < temperature < math.inf:
            raise ReleaseCorruptError(
                f"The model of classifier '{folder.name}' does not fit its classifier.json; "
                "build the release again."
            )
        return cls(model, labels, temperature)


def tempered(shares: npt.NDArray[np.float64], temperature: float) -> npt.NDArray[np.float64]:
    """Softmax of log(shares) / temperature, row by row: temperature scaling of a softmax's own output."""
    logits = np.log(shares) / temperature
    logits -= logits.max(axis=1, keepdims=True)
    raised = np.exp(logits)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
