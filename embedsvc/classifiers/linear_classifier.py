"""A linear model over TF-IDF of hashed features, served from memory-mapped arrays with numpy alone.

A classifier is a folder:

    classifier.json   kind "linear", labels, multi_label, how margins become probabilities, thresholds, zones,
                      doubt of short texts
    features.npy      (f,) uint64, ascending: the hashes of the features known
    idf.npy           (f,) float32
    weights.npy       (f, labels) float32
    scaling.npy       (3, labels) float64: bias, scale and shift of each label's margin
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, ClassVar, Final

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
from embedsvc.classifiers.doubt import Doubt
from embedsvc.classifiers.features import ZONES, Hashes, features
from embedsvc.errors import ReleaseCorruptError

VERSION: Final = 1
COMBINATIONS: Final = ("softmax", "normalised", "independent")
_ARRAYS: Final = ("features", "idf", "weights", "scaling")
_LARGEST = 30.0  # exp of more says no more


@dataclass(frozen=True)
class LinearModel:
    """The arrays of a linear classifier.

    Attributes:
        features: (f,) uint64, ascending.
        idf: (f,) float32.
        weights: (f, labels) float32.
        scaling: (3, labels) float64: bias, scale, shift; a logit is (margin + bias) * scale + shift.
    """

    features: Hashes
    idf: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    scaling: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text becomes a vector: each zone's TF-IDF has length 1, times its weight.

    Attributes:
        zones: The weight of each zone of ZONES read, 0 for one left out.
        pairs: The zones whose pairs of tokens are features too.
    """

    zones: Mapping[str, float]
    pairs: tuple[str, ...]

    def row(
        self, tokens: Sequence[str], known: Hashes, idf: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """The columns and values of a text's vector.

        A value is weight (1 + ln n) idf / the zone's length, n how often the feature is there.
        """
        columns, values = [], []
        for zone, (hashes, counts) in zip(ZONES, features(tokens, self.pairs), strict=True):
            weight = self.zones.get(zone, 0.0)
            if weight == 0 or len(known) == 0 or len(hashes) == 0:
                continue
            places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
            there = known[places] == hashes
            places = places[there]
            value = (1 + np.log(counts[there])) * idf[places]
            if len(places):
                columns.append(places)
                values.append(value * (weight / float(np.linalg.norm(value))))
        if not columns:
            return np.empty(0, np.int64), np.empty(0)
        return np.concatenate(columns).astype(np.int64), np.concatenate(values).astype(np.float64)


class LinearClassifier:
    """Labels texts by a linear model.

    Args:
        model: Its arrays, usually memory-mapped.
        labels: The label of each column.
        reading: How texts become vectors.
        combination: `softmax` of the logits, their sigmoids `normalised` to sum to 1, or
            `independent` sigmoids, which make it multi-label.
        thresholds: (labels,) the probability from which a label is given.
        doubt: What is taken back of short texts; None where nothing is.
    """

    kind: ClassVar[str] = "linear"

    def __init__(
        self,
        model: LinearModel,
        labels: Sequence[str],
        reading: Reading,
        combination: str,
        thresholds: Sequence[float],
        doubt: Doubt | None = None,
    ) -> None:
        self.labels = list(labels)
        self.thresholds = np.array(thresholds, np.float64)
        self.combination = combination
        self.doubt = doubt
        self.facts: dict[str, Any] = {}
        self._model = model
        self._reading = reading

    @property
    def multi_label(self) -> bool:
        """Whether each probability stands alone."""
        return self.combination == "independent"

    def margins(self, texts: Sequence[Sequence[str]]) -> Probabilities:
        """(n, labels) distances from the planes, before calibration."""
        found = np.tile(self._model.scaling[0], (len(texts), 1))
        for number, tokens in enumerate(texts):
            columns, values = self._reading.row(tokens, self._model.features, self._model.idf)
            found[number] += values @ self._model.weights[columns]
        return found

    def probabilities(self, texts: Sequence[Sequence[str]]) -> Probabilities:
        """(n, labels) float64; rows sum to 1 unless `multi_label`."""
        _, scale, shift = self._model.scaling
        found = combined(self.margins(texts) * scale + shift, self.combination)
        if self.doubt is None or self.multi_label:
            return found
        return self.doubt.spread(found, [len(tokens) - tokens.count(WORK) for tokens in texts])

    def top(self, texts: Sequence[Sequence[str]], k: int) -> list[list[tuple[str, float]]]:
        """The `k` likeliest labels of each text with their probabilities, best first."""
        return likeliest(self.probabilities(texts), self.labels, k)

    def save(self, folder: Path) -> None:
        """Write the classifier into `folder`, which is made where missing."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self._model, name))
        description = {
            "kind": self.kind,
            "version": VERSION,
            "labels": self.labels,
            "multi_label": self.multi_label,
            "combination": self.combination,
            "thresholds": self.thresholds.tolist(),
            "zones": dict(self._reading.zones),
            "pairs": list(self._reading.pairs),
            "doubt": None if self.doubt is None else [self.doubt.short, self.doubt.long],
            "facts": self.facts,
        }
        (folder / DESCRIPTION).write_text(
            json.dumps(description, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )

    @classmethod
    def open(cls, folder: Path) -> LinearClassifier:
        """Open a saved classifier by mmap.

        Raises:
            ReleaseCorruptError: A file is missing, cut short, or does not fit the others.
        """
        told = described(folder)
        try:
            arrays = {
                name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS
            }
            zones = {zone: float(weight) for zone, weight in told["zones"].items()}
            reading = Reading(zones, tuple(told["pairs"]))
            labels = [str(label) for label in told["labels"]]
            thresholds, combination = list(told["thresholds"]), told["combination"]
            # Older releases have none.
            doubt = None if told.get("doubt") is None else Doubt(*map(float, told["doubt"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
            raise unreadable(folder, error) from error
        model = LinearModel(**arrays)
        if (
            told.get("version") != VERSION
            or combination not in COMBINATIONS
            or len(thresholds) != len(labels)
            or not all(map(is_share, thresholds))
            or not set(reading.zones) <= set(ZONES)
            or not _fits(model, len(labels))
            or not (doubt is None or (isfinite(doubt.short) and isfinite(doubt.long)))
        ):
            raise ReleaseCorruptError(
                f"The arrays of classifier '{folder.name}' do not fit its {DESCRIPTION}; "
                "build the release again."
            )
        opened = cls(model, labels, reading, combination, thresholds, doubt)
        opened.facts = facts_of(told)
        return opened


def combined(logits: Probabilities, combination: str) -> Probabilities:
    """Probabilities (n, labels) of logits."""
    if combination == "softmax":
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    else:
        raised = 1 / (1 + np.exp(-np.clip(logits, -_LARGEST, _LARGEST)))
        if combination == "independent":
            return np.asarray(raised)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _fits(model: LinearModel, labels: int) -> bool:
    wanted: dict[str, tuple[Any, tuple[int, ...]]] = {
        "features": (np.uint64, (len(model.features),)),
        "idf": (np.float32, (len(model.features),)),
        "weights": (np.float32, (len(model.features), labels)),
        "scaling": (np.float64, (3, labels)),
    }
    shaped = all(
        getattr(model, name).dtype == kind and getattr(model, name).shape == shape
        for name, (kind, shape) in wanted.items()
    )
    return labels > 0 and shaped and bool(np.isfinite(model.scaling).all())
