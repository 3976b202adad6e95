"""The neighbour table against a plain computation, and the tables it takes over or refuses."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes import METRICS, InvalidVectorsError, Metric, NeighbourTable
from indexes.exact import ExactIndex


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("masked", [False, True])
def test_rows_are_the_true_neighbours(metric: Metric, masked: bool):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 10)).astype(np.float32)
    mask = rng.random(400) < 0.3 if masked else np.ones(400, bool)
    table = NeighbourTable.build(vectors, 12, metric=metric, candidates=mask if masked else None, block=64)
    x = vectors.astype(np.float64)
    if metric == "cosine":
        x /= np.linalg.norm(x, axis=1, keepdims=True)
    truth = -((x[:, None] - x[None]) ** 2).sum(axis=2) if metric == "l2" else x @ x.T
    np.fill_diagonal(truth, -np.inf)
    truth[:, ~mask] = -np.inf
    best = np.argsort(-truth, axis=1, kind="stable")[:, :12]
    for position in range(400):
        ids, scores = table.row(position)
        np.testing.assert_array_equal(ids, best[position])
        np.testing.assert_allclose(scores, truth[position, best[position]], rtol=1e-5, atol=1e-5)
    assert table.ids.dtype == np.int32
    assert table.scores.dtype == np.float32


def test_a_row_is_shorter_where_there_are_not_enough_others():
    table = NeighbourTable.build(np.eye(4), 10, metric="ip", candidates=np.array([True, True, False, False]))
    assert [table.row(row)[0].tolist() for row in range(4)] == [[1], [0], [0, 1], [0, 1]]
    assert table.ids[0].tolist() == [1, -1]
    assert table.scores[0].tolist() == [0.0, -np.inf]


@pytest.mark.parametrize("rows", [0, 1])
def test_tables_without_neighbours(rows: int, tmp_path: Path):
    table = NeighbourTable.build(np.ones((rows, 3)), 5)
    table.save(tmp_path)
    loaded = NeighbourTable.load(tmp_path)
    assert loaded.size == rows
    for row in range(rows):
        assert loaded.row(row)[0].tolist() == []


def test_nobody_is_a_candidate():
    table = NeighbourTable.build(np.eye(3), 5, candidates=np.zeros(3, bool))
    assert table.row(1)[0].tolist() == []


@pytest.mark.parametrize("mmap", [True, False])
def test_a_saved_table_is_the_same_and_read_only(mmap: bool, tmp_path: Path):
    table = NeighbourTable.build(np.random.default_rng(1).normal(size=(50, 5)), 7, metric="l2")
    table.save(tmp_path)
    loaded = NeighbourTable.load(tmp_path, mmap=mmap, verify=True)
    np.testing.assert_array_equal(loaded.ids, table.ids)
    np.testing.assert_array_equal(loaded.scores, table.scores)
    assert (loaded.size, loaded.width, loaded.metric) == (50, 7, "l2")
    assert loaded.row(3)[0].tolist() == table.row(3)[0].tolist()
    with pytest.raises(ValueError, match="read-only"):
        loaded.row(3)[1][0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        table.row(3)[0][0] = 1


@pytest.mark.parametrize("position", [-1, 3, 10**12])
def test_rows_outside_are_refused(position: int):
    with pytest.raises(IndexError, match="is not in a table of 3"):
        NeighbourTable.build(np.eye(3), 1).row(position)


def test_a_table_computed_elsewhere(tmp_path: Path):
    table = NeighbourTable.from_rows(
        [[1, 2], [2, -1], [-1, -1]], [[0.9, 0.5], [0.1, np.nan], [0, 0]], metric="association"
    )
    table.save(tmp_path)
    loaded = NeighbourTable.load(tmp_path)
    assert loaded.metric == "association"
    assert [loaded.row(row)[0].tolist() for row in range(3)] == [[1, 2], [2], []]
    assert loaded.row(1)[1].tolist() == [np.float32(0.1)]
    assert loaded.scores[2].tolist() == [-np.inf, -np.inf]


@pytest.mark.parametrize(
    ("ids", "scores", "message"),
    [
        ([[1, 2], [2, 3], [0, 1]], np.zeros((3, 2)), "row 1 names a row that is not in the table"),
        ([[1, 2], [2, -2], [0, 1]], np.zeros((3, 2)), "row 1 names a row that is not in the table"),
        ([[1, 2], [2, 0], [2, 1]], np.zeros((3, 2)), "row 2 names itself"),
        ([[1, 1], [2, 0], [0, 1]], np.zeros((3, 2)), "row 0 names a row twice"),
        ([[1, 2], [-1, 0], [0, 1]], np.zeros((3, 2)), "row 1 has padding before its end"),
        ([[1, 2], [2, 0], [0, 1]], [[1, 0], [1, np.nan], [1, 0]], "row 1 has a score of NaN"),
        ([[1, 2], [2, 0], [0, 1]], [[1, 0], [1, 0], [1, 2]], "row 2 has rising scores"),
        ([[1.0, 2.0]], [[1, 0]], "must be integers"),
        ([1, 2], [1, 0], "must be integers of shape"),
        ([[1, 0]], [[1, 0], [1, 0]], "1 rows of ids but 2 of scores"),
        ([[1, 0]], [[1, 0, 0]], "dimensions"),
    ],
)
def test_tables_that_cannot_be_are_refused(ids: Any, scores: Any, message: str):
    with pytest.raises(InvalidVectorsError, match=message):
        NeighbourTable.from_rows(ids, scores)


@pytest.mark.parametrize("mask", [[1, 0, 1], np.ones(2, bool), np.ones((3, 1), bool)])
def test_a_bad_mask_is_refused(mask: npt.ArrayLike):
    with pytest.raises(InvalidVectorsError, match="bool mask of shape"):
        NeighbourTable.build(np.eye(3), 1, candidates=mask)


@pytest.mark.parametrize("options", [{"n": 0}, {"n": 1, "block": 0}])
def test_bad_counts_are_refused(options: Any):
    with pytest.raises(ValueError, match="at least 1"):
        NeighbourTable.build(np.eye(3), **options)


def test_zero_vectors_score_zero():
    table = NeighbourTable.build([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]], 2)
    assert table.row(0)[0].tolist() == [1, 2]
    assert table.row(0)[1].tolist() == [0.0, 0.0]


def test_progress_counts_rows():
    seen = []
    NeighbourTable.build(np.eye(10), 2, block=4, progress=lambda *step: seen.append(step))
    assert seen == [(4, 10), (8, 10), (10, 10)]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_shape(data: st.DataObject):
    rows = data.draw(st.integers(0, 40), label="rows")
    n = data.draw(st.integers(1, 50), label="n")
    metric = data.draw(st.sampled_from(METRICS), label="metric")
    block = data.draw(st.integers(1, 50), label="block")
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=rows, max_size=rows)), bool)
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    # Whole numbers make zero vectors and ties common, and their products exact in any order.
    vectors = rng.integers(-2, 3, size=(rows, data.draw(st.integers(1, 12), label="dimension")))
    table = NeighbourTable.build(vectors, n, metric=metric, candidates=mask, block=block)
    exact = ExactIndex.build(vectors, metric=metric)
    for row in range(rows):
        ids, scores = table.row(row)
        allowed = mask.copy()
        allowed[row] = False
        hits = exact.search(vectors[row : row + 1], n, within=allowed)
        found = hits.ids[0] >= 0
        np.testing.assert_array_equal(ids, hits.ids[0][found])
        np.testing.assert_array_equal(scores, hits.scores[0][found])


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_vectors_that_are_not_finite_are_refused_by_row(bad: float):
    vectors = np.ones((5, 3))
    vectors[2, 0] = bad
    with pytest.raises(InvalidVectorsError, match="vectors row 2 holds NaN or infinity"):
        NeighbourTable.build(vectors, 2)
