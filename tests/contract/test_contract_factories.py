"""What FAISS's factory makes, each kind x metric x dtype, against exact search: values, not counts."""

from pathlib import Path

import numpy as np
import pytest

from indexes import METRICS, Metric, open_index, recall_at_k
from indexes.exact import ExactIndex
from indexes.faiss_factory_backend import FaissFactoryArgs, FaissFactoryIndex

# Of each, proposals for a neighbour: what stores less of a vector has to propose more.
KINDS = {
    "Flat": 1,
    "SQ8": 2,
    "SQ4": 10,
    "SQfp16": 1,
    "HNSW16": 1,
    "HNSW16,SQ8": 3,
    "IVF{lists},Flat": 1,
    "IVF{lists},SQ8": 2,
    "IVF{lists},SQbf16": 1,
    "IVF{lists},PQ12np": 20,
    "IVF{lists},PQ12x4fsr": 40,
    "IVF{lists},PQ24x4fsr": 4,
    "IVF{lists},RaBitQ": 40,
    "OPQ12,IVF{lists},PQ12x4np": 40,
    "PCA16,IVF{lists},SQ8": 40,
}
# FAISS sees the same float32 of every dtype; OPQ's training takes seconds and knows no metric.
CASES = [
    (kind, metric, dtype)
    for kind in KINDS
    for metric in (("l2",) if kind.startswith("OPQ") else METRICS)
    for dtype in (("float16", "float32", "float64") if kind in ("HNSW16", "IVF{lists},SQ8") else ("float32",))
]


@pytest.fixture(scope="module")
def clusters() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    centers = rng.normal(size=(20, 24))
    drawn = centers[rng.integers(0, 20, 1_260)] + 0.5 * rng.normal(size=(1_260, 24))
    return drawn[:1_200], drawn[1_200:]


@pytest.mark.parametrize(("factory", "metric", "dtype"), CASES)
def test_scores_are_exact_and_neighbours_are_found(
    factory: str, metric: Metric, dtype: str, clusters: tuple[np.ndarray, ...], tmp_path: Path
):
    vectors, queries = (each.astype(dtype) for each in clusters)
    ids = np.random.default_rng(1).permutation(len(vectors)) + 2**31
    args = FaissFactoryArgs(factory, probes=64, refine=KINDS[factory])
    index = FaissFactoryIndex.build(vectors, ids, metric=metric, args=args, threads=1)
    exact = ExactIndex.build(vectors, ids, metric=metric)
    truth = exact.search(queries, len(vectors))
    hits = index.search(queries, 10)

    assert hits.path == "index"
    assert recall_at_k(hits.ids, truth.ids[:, :10]).mean() >= 0.95
    true = np.empty((len(queries), len(vectors)), np.float32)
    np.put_along_axis(true, truth.ids - 2**31, truth.scores, axis=1)
    scale = max(1.0, float(np.abs(true).max()))
    np.testing.assert_allclose(
        hits.scores, np.take_along_axis(true, hits.ids - 2**31, axis=1), rtol=0, atol=1e-6 * scale
    )
    assert (hits.scores[:, 1:] <= hits.scores[:, :-1]).all()
    if dtype == "float32":
        index.save(tmp_path)
        opened = open_index(tmp_path, verify=True).search(queries, 10)
        np.testing.assert_array_equal(opened.ids, hits.ids)
        np.testing.assert_array_equal(opened.scores, hits.scores)


@pytest.mark.parametrize("factory", [kind for kind in KINDS if not kind.startswith("OPQ")])
def test_a_query_asked_alone_finds_what_it_finds_in_a_batch(factory: str, clusters: tuple[np.ndarray, ...]):
    args = FaissFactoryArgs(factory, probes=4, refine=KINDS[factory])
    index = FaissFactoryIndex.build(clusters[0], metric="l2", args=args, threads=1)
    batch = index.search(clusters[1], 7)
    for row in range(0, len(clusters[1]), 9):
        alone = index.search(clusters[1][row : row + 1], 7)
        np.testing.assert_array_equal(alone.scores[0], batch.scores[row])
        np.testing.assert_array_equal(alone.ids[0], batch.ids[row])


@pytest.mark.parametrize(
    ("factory", "dimension", "spelled_out"),
    [
        ("IVF{lists},SQ8", 24, "Pad32,IVF30,SQ8"),
        ("IVF{lists},SQ8", 16, "IVF30,SQ8"),
        ("SQbf16", 17, "Pad32,SQbf16"),
        ("HNSW8,SQ8", 15, "Pad16,HNSW8,SQ8"),
        ("PCA16,IVF{lists},SQ8", 24, "PCA16,IVF30,SQ8"),
        ("IVF{lists},Flat", 24, "IVF30,Flat"),
    ],
)
def test_scalars_are_decoded_by_the_register(
    factory: str, dimension: int, spelled_out: str, clusters: tuple[np.ndarray, ...]
):
    vectors = np.ascontiguousarray(clusters[0][:, :dimension])
    index = FaissFactoryIndex.build(vectors, args=FaissFactoryArgs(factory, probes=30), threads=1)
    assert index.args == FaissFactoryArgs(spelled_out, probes=30)
    assert index.dimension == dimension
    np.testing.assert_array_equal(index.search(vectors[:50], 1).ids[:, 0], np.arange(50))


def test_directions_that_move_the_origin_propose_well_for_cosine(clusters: tuple[np.ndarray, ...]):
    vectors, queries = (each + 2.0 * np.linspace(0, 1, each.shape[1]) for each in clusters)
    args = FaissFactoryArgs("PCA16,IVF{lists},SQ8", probes=64, refine=3)
    found = FaissFactoryIndex.build(vectors, args=args, threads=1).search(queries, 10)
    truth = ExactIndex.build(vectors).search(queries, 10)
    assert recall_at_k(found.ids, truth.ids).mean() >= 0.95
