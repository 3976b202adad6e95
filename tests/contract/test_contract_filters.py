"""Search within some of the vectors: every backend, every selectivity, against a plain computation."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes import METRICS, Index, InvalidVectorsError, Metric, backend_names, get_backend, recall_at_k

BACKENDS = backend_names()
ROWS, K = 6_000, 10


def scores_of(vectors: Any, queries: Any, metric: Metric):
    x, q = np.asarray(vectors, np.float64), np.asarray(queries, np.float64)
    if metric == "l2":
        return -((q[:, None, :] - x[None, :, :]) ** 2).sum(axis=2)
    if metric == "cosine":
        x, q = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (x, q))
    return q @ x.T


@pytest.fixture(scope="module")
def clusters() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors and queries around 30 centres, and the centre of each vector."""
    rng = np.random.default_rng(3)
    centers = rng.normal(size=(30, 24))
    home = rng.integers(0, 30, ROWS)
    vectors = (centers[home] + 0.5 * rng.normal(size=(ROWS, 24))).astype(np.float32)
    queries = (centers[rng.integers(0, 30, 40)] + 0.5 * rng.normal(size=(40, 24))).astype(np.float32)
    return vectors, queries, home


@pytest.fixture(scope="module")
def built(clusters: tuple[np.ndarray, ...]) -> dict[tuple[str, str], Index]:
    return {
        (backend, metric): get_backend(backend).build(clusters[0], metric=metric, threads=1)
        for backend in BACKENDS
        for metric in METRICS
    }


@pytest.mark.parametrize("kind", ["random", "clustered"])
@pytest.mark.parametrize("share", [1.0, 0.5, 0.1, 0.01, 0.001])
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_recall_holds_at_any_selectivity(
    backend: str,
    metric: Metric,
    share: float,
    kind: str,
    built: dict[tuple[str, str], Index],
    clusters: tuple[np.ndarray, ...],
):
    vectors, queries, home = clusters
    order = np.random.default_rng(7).permutation(ROWS)
    if kind == "clustered":  # what a label or a place is: whole clusters may be found, others not at all
        order = np.argsort(home, kind="stable")
    within = np.zeros(ROWS, bool)
    within[order[: round(share * ROWS)]] = True
    hits = built[backend, metric].search(queries, K, within=within)

    found = hits.ids >= 0
    assert within[hits.ids[found]].all()
    truth = scores_of(vectors, queries, metric)
    truth[:, ~within] = -np.inf
    best = np.argsort(-truth, axis=1, kind="stable")[:, : min(K, within.sum())]
    assert recall_at_k(hits.ids, best).mean() >= 0.95
    rows = np.nonzero(found)[0]
    np.testing.assert_allclose(hits.scores[found], truth[rows, hits.ids[found]], atol=1e-4)
    assert (hits.scores[:, 1:] <= hits.scores[:, :-1]).all()
    if share <= 0.01:
        assert hits.path == "scan"
        assert recall_at_k(hits.ids, best).min() == 1.0


@pytest.mark.parametrize(("share", "path"), [(1.0, "index"), (0.02, "scan")])
def test_the_answer_says_which_path_ran(share: float, path: str):
    vectors = np.random.default_rng(0).normal(size=(9_000, 4)).astype(np.float32)
    within = np.random.default_rng(1).random(9_000) < share
    for backend in ("annoy", "faiss_hnsw", "faiss_factory"):
        args = {"search_nodes": 100} if backend == "annoy" else {}
        args |= {"ef_search": 16, "ef_construction": 40, "m": 8} if backend == "faiss_hnsw" else {}
        args |= {"factory": "IVF90,Flat", "probes": 2} if backend == "faiss_factory" else {}
        maker = get_backend(backend)
        index = maker.build(vectors, args=maker.args_type(**args))
        assert index.search(vectors[:2], 3, within=within).path == path, backend
        assert index.search(vectors[:2], 3, effort=9_000, within=within).path == "scan"


@settings(max_examples=40, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("backend", BACKENDS)
def test_any_subset_with_all_effort_is_exact(backend: str, data: st.DataObject):
    rows = data.draw(st.integers(0, 50), label="rows")
    metric = data.draw(st.sampled_from(METRICS), label="metric")
    k = data.draw(st.integers(1, 60), label="k")
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    within = np.array(data.draw(st.lists(st.booleans(), min_size=rows, max_size=rows)), bool)
    vectors = rng.normal(size=(rows, 5)).astype(np.float32)
    queries = rng.normal(size=(3, 5)).astype(np.float32)
    ids = rng.permutation(rows) + 100
    index = get_backend(backend).build(vectors, ids, metric=metric, threads=1)
    hits = index.search(queries, k, within=within, effort=max(1, rows))
    truth = scores_of(vectors, queries, metric)
    truth[:, ~within] = -np.inf
    expected = np.full((3, k), -1)
    count = min(k, int(within.sum()))
    if count:
        expected[:, :count] = ids[np.argsort(-truth, axis=1, kind="stable")[:, :count]]
    np.testing.assert_array_equal(hits.ids, expected)
    assert (hits.scores[:, count:] == -np.inf).all()


@pytest.mark.parametrize("within", [[True] * 5, np.ones(6), [[True] * 6], "yes", np.arange(6)])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_mask_that_does_not_fit_is_refused(backend: str, within: Any):
    index = get_backend(backend).build(np.eye(6))
    with pytest.raises(InvalidVectorsError, match="within must be 6 booleans"):
        index.search(np.eye(6), 1, within=within)


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_that_may_be_found_is_nothing_found(backend: str):
    hits = get_backend(backend).build(np.eye(6)).search(np.eye(6), 2, within=np.zeros(6, bool))
    assert (hits.ids == -1).all()
    assert (hits.scores == -np.inf).all()
