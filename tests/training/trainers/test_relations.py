"""The two relations against their formulas, by hand and by brute force."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.spaces import Space
from embedsvc.text import Lexicon, Skill
from indexes import NeighbourTable
from training.trainers import relations
from training.trainers.relations import cooccurrences, damped_npmi, similar_table, used_with_table

SKILLS = 7
skill_lists = st.lists(st.lists(st.integers(0, SKILLS - 1), unique=True, max_size=SKILLS), max_size=25)


def table_of(table: NeighbourTable) -> dict[int, dict[int, float]]:
    rows = {}
    for row in range(table.size):
        ids, scores = table.row(row)
        rows[row] = dict(zip(ids.tolist(), scores.tolist(), strict=True))
    return rows


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

    together, count = cooccurrences(iter(lists), SKILLS)

    assert count == len(lists)
    assert together.toarray().tolist() == expected.tolist()
    assert (together != together.T).nnz == 0


@given(skill_lists, st.sampled_from([0.0, 0.5, 50.0]))
def test_used_with_is_what_a_double_loop_gives(lists: list[list[int]], damping: float) -> None:
    alone = Counter(skill for row in lists for skill in row)
    pairs = Counter(frozenset(pair) for row in lists for pair in combinations(row, 2))
    total = len(lists)
    expected: dict[int, dict[int, float]] = {skill: {} for skill in range(SKILLS)}
    for pair, both in pairs.items():
        one, other = pair
        if both < total:
            share = both / total
            npmi = math.log(share / (alone[one] / total * alone[other] / total)) / -math.log(share)
            expected[one][other] = expected[other][one] = npmi * both / (both + damping)

    found = table_of(used_with_table(lists, SKILLS, neighbours=SKILLS, damping=damping))

    for skill in range(SKILLS):
        above = {other: score for other, score in expected[skill].items() if score > 1e-9}
        assert {other for other, score in found[skill].items() if score > 1e-9} == set(above)
        for other, score in above.items():
            assert found[skill][other] == pytest.approx(score, rel=1e-5)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(4)
    lists = [generator.permutation(SKILLS)[: generator.integers(0, SKILLS)].tolist() for _ in range(60)]
    whole = used_with_table(lists, SKILLS, neighbours=4, damping=2.0)
    monkeypatch.setattr(relations, "_LISTS_A_BLOCK", 7)
    monkeypatch.setattr(relations, "_ROWS_A_BLOCK", 2)

    parts = used_with_table(lists, SKILLS, neighbours=4, damping=2.0)

    assert np.array_equal(parts.ids, whole.ids)
    assert np.array_equal(parts.scores, whole.scores)
    assert (whole.ids >= 0).any()


def test_a_skill_of_every_list_is_used_with_nothing() -> None:
    lists = [[0, 1], [0, 2], [0, 1, 2], [0, 3], [0, 1], [0, 2]]

    found = table_of(used_with_table(lists, 4, neighbours=3, damping=1.0))

    assert found[0] == {}
    assert all(0 not in others for others in found.values())


@pytest.mark.parametrize("lists", [[], [[]], [[], []], [[2]]])
def test_lists_without_pairs_give_a_table_without_neighbours(lists: list[list[int]]) -> None:
    table = used_with_table(lists, 3, neighbours=5, damping=50.0)

    assert table_of(table) == {0: {}, 1: {}, 2: {}}


def test_only_the_best_are_kept_and_best_first() -> None:
    lists = [[0, 1]] * 6 + [[0, 2]] * 3 + [[0, 3]] + [[4]] * 20

    ids, scores = used_with_table(lists, 5, neighbours=2, damping=1.0).row(0)

    assert ids.tolist() == [1, 2]
    assert scores[0] > scores[1] > 0


def test_damping_keeps_pairs_seen_once_from_the_top() -> None:
    lists = [[0, 1]] + [[0, 2]] * 30 + [[2, 3]] * 10 + [[4]] * 100

    undamped = used_with_table(lists, 5, neighbours=4, damping=0.0).row(0)[0].tolist()
    damped = used_with_table(lists, 5, neighbours=4, damping=50.0).row(0)[0].tolist()

    assert set(undamped) == set(damped) == {1, 2}
    assert damped == [2, 1]


def lexicon(*candidates: int) -> Lexicon:
    return Lexicon(
        [Skill(row, f"Skill {row}", f"skill_{row}", count) for row, count in enumerate(candidates)]
    )


def words(**vectors: tuple[float, ...]) -> Space:
    matrix = np.array(list(vectors.values()), np.float32).reshape(len(vectors), -1)
    return Space("word2vec", list(vectors), np.ones(len(vectors), np.int64), matrix)


def test_similar_is_the_cosine_of_input_vectors() -> None:
    space = words(skill_1=(0.0, 5.0), the=(1.0, 1.0), skill_0=(2.0, 0.0), skill_2=(3.0, 4.0))

    found = table_of(similar_table(lexicon(9, 9, 9), space, neighbours=5, min_candidates=1))

    assert found[0] == pytest.approx({2: 0.6, 1: 0.0})
    assert found[1] == pytest.approx({2: 0.8, 0: 0.0})
    assert found[2] == pytest.approx({1: 0.8, 0: 0.6})


def test_a_skill_without_a_vector_has_no_neighbours_and_is_nobodys() -> None:
    space = words(skill_0=(1.0, 0.0), skill_2=(1.0, 1.0))

    found = table_of(similar_table(lexicon(9, 9, 9), space, neighbours=5, min_candidates=1))

    assert found[1] == {}
    assert set(found[0]) == {2}
    assert set(found[2]) == {0}


def test_a_rare_skill_has_neighbours_but_is_nobodys() -> None:
    space = words(skill_0=(1.0, 0.0), skill_1=(1.0, 0.1), skill_2=(1.0, 0.2))

    found = table_of(similar_table(lexicon(9, 8, 2), space, neighbours=5, min_candidates=3))

    assert set(found[0]) == {1}
    assert set(found[1]) == {0}
    assert set(found[2]) == {0, 1}


@pytest.mark.parametrize("space", [words(the=(1.0, 0.0)), words(skill_0=(1.0, 0.0))])
def test_nothing_eligible_gives_a_table_without_neighbours(space: Space) -> None:
    found = table_of(similar_table(lexicon(2, 1), space, neighbours=3, min_candidates=5))

    assert found == {0: {}, 1: {}}
