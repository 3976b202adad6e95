"""What only the exact scan promises: ties by position, and no lost digits."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexes import METRICS, Metric, get_backend
from indexes.exact import ExactArgs, ExactIndex
from indexes.scan import Scan
from indexes.select import largest
from indexes.vectors import prepare


@pytest.mark.parametrize("metric", METRICS)
def test_equal_rows_are_ordered_by_position(metric: Metric):
    few = np.random.default_rng(0).normal(size=(3, 33)).astype(np.float32)
    copies = np.arange(9_000) % 3
    index = ExactIndex.build(few[copies], metric=metric)
    hits = index.search(np.repeat(few, 5, axis=0), 40)
    nearest = np.repeat([np.argmax(index.search(few, 3).ids[:, :1] == np.arange(3), axis=1)], 5)
    for row, ids in enumerate(hits.ids):
        assert len(set(hits.scores[row])) == 1
        np.testing.assert_array_equal(ids, nearest[row] + 3 * np.arange(40))


def test_distances_far_from_the_origin_keep_their_digits():
    rng = np.random.default_rng(1)
    vectors = (10_000 + rng.normal(size=(2_000, 32))).astype(np.float32)
    queries = (10_000 + rng.normal(size=(50, 32))).astype(np.float32)
    apart = queries.astype(np.float64)[:, None] - vectors.astype(np.float64)[None]
    truth = (apart**2).sum(axis=2)
    hits = ExactIndex.build(vectors, metric="l2").search(queries, 10)
    np.testing.assert_array_equal(hits.ids, np.argsort(truth, axis=1, kind="stable")[:, :10])
    np.testing.assert_allclose(-hits.scores, np.sort(truth, axis=1)[:, :10], rtol=1e-5)


def test_a_vector_is_at_distance_zero_from_itself():
    vectors = np.random.default_rng(2).normal(size=(3_000, 50)).astype(np.float32)
    hits = ExactIndex.build(vectors, metric="l2").search(vectors, 1)
    np.testing.assert_array_equal(hits.ids[:, 0], np.arange(3_000))
    np.testing.assert_array_equal(hits.scores, 0.0)


@pytest.mark.parametrize("metric", METRICS)
def test_blocks_of_rows_and_queries_change_nothing(metric: Metric, monkeypatch: pytest.MonkeyPatch):
    vectors = np.random.default_rng(3).normal(size=(500, 12)).astype(np.float32)
    whole = ExactIndex.build(vectors, metric=metric).search(vectors, 20)
    monkeypatch.setattr("indexes.scan._CELLS", 700)
    monkeypatch.setattr("indexes.scan._GATHERED", 100)
    parts = ExactIndex.build(vectors, metric=metric, args=ExactArgs(block=7)).search(vectors, 20)
    np.testing.assert_array_equal(parts.ids, whole.ids)
    np.testing.assert_array_equal(parts.scores, whole.scores)


def test_excluded_positions_are_not_found():
    rows = np.eye(4, dtype=np.float32)
    positions, scores = Scan(rows, "ip").search(rows, 4, exclude=np.array([0, 1, -1, 3]))
    assert positions.tolist() == [[1, 2, 3, -1], [0, 2, 3, -1], [2, 0, 1, 3], [0, 1, 2, -1]]
    assert scores[0].tolist() == [0.0, 0.0, 0.0, -np.inf]


@pytest.mark.parametrize("block", [0, -3, 2.0, True])
def test_a_bad_block_is_refused(block: Any):
    with pytest.raises(ValueError, match="block must be between"):
        ExactArgs(block=block)


def test_progress_that_raises_stops_the_scan():
    rows = np.random.default_rng(4).normal(size=(4_000, 4)).astype(np.float32)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt(done, total)

    with pytest.raises(KeyboardInterrupt) as caught:
        Scan(rows, "ip", block=100).search(rows, 1, progress=stop)
    assert caught.value.args == (100, 4_000)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 5),
    columns=st.sampled_from([1, 2, 100, 4_095, 4_096, 5_001, 9_000]),
    share=st.floats(0.0001, 1.0),
    distinct=st.sampled_from([1, 2, 50, 10**6]),
    order=st.sampled_from(["random", "rising", "falling", "low sample", "high sample"]),
    seed=st.integers(0, 2**32 - 1),
)
@example(rows=3, columns=9_000, share=0.01, distinct=10**6, order="high sample", seed=0)
@example(rows=3, columns=9_000, share=0.01, distinct=10**6, order="low sample", seed=0)
def test_the_largest_are_the_largest(
    rows: int, columns: int, share: float, distinct: int, order: str, seed: int
):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, distinct, size=(rows, columns)).astype(np.float32)
    if order in ("rising", "falling"):
        scores.sort(axis=1)
        scores = scores if order == "rising" else scores[:, ::-1].copy()
    elif order != "random":  # the very columns that the sample looks at
        scores[:, ::16] += distinct if order == "high sample" else -distinct
    scores[0, : columns // 3] = -np.inf
    count = max(1, int(columns * share))
    found = largest(scores, count)
    assert found.shape == (rows, count)
    assert all(len(set(row)) == count for row in found.tolist())
    values = np.take_along_axis(scores, found, axis=1)
    np.testing.assert_array_equal(np.sort(values, axis=1), np.sort(scores, axis=1)[:, columns - count :])


def test_the_exact_index_is_found_by_name():
    assert get_backend("exact") is ExactIndex


@pytest.mark.parametrize("metric", METRICS)
def test_equal_scores_among_others_are_ordered_by_position(metric: Metric):
    vectors = np.random.default_rng(6).integers(-1, 2, size=(3_000, 5))
    hits = ExactIndex.build(vectors, metric=metric).search(vectors[:40], 700)
    tied = hits.scores[:, 1:] == hits.scores[:, :-1]
    assert tied.mean() > 0.9
    assert (hits.ids[:, 1:] > hits.ids[:, :-1])[tied].all()


def test_vectors_of_length_one_are_kept_and_score_alike_alone_and_in_a_batch():
    rng = np.random.default_rng(7)
    unit = rng.normal(size=(200, 32)).astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    assert prepare(unit, "cosine", what="vectors") is unit
    mixed = np.concatenate((unit, 3 * unit, np.zeros((2, 32), np.float32), 1e-30 * unit))
    scaled = prepare(mixed, "cosine", what="vectors")
    np.testing.assert_array_equal(scaled[:200], unit)
    for row in range(0, len(mixed), 7):
        np.testing.assert_array_equal(prepare(mixed[row : row + 1], "cosine", what="queries")[0], scaled[row])
    lengths = np.linalg.norm(scaled.astype(np.float64), axis=1)
    np.testing.assert_allclose(lengths[lengths > 0], 1.0, atol=6e-7)
    assert (lengths[400:402] == 0).all()


@pytest.mark.parametrize("queries", [1, 3])
def test_scoring_a_few_rows_copies_no_others(queries: int):
    rows = np.ones((50_000, 20), np.float32)[:, :16]  # as the vectors lie in Annoy's file: not in one piece
    scan = Scan(rows, "ip")
    proposed = np.tile(np.arange(0, 40, 4), (queries, 1))
    tracemalloc.start()
    positions, scores = scan.rank(np.ones((queries, 16), np.float32), proposed, 5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000
    assert positions.tolist() == [[0, 4, 8, 12, 16]] * queries
    assert (scores == 16.0).all()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("queries", [1, 40])
def test_rows_that_lie_askew_in_memory_are_found_alike_and_never_copied_whole(metric: Metric, queries: int):
    rng = np.random.default_rng(2)
    plain = prepare(rng.normal(size=(30_000, 32)).astype(np.float32), metric, what="vectors")
    buffer = np.empty(plain.nbytes + 2, np.uint8)
    askew = buffer[2:].view(np.float32).reshape(plain.shape)  # as in a file of FAISS that is mapped
    askew[:] = plain
    assert not askew.flags.aligned
    some = prepare(rng.normal(size=(queries, 32)).astype(np.float32), metric, what="queries")
    within = rng.random(len(plain)) < 0.5
    wanted = Scan(plain, metric).search(some, 10, within=within, threads=1)
    scan = Scan(askew, metric)
    scan.search(some, 10, threads=1)  # computes what it needs once
    tracemalloc.start()
    found = scan.search(some[:1], 10, within=within, threads=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_array_equal(found[0], wanted[0][:1])
    np.testing.assert_array_equal(scan.search(some, 10, within=within, threads=1)[0], wanted[0])
    np.testing.assert_array_equal(found[1], wanted[1][:1])
    assert peak < plain.nbytes / 2
