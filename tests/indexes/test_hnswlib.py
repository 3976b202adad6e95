"""hnswlib beyond the contract: threads with efforts of their own, small products, files it must not see."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import hnswlib
import numpy as np
import pytest

from indexes import CorruptIndexError, open_index, recall_at_k
from indexes.exact import ExactIndex
from indexes.families import usual_families
from indexes.hnswlib_backend import HnswlibArgs, HnswlibIndex
from indexes.manifest import write_manifest
from indexes.tuning import Goal

VECTORS = np.random.default_rng(0).normal(size=(2_000, 24)).astype(np.float32)


def test_threads_that_spend_different_efforts_do_not_disturb_each_other():
    index = HnswlibIndex.build(VECTORS, args=HnswlibArgs(m=8, ef_construction=40), threads=1)
    queries = np.random.default_rng(1).normal(size=(60, 24))
    efforts = [10, 400] * 10
    alone = {effort: index.search(queries, 10, effort=effort).ids for effort in (10, 400)}
    truth = index.search(queries, 10, effort=2_000).ids
    recalls = {effort: recall_at_k(alone[effort], truth).mean() for effort in alone}
    assert recalls[10] < 0.9 < 0.99 < recalls[400]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda effort: index.search(queries, 10, effort=effort).ids, efforts))
    for effort, ids in zip(efforts, found, strict=True):
        np.testing.assert_array_equal(ids, alone[effort])


@pytest.mark.parametrize("size", [1e-9, 1e-3, 1e9])
def test_inner_products_of_any_size_are_told_apart(size: float):
    vectors = VECTORS * np.random.default_rng(2).uniform(0.5, 2.0, (2_000, 1)) * size
    queries = VECTORS[:40] * size
    truth = ExactIndex.build(vectors, metric="ip").search(queries, 10)
    hits = HnswlibIndex.build(vectors, metric="ip", threads=1).search(queries, 10, effort=1_000)
    assert hits.path == "index"
    assert recall_at_k(hits.ids, truth.ids).mean() >= 0.99
    np.testing.assert_allclose(hits.scores[:, 0], truth.scores[:, 0], rtol=1e-5)


def test_one_thread_repeats_itself(tmp_path: Path):
    for name in ("one", "two"):
        HnswlibIndex.build(VECTORS, args=HnswlibArgs(seed=5), threads=1).save(tmp_path / name)
    files = [(tmp_path / name / "graph.hnswlib").read_bytes() for name in ("one", "two")]
    assert files[0] == files[1]


def test_the_library_never_sees_a_file_that_is_not_what_was_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    HnswlibIndex.build(VECTORS, threads=1).save(tmp_path)
    path = tmp_path / "graph.hnswlib"
    content = bytearray(path.read_bytes())
    content[1_000] ^= 255  # a link, which the library would follow wherever it leads
    path.write_bytes(content)
    monkeypatch.setattr(hnswlib, "Index", _Untouchable)
    with pytest.raises(CorruptIndexError, match="its sha256 differs"):
        open_index(tmp_path)


def test_a_graph_with_other_links_is_foreign(tmp_path: Path):
    HnswlibIndex.build(VECTORS, args=HnswlibArgs(m=8)).save(tmp_path)
    content = json.loads((tmp_path / "index.json").read_text())
    facts = {key: content[key] for key in ("backend", "metric", "dimension", "size", "args")}
    facts["args"]["m"] = 9
    write_manifest(tmp_path, ["graph.hnswlib", "vectors.npy"], **facts)
    with pytest.raises(CorruptIndexError, match="contradicts"):
        open_index(tmp_path)


def test_where_the_graph_leads_nowhere_all_are_compared():
    few = np.random.default_rng(0).normal(size=(40, 4))
    vectors = np.repeat(few, 20, axis=0)
    index = HnswlibIndex.build(vectors, args=HnswlibArgs(m=2, ef_construction=1, ef_search=1), threads=1)
    hits = index.search(few, 100)
    np.testing.assert_allclose(hits.scores, ExactIndex.build(vectors).search(few, 100).scores, atol=1e-6)


def test_auto_tries_it_where_files_need_not_be_mapped(monkeypatch: pytest.MonkeyPatch):
    assert "hnswlib" not in {family.backend for family in usual_families(Goal())}
    assert "hnswlib" in {family.backend for family in usual_families(Goal(mapped=False))}
    monkeypatch.setattr("indexes.families.find_spec", lambda _: None)
    assert "hnswlib" not in {family.backend for family in usual_families(Goal(mapped=False))}


@pytest.mark.parametrize("bad", [{"m": 1}, {"ef_construction": 0}, {"ef_search": 2.0}, {"seed": -1}])
def test_arguments_are_checked(bad: Any):
    with pytest.raises(ValueError, match="must be between"):
        HnswlibArgs(**bad)


class _Untouchable:
    """An index that is made, and nothing else."""

    def __init__(self, space: str, dim: int) -> None:
        self.facts = (space, dim)
