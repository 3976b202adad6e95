"""The recipe chooses the backend of the candidates index, and what cannot be built says why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedsvc.errors import OptionalDependencyError, RecipeError
from embedsvc.queries import search
from embedsvc.releases import Store, layout
from embedsvc.releases.opening import open_release
from embedsvc.schemas import SearchRequest
from indexes import open_index, recall_at_k
from tests.training import toy
from training.embedding import index_candidates, tuned
from training.progress import Quiet
from training.recipe import IndexSection
from training.reindex import reindex

VECTORS = np.random.default_rng(0).normal(size=(400, 16)).astype(np.float32)


@pytest.mark.parametrize(
    ("section", "args"),
    [
        ({}, {"m": 32, "ef_construction": 200, "ef_search": 128}),
        (
            {"backend": "annoy", "trees": 7, "search_nodes": 90},
            {"trees": 7, "search_nodes": 90, "seed": 1},
        ),
        ({"backend": "exact"}, {"block": 512}),
        (
            {"backend": "hnswlib", "links": 9, "build_effort": 50},
            {"m": 9, "ef_construction": 50, "ef_search": 128, "seed": 1},
        ),
        (
            {"backend": "milvus", "links": 9, "search_effort": 300},
            {"uri": "", "collection": "", "m": 9, "ef_construction": 200, "ef_search": 300},
        ),
        (
            {"backend": "faiss_factory", "factory": "IVF{lists},SQ8", "probes": 3, "refine": 2},
            {"factory": "IVF10,SQ8", "probes": 3, "refine": 2},
        ),
    ],
)
def test_the_arguments_are_those_of_the_recipe(
    section: dict[str, Any], args: dict[str, Any], tmp_path: Path
) -> None:
    index_candidates(VECTORS, IndexSection(**section), tmp_path, workers=1)
    index = open_index(tmp_path)
    assert index.backend == section.get("backend", "faiss_hnsw")
    assert vars(index.args) == args
    assert index.search(VECTORS[:50], 1).ids[:, 0].tolist() == list(range(50))


def test_auto_holds_the_recall_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexes.tune.SMALL", 0)
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(3_000, 16)).astype(np.float32)
    queries, others = rng.normal(size=(2, 200, 16)).astype(np.float32)
    section = IndexSection(backend="auto", recall=0.9, max_memory=1)
    seen: list[tuple[int, int]] = []
    index_candidates(vectors, section, tmp_path, lambda *step: seen.append(step), workers=1, queries=queries)
    tuning = tuned(tmp_path)["index"]
    assert (tuning["recall"], tuning["max_bytes"], tuning["queries"]) == (0.9, 1_000_000, 200)
    assert tuning["chosen"] in tuning["trials"]
    index = open_index(tmp_path)
    assert vars(index.args) == tuning["chosen"]["args"]
    truth = index.search(others, 10, effort=3_000).ids
    assert recall_at_k(index.search(others, 10).ids, truth).mean() >= 0.88
    assert seen[-1][0] == seen[-1][1]


def test_what_cannot_be_held_in_the_memory_allowed_is_told(tmp_path: Path) -> None:
    vectors = np.random.default_rng(1).normal(size=(20_000, 64)).astype(np.float32)
    section = IndexSection(backend="auto", recall=1.0, max_memory=1)
    with pytest.raises(RecipeError, match=r"\[index\] cannot be used: nothing .* within 1,000,000 bytes"):
        index_candidates(vectors, section, tmp_path, workers=1, queries=vectors[:0])


def test_a_release_tells_how_its_index_was_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexes.tune.SMALL", 0)
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    located = toy.recipe(tmp_path, index={"backend": "auto", "recall": 0.9})
    trained, store = toy.train(located)[0].release, Store(located.store)
    store.activate(trained)
    renewed = reindex(located, Quiet()).release
    for name in (trained, renewed):
        tuning = store.manifest(name).metrics["index"]
        assert tuning["recall"] == 0.9
        assert tuning["queries"] > 0
        assert tuning["chosen"] in tuning["trials"]
        assert open_index(store.path(name) / layout.CANDIDATES).backend == tuning["chosen"]["backend"]
        assert tuned(store.path(name) / layout.CANDIDATES)["index"] == tuning


def test_an_index_of_a_named_backend_was_not_tuned(tmp_path: Path) -> None:
    index_candidates(VECTORS, IndexSection(), tmp_path, workers=1)
    assert tuned(tmp_path) == {}


@pytest.mark.parametrize(
    ("factory", "said"),
    [
        ("nonsense", "FAISS makes nothing of 'nonsense' in 16 dimensions"),
        ("IVF{lists},SQ8,RFlat", "leave the refinement out of the factory string"),
        ("IVF1024,SQ8", "IVF1024,SQ8 cannot be trained on 400 vectors"),
        ("PQ5", "FAISS makes nothing of 'PQ5' in 16 dimensions"),
        ("../../etc/passwd", "factory must be a FAISS factory string"),
    ],
)
def test_a_factory_that_cannot_be_is_told(factory: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as refused:
        index_candidates(VECTORS, IndexSection(backend="faiss_factory", factory=factory), tmp_path)
    assert said in str(refused.value)


def test_a_missing_library_is_told_in_training_and_in_serving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    located = toy.recipe(tmp_path, index={"backend": "annoy"})
    name = toy.train(located)[0].release
    store = Store(located.store)
    found = search(open_release(store, name), SearchRequest(queries=["worked for clients"], k=3))
    assert len(found.results[0].hits or []) == 3

    monkeypatch.setitem(sys.modules, "annoy", None)
    monkeypatch.delitem(sys.modules, "indexes.annoy_backend")
    with pytest.raises(OptionalDependencyError, match=r"Release .* pip install 'annoy>=1\.17,<2'"):
        open_release(store, name)
    with pytest.raises(OptionalDependencyError, match=r"\[index\] backend = \"annoy\": .* pip install"):
        index_candidates(VECTORS, IndexSection(backend="annoy"), tmp_path / "index")
