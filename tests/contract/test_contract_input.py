"""Bad and odd input: the same answer or the same error from every backend."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexes import METRICS, BackendArgs, InvalidVectorsError, Metric, backend_names, get_backend

BACKENDS = backend_names()
pytestmark = pytest.mark.parametrize("backend", BACKENDS)


def build(backend: str, rows: int = 6, dimension: int = 3, **options: Any):
    vectors = np.random.default_rng(0).normal(size=(rows, dimension)).astype(np.float32)
    return get_backend(backend).build(vectors, **options)


def test_k_beyond_size_is_padded(backend: str):
    hits = build(backend, ids=[10, 11, 12, 13, 14, 15]).search(np.ones((2, 3)), 9)
    assert sorted(hits.ids[0, :6]) == [10, 11, 12, 13, 14, 15]
    assert (hits.ids[:, 6:] == -1).all()
    assert (hits.scores[:, 6:] == -np.inf).all()


@pytest.mark.parametrize("metric", METRICS)
def test_an_empty_index_is_all_padding_also_after_saving(backend: str, metric: Metric, tmp_path: Path):
    index = get_backend(backend).build(np.empty((0, 3), np.float32), [], metric=metric)
    index.save(tmp_path)
    for one in (index, get_backend(backend).load(tmp_path)):
        assert one.size == 0
        hits = one.search(np.ones((2, 3)), 4)
        assert (hits.ids == -1).all()
        assert (hits.scores == -np.inf).all()
        assert hits.ids.shape == (2, 4)


def test_no_queries_give_no_rows(backend: str):
    hits = build(backend).search(np.empty((0, 3)), 4)
    assert hits.ids.shape == hits.scores.shape == (0, 4)


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_refused(backend: str, k: int):
    with pytest.raises(ValueError, match="k must be at least 1"):
        build(backend).search(np.ones((1, 3)), k)


def test_k_must_be_whole(backend: str):
    with pytest.raises(TypeError):
        build(backend).search(np.ones((1, 3)), 2.5)


def test_an_answer_too_large_for_memory_is_refused(backend: str):
    with pytest.raises(ValueError, match="lower k or split the batch"):
        build(backend).search(np.ones((1, 3)), 10**9)


def test_effort_below_one_is_refused(backend: str):
    with pytest.raises(ValueError, match="effort must be at least 1"):
        build(backend).search(np.ones((1, 3)), 1, effort=0)


@pytest.mark.parametrize("shape", [(2, 4), (3,), (1, 1, 3), (2, 0)])
def test_queries_of_another_shape_are_refused(backend: str, shape: tuple[int, ...]):
    with pytest.raises(InvalidVectorsError, match=r"dimension"):
        build(backend).search(np.ones(shape), 1)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_numbers_that_are_not_finite_are_refused_by_row(backend: str, metric: Metric, bad: float):
    vectors = np.ones((5, 3))
    vectors[3, 1] = bad
    with pytest.raises(InvalidVectorsError, match="vectors row 3 holds NaN or infinity"):
        get_backend(backend).build(vectors, metric=metric)
    index = build(backend, metric=metric)
    with pytest.raises(InvalidVectorsError, match="queries row 3 holds NaN or infinity"):
        index.search(vectors, 1)
    with pytest.raises(InvalidVectorsError, match="queries row 0 holds NaN or infinity"):
        index.search(vectors[3:4], 1)


@pytest.mark.parametrize("metric", ["ip", "l2"])
def test_vectors_whose_scores_would_overflow_are_refused(backend: str, metric: Metric):
    with pytest.raises(InvalidVectorsError, match="row 1 is longer than 1e"):
        get_backend(backend).build([[1.0, 1.0], [1e30, 0.0]], metric=metric)


def test_cosine_of_huge_and_tiny_vectors(backend: str):
    index = get_backend(backend).build([[1e30, 1e30], [1e-44, 1e-44], [0.0, 1.0]])
    hits = index.search([[1e-44, 0.0], [3e37, 3e37]], 3)
    np.testing.assert_allclose(hits.scores, [[0.5**0.5, 0.5**0.5, 0], [1, 1, 0.5**0.5]], atol=1e-6)


def test_zero_vectors_score_zero_under_cosine(backend: str):
    index = get_backend(backend).build([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])
    np.testing.assert_array_equal(index.search([[0.0, 0.0]], 3).scores, 0.0)
    hits = index.search([[2.0, 0.0]], 3)
    np.testing.assert_array_equal(hits.ids, [[1, 0, 2]])
    np.testing.assert_array_equal(hits.scores, [[1.0, 0.0, -1.0]])


@pytest.mark.parametrize("dtype", ["complex64", "bool", "U3", "object"])
def test_what_is_not_a_number_is_refused(backend: str, dtype: str):
    with pytest.raises(InvalidVectorsError, match="real numbers"):
        get_backend(backend).build(np.ones((2, 2)).astype(dtype))


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([1, 2, 1], "id 1 occurs more than once"),
        ([1, 2], "give one id each"),
        ([-1, 0, 1], "negative"),
        ([0.0, 1.0, 2.0], "integers"),
        (["a", "b", "c"], "integers"),
        (np.array([1, 2, 2**63], np.uint64), "below 2"),
    ],
)
def test_bad_ids_are_refused(backend: str, ids: Any, message: str):
    with pytest.raises(InvalidVectorsError, match=message):
        build(backend, rows=3, ids=ids)


def test_ids_beyond_32_bits_come_back(backend: str):
    ids = [2**31, 2**63 - 1, 5]
    hits = get_backend(backend).build(np.eye(3), ids).search(np.eye(3), 1)
    assert hits.ids[:, 0].tolist() == ids


def test_unknown_metric_and_foreign_arguments_are_refused(backend: str):
    class Foreign(BackendArgs):
        pass

    with pytest.raises(ValueError, match="use one of cosine, ip, l2"):
        build(backend, metric="hamming")
    with pytest.raises(TypeError, match="takes"):
        build(backend, args=Foreign())
