"""The re-index job: new candidates are found, all else is shared, whatever fails leaves the old one live."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from embedsvc.errors import BrokenSourceError, EmptyCorpusError, NoActiveReleaseError, StoreError
from embedsvc.queries import check_canary, related, search
from embedsvc.releases import Store
from embedsvc.releases.opening import Release
from embedsvc.schemas import RelatedQuery, SearchRequest
from tests.training import toy
from training import reindex as reindexing
from training.progress import Quiet
from training.reindex import reindex

ROOT = Path(__file__).resolve().parents[2]
NEW = {
    "id": "newcomer",
    "title": "Machine Learning person",
    "summary": "Machine learning with PHP and CSS.",
    "skills": ["machine learning", "php", "css"],
    "updated_at": "2026-02-02",
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy.served(tmp_path_factory.mktemp("trained"), toy.candidates())


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    """A trained store of the test's own; without the work folder, which a re-index must not need."""
    return toy.copied(trained, tmp_path)


def found(release: Release, text: str) -> list[str]:
    (result,) = search(release, SearchRequest(queries=[text], k=200)).results
    assert result.hits is not None
    return [hit.id for hit in result.hits]


def test_new_candidates_are_found_and_those_gone_are_not(folder: Path) -> None:
    before = toy.live(folder)
    records = toy.candidates()
    toy.write(folder / "candidates.jsonl", [*records[10:], NEW])

    result = reindex(toy.recipe(folder), Quiet())

    after = toy.live(folder)
    assert (result.release, result.parent, result.candidates) == (after.name, before.name, 141)
    assert "newcomer" not in found(before, "machine learning")
    ids = found(after, "machine learning php css")
    assert ids[0] == "newcomer"
    assert not {record["id"] for record in records[:10]} & set(ids)
    assert "c0" in found(before, "machine learning php css")
    assert after.candidates is not None
    assert after.candidates.table.card(140).title == NEW["title"]


def test_all_but_the_candidates_index_is_the_same_file(folder: Path) -> None:
    before = toy.live(folder).name
    result = reindex(toy.recipe(folder), Quiet())

    releases = folder / "store" / "releases"
    old = {
        path.relative_to(releases / before): path for path in (releases / before).rglob("*") if path.is_file()
    }
    shared = {
        str(relative)
        for relative, path in old.items()
        if path.stat().st_ino == (releases / result.release / relative).stat().st_ino
    }
    assert {str(relative) for relative in old} - shared == {
        "manifest.json",
        "indexes/candidates/candidates.arrow",
        "indexes/candidates/hnsw.faiss",
        "indexes/candidates/index.json",
    }
    manifest = Store(folder / "store").manifest(result.release)
    assert (manifest.kind, manifest.parent) == ("reindex", before)
    assert manifest.notes["report"]["sources"]["candidates"] == 150  # type: ignore[index, call-overload]
    Store(folder / "store").verify(result.release)


def test_it_answers_as_before_and_its_canary_sings(folder: Path) -> None:
    before = toy.live(folder)
    query = RelatedQuery(skill="php", k=5)

    reindex(toy.recipe(folder), Quiet())

    after = toy.live(folder)
    assert related(after, query).related == related(before, query).related
    assert check_canary(after) == check_canary(before)


def test_unchanged_candidates_give_the_same_index(folder: Path) -> None:
    located = toy.recipe(folder)
    before = toy.live(folder).name

    result = reindex(located, Quiet())

    assert toy.hashes(located, result.release) == toy.hashes(located, before)


def test_recall_is_measured_and_replaces_that_of_the_old_index(folder: Path) -> None:
    store = Store(folder / "store")
    judged = store.manifest(toy.live(folder).name).metrics
    before = judged["scores"]

    result = reindex(toy.recipe(folder), Quiet())

    kept = store.manifest(result.release).metrics
    after = kept["scores"]
    assert {name: kept[name] for name in ("confusion", "leakage")} == {
        name: judged[name] for name in ("confusion", "leakage")
    }
    assert result.recall == 1.0
    tasks = [(score["task"], score["metric"]) for score in after]  # type: ignore[union-attr, index, call-overload]
    of_classifiers = ("accuracy", "macro-F1", "micro-F1", "1 - ECE")
    assert tasks == [
        ("hidden skill", "R@10"),
        ("hidden skill", "MRR"),
        *(("label", metric) for metric in of_classifiers),
        *(("section", metric) for metric in of_classifiers),
        ("candidates index", "recall@10"),
    ]
    assert after[:-1] == before[: len(after) - 1]  # type: ignore[index, arg-type]
    assert after[-1]["items"] == 150  # type: ignore[index, call-overload]


def test_the_recipe_of_a_re_index_is_that_of_its_models(folder: Path) -> None:
    """A knob of the models that was turned since does not enter; the index's own does."""
    located = toy.recipe(folder, word2vec={"epochs": 9}, index={"links": 7})

    made = Store(folder / "store").manifest(reindex(located, Quiet()).release).recipe

    assert made["word2vec"]["epochs"] == 3  # type: ignore[index, call-overload]
    assert made["index"]["links"] == 7  # type: ignore[index, call-overload]


def test_roll_back_returns_to_the_old_candidates(folder: Path) -> None:
    toy.write(folder / "candidates.jsonl", [NEW])
    reindex(toy.recipe(folder), Quiet())
    assert found(toy.live(folder), "php") == ["newcomer"]

    Store(folder / "store").rollback()

    assert "newcomer" not in found(toy.live(folder), "php")


def test_only_searchable_sources_are_read(folder: Path) -> None:
    toy.write(folder / "ads.jsonl", [NEW])
    located = toy.recipe(
        folder,
        corpus={"sources": [{"path": "ads.jsonl", "searchable": False}, {"path": "candidates.jsonl"}]},
    )

    result = reindex(located, Quiet())

    assert result.candidates == 150
    assert "newcomer" not in found(toy.live(folder), "php")


def test_candidates_of_whom_no_word_is_known_are_left_out(folder: Path) -> None:
    unknown = [{"id": "ghost", "summary": "zzqq xxyy"}, {"id": "empty"}]
    toy.write(folder / "candidates.jsonl", [*toy.candidates(20), *unknown])

    result = reindex(toy.recipe(folder), Quiet())

    assert result.candidates == 20
    assert not {"ghost", "empty"} & set(found(toy.live(folder), "php"))


def test_sigkill_half_way_leaves_the_old_one_serving_and_the_next_run_cleans_up(folder: Path) -> None:
    before = toy.live(folder).name
    toy.write(folder / "candidates.jsonl", [*toy.candidates(), NEW])

    job = [sys.executable, "-m", "tests.training.killed_run", str(folder), "reindex"]
    assert subprocess.run(job, cwd=ROOT, timeout=120, check=False).returncode == -signal.SIGKILL

    store = Store(folder / "store")
    assert store.current() == before
    assert [info.name for info in store.list()] == [before]
    assert len(list((folder / "store" / "staging").iterdir())) == 1
    check_canary(toy.live(folder))
    store.verify(before)

    result = reindex(toy.recipe(folder), Quiet())

    assert list((folder / "store" / "staging").iterdir()) == []
    assert store.current() == result.release
    assert "newcomer" in found(toy.live(folder), "php")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", EmptyCorpusError),
        ("\n \n", EmptyCorpusError),
        ('{"id": "a", "summary": "zzqq"}\n', EmptyCorpusError),
        ("not json\n" * 5, BrokenSourceError),
        ('{"id": "a", "summary": "php', BrokenSourceError),
    ],
)
def test_bad_candidates_leave_the_old_one_live(folder: Path, content: str, error: type[Exception]) -> None:
    before = toy.live(folder).name
    (folder / "candidates.jsonl").write_text(content)

    with pytest.raises(error):
        reindex(toy.recipe(folder), Quiet())

    store = Store(folder / "store")
    assert store.current() == before
    assert [info.name for info in store.list()] == [before]
    assert list((folder / "store" / "staging").iterdir()) == []


def test_without_a_live_release_there_are_no_models(trained: Path, tmp_path: Path) -> None:
    shutil.copyfile(trained / "candidates.jsonl", tmp_path / "candidates.jsonl")
    Store(tmp_path / "store", create=True)

    with pytest.raises(NoActiveReleaseError, match="train first"):
        reindex(toy.recipe(tmp_path), Quiet())


def test_no_searchable_source_is_said(folder: Path) -> None:
    located = toy.recipe(folder, corpus={"sources": [{"path": "candidates.jsonl", "searchable": False}]})

    with pytest.raises(EmptyCorpusError, match="No source of the recipe is searchable"):
        reindex(located, Quiet())


def test_models_activated_meanwhile_are_not_replaced_by_older_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    located, store = toy.recipe(folder), Store(folder / "store")
    before = toy.live(folder).name
    newer, _ = toy.train(toy.recipe(folder, word2vec={"epochs": 2}))
    copy = reindexing.copy_table

    def activate_first(*arguments: Path) -> None:
        store.activate(newer.release)
        copy(*arguments)

    monkeypatch.setattr(reindexing, "copy_table", activate_first)

    with pytest.raises(StoreError, match=f"Release {newer.release} was activated while {before} was indexed"):
        reindex(located, Quiet())

    assert store.current() == newer.release
