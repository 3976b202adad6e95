"""Deletes and upserts without a rebuild: after any of them, what a fresh index over the survivors finds."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes import (
    METRICS,
    Index,
    InvalidVectorsError,
    Metric,
    Segments,
    backend_names,
    get_backend,
    recall_at_k,
)

K = 10
changes = st.lists(
    st.tuples(
        st.lists(st.integers(0, 40), max_size=6), st.lists(st.integers(0, 40), max_size=6, unique=True)
    ),
    max_size=8,
)


def exact(vectors: Any, ids: Any = None, metric: Metric = "cosine") -> Index:
    return get_backend("exact").build(vectors, ids, metric=metric)


def test_a_worked_example():
    before = Segments.over(exact(np.eye(3), [10, 20, 30]))
    after = before.changed(deleted=[10], ids=[20, 40], vectors=[[3.0, 0, 4], [1, 0, 0]])
    hits = after.search([[1.0, 0, 0]], 4)
    assert hits.ids.tolist() == [[40, 20, 30, -1]]
    np.testing.assert_allclose(hits.scores[0, :3], [1.0, 0.6, 0.0], atol=1e-6)
    assert (after.size, after.count, after.alive.tolist()) == (5, 3, [False, False, True, True, True])
    assert after.positions_of([20, 10, 30, 40]).tolist() == [2, 3, 4]
    np.testing.assert_allclose(after.vectors_at([3, 0]), [[0.6, 0, 0.8], [1, 0, 0]], atol=1e-6)
    # What was there before a change stays as it was, for the searches that hold it.
    assert before.search([[1.0, 0, 0]], 1).ids.tolist() == [[10]]


@settings(max_examples=60)
@given(changes, st.sampled_from(METRICS), st.booleans(), st.integers(1, 60), st.integers(0, 99))
def test_answers_equal_exact_search_over_the_survivors(
    steps: list[tuple[list[int], list[int]]], metric: Metric, named: bool, k: int, seed: int
):
    rng = np.random.default_rng(seed)
    draw = lambda count: rng.integers(-2, 3, size=(count, 3)).astype(np.float32)  # noqa: E731 - many ties
    ids = np.arange(20) * 2 if named else np.arange(20)
    alive = dict(zip(ids.tolist(), first := draw(20), strict=True))
    index = Segments.over(exact(first, ids if named else None, metric))
    for deleted, upserted in steps:
        vectors = draw(len(upserted))
        index = index.changed(deleted=deleted, ids=upserted, vectors=vectors)
        alive = {each: vector for each, vector in alive.items() if each not in {*deleted, *upserted}}
        alive |= dict(zip(upserted, vectors, strict=True))
    queries, wanted = draw(3), set(range(0, 41, 3))
    for inside, within in (
        (alive, None),
        ({x: alive[x] for x in alive if x in wanted}, np.isin(index.ids, [*wanted])),
    ):
        hits = index.search(queries, k, within=within)
        truth = exact(np.reshape([*inside.values()], (-1, 3)), [*inside], metric).search(queries, k)
        np.testing.assert_allclose(hits.scores, truth.scores, rtol=1e-6, atol=1e-6)
        for row, scores in zip(hits.ids, hits.scores, strict=True):
            found = row[row >= 0].tolist()
            assert len(found) == len({*found}) == min(k, len(inside))
            assert {*found} <= {*inside}
            assert (np.diff(scores[: len(found)]) <= 0).all()
    assert index.count == len(alive)


@pytest.mark.parametrize("backend", backend_names())
def test_recall_is_what_it_is_without_changes(backend: str):
    rng = np.random.default_rng(5)
    centers = rng.normal(size=(20, 16))
    points = (centers[rng.integers(0, 20, 5_000)] + 0.5 * rng.normal(size=(5_000, 16))).astype(np.float32)
    queries = (centers[rng.integers(0, 20, 50)] + 0.5 * rng.normal(size=(50, 16))).astype(np.float32)
    main = get_backend(backend).build(points[:4_000], threads=1)
    index = Segments.over(main)
    near = np.unique(exact(points[:4_000]).search(queries, K).ids)  # the worst case: all answers are deleted
    index = index.changed(deleted=near, ids=np.arange(4_000, 5_000), vectors=points[4_000:])
    survivors = np.setdiff1d(np.arange(5_000), near)
    truth = exact(points[survivors], survivors).search(queries, K)
    plain = recall_at_k(main.search(queries, K).ids, exact(points[:4_000]).search(queries, K).ids).mean()
    changed = index.search(queries, K)
    assert not np.isin(changed.ids, near).any()
    assert (changed.ids >= 0).all()
    assert recall_at_k(changed.ids, truth.ids).mean() >= min(0.95, plain - 0.01)
    everything = index.search(queries, K, effort=index.size)
    assert everything.path == "scan"
    np.testing.assert_allclose(everything.scores, truth.scores, atol=1e-6)


def test_the_scores_of_a_wide_filter_are_those_of_a_narrow_one():
    points = np.random.default_rng(2).normal(size=(9_000, 8)).astype(np.float32)
    index, wide = exact(points, metric="l2"), np.arange(9_000) % 3 > 0
    masked = index.search(points[:7], K, within=wide)
    copied = exact(points[wide], np.flatnonzero(wide), metric="l2").search(points[:7], K)
    assert masked.ids.tolist() == copied.ids.tolist()
    np.testing.assert_allclose(masked.scores, copied.scores, rtol=1e-5, atol=1e-6)


def test_bad_changes_are_refused_and_change_nothing():
    index = Segments.over(exact(np.eye(3)))
    for change in (
        {"ids": [1], "vectors": [[1.0, 2.0]]},
        {"ids": [1, 1], "vectors": np.ones((2, 3))},
        {"ids": [1], "vectors": [[np.nan, 0, 0]]},
        {"ids": [-1], "vectors": [[1.0, 0, 0]]},
        {"ids": [1]},
        {"deleted": [0.5]},
    ):
        with pytest.raises(InvalidVectorsError):
            index.changed(**change)  # type: ignore[arg-type]
    assert index.changed(deleted=[99, -1, 2**62]).count == 3
    with pytest.raises(InvalidVectorsError, match="4 booleans"):
        index.changed(ids=[7], vectors=[[1, 1, 1]]).search([[1, 0, 0]], 1, within=np.ones(3, bool))


def test_all_gone_then_one_back():
    index = Segments.over(exact(np.eye(3))).changed(deleted=[0, 1, 2])
    assert index.search([[1, 0, 0]], 2).ids.tolist() == [[-1, -1]]
    assert index.changed(ids=[1], vectors=[[1, 1, 0]]).search([[1, 0, 0]], 2).ids.tolist() == [[1, -1]]


def test_segments_are_not_saved(tmp_path: Any):
    with pytest.raises(TypeError, match="not saved"):
        Segments.over(exact(np.eye(3))).save(tmp_path)
