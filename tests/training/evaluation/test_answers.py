"""Accuracy, F1, calibration and confusion of a classifier, by hand and beside scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from training.evaluation.answers import Answers, usual_labels

Labelled = tuple[tuple[str, ...], list[str]]


@dataclass
class Oracle:
    """Says the probabilities that a text spells out."""

    labels: Sequence[str]
    multi_label: bool = False
    limit: float = 0.0
    kind: str = field(default="oracle", init=False)

    @property
    def thresholds(self) -> npt.NDArray[np.float64]:
        return np.full(len(self.labels), self.limit)

    def probabilities(self, texts: Sequence[Sequence[str]]) -> npt.NDArray[np.float64]:
        return np.array([[float(share) for share in text] for text in texts])

    def top(self, texts: Sequence[Sequence[str]], k: int) -> list[list[tuple[str, float]]]:
        raise AssertionError((texts, k))

    def save(self, folder: Path) -> None:
        raise AssertionError(folder)


def said(*shares: float) -> list[str]:
    return [*map(str, shares)]


ONE: list[Labelled] = [
    (("a",), said(0.8, 0.1, 0.1)),
    (("a", "c"), said(0.2, 0.6, 0.2)),  # of several labels the first counts
    (("b",), said(0.1, 0.7, 0.2)),
    (("never seen",), said(0.3, 0.3, 0.4)),
]
SEVERAL: list[Labelled] = [
    (("a", "b"), said(0.9, 0.8)),
    (("a",), said(0.7, 0.6)),
    (("b",), said(0.1, 0.2)),
    (("a",), said(0.9, 0.1)),
]


def values(answers: Answers, usual: Sequence[str]) -> dict[str, tuple[float, dict[str, float]]]:
    return {each.metric: (each.value, each.baselines) for each in answers.scores("t", usual)}


def test_one_label_by_hand() -> None:
    found = values(Answers.of(Oracle(["a", "b", "c"]), ONE), ["a"])

    assert found["accuracy"] == (0.5, {"majority": 0.5})
    assert found["micro-F1"] == (0.5, {"majority": 0.5})
    # a: 1 of 2 found, nothing wrong; b: found, 1 of 2 given wrong; the unseen label: never found.
    assert found["macro-F1"][0] == pytest.approx((2 / 3 + 2 / 3 + 0) / 3, abs=1e-4)
    assert found["macro-F1"][1] == {"majority": round((2 * 2 / 6 + 0 + 0) / 3, 4)}
    # Of each bin of one tenth the gap between how sure and how often right: 0.8 1, 0.6 0, 0.7 1, 0.4 0.
    assert found["1 - ECE"] == (pytest.approx(1 - (0.2 + 0.6 + 0.3 + 0.4) / 4), {})


def test_several_labels_by_hand() -> None:
    found = values(Answers.of(Oracle(["a", "b"], multi_label=True, limit=0.5), SEVERAL), ["a"])

    assert found["accuracy"] == (0.5, {"majority": 0.5})  # all labels of a text, no more and no fewer
    assert found["micro-F1"][0] == pytest.approx(2 * 4 / (5 + 5), abs=1e-4)
    assert found["macro-F1"][0] == pytest.approx((1.0 + 2 * 1 / (2 + 2)) / 2, abs=1e-4)


def test_a_text_without_an_answer_is_wrong() -> None:
    answers = Answers.of(Oracle(["a", "b", "c"], limit=0.75), ONE)

    assert values(answers, ["a"])["accuracy"][0] == 0.25
    assert answers.confusion() == {
        "labels": ["a", "b", "never seen", "c", "(others)"],
        "counts": [[1, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0] * 5, [0] * 5],
    }


def test_confusion_of_one_label() -> None:
    confusion = Answers.of(Oracle(["a", "b", "c"]), ONE).confusion()

    assert confusion == {
        "labels": ["a", "b", "never seen", "c"],
        "counts": [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]],
    }
    assert Answers.of(Oracle(["a", "b"], multi_label=True), SEVERAL).confusion() is None


def test_of_a_thousand_labels_the_most_frequent_are_shown() -> None:
    names = [f"l{number:03}" for number in range(1_000)]
    rows = [number for number in range(1_000) for _ in range(2 if number < 3 else 1)]
    texts = [((names[row],), said(*np.eye(1_000)[row])) for row in rows]

    answers = Answers.of(Oracle(names), texts)

    confusion = answers.confusion()
    assert confusion is not None
    assert confusion["labels"] == [*names[:40], "(others)"]
    assert confusion["counts"][0][:2] == [2, 0]
    assert confusion["counts"][40][40] == 960
    assert {each.value for each in answers.scores("t", ["l000"])} == {1.0}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_macro_f1_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    names = list("abcd")
    texts = [((names[right],), said(*np.eye(4)[best])) for right, best in pairs]
    rights, bests = zip(*pairs, strict=True)

    found = values(Answers.of(Oracle(names), texts), ["a"])

    # scikit-learn counts a label that is given but never right as well; told which are right, it does not.
    expected = f1_score(rights, bests, labels=sorted(set(rights)), average="macro", zero_division=0)
    assert found["macro-F1"][0] == pytest.approx(expected, abs=1e-4)


def test_the_usual_labels() -> None:
    assert usual_labels(ONE, multi_label=False) == ["a"]
    assert usual_labels(SEVERAL, multi_label=True) == ["a", "b"]
    assert usual_labels([], multi_label=True) == []
