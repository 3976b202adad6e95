"""Counts of pairs by a double loop, their association by hand, and EASE against numpy's inverse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from training.trainers import cooccurrence
from training.trainers.association import damped_npmi, vote
from training.trainers.cooccurrence import cooccurrences
from training.trainers.ease import EaseWeights

SKILLS = 7
skill_lists = st.lists(st.lists(st.integers(0, SKILLS - 1), unique=True, max_size=SKILLS), max_size=25)


def test_damped_npmi_by_hand() -> None:
    # 10 lists, one skill in 4, the other in 5, both in 3:
    # pmi = ln(3 * 10 / (4 * 5)), -ln p = -ln 0.3, damping 3 / (3 + 1).
    score = damped_npmi(np.array([3.0]), 4.0, np.array([5.0]), 10, 1.0)

    assert score.tolist() == pytest.approx([math.log(1.5) / -math.log(0.3) * 0.75])
    assert score[0] == pytest.approx(0.25258, abs=1e-5)


def test_damped_npmi_at_its_ends() -> None:
    always_together = damped_npmi(np.array([4.0]), 4.0, np.array([4.0]), 10, 0.0)
    by_chance = damped_npmi(np.array([2.0]), 4.0, np.array([5.0]), 10, 0.0)
    in_every_list = damped_npmi(np.array([10.0]), 10.0, np.array([10.0]), 10, 50.0)
    seldom = damped_npmi(np.array([1.0]), 5.0, np.array([5.0]), 10, 0.0)

    assert always_together.tolist() == pytest.approx([1.0])
    assert by_chance.tolist() == pytest.approx([0.0])
    assert in_every_list.tolist() == [0.0]
    assert seldom[0] < 0
    assert damped_npmi(np.array([]), 0.0, np.array([]), 0, 50.0).tolist() == []


@given(skill_lists)
def test_counts_are_symmetric_and_those_of_a_double_loop(lists: list[list[int]]) -> None:
    expected = np.zeros((SKILLS, SKILLS), int)
    for row in lists:
        for one in row:
            for other in row:
                expected[one, other] += 1

    (together,), count = cooccurrences(iter(lists), SKILLS)

    assert count == len(lists)
    assert together.toarray().tolist() == expected.tolist()
    assert (together != together.T).nnz == 0


def test_long_lists_weigh_less_and_weights_have_a_mean_of_one() -> None:
    # 1/2 and 1/4 before scaling, 4/3 and 2/3 after it; the empty list weighs nothing.
    (plain, shared), count = cooccurrences([[0, 1], [0, 1, 2, 3], []], 4, (0.0, 1.0))

    assert count == 3
    assert plain[0, 1] == 2
    assert shared.toarray()[0].tolist() == pytest.approx([2.0, 2.0, 2 / 3, 2 / 3])
    assert (plain.indices == shared.indices).all()


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(4)
    lists = [generator.permutation(SKILLS)[: generator.integers(0, SKILLS)].tolist() for _ in range(60)]
    (whole,), _ = cooccurrences(lists, SKILLS, (0.5,))
    monkeypatch.setattr(cooccurrence, "_LISTS_A_BLOCK", 7)

    (parts,), count = cooccurrences(lists, SKILLS, (0.5,))

    assert count == 60
    assert parts.toarray() == pytest.approx(whole.toarray())
    assert whole.sum() > 0


def test_ease_of_two_skills_by_hand() -> None:
    # (G + 2 I) = [[6, 3], [3, 8]]: B01 = 3 / 6 and B10 = 3 / 8.
    model = EaseWeights(sparse.csr_matrix([[4.0, 3.0], [3.0, 6.0]]), ridge=2.0, most=2)

    assert model.pairs(0, np.array([1])) == pytest.approx([0.5])
    assert model.pairs(1, np.array([0])) == pytest.approx([0.375])


@given(skill_lists, st.sampled_from([0.5, 20.0]), st.integers(0, SKILLS))
def test_ease_is_numpys_inverse_over_the_most_frequent(
    lists: list[list[int]], ridge: float, most: int
) -> None:
    (together,), _ = cooccurrences(lists, SKILLS)
    occurrences = together.diagonal()
    taking = [int(skill) for skill in np.argsort(-occurrences, kind="stable")[:most] if occurrences[skill]]
    inverse = np.linalg.inv(together.toarray()[np.ix_(taking, taking)] + ridge * np.eye(len(taking)))
    expected = np.zeros((SKILLS, SKILLS))
    expected[np.ix_(taking, taking)] = -inverse / np.diag(inverse)

    model = EaseWeights(together, ridge=ridge, most=most)

    assert np.flatnonzero(model.known).tolist() == sorted(taking)
    for one in range(SKILLS):
        others = np.array([other for other in range(SKILLS) if other != one])
        assert model.pairs(one, others) == pytest.approx(expected[one, others], rel=1e-3, abs=1e-4)


def test_lists_all_the_same_share_the_weight() -> None:
    # G = 10 everywhere: by symmetry each of three skills gets 10 / (2 * 10 + ridge).
    (together,), _ = cooccurrences([[0, 1, 2]] * 10, 3)

    weights = EaseWeights(together, ridge=1.0, most=3).pairs(0, np.array([1, 2]))

    assert weights == pytest.approx([10 / 21, 10 / 21], rel=1e-4)


def test_a_ridge_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="ridge must be above 0, not 0"):
        EaseWeights(sparse.csr_matrix((2, 2)), ridge=0.0, most=2)


def test_votes_by_hand() -> None:
    votes = vote(np.array([0.25, 0.25, -0.5, 4.0]), np.array([1.0, 16.0, 1.0, 16.0]), 0.5, 0.25)

    assert votes == pytest.approx([0.5, 0.25, 0.0, 0.5])
