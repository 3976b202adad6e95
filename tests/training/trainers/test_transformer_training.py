"""What a transformer learns by: its loss beside that of the static encoder, its negatives, its steps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.trainers.pair_batches import PairKeys
from training.trainers.sentences import pair_loss
from training.trainers.transformer.objective import ranking_loss
from training.trainers.transformer.trainer import _rate

torch = pytest.importorskip("torch", reason="the loss is torch's")

DRAWN = np.random.default_rng(7)
FIRST, SECOND = (DRAWN.normal(size=(5, 6)).astype(np.float32) for _ in range(2))
APART = DRAWN.random((5, 5)) < 0.7
np.fill_diagonal(APART, val=True)


def loss_of(second: np.ndarray, apart: np.ndarray, prefixes: tuple[int, ...] = ()) -> float:
    tensors = (torch.from_numpy(each) for each in (FIRST, second, apart))
    return float(ranking_loss(*tensors, 10.0, prefixes))


def test_the_loss_is_that_of_the_static_encoder() -> None:
    expected, _, _ = pair_loss(FIRST, SECOND, APART, 10.0)
    prefix, _, _ = pair_loss(FIRST[:, :2], SECOND[:, :2], APART, 10.0)

    assert loss_of(SECOND, APART) == pytest.approx(expected, rel=1e-5)
    assert loss_of(SECOND, APART, (2, 6, 99)) == pytest.approx((expected + prefix) / 2, rel=1e-5)


def test_a_text_more_to_be_told_from_costs_what_its_share_is() -> None:
    more, beside = 3 * FIRST[[1]], np.array([[False], [True], [False], [False], [False]])

    with_one = loss_of(np.vstack([SECOND, more]), np.hstack([APART, beside]))

    unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (FIRST, SECOND)]
    scores = np.where(APART[1], 10 * unit[0][1] @ unit[1].T, -np.inf)
    added = np.logaddexp.reduce([*scores, 10.0]) - np.logaddexp.reduce(scores)
    assert with_one - loss_of(SECOND, APART) == pytest.approx(added / 5 / 2, rel=1e-4)
    assert loss_of(np.vstack([SECOND, more]), np.hstack([APART, np.zeros((5, 1), bool)])) == pytest.approx(
        loss_of(SECOND, APART)
    )


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(0, 9))
def test_a_negative_is_drawn_from_the_same_area(areas: list[int], seed: int) -> None:
    places = np.arange(len(areas))
    keys = PairKeys(places.tolist(), areas, places.tolist())

    drawn = keys.of_same_area(places, np.random.default_rng(seed))

    assert [areas[row] for row in drawn.tolist()] == areas


def test_texts_of_one_person_or_of_the_same_question_are_no_negatives() -> None:
    keys = PairKeys([1, 1, 2, 3], [0, 0, 0, 0], [5, 6, 7, 5])
    batch = np.arange(4)

    assert (~keys.apart(batch)).nonzero()[0].tolist() == [0, 0, 1, 3]
    assert keys.apart(np.array([0]), batch).tolist() == [[False, False, True, False]]


def test_the_learning_rate_rises_and_falls() -> None:
    assert [_rate(share, 0.5) for share in (0, 0.25, 0.5, 0.75, 1)] == [0, 0.5, 1, 0.5, 0]
    assert _rate(0, 0) == 1
