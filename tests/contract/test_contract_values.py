"""Every backend x metric x dtype against a plain computation in float64: the values, not the counts."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes import METRICS, Hits, Metric, backend_names, get_backend, open_index, recall_at_k
from indexes.faiss_backend import FaissHnswArgs

BACKENDS = backend_names()
DTYPES = ["float16", "float32", "float64", "int8"]


def true_scores(vectors: npt.ArrayLike, queries: npt.ArrayLike, metric: Metric):
    x, q = np.asarray(vectors, np.float64), np.asarray(queries, np.float64)
    if metric == "l2":
        return -((q[:, None, :] - x[None, :, :]) ** 2).sum(axis=2)
    products = q @ x.T
    if metric == "ip":
        return products
    lengths = np.linalg.norm(q, axis=1)[:, None] * np.linalg.norm(x, axis=1)[None, :]
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)


def assert_true(
    hits: Hits, vectors: npt.ArrayLike, queries: npt.ArrayLike, metric: Metric, *, complete: bool = True
):
    """Each score is the true one of its id; and, if complete, the scores are the k best there are."""
    truth = true_scores(vectors, queries, metric)
    scale = max(1.0, float(np.abs(truth).max(initial=0.0)))
    found = hits.ids >= 0
    rows = np.nonzero(found)[0]
    np.testing.assert_allclose(hits.scores[found], truth[rows, hits.ids[found]], rtol=0, atol=1e-5 * scale)
    assert (hits.scores[~found] == -np.inf).all()
    assert hits.ids.dtype == np.int64
    assert hits.scores.dtype == np.float32
    for row in hits.ids:
        assert len(set(row[row >= 0])) == (row >= 0).sum()
    assert (hits.scores[:, 1:] <= hits.scores[:, :-1]).all()
    if complete:
        k = min(hits.ids.shape[1], truth.shape[1])
        best = -np.sort(-truth, axis=1)[:, :k]
        np.testing.assert_allclose(hits.scores[:, :k], best, rtol=0, atol=1e-5 * scale)


def sample(dtype: str, rows: int, dimension: int, seed: int = 0):
    values = np.random.default_rng(seed).normal(size=(rows, dimension))
    return (values * 20).astype(dtype) if np.dtype(dtype).kind == "i" else values.astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_hits_are_the_true_ones(backend: str, metric: Metric, dtype: str):
    vectors, queries = sample(dtype, 700, 24), sample(dtype, 40, 24, seed=1)
    index = get_backend(backend).build(vectors, metric=metric, threads=1)
    hits = index.search(queries, 10, effort=600)  # below size: what was built is searched, not the vectors
    assert_true(hits, vectors, queries, metric, complete=backend != "annoy")
    truth = np.argsort(-true_scores(vectors, queries, metric), axis=1, kind="stable")[:, :10]
    assert recall_at_k(hits.ids, truth).mean() >= 0.95


@pytest.mark.parametrize("layout", ["fortran", "strided", "reversed", "list", "read-only"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_any_layout_gives_the_same_hits(backend: str, layout: str):
    plain = sample("float32", 300, 8)
    wide = np.zeros((300, 16), np.float32)
    wide[:, ::2] = plain
    frozen = plain.copy()
    frozen.flags.writeable = False
    same = {
        "fortran": np.asfortranarray(plain),
        "strided": wide[:, ::2],
        "reversed": plain[::-1].copy()[::-1],
        "list": plain.tolist(),
        "read-only": frozen,
    }[layout]
    build = get_backend(backend).build
    expected = build(plain, threads=1).search(plain[:20], 5)
    found = build(same, threads=1).search(same[:20], 5)
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.scores, expected.scores)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_recall_on_clusters(backend: str, metric: Metric):
    rng = np.random.default_rng(3)
    centers = rng.normal(size=(50, 64))
    vectors = (centers[rng.integers(0, 50, 5_000)] + 0.4 * rng.normal(size=(5_000, 64))).astype(np.float32)
    queries = (centers[rng.integers(0, 50, 100)] + 0.4 * rng.normal(size=(100, 64))).astype(np.float32)
    truth = np.argsort(-true_scores(vectors, queries, metric), axis=1, kind="stable")[:, :10]
    args = FaissHnswArgs(m=16, ef_construction=80, ef_search=128) if backend == "faiss_hnsw" else None
    index = get_backend(backend).build(vectors, metric=metric, args=args, threads=1)
    hits = index.search(queries, 10)
    assert recall_at_k(hits.ids, truth).mean() >= 0.95
    assert_true(hits, vectors, queries, metric, complete=False)
    everything = index.search(queries, 10, effort=index.size)
    assert recall_at_k(everything.ids, truth).min() == 1.0


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("mmap", [True, False])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_saved_index_gives_identical_hits(backend: str, mmap: bool, metric: Metric, tmp_path: Path):
    vectors = sample("float32", 500, 13)
    ids = np.random.default_rng(5).permutation(500) + 2**40
    index = get_backend(backend).build(vectors, ids, metric=metric)
    index.save(tmp_path / "index")
    opened = open_index(tmp_path / "index", mmap=mmap, verify=True)
    assert type(opened) is type(index)
    assert (opened.size, opened.dimension, opened.metric, opened.args) == (500, 13, metric, index.args)
    np.testing.assert_array_equal(opened.ids, ids)
    for effort in (100, 500):
        before, after = (
            index.search(vectors[:50], 7, effort=effort),
            opened.search(vectors[:50], 7, effort=effort),
        )
        np.testing.assert_array_equal(after.ids, before.ids)
        np.testing.assert_array_equal(after.scores, before.scores)
    if metric != "ip":
        np.testing.assert_array_equal(opened.search(vectors[:50], 1, effort=500).ids[:, 0], ids[:50])


@settings(max_examples=40, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("backend", BACKENDS)
def test_any_shape(backend: str, data: st.DataObject):
    rows = data.draw(st.integers(0, 60), label="rows")
    dimension = data.draw(st.integers(1, 40), label="dimension")
    count = data.draw(st.integers(0, 9), label="queries")
    k = data.draw(st.integers(1, 80), label="k")
    metric = data.draw(st.sampled_from(METRICS), label="metric")
    effort = data.draw(st.one_of(st.none(), st.integers(1, 100)), label="effort")
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    # Whole numbers make zero vectors and ties common.
    vectors = rng.integers(-2, 3, size=(rows, dimension)).astype(np.float32)
    queries = rng.integers(-2, 3, size=(count, dimension)).astype(np.float64)
    hits = get_backend(backend).build(vectors, metric=metric, threads=1).search(queries, k, effort=effort)
    assert hits.ids.shape == hits.scores.shape == (count, k)
    complete = (
        backend == "exact" or effort is None or effort >= rows or (backend != "faiss_factory" and k >= rows)
    )
    if complete and count:
        assert ((hits.ids >= 0).sum(axis=1) == min(k, rows)).all()
    assert_true(hits, vectors, queries, metric, complete=complete)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_batch_threads_and_single_queries_agree(backend: str, metric: Metric):
    vectors = sample("float32", 600, 32)
    index = get_backend(backend).build(vectors, metric=metric)
    batch = index.search(vectors, 9)
    np.testing.assert_array_equal(index.search(vectors, 9, threads=1).ids, batch.ids)
    for row in range(0, 600, 50):
        one = index.search(vectors[row : row + 1], 9)
        np.testing.assert_array_equal(one.ids[0], batch.ids[row])
        np.testing.assert_array_equal(one.scores[0], batch.scores[row])


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_cosine_is_never_beyond_one(backend: str):
    vectors = sample("float32", 1_000, 7)
    index = get_backend(backend).build(np.concatenate((vectors, -vectors)), threads=1)
    scores = index.search(vectors, 3, effort=100).scores
    assert scores.max() == 1.0
    np.testing.assert_allclose(scores[:, 0], 1.0, atol=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_index_does_not_follow_the_callers_array(backend: str):
    vectors = np.eye(4, dtype=np.float32)
    index = get_backend(backend).build(vectors, metric="ip")
    vectors[:] = 0
    np.testing.assert_array_equal(index.search(np.eye(4), 1).scores[:, 0], 1.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_progress_ends_with_everything(backend: str):
    seen = []
    get_backend(backend).build(sample("float32", 100, 4), progress=lambda *step: seen.append(step))
    assert seen[-1] == (100, 100)
    assert seen == sorted(seen)
