"""The training curve of word2vec."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from training.trainers.loss_probe import LossProbe, Sampled


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def test_the_loss_is_that_of_the_formula() -> None:
    inputs = np.array([[1, 0], [0, 1], [3, 2]], np.float32)
    outputs = np.array([[0, 0], [2, 0], [0, -1]], np.float32)
    probe = LossProbe(rows(1, 0), rows(0, 1, 2), rows(0, 1), np.array([[2, 0], [1, 1]]))

    # Word 1 by context 0: right 2, noise 0 and 0; word 0 by the mean of 1 and 2: right 0, noise 3 and 3.
    first = math.log1p(math.exp(-2)) + 2 * math.log(2)
    second = math.log(2) + 2 * math.log1p(math.exp(3))
    assert probe.loss(inputs, outputs) == pytest.approx((first + second) / 2, rel=1e-6)


def test_untrained_outputs_cost_log_2_a_word(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("a b c\nb a\nalone\nunknown words\n")
    file = Sampled(path, 4, 2)
    known, counts = {"a": 0, "b": 1, "c": 2, "alone": 3}, rows(2, 2, 1, 1)
    vectors = np.ones((4, 3), np.float32)
    for whole in (False, True):
        probe = LossProbe.draw([file], known, counts, negative=5, whole_context=whole, seed=1)
        assert probe.loss(vectors, np.zeros_like(vectors)) == pytest.approx(6 * math.log(2))
        again = LossProbe.draw([file], known, counts, negative=5, whole_context=whole, seed=1)
        moved = np.arange(12, dtype=np.float32).reshape(4, 3) / 10
        assert probe.loss(vectors, moved) == again.loss(vectors, moved)


def test_lines_of_one_word_have_no_loss(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("a\na\n")
    probe = LossProbe.draw([Sampled(path, 2, 5)], {"a": 0}, rows(2), negative=5, whole_context=False, seed=1)
    assert probe.loss(np.ones((1, 2), np.float32), np.zeros((1, 2), np.float32)) is None
