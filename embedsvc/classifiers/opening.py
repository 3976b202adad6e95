"""Opening a classifier by what its folder says it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from embedsvc.classifiers.base import DESCRIPTION, Classifier, described
from embedsvc.classifiers.fasttext_classifier import FastTextClassifier
from embedsvc.classifiers.linear_classifier import LinearClassifier
from embedsvc.errors import ReleaseCorruptError

_KINDS: Final[Mapping[str, Callable[[Path], Classifier]]] = {
    FastTextClassifier.kind: FastTextClassifier.open,
    LinearClassifier.kind: LinearClassifier.open,
}


def open_classifier(folder: Path) -> Classifier:
    """Open the classifier in `folder`, of whatever kind.

    Raises:
        ReleaseCorruptError: A file is missing, cut short or unknown.
    """
    kind = described(folder).get("kind")
    opener = _KINDS.get(kind) if isinstance(kind, str) else None
    if opener is None:
        raise ReleaseCorruptError(
            f"{DESCRIPTION} of classifier '{folder.name}' names no kind known here "
            f"({', '.join(sorted(_KINDS))}); build the release again, or update embedsvc."
        )
    return opener(folder)
