"""Tuning to a recall: what is chosen holds it on other queries, fits, and says what was tried."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes import METRICS, CorruptIndexError, Metric, get_backend, open_index, recall_at_k
from indexes import tune as tuning_module
from indexes.exact import ExactIndex
from indexes.families import Family, usual_families
from indexes.measuring import Entry
from indexes.tune import tune
from indexes.tuning import Goal, Trial, Tuning

HNSW = Family("faiss_hnsw", {"m": 8, "ef_construction": 40}, least=10)
LISTS = Family("faiss_factory", {"factory": "IVF{lists},SQ8"}, variants=({"refine": 1}, {"refine": 3}))
TRIAL = Trial("exact", {"block": 512}, 10, 1.0, 0.0, 50.0, 1_000, 0.1)


@pytest.fixture(autouse=True)
def _no_sweep_ends_early(monkeypatch: pytest.MonkeyPatch):
    """Whatever else the machine does meanwhile."""
    monkeypatch.setattr("indexes.measuring._HOPELESS", np.inf)


@pytest.fixture(scope="module")
def clusters() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, queries held back for tuning, and others."""
    rng = np.random.default_rng(3)
    centers = rng.normal(size=(40, 32))
    home = rng.integers(0, 40, 6_600)
    drawn = (centers[home] + 0.6 * rng.normal(size=(6_600, 32))).astype(np.float32)
    return drawn[:6_000], drawn[6_000:6_300], drawn[6_300:]


@pytest.mark.parametrize("metric", METRICS)
def test_the_recall_is_held_on_other_queries(
    metric: Metric, clusters: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(tuning_module, "SMALL", 0)
    vectors, queries, others = clusters
    ids = np.arange(len(vectors)) + 2**33
    index, tuning = tune(
        vectors, queries, ids, metric=metric, goal=Goal(0.9), families=[LISTS, HNSW], threads=1
    )
    index.save(tmp_path)
    tuning.save(tmp_path)
    truth = ExactIndex.build(vectors, ids, metric=metric).search(others, 10).ids
    assert recall_at_k(index.search(others, 10).ids, truth).mean() >= 0.9
    assert recall_at_k(open_index(tmp_path).search(others, 10).ids, truth).mean() >= 0.9
    assert (tuning.size, tuning.dimension, tuning.metric, tuning.queries) == (6_000, 32, metric, 300)
    assert Tuning.load(tmp_path) == tuning

    assert {each.name for each in tuning.trials} == {"exact", "IVF153,SQ8", "faiss_hnsw"}
    for name, args in {(each.name, each.args.get("refine")) for each in tuning.trials[1:]}:
        swept = [each for each in tuning.trials if (each.name, each.args.get("refine")) == (name, args)]
        assert not any(each.holds(0.9) for each in swept[:-1])
    finals = [each for each in tuning.trials if each.final]
    assert tuning.chosen in finals
    assert all(each.holds(0.9) for each in finals)
    assert tuning.chosen.microseconds <= 1.02 * min(each.microseconds for each in finals)


def test_recalls_are_those_of_the_true_neighbours(
    clusters: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tuning_module, "SMALL", 0)
    vectors, queries, _ = clusters
    index, tuning = tune(vectors, queries, goal=Goal(0.95, k=5), families=[HNSW], threads=1)
    truth = ExactIndex.build(vectors).search(queries, 5).ids
    swept = tuning.trials[1:]
    for trial in swept:
        effort = trial.args["ef_search"]
        chosen = index if index.backend == "faiss_hnsw" else None
        if chosen is not None:
            found = recall_at_k(chosen.search(queries, 5, effort=effort).ids, truth)
            assert trial.recall == pytest.approx(found.mean(), abs=1e-4)
            assert trial.margin == pytest.approx(1.64 * found.std() / 300**0.5, abs=1e-4)
    assert [each.args["ef_search"] for each in swept] == list(HNSW.efforts(5_999))[: len(swept)]


def test_few_vectors_are_compared(clusters: tuple[np.ndarray, ...]):
    index, tuning = tune(clusters[0][:500], clusters[1])
    assert index.backend == tuning.chosen.backend == "exact"
    assert [each.backend for each in tuning.trials] == ["exact"]


def test_a_sweep_ends_where_it_is_hopelessly_slow(
    clusters: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("indexes.measuring._HOPELESS", 0.0)
    monkeypatch.setattr(tuning_module, "SMALL", 0)
    _, tuning = tune(*clusters[:2], goal=Goal(0.99), families=[LISTS], threads=1)
    assert [(each.name, each.args.get("probes")) for each in tuning.trials] == [
        ("exact", None),
        ("IVF153,SQ8", 1),
        ("IVF153,SQ8", 1),
    ]
    assert tuning.chosen.backend == "exact"


@pytest.mark.parametrize("rows", [0, 1, 30])
def test_next_to_nothing_can_be_tuned(rows: int):
    vectors = np.random.default_rng(0).normal(size=(rows, 4))
    index, tuning = tune(vectors, np.empty((0, 4)), goal=Goal(1.0))
    assert (index.size, tuning.queries, tuning.chosen.recall) == (rows, 0, 1.0)


def test_what_is_too_large_is_not_taken(clusters: tuple[np.ndarray, ...]):
    vectors, queries, _ = clusters
    limit = vectors.nbytes // 2
    index, tuning = tune(vectors, queries, goal=Goal(0.8, max_bytes=limit), families=[HNSW, LISTS], threads=1)
    assert index.backend == "faiss_factory"
    assert (
        tuning.chosen.bytes
        <= limit
        < min(each.bytes for each in tuning.trials if each.backend != "faiss_factory")
    )
    with pytest.raises(
        ValueError, match=r"recall of 0\.8 within 1,000 bytes; IVF153,SQ8 takes [0-9,]+: allow"
    ):
        tune(vectors, queries, goal=Goal(0.8, max_bytes=1_000), families=[LISTS], threads=1)


def test_many_vectors_are_tried_on_a_sample_first(
    clusters: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch
):
    for name, value in {"SMALL": 0, "SAMPLE": 1_000, "FINALISTS": 1}.items():
        monkeypatch.setattr(tuning_module, name, value)
    vectors, queries, _ = clusters
    seen: list[tuple[int, int]] = []
    _, tuning = tune(
        vectors,
        queries,
        goal=Goal(0.8),
        families=[LISTS, HNSW],
        threads=1,
        progress=lambda *step: seen.append(step),
    )
    rows = [each.rows for each in tuning.trials]
    assert rows == sorted(rows)
    assert set(rows) == {1_000, 6_000}
    assert len({each.name for each in tuning.trials if each.rows == 6_000 and each.backend != "exact"}) == 1
    sampled = next(each for each in tuning.trials if each.backend == "exact")
    assert sampled.bytes == vectors.nbytes
    assert seen == sorted(seen)
    assert seen[-1] == (2 * 1_000 + 6_000, 2 * 1_000 + 6_000)


def test_the_quickest_and_the_smallest_of_a_sample_are_built_from_all():
    def promising(*found: tuple[float, int]) -> list[int]:
        trials = [replace(TRIAL, microseconds=time, bytes=size) for time, size in found]
        return tuning_module._promising(dict(enumerate(trials)))

    assert promising((30.0, 900), (20.0, 800), (39.0, 100), (41.0, 10)) == [1, 2]
    assert promising((20.0, 10), (25.0, 900), (30.0, 800)) == [0, 2]
    assert promising((20.0, 10), (90.0, 5), (50.0, 800)) == [0, 2]
    assert promising((20.0, 10)) == [0]
    assert promising() == []


def test_of_about_equally_quick_ones_the_smallest_is_taken():
    def entry(microseconds: float, size: int) -> Any:
        return Entry(None, replace(TRIAL, microseconds=microseconds, bytes=size))

    best = tuning_module._best([entry(100.0, 900), entry(102.0, 500), entry(103.0, 10), entry(101.0, 500)])
    assert (best.trial.microseconds, best.trial.bytes) == (101.0, 500)


def test_efforts_rise_by_about_a_twentieth():
    graph = [*range(10, 23), 24, 25, 26, 28, 29, 30, 31, 32, 34, 35, 36, 38, 39, 40, 42, 45]
    assert list(Family("faiss_hnsw", {}, least=10).efforts(45)) == graph
    assert list(Family("faiss_factory", {}).efforts(9)) == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_small_codes_are_tried_where_memory_is_limited():
    names = [
        {each.built.get("factory") for each in usual_families(Goal(max_bytes=limit))} for limit in (None, 9)
    ]
    assert names[1] - names[0] == {"IVF{lists},RaBitQ"}


@pytest.mark.parametrize(("dimension", "tried"), [(0, None), (100, "IVF{lists},PQ100x4fsr"), (257, None)])
def test_four_bits_a_dimension_are_tried_of_few_dimensions(dimension: int, tried: str | None):
    names = [each.built.get("factory", "") for each in usual_families(Goal(), "ip", dimension)]
    assert [name for name in names if "x4" in name] == ([tried] if tried else [])


@pytest.mark.parametrize(
    ("metric", "dimension", "tried"),
    [
        ("cosine", 384, True),
        ("l2", 256, True),
        ("ip", 384, False),
        ("cosine", 255, False),
        ("l2", 4_097, False),
    ],
)
def test_main_directions_are_tried_of_many_dimensions(metric: str, dimension: int, tried: bool):
    names = {each.built.get("factory") for each in usual_families(Goal(), metric, dimension)}
    assert ("PCA64,IVF{lists},SQ8" in names) == tried


def test_wide_vectors_are_searched_by_their_main_directions(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tuning_module, "SMALL", 0)
    rng = np.random.default_rng(5)
    drawn = np.tanh(rng.normal(size=(2_400, 8)) @ rng.normal(size=(8, 300))) + 1.0
    family = next(each for each in usual_families(Goal(), "cosine", 300) if "PCA" in str(each.built))
    index, tuning = tune(drawn[:2_000], drawn[2_000:2_200], goal=Goal(0.9), families=[family], threads=1)
    truth = ExactIndex.build(drawn[:2_000]).search(drawn[2_200:], 10)
    assert recall_at_k(index.search(drawn[2_200:], 10).ids, truth.ids).mean() >= 0.9
    assert any(each.name.startswith("PCA64,IVF") and each.holds(0.9) for each in tuning.trials)


@pytest.mark.parametrize(
    "bad", [{"recall": 0.0}, {"recall": 1.1}, {"recall": np.nan}, {"k": 0}, {"max_bytes": 0}]
)
def test_goals_are_checked(bad: Any):
    with pytest.raises(ValueError, match="must be"):
        Goal(**bad)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "chosen": {}, "trials": []}']
)
def test_a_record_that_is_not_one(content: str, tmp_path: Path):
    (tmp_path / "tuning.json").write_text(content)
    with pytest.raises(CorruptIndexError, match="build the index again"):
        Tuning.load(tmp_path)


def test_an_index_that_was_not_tuned_has_no_record(tmp_path: Path):
    assert Tuning.load(tmp_path) is None
    tuning = tune(np.eye(3), np.eye(3))[1]
    tuning.save(tmp_path)
    assert json.loads((tmp_path / "tuning.json").read_text())["chosen"]["backend"] == "exact"


def test_only_arguments_of_a_search_can_be_changed():
    index = tune(np.eye(3), np.eye(3))[0]
    assert not hasattr(index, "with_args")
    graph = tuning_module.Contest  # the class that builds what is tried
    entries = graph(
        np.eye(9, dtype=np.float32), None, np.eye(9, dtype=np.float32), "cosine", Goal(k=1), 1
    ).sweep(replace(HNSW, least=4), None)
    searched = entries[0].index
    twin = searched.with_args(ef_search=7)
    assert (twin.usual_effort, searched.usual_effort) == (7, 4)
    with pytest.raises(ValueError, match="m is built into the index"):
        searched.with_args(m=9)


@pytest.mark.parametrize("backend", ["annoy", "faiss_factory", "faiss_hnsw"])
def test_bytes_are_about_those_of_the_file_that_is_searched(backend: str, tmp_path: Path):
    vectors = np.random.default_rng(0).normal(size=(3_000, 24)).astype(np.float32)
    index = get_backend(backend).build(vectors, threads=1)
    index.save(tmp_path)
    file = next(each for each in tmp_path.iterdir() if each.suffix in (".ann", ".faiss"))
    assert index.searched_bytes() == pytest.approx(file.stat().st_size, rel=0.5 if backend == "annoy" else 0)


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_any_shape(data: st.DataObject):
    rows, dimension = (
        data.draw(st.integers(0, 60), label="rows"),
        data.draw(st.integers(1, 9), label="dimension"),
    )
    metric = data.draw(st.sampled_from(METRICS), label="metric")
    goal = Goal(data.draw(st.sampled_from([0.5, 0.9, 1.0])), data.draw(st.integers(1, 70), label="k"))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    vectors = rng.integers(-2, 3, size=(rows, dimension)).astype(np.float64)
    queries = rng.integers(-2, 3, size=(data.draw(st.integers(0, 5), label="queries"), dimension))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning_module, "SMALL", 0)
        patch.setattr(tuning_module, "SAMPLE", 15)
        index, tuning = tune(vectors, queries, metric=metric, goal=goal, families=[HNSW, LISTS], threads=1)
    assert index.size == tuning.size == rows
    assert tuning.chosen.recall - tuning.chosen.margin >= goal.recall
    hits, exact = (
        index.search(queries, goal.k),
        ExactIndex.build(vectors, metric=metric).search(queries, goal.k),
    )
    if goal.recall == 1.0 and goal.k <= rows:
        np.testing.assert_allclose(hits.scores, exact.scores, atol=1e-4)
