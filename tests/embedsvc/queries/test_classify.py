"""Labels of texts: the threshold of the classifier or the request, headings, several labels or none."""

from __future__ import annotations

import numpy as np
import pytest

from embedsvc.classifiers import WORK, LinearClassifier
from embedsvc.classifiers.features import features
from embedsvc.classifiers.linear_classifier import LinearModel, Reading
from embedsvc.queries import classify
from embedsvc.queries.classify import marked_tokens
from embedsvc.releases.opening import Release
from embedsvc.schemas import ClassifyRequest
from embedsvc.text import Tokenizer


@pytest.fixture
def several(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """A classifier of several labels: each of two words is worth 4 to its label."""
    hashes = {word: int(next(iter(features([word], ())))[0][0]) for word in ("pan", "van")}
    words = sorted(hashes, key=hashes.__getitem__)
    model = LinearModel(
        np.array([hashes[word] for word in words], np.uint64),
        np.ones(2, np.float32),
        np.array([[4.0, 0.0] if word == "pan" else [0.0, 4.0] for word in words], np.float32),
        np.array([[0, 0], [1, 1], [-2, -2]], float),
    )
    found = LinearClassifier(model, ["Cook", "Driver"], Reading({"all": 1.0}, ()), "independent", [0.5, 0.9])
    monkeypatch.setitem(release.classifiers, "several", found)


def answer(release: Release, text: str, threshold: float | None = None) -> list[tuple[str, float]]:
    request = ClassifyRequest(texts=[text], classifier="several", threshold=threshold)
    (result,) = classify(release, request).results
    return [(label.label, label.probability) for label in result.labels or []]


def sigmoid(logit: float) -> float:
    return round(1 / (1 + float(np.exp(-logit))), 4)


@pytest.mark.usefixtures("several")
def test_each_label_has_a_threshold_of_its_own(release: Release) -> None:
    assert answer(release, "pan") == [("Cook", sigmoid(2))]
    assert answer(release, "van") == []
    assert answer(release, "weather") == []


@pytest.mark.usefixtures("several")
def test_the_threshold_of_a_request_goes_first(release: Release) -> None:
    assert answer(release, "van", 0.8) == [("Driver", sigmoid(2))]
    assert answer(release, "van", 0.0) == [("Driver", sigmoid(2)), ("Cook", sigmoid(-2))]
    both = sigmoid(4 / np.sqrt(2) - 2)
    assert answer(release, "pan van", 0.5) == [("Cook", both), ("Driver", both)]


def test_a_heading_tells_where_the_work_history_begins() -> None:
    text = "Keen cook.\n\nWork Experience\nSous chef, Hotel\n\nEducation\nB.Sc."

    tokens = marked_tokens(Tokenizer(), text)

    assert tokens.index(WORK) == 2
    assert tokens[3:5] == ["sous", "chef"]
    assert tokens.count(WORK) == 1


@pytest.mark.parametrize(
    ("text", "tokens"), [("sous chef", ["sous", "chef"]), ("Experience", ["experience"]), ("99", [])]
)
def test_a_text_without_sections_is_all_of_it(text: str, tokens: list[str]) -> None:
    assert marked_tokens(Tokenizer(), text) == tokens
