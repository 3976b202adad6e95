"""Scores against numbers worked out by hand, and by an independent way where that is too long."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pytest

from indexes import get_backend
from training.evaluation import search as search_scores
from training.evaluation import skills
from training.evaluation.answers import calibration_error
from training.evaluation.score import score
from training.evaluation.search import index_recall
from training.trainers.cooccurrence import cooccurrences


def test_a_score_is_the_mean_with_its_bootstrap_interval() -> None:
    measures = np.array([1.0] * 70 + [0.0] * 30)

    found = score("task", "metric", measures, {"chance": 0.123456})

    assert (found.task, found.metric, found.value, found.items) == ("task", "metric", 0.7, 100)
    # The normal approximation gives 0.7 +- 1.96 * sqrt(0.7 * 0.3 / 100), that is 0.610 to 0.790.
    assert found.low == pytest.approx(0.610, abs=0.015)
    assert found.high == pytest.approx(0.790, abs=0.015)
    assert found.baselines == {"chance": 0.1235}
    assert found == score("task", "metric", measures, {"chance": 0.123456})


def test_more_items_give_a_narrower_interval() -> None:
    narrow, wide = (score("t", "m", np.tile([0.0, 1.0], half), {}) for half in (500, 10))

    assert narrow.high - narrow.low < 0.3 * (wide.high - wide.low)


def test_one_item_has_an_interval_of_no_width() -> None:
    found = score("t", "m", np.array([0.25]), {})

    assert (found.value, found.low, found.high) == (0.25, 0.25, 0.25)


def test_any_statistic_has_its_interval() -> None:
    found = score("t", "max", np.array([1.0, 2.0, 3.0]), {}, statistic=lambda values: float(values.max()))

    assert (found.value, found.high) == (3.0, 3.0)
    assert found.low < 3.0


def test_calibration_error_by_hand() -> None:
    # Of three answers that are 0.95 sure on average two are right; of two that are 0.55 sure one is.
    sure = np.array([0.90, 0.95, 1.0, 0.55, 0.55])
    right = np.array([1.0, 1.0, 0.0, 1.0, 0.0])

    expected = 3 / 5 * abs(2 / 3 - 0.95) + 2 / 5 * abs(1 / 2 - 0.55)

    assert calibration_error(right, sure) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("right", "sure", "expected"),
    [([1.0] * 4, [1.0] * 4, 0.0), ([0.0] * 4, [1.0] * 4, 1.0), ([1.0, 0.0], [0.5, 0.5], 0.0)],
)
def test_calibration_error_at_its_ends(right: list[float], sure: list[float], expected: float) -> None:
    assert calibration_error(np.array(right), np.array(sure)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("order", "given", "hidden", "rank"),
    [
        ([7, 5, 3], [], 7, 1.0),
        ([7, 5, 3], [], 3, 3.0),
        ([7, 5, 3], [7, 5], 3, 1.0),
        ([7, 5, 3], [5], 3, 2.0),
        ([7, 5, 3], [1], 9, float("inf")),
        ([], [], 9, float("inf")),
    ],
)
def test_the_rank_leaves_out_what_is_given(
    order: list[int], given: list[int], hidden: int, rank: float
) -> None:
    assert skills._rank(order, given, hidden) == rank


class _Table:
    """Skill 0 is used with 1 (0.9) and 2 (0.5), skill 1 with 0 (0.9), skill 3 with 2 (0.7)."""

    rows: ClassVar = {0: ([1, 2], [0.9, 0.5]), 1: ([0], [0.9]), 2: ([3, 0], [0.7, 0.5]), 3: ([2], [0.7])}

    size: ClassVar = 5

    def row(self, position: int) -> tuple[np.ndarray, np.ndarray]:
        ids, scores = self.rows[position]
        return np.array(ids), np.array(scores)


class _Completer:
    """Puts skill 4 first, whatever is given, and what was given nowhere."""

    def complete(self, given: list[int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        rows = [4, *(row for row in range(4) if row not in given)]
        return np.array(rows), np.linspace(0.9, 0.1, len(rows))


class _Release:
    lexicon = None

    def __init__(self, completer: _Completer | None = None) -> None:
        self.completer = completer

    def relation(self, name: str) -> _Table:
        assert name == "used_with"
        return _Table()


@dataclass
class _Corpus:
    train: list[list[int]]
    held: list[list[int]]

    def skill_rows(self, _lexicon: Any, *, held: bool = False) -> list[list[int]]:
        return self.held if held else self.train


def test_votes_add_up_over_the_given_skills() -> None:
    assert skills._votes(_Release(), [0, 3]) == [2, 1]  # type: ignore[arg-type]
    assert skills._votes(_Release(), [1]) == [0]  # type: ignore[arg-type]


def test_hidden_skills_are_ranked_beside_popularity() -> None:
    """Of 0, 1, 2 the hidden one is ranked first whichever it is; popularity puts 3 before all of them."""
    corpus = _Corpus(train=[[3, 4], [3, 4], [3]], held=[[0, 1, 2]] * 10 + [[0, 1]])

    found = skills.hidden_skill(_Release(), corpus, seed=1)  # type: ignore[arg-type]

    recall, reciprocal = found
    assert (recall.metric, recall.value, recall.items) == ("R@10", 1.0, 10)
    assert reciprocal.value == 1.0
    assert recall.baselines == {"popularity": 0.0, "item cosine": 0.0}
    assert reciprocal.baselines == {"popularity": 0.0, "item cosine": 0.0}


def test_a_list_is_judged_by_the_network_that_completes_it_beside_votes() -> None:
    corpus = _Corpus(train=[[3, 4], [3, 4], [3]], held=[[0, 1, 2]] * 10)

    _, reciprocal = skills.hidden_skill(_Release(_Completer()), corpus, seed=1)  # type: ignore[arg-type]

    assert reciprocal.value == 0.5
    assert reciprocal.baselines == {"popularity": 0.0, "item cosine": 0.0, "votes of the table": 1.0}


def test_the_cosine_of_items_is_that_of_the_lists_that_hold_them() -> None:
    # 0 and 2 are in four lists each, two of them the same: 0.5; 0 and 1 share the one of 1: 1 / sqrt(4) too.
    (together,), _ = cooccurrences([[0, 1], [0, 2], [0, 2], [0], [2, 3], [2, 3]], 5)

    cosines = skills.ItemCosine(together)
    assert cosines.ranked([0]) == [0, 1, 2]
    assert cosines.ranked([1]) == [1, 0]
    # Both lists of 3 are lists of 2: 2 / sqrt(2 * 4) = 0.71, above 0.5.
    assert cosines.ranked([2]) == [2, 3, 0]


def test_lists_too_short_to_hide_from_give_no_score() -> None:
    assert skills.hidden_skill(_Release(), _Corpus([[0]], [[0, 1]]), 1) == []  # type: ignore[arg-type]


def test_lists_are_drawn_evenly_and_never_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skills, "_LISTS", 20)
    drawn = np.zeros(200)
    for seed in range(400):
        chosen = skills._drawn(([number] for number in range(200)), np.random.default_rng(seed))
        assert len(chosen) == len({row for (row,) in chosen}) == 20
        drawn[[row for (row,) in chosen]] += 1

    # Each is drawn 40 times on average, with a standard deviation of 6.
    assert drawn.min() > 40 - 4.5 * 6
    assert drawn.max() < 40 + 4.5 * 6
    assert abs(drawn[:100].mean() - 40) < 2.5


@pytest.fixture
def vectors() -> np.ndarray:
    found = np.random.default_rng(3).normal(size=(900, 8)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


@pytest.mark.parametrize("block", [7, 100, 100_000])
def test_the_recall_of_an_exact_index_is_one(
    tmp_path: Path, vectors: np.ndarray, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_scores, "_VECTORS_A_BLOCK", block)
    get_backend("exact").build(vectors).save(tmp_path)

    found = index_recall(tmp_path, vectors, seed=1)

    assert (found.value, found.low, found.high, found.items) == (1.0, 1.0, 1.0, 500)


def test_the_recall_of_an_index_of_other_vectors_is_what_it_lost(tmp_path: Path, vectors: np.ndarray) -> None:
    """Half of the vectors turned round: each query keeps those of its ten nearest that were not turned."""
    turned = vectors.copy()
    turned[450:] *= -1
    get_backend("exact").build(turned).save(tmp_path)
    queries = vectors[:450]
    truth = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]

    index = get_backend("exact").build(turned)
    found = search_scores._recall(index, vectors, queries)

    # A turned vector may by chance score as much as one of the true ten, so never less than what is left.
    assert found.value >= (truth < 450).mean()
    assert found.value < 1.0


def test_duplicates_are_as_good_as_each_other(tmp_path: Path) -> None:
    """40 copies of each of 3 vectors: any ten copies are the ten nearest."""
    copies = np.repeat(np.eye(3, dtype=np.float32), 40, axis=0)
    backwards = get_backend("exact").build(copies[::-1].copy())

    assert search_scores._recall(backwards, copies, np.eye(3, dtype=np.float32)).value == 1.0


def test_fewer_vectors_than_ten(tmp_path: Path, vectors: np.ndarray) -> None:
    get_backend("exact").build(vectors[:4]).save(tmp_path)

    found = index_recall(tmp_path, vectors[:4], seed=1)

    assert (found.value, found.items) == (1.0, 4)
