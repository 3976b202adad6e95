"""The linear classifier at inference: its formula, its folder, damaged files; opening by kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedsvc.classifiers import LinearClassifier, open_classifier
from embedsvc.classifiers.features import features
from embedsvc.classifiers.linear_classifier import LinearModel, Reading
from embedsvc.errors import ReleaseCorruptError

LABELS = ["Cook", '日本語 "IT"\u2028', "Driver"]
READING = Reading({"all": 1.0}, ())
WEIGHTS = {"pan": [2.0, -1.0, 0.0], "sql": [-1.0, 3.0, -2.0], "van": [0.0, 0.0, 4.0]}


def hash_of(word: str) -> int:
    return int(next(iter(features([word], ())))[0][0])


def model(scaling: list[list[float]] | None = None) -> LinearModel:
    words = sorted(WEIGHTS, key=hash_of)
    return LinearModel(
        np.array([hash_of(word) for word in words], np.uint64),
        np.array([1.0, 1.0, 1.0], np.float32),
        np.array([WEIGHTS[word] for word in words], np.float32),
        np.array(scaling or [[0.5, 0, 0], [1, 1, 1], [0, 0, 0]], np.float64),
    )


def classifier(combination: str = "softmax", **knobs: Any) -> LinearClassifier:
    return LinearClassifier(model(**knobs), LABELS, READING, combination, [0.0, 0.25, 0.5])


def test_margins_are_the_mean_planes_of_the_words_known() -> None:
    found = classifier().margins([["pan", "pan", "sql", "never_seen"], ["van"], []])

    pan, sql = 1 + np.log(2), 1.0
    length = np.hypot(pan, sql)
    expected = (pan * np.array(WEIGHTS["pan"]) + sql * np.array(WEIGHTS["sql"])) / length + [0.5, 0, 0]
    np.testing.assert_allclose(found, [expected, [0.5, 0, 4.0], [0.5, 0, 0]], rtol=1e-6)


def test_probabilities_by_each_combination() -> None:
    scaling = [[0.0, 0, 0], [2.0, 2.0, 2.0], [0, 0, 1.0]]
    logits = np.array([4.0, -2.0, 1.0])
    sigmoids = 1 / (1 + np.exp(-logits))

    def shares(combination: str) -> Any:
        return classifier(combination, scaling=scaling).probabilities([["pan"]])[0]

    np.testing.assert_allclose(shares("softmax"), np.exp(logits) / np.exp(logits).sum(), rtol=1e-6)
    np.testing.assert_allclose(shares("normalised"), sigmoids / sigmoids.sum(), rtol=1e-6)
    np.testing.assert_allclose(shares("independent"), sigmoids, rtol=1e-6)


def test_a_saved_classifier_opens_as_it_was(tmp_path: Path) -> None:
    classifier("independent").save(tmp_path / "label")

    opened = open_classifier(tmp_path / "label")

    assert (opened.kind, opened.labels, opened.multi_label) == ("linear", LABELS, True)
    assert opened.thresholds.tolist() == [0.0, 0.25, 0.5]
    texts = [["sql", "van"], []]
    np.testing.assert_array_equal(opened.probabilities(texts), classifier("independent").probabilities(texts))
    assert isinstance(opened, LinearClassifier)
    assert isinstance(opened._model.weights, np.memmap)


def test_top_is_best_first() -> None:
    assert [label for label, _ in classifier().top([["sql"]], 2)[0]] == [LABELS[1], LABELS[0]]


@pytest.mark.parametrize("name", ["features.npy", "idf.npy", "weights.npy", "scaling.npy", "classifier.json"])
@pytest.mark.parametrize("data", [None, b"", b"\x93NUMPY\x01\x00", b"\x80\x04N.", b"[]", b"{}", b"[" * 9_999])
def test_a_damaged_file_is_corrupt(tmp_path: Path, name: str, data: bytes | None) -> None:
    classifier().save(tmp_path / "label")
    path = tmp_path / "label" / name
    path.write_bytes(path.read_bytes()[:-9] if data is None else data)

    with pytest.raises(ReleaseCorruptError, match="build the release again"):
        open_classifier(tmp_path / "label")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "starspace"},
        {"kind": ["linear"]},
        {"version": 2},
        {"labels": ["one"]},
        {"combination": "sum"},
        {"thresholds": [0.5]},
        {"thresholds": [0.5, 2.0, 0.5]},
        {"thresholds": ["a", "b", "c"]},
        {"zones": {"nowhere": 1.0}},
        {"zones": []},
        {"pairs": 3},
    ],
)
def test_a_description_that_does_not_fit_is_corrupt(tmp_path: Path, change: dict[str, Any]) -> None:
    classifier().save(tmp_path / "label")
    path = tmp_path / "label" / "classifier.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))

    with pytest.raises(ReleaseCorruptError, match="build the release again"):
        open_classifier(tmp_path / "label")


def test_arrays_of_objects_are_refused_unread(tmp_path: Path) -> None:
    classifier().save(tmp_path / "label")
    np.save(tmp_path / "label" / "idf.npy", np.array([{}], object), allow_pickle=True)

    with pytest.raises(ReleaseCorruptError, match="cannot be opened"):
        open_classifier(tmp_path / "label")
