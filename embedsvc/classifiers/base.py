"""What every classifier is: tokenised texts in, a probability of each label out.

Texts are token lists of the release's own `Tokenizer`. In a candidate's text the token WORK may stand in
front of the work history: a heading for those that read it, no word to the others.

The folder of a classifier holds `classifier.json`, whose `kind` says what the other files are.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from embedsvc.errors import ReleaseCorruptError

DESCRIPTION: Final = "classifier.json"
WORK: Final = "\x1dwork"
"""Marks where the work history begins; no token of a text can look like it."""

Probabilities = npt.NDArray[np.float64]


class Classifier(Protocol):
    """Gives every label a probability; safe to share between threads."""

    @property
    def kind(self) -> str:
        """What it is, as in the recipe: `fasttext` say."""
        ...

    @property
    def labels(self) -> Sequence[str]:
        """The label of each column."""
        ...

    @property
    def multi_label(self) -> bool:
        """Whether a text may have several labels or none: each probability then stands alone."""
        ...

    @property
    def thresholds(self) -> Probabilities:
        """(labels,) the probability from which a label is given where nobody asks for another."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is known of its training, empty in older releases.

        `loss`: its curve, (share of training or passes, loss) each; `left_out`: the labels too rare to be
        learned; of an autotuned one `tuned`: what was found.
        """
        ...

    def probabilities(self, texts: Sequence[Sequence[str]]) -> Probabilities:
        """(n, labels) float64; rows sum to 1 unless `multi_label`."""
        ...

    def top(self, texts: Sequence[Sequence[str]], k: int) -> list[list[tuple[str, float]]]:
        """The `k` likeliest labels of each text with their probabilities, best first."""
        ...

    def save(self, folder: Path) -> None:
        """Write the classifier into `folder`, which is made where missing."""
        ...


def likeliest(shares: Probabilities, labels: Sequence[str], k: int) -> list[list[tuple[str, float]]]:
    """The `k` greatest of each row of `shares` (n, labels) with their labels, best first."""
    order = np.argsort(-shares, axis=1, kind="stable")[:, :k]
    return [
        [(labels[column], float(row[column])) for column in columns]
        for row, columns in zip(shares, order, strict=True)
    ]


def described(folder: Path) -> dict[str, Any]:
    """What a classifier's folder says of itself.

    Raises:
        ReleaseCorruptError: It says nothing that can be read.
    """
    try:
        found = json.loads((folder / DESCRIPTION).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise unreadable(folder, error) from error
    if not isinstance(found, dict):
        raise unreadable(folder, f"{DESCRIPTION} holds no object")
    return found


def facts_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """The facts in what a classifier's folder says of itself, none where they are no object."""
    facts = told.get("facts")
    return facts if isinstance(facts, dict) else {}


def unreadable(folder: Path, why: object) -> ReleaseCorruptError:
    """The error of a classifier that cannot be opened."""
    return ReleaseCorruptError(
        f"Classifier '{folder.name}' cannot be opened ({why}); build the release again."
    )


def is_share(value: object) -> bool:
    """Whether `value` is a number in [0, 1]."""
    return isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= 1
