"""The package as its users meet it: names, backends, recall, FAISS's own promises."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import indexes
from indexes import MissingBackendError, UnknownBackendError, get_backend, recall_at_k
from indexes.faiss_backend import FaissHnswArgs, FaissHnswIndex, faiss


def test_all_is_sorted_and_true():
    assert indexes.__all__ == sorted(set(indexes.__all__), key=lambda name: (not name.isupper(), name))
    assert all(hasattr(indexes, name) for name in indexes.__all__)


def test_importing_the_package_imports_no_backend():
    code = "import indexes, sys; sys.exit('faiss' in sys.modules or 'indexes.exact' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_unknown_backends_are_refused_with_the_known_ones():
    with pytest.raises(UnknownBackendError, match="annoy, exact, faiss_factory, faiss_hnsw, hnswlib, milvus"):
        get_backend("annoyed")


def test_a_missing_library_is_named_with_its_pip_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    for module in ("indexes.faiss_library", "indexes.faiss_backend"):
        monkeypatch.delitem(sys.modules, module)
    with pytest.raises(MissingBackendError, match=r"pip install 'faiss-cpu>=1\.15,<2'"):
        get_backend("faiss_hnsw")


def test_recall_counts_sets_and_ignores_padding():
    found = [[3, 2, 1], [9, 8, -1], [-1, -1, -1], [5, -1, -1]]
    true = [[1, 2, 3], [9, 7, 6], [4, -1, -1], [-1, -1, -1]]
    np.testing.assert_allclose(recall_at_k(found, true), [1.0, 1 / 3, 0.0, 1.0])
    assert recall_at_k(np.empty((0, 3), int), np.empty((0, 3), int)).shape == (0,)


@pytest.mark.parametrize("shapes", [((2, 3), (3, 3)), ((3,), (3,))])
def test_recall_refuses_shapes_that_do_not_fit(shapes: Any):
    with pytest.raises(ValueError, match="same q"):
        recall_at_k(*(np.zeros(shape, int) for shape in shapes))


@pytest.mark.parametrize("bad", [{"m": 1}, {"m": 2.5}, {"ef_construction": 0}, {"ef_search": "64"}])
def test_hnsw_arguments_are_checked(bad: Any):
    with pytest.raises(ValueError, match="must be between"):
        FaissHnswArgs(**bad)


def test_more_effort_finds_more():
    vectors = np.random.default_rng(0).normal(size=(4_000, 48)).astype(np.float32)
    args = FaissHnswArgs(m=8, ef_construction=40)
    index = FaissHnswIndex.build(vectors, args=args, threads=1)
    queries = np.random.default_rng(1).normal(size=(60, 48))
    truth = index.search(queries, 10, effort=4_000).ids
    recalls = [
        recall_at_k(index.search(queries, 10, effort=effort).ids, truth).mean() for effort in (10, 100, 1000)
    ]
    assert recalls == sorted(recalls)
    assert recalls[0] < 0.8 < 0.97 < recalls[2]


def test_a_k_beyond_the_default_effort_is_filled():
    vectors = np.random.default_rng(0).normal(size=(2_000, 8)).astype(np.float32)
    hits = FaissHnswIndex.build(vectors, args=FaissHnswArgs(ef_search=16)).search(vectors[:5], 300)
    assert (hits.ids >= 0).all()


def test_threads_are_given_back_and_one_thread_repeats_itself():
    before = faiss.omp_get_max_threads()
    vectors = np.random.default_rng(0).normal(size=(1_500, 8)).astype(np.float32)
    first, second = (FaissHnswIndex.build(vectors, threads=1).search(vectors, 5, threads=1) for _ in range(2))
    np.testing.assert_array_equal(first.ids, second.ids)
    assert faiss.omp_get_max_threads() == before


def test_a_graph_of_another_shape_or_metric_is_foreign(tmp_path: Path):
    vectors = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32)
    FaissHnswIndex.build(vectors, metric="l2").save(tmp_path)
    text = (tmp_path / "index.json").read_text()
    (tmp_path / "index.json").write_text(text.replace('"l2"', '"ip"'))
    with pytest.raises(indexes.CorruptIndexError, match="contradicts"):
        indexes.open_index(tmp_path)


def test_a_progress_build_finds_as_much(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("indexes.faiss_backend._LEAST_STEP", 100)
    vectors = np.random.default_rng(0).normal(size=(1_000, 16)).astype(np.float32)
    seen = []
    index = FaissHnswIndex.build(vectors, progress=lambda *step: seen.append(step), threads=1)
    assert seen == [(done, 1_000) for done in range(0, 1_001, 100)]
    hits = index.search(vectors, 5, effort=400)
    assert recall_at_k(hits.ids, index.search(vectors, 5, effort=1_000).ids).mean() > 0.99


def test_what_a_broken_graph_cannot_reach_is_padded():
    few = np.random.default_rng(0).normal(size=(40, 4))
    args = FaissHnswArgs(m=2, ef_construction=1, ef_search=1)
    hits = FaissHnswIndex.build(np.repeat(few, 20, axis=0), args=args, threads=1).search(few, 100)
    missing = hits.ids < 0
    assert 0 < missing.mean() < 1
    assert (hits.scores[missing] == -np.inf).all()
    assert (hits.ids[missing] == -1).all()
    assert np.isfinite(hits.scores[~missing]).all()
