"""The two relations against their formulas, by hand and by brute force."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.spaces import Space
from embedsvc.text import Lexicon, Skill
from indexes import NeighbourTable
from training.trainers.relations import similar_table, used_with_table

SKILLS = 7
skill_lists = st.lists(st.lists(st.integers(0, SKILLS - 1), unique=True, max_size=SKILLS), max_size=25)


def table_of(table: NeighbourTable) -> dict[int, dict[int, float]]:
    rows = {}
    for row in range(table.size):
        ids, scores = table.row(row)
        rows[row] = dict(zip(ids.tolist(), scores.tolist(), strict=True))
    return rows


def used_with(
    lists: list[list[int]],
    *,
    skills: int = SKILLS,
    neighbours: int,
    damping: float = 50.0,
    ridge: float = 20.0,
    most: int = 100,
    power: float = 1.0,
    popularity: float = 0.0,
) -> NeighbourTable:
    return used_with_table(
        lists,
        skills,
        neighbours=neighbours,
        damping=damping,
        ridge=ridge,
        most=most,
        power=power,
        popularity=popularity,
    )


def weights_by_hand(lists: list[list[int]], power: float, ridge: float) -> npt.NDArray[np.float64]:
    """B of Steck 2019 by numpy's inverse, lists weighing 1 / length^power, scaled to a mean of 1."""
    filled = [row for row in lists if row]
    incidence = np.zeros((len(filled), SKILLS))
    for place, row in enumerate(filled):
        incidence[place, row] = 1
    weights = np.array([len(row) ** -power for row in filled])
    gram = (
        incidence.T @ (incidence * (weights / weights.mean())[:, None]) if filled else np.zeros((SKILLS,) * 2)
    )
    inverse = np.linalg.inv(gram + ridge * np.eye(SKILLS))
    return np.asarray(-inverse / np.diag(inverse))


def above_chance(lists: list[list[int]], one: int, other: int) -> bool:
    both = sum(one in row and other in row for row in lists)
    apart = sum(one in row for row in lists) * sum(other in row for row in lists)
    return both * len(lists) > apart


@given(skill_lists, st.sampled_from([0.5, 20.0]))
def test_used_with_is_the_closed_form_where_above_chance(lists: list[list[int]], ridge: float) -> None:
    weights = weights_by_hand(lists, 0.5, ridge)
    expected = {
        one: {
            other: weights[one, other]
            for other in range(SKILLS)
            if other != one and above_chance(lists, one, other) and weights[one, other] > 1e-5
        }
        for one in range(SKILLS)
    }

    found = table_of(used_with(lists, neighbours=SKILLS, ridge=ridge))

    for one in range(SKILLS):
        sure = {other: score for other, score in found[one].items() if score > 1e-5}
        assert sure == pytest.approx(expected[one], rel=1e-3, abs=1e-4)
        assert all(0 < score <= 1 for score in found[one].values())


@given(skill_lists, st.sampled_from([(0.5, 0.0), (1.0, 0.3), (0.6, 0.07)]))
def test_votes_are_weights_by_their_power_and_the_frequency_of_the_other(
    lists: list[list[int]], settings: tuple[float, float]
) -> None:
    power, popularity = settings
    counts = Counter(skill for row in lists for skill in row)

    weights = table_of(used_with(lists, neighbours=SKILLS))
    votes = table_of(used_with(lists, neighbours=SKILLS, power=power, popularity=popularity))

    for one in range(SKILLS):
        assert votes[one] == pytest.approx(
            {other: weight**power / counts[other] ** popularity for other, weight in weights[one].items()},
            rel=1e-4,
        )


def test_the_rarer_of_two_equal_companions_is_the_nearer() -> None:
    # 1 stands in 30 lists, 2 in 10, and each in all ten of 0.
    lists = [[0, 1, 2]] * 10 + [[1]] * 20 + [[3]] * 60

    first, _ = used_with(lists, skills=4, neighbours=2, ridge=1.0, popularity=1.0).row(0)

    assert first.tolist() == [2, 1]


@given(skill_lists)
def test_skills_too_rare_for_ease_are_used_with_others_by_damped_npmi(lists: list[list[int]]) -> None:
    alone = Counter(skill for row in lists for skill in row)
    pairs = Counter(frozenset(pair) for row in lists for pair in combinations(row, 2))
    total = len(lists)

    found = table_of(used_with(lists, neighbours=SKILLS, damping=2.0, most=0))

    expected: dict[int, dict[int, float]] = {skill: {} for skill in range(SKILLS)}
    for pair, both in pairs.items():
        one, other = pair
        if both < total:
            share = both / total
            score = math.log(share / (alone[one] / total * alone[other] / total)) / -math.log(share)
            if score > 1e-9:
                expected[one][other] = expected[other][one] = score * both / (both + 2.0)
    for skill in range(SKILLS):
        assert found[skill] == pytest.approx(expected[skill], rel=1e-5)


def test_a_skill_used_with_one_of_two_that_stand_together_is_told_from_the_other() -> None:
    # 0 and 1 often stand together, 2 only with 0: EASE sees that 1 says nothing of 2.
    lists = [[0, 1]] * 20 + [[0, 1, 2]] * 10 + [[0, 2]] * 10 + [[3]] * 40

    ids, scores = used_with(lists, skills=4, neighbours=3, ridge=1.0).row(2)

    assert ids[0] == 0
    assert 1 not in ids.tolist()[:1]
    assert scores[0] > 0.5


def test_a_skill_of_every_list_is_used_with_nothing() -> None:
    lists = [[0, 1], [0, 2], [0, 1, 2], [0, 3], [0, 1], [0, 2]]

    found = table_of(used_with(lists, skills=4, neighbours=3, ridge=1.0))

    assert found[0] == {}
    assert all(0 not in others for others in found.values())


@pytest.mark.parametrize("lists", [[], [[]], [[], []], [[2]]])
def test_lists_without_pairs_give_a_table_without_neighbours(lists: list[list[int]]) -> None:
    table = used_with(lists, skills=3, neighbours=5)

    assert table_of(table) == {0: {}, 1: {}, 2: {}}


def test_only_the_best_are_kept_and_best_first() -> None:
    lists = [[0, 1]] * 6 + [[0, 2]] * 3 + [[0, 3]] + [[4]] * 20

    ids, scores = used_with(lists, skills=5, neighbours=2, ridge=1.0).row(0)

    assert ids.tolist() == [1, 2]
    assert scores[0] > scores[1] > 0


def test_a_ridge_keeps_pairs_seen_once_from_the_top() -> None:
    lists = [[0, 1]] + [[0, 2]] * 30 + [[2, 3]] * 10 + [[4]] * 100

    found = used_with(lists, skills=5, neighbours=4, ridge=20.0).row(0)[0].tolist()

    assert found == [2, 1]


def lexicon(*candidates: int) -> Lexicon:
    return Lexicon(
        [Skill(row, f"Skill {row}", f"skill_{row}", count) for row, count in enumerate(candidates)]
    )


def words(**vectors: tuple[float, ...]) -> Space:
    matrix = np.array(list(vectors.values()), np.float32).reshape(len(vectors), -1)
    return Space("word2vec", list(vectors), np.ones(len(vectors), np.int64), matrix)


def similar(
    lexicon: Lexicon,
    space: Space,
    *,
    neighbours: int,
    min_candidates: int,
    lists: Sequence[Sequence[int]] = (),
    lift: float = 0.7,
) -> NeighbourTable:
    return similar_table(
        lexicon,
        space,
        lists,
        neighbours=neighbours,
        min_candidates=min_candidates,
        lift=lift,
        damping=1.0,
    )


def test_skills_that_lists_name_together_are_lifted_by_hand() -> None:
    lists = [[0, 1], [0, 1], [0, 2], [1, 3], [2], [3]]
    scale = 6 / (4 * 0.5 + 2)
    alone = {0: 1.5 * scale, 1: 1.5 * scale, 2: 1.5 * scale, 3: 1.5 * scale}
    both = {1: 1.0 * scale, 2: 0.5 * scale}
    counts = {1: 2, 2: 1}
    total = sum(alone.values())
    npmi = {
        other: math.log(weight * total / (alone[0] * alone[other])) / -math.log(weight / total)
        for other, weight in both.items()
    }
    damped = {other: score * counts[other] / (counts[other] + 1.0) for other, score in npmi.items()}
    space = words(skill_0=(1.0, 0.0), skill_1=(0.0, 1.0), skill_2=(0.6, 0.8), skill_3=(0.8, 0.6))

    found = table_of(
        similar(lexicon(9, 9, 9, 9), space, neighbours=5, min_candidates=1, lists=lists, lift=0.5)
    )

    most = max(damped.values())
    assert most > 0.1
    assert found[0] == pytest.approx(
        {
            1: 1 - (1 - 0.0) * (1 - 0.5 * math.sqrt(max(damped[1], 0) / most)),
            2: 1 - (1 - 0.6) * (1 - 0.5 * math.sqrt(max(damped[2], 0) / most)),
            3: 0.8,
        },
        rel=1e-5,
    )


@given(skill_lists, st.sampled_from([0.0, 0.3, 1.0]), st.integers(1, SKILLS))
def test_the_best_of_all_lifted_cosines_are_kept(
    lists: list[list[int]], lift: float, neighbours: int
) -> None:
    generator = np.random.default_rng(len(lists))
    space = words(**{f"skill_{row}": tuple(generator.normal(size=3)) for row in range(SKILLS)})
    known = lexicon(*[9] * SKILLS)

    every = table_of(similar(known, space, neighbours=SKILLS, min_candidates=1, lists=lists, lift=lift))
    few = table_of(similar(known, space, neighbours=neighbours, min_candidates=1, lists=lists, lift=lift))
    plain = table_of(similar(known, space, neighbours=SKILLS, min_candidates=1))

    for row in range(SKILLS):
        assert len(every[row]) == SKILLS - 1
        assert list(few[row].values()) == pytest.approx(list(every[row].values())[:neighbours], abs=1e-6)
        assert all(plain[row][other] - 1e-6 <= score <= 1 + 1e-6 for other, score in every[row].items())


def test_similar_is_the_cosine_of_input_vectors() -> None:
    space = words(skill_1=(0.0, 5.0), the=(1.0, 1.0), skill_0=(2.0, 0.0), skill_2=(3.0, 4.0))

    found = table_of(similar(lexicon(9, 9, 9), space, neighbours=5, min_candidates=1))

    assert found[0] == pytest.approx({2: 0.6, 1: 0.0})
    assert found[1] == pytest.approx({2: 0.8, 0: 0.0})
    assert found[2] == pytest.approx({1: 0.8, 0: 0.6})


def test_a_skill_without_a_vector_has_no_neighbours_and_is_nobodys() -> None:
    space = words(skill_0=(1.0, 0.0), skill_2=(1.0, 1.0))

    found = table_of(similar(lexicon(9, 9, 9), space, neighbours=5, min_candidates=1))

    assert found[1] == {}
    assert set(found[0]) == {2}
    assert set(found[2]) == {0}


def test_a_rare_skill_has_neighbours_but_is_nobodys() -> None:
    space = words(skill_0=(1.0, 0.0), skill_1=(1.0, 0.1), skill_2=(1.0, 0.2))

    found = table_of(similar(lexicon(9, 8, 2), space, neighbours=5, min_candidates=3))

    assert set(found[0]) == {1}
    assert set(found[1]) == {0}
    assert set(found[2]) == {0, 1}


@pytest.mark.parametrize("space", [words(the=(1.0, 0.0)), words(skill_0=(1.0, 0.0))])
def test_nothing_eligible_gives_a_table_without_neighbours(space: Space) -> None:
    found = table_of(similar(lexicon(2, 1), space, neighbours=3, min_candidates=5))

    assert found == {0: {}, 1: {}}
