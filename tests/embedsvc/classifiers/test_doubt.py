"""What is taken back of short texts: values by hand, order kept, sums kept, saved and checked."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.classifiers import WORK, LinearClassifier
from embedsvc.classifiers.doubt import LONG, SHORT, Doubt
from embedsvc.classifiers.features import features
from embedsvc.classifiers.linear_classifier import LinearModel, Reading
from embedsvc.errors import ReleaseCorruptError

HALF_TO_NONE = Doubt(0.0, -math.log(3))  # a half of a text of SHORT tokens, a quarter of a LONG one


def classifier(doubt: Doubt | None, combination: str = "softmax") -> LinearClassifier:
    ((known, _), *_) = features(["php"], ())
    model = LinearModel(
        known, np.ones(1, np.float32), np.array([[2.0, 0.0]], np.float32),
        np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]),
    )  # fmt: skip
    return LinearClassifier(model, ["it", "law"], Reading({"all": 1.0}, ()), combination, [0, 0], doubt)


def test_shares_by_hand() -> None:
    middle = round(math.sqrt(SHORT * LONG))
    found = HALF_TO_NONE.shares([0, SHORT, middle, LONG, 9 * LONG])

    np.testing.assert_allclose(found, [0.5, 0.5, 1 / (1 + math.sqrt(3)), 0.25, 0.25], rtol=1e-9)


def test_a_short_text_is_doubted_and_a_mark_is_no_token() -> None:
    sure = 1 / (1 + math.exp(-2))
    short = ["php", "x", "y", "z"]

    plain, doubted = (
        classifier(doubt).probabilities([short, [WORK, *short]]) for doubt in (None, HALF_TO_NONE)
    )

    np.testing.assert_allclose(plain, [[sure, 1 - sure]] * 2, rtol=1e-6)
    np.testing.assert_allclose(doubted, [[0.5 * sure + 0.25, 0.75 - 0.5 * sure]] * 2, rtol=1e-6)


def test_labels_that_stand_alone_are_not_doubted() -> None:
    plain, doubted = (
        classifier(doubt, "independent").probabilities([["php"]]) for doubt in (None, HALF_TO_NONE)
    )

    np.testing.assert_array_equal(plain, doubted)


@given(
    st.lists(st.floats(1e-6, 1.0), min_size=2, max_size=6),
    st.floats(-8, 4),
    st.floats(0, 8),
    st.integers(0, 3000),
)
def test_order_and_sum_are_kept(raw: list[float], short: float, drop: float, length: int) -> None:
    shares = np.array([raw]) / sum(raw)

    found = Doubt(short, short - drop).spread(shares, [length])

    np.testing.assert_allclose(found.sum(), 1.0, rtol=1e-9)
    assert found.max() <= shares.max() + 1e-12
    by_share = np.argsort(shares[0], kind="stable")
    assert (np.diff(found[0][by_share]) >= -1e-15).all()


@pytest.mark.parametrize("doubt", [None, HALF_TO_NONE])
def test_it_is_saved_with_its_classifier(doubt: Doubt | None, tmp_path: Path) -> None:
    made = classifier(doubt)
    made.save(tmp_path)

    opened = LinearClassifier.open(tmp_path)

    assert opened.doubt == doubt
    np.testing.assert_array_equal(opened.probabilities([["php"]]), made.probabilities([["php"]]))


def test_an_older_release_has_none(tmp_path: Path) -> None:
    classifier(HALF_TO_NONE).save(tmp_path)
    place = tmp_path / "classifier.json"
    told = json.loads(place.read_text())
    del told["doubt"], told["facts"]
    place.write_text(json.dumps(told))

    opened = LinearClassifier.open(tmp_path)

    assert opened.doubt is None
    assert opened.facts == {}


@pytest.mark.parametrize("doubt", [[1.0], "much", [1, 2, 3], ["a", "b"], [1e999, 0.0], {"short": 1}])
def test_doubt_that_is_none_is_corrupt(doubt: object, tmp_path: Path) -> None:
    classifier(None).save(tmp_path)
    place = tmp_path / "classifier.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | {"doubt": doubt}))

    with pytest.raises(ReleaseCorruptError, match="build the release again"):
        LinearClassifier.open(tmp_path)
