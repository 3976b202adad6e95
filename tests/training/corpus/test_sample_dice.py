"""The draws behind the sample corpus."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.corpus.generator.dice import Dice, running_sums


def test_draws_are_the_same_on_every_python():
    dice = Dice(seed=1, index=2)
    assert [dice.between(1, 100) for _ in range(6)] == [18, 32, 75, 73, 46, 57]


def test_seed_index_and_stream_all_matter():
    firsts = {Dice(seed, index, stream).random() for seed in (0, 1) for index in (0, 1) for stream in (0, 1)}
    assert len(firsts) == 8


@given(st.integers(0, 2**32), st.integers(-50, 50), st.integers(0, 50))
def test_between_stays_in_its_bounds(seed, low, width):
    assert low <= Dice(seed, 0).between(low, low + width) <= low + width


@given(st.integers(0, 2**32), st.lists(st.integers(), unique=True, max_size=30))
def test_shuffled_keeps_everything(seed, values):
    assert sorted(Dice(seed, 0).shuffled(values)) == sorted(values)


@given(st.integers(0, 2**32), st.integers(0, 12), st.integers(1, 10))
def test_several_are_different_and_not_too_many(seed, count, size):
    drawn = Dice(seed, 0).several(range(size), count, running_sums([1.0] * size))
    assert len(set(drawn)) == len(drawn) <= min(count, size)
    assert set(drawn) <= set(range(size))


def test_several_takes_all_where_all_are_wanted():
    assert sorted(Dice(3, 0).several("abcd", 4, running_sums([1] * 4))) == list("abcd")


def test_weights_are_followed():
    dice = Dice(7, 0)
    counts = Counter(dice.weighted("abc", running_sums([6, 3, 1])) for _ in range(10_000))
    assert counts["a"] / 10_000 == pytest.approx(0.6, abs=0.02)
    assert counts["c"] / 10_000 == pytest.approx(0.1, abs=0.02)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=20))
def test_running_sums_grow(weights):
    sums = running_sums(weights)
    assert sums[-1] == pytest.approx(sum(weights))
    assert all(one < other for one, other in pairwise(sums))
