"""The pipeline: what is done is not done again, what was killed resumes, one seed gives the same release."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from embedsvc.errors import StoreError
from embedsvc.releases import Store, layout
from embedsvc.releases.opening import open_release
from embedsvc.spaces import Space
from tests.training import toy
from training.pipeline import Pipeline
from training.progress import Quiet

STAGES = [
    "clean", "lexicon", "corpus", "words", "pairs", "sentences", "embeddings", "similar", "used_with",
    "evidence", "completion", "candidates", "calibration", "classifier", "sections", "evaluate", "publish",
]  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    return tmp_path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder with everything done, not to be changed, and the hashes of its release."""
    folder = tmp_path_factory.mktemp("trained")
    toy.write(folder / "candidates.jsonl", toy.candidates())
    result, recorder = toy.train(toy.recipe(folder))
    assert sorted(recorder.made) == sorted(STAGES)
    return folder, toy.hashes(toy.recipe(folder), result.release)


def kill_in(where: str, folder: Path) -> None:
    job = [sys.executable, "-m", "tests.training.killed_run", str(folder), where]
    assert subprocess.run(job, cwd=ROOT, timeout=120, check=False).returncode == -signal.SIGKILL


def test_one_worker_gives_the_same_files_twice(folder: Path, trained: tuple[Path, dict[str, str]]) -> None:
    located = toy.recipe(folder)

    result, _ = toy.train(located)

    files = toy.hashes(located, result.release)
    assert files == trained[1]
    assert {
        "indexes/candidates/hnsw.faiss",
        "classifiers/label/model.bin",
        "spaces/words/vectors.npy",
    } <= set(files)


def test_a_second_run_reuses_everything_and_publishes_nothing(folder: Path) -> None:
    located = toy.recipe(folder)
    first, _ = toy.train(located)

    second, recorder = toy.train(located)

    assert recorder.made == []
    assert sorted(recorder.found) == sorted(STAGES)
    assert (second.release, second.reused, first.reused) == (first.release, True, False)
    assert second.scores == first.scores
    assert second.report == first.report
    assert [info.name for info in Store(located.store).list()] == [first.release]


def test_a_damaged_release_is_not_reused(folder: Path) -> None:
    located = toy.recipe(folder)
    first, _ = toy.train(located)
    damaged = Store(located.store).path(first.release) / "spaces" / "words" / "vectors.npy"
    damaged.parent.chmod(0o755)
    damaged.unlink()

    second, recorder = toy.train(located)

    assert recorder.made == ["publish"]
    assert second.release != first.release
    Store(located.store).verify(second.release)


AFTER_WORDS = [
    "words", "sentences", "embeddings", "similar", "evidence", "candidates", "calibration", "classifier",
]  # fmt: skip
AFTER_CORPUS = ["pairs", "used_with", "completion", "sections", *AFTER_WORDS]
VOTES = ["used_with", "evidence", "completion"]


@pytest.mark.parametrize(
    ("knobs", "again"),
    [
        ({"relations": {"damping": 3.0}}, ["similar", *VOTES]),
        ({"relations": {"lift": 0.5}}, ["similar", "evidence"]),
        ({"relations": {"min_candidates": 4}}, ["similar", "evidence", "calibration"]),
        ({"relations": {"neighbours": 5}}, ["similar", "evidence"]),
        ({"relations": {"used_with_neighbours": 5}}, ["used_with", "evidence"]),
        ({"relations": {"power": 0.5}}, VOTES),
        ({"relations": {"popularity": 0.0}}, VOTES),
        ({"index": {"links": 8}}, ["candidates"]),
        ({"classifier": {"kind": "fasttext", "epochs": 6}}, ["classifier"]),
        ({"classifier": {"kind": "fasttext", "epochs": 5, "min_candidates": 4}}, ["classifier", "sections"]),
        ({"sentences": {"components": 2}}, ["sentences", "embeddings", "candidates", "calibration"]),
        ({"word2vec": {"epochs": 2}}, AFTER_WORDS),
        ({"seed": 2}, ["corpus", *AFTER_CORPUS]),
        ({"corpus": {"dev_share": 0.1}}, ["corpus", *AFTER_CORPUS]),
        ({"lexicon": {"max_words": 2}}, ["lexicon", "corpus", *AFTER_CORPUS]),
        ({"store": "elsewhere"}, None),
    ],
)
def test_a_changed_knob_runs_only_what_depends_on_it(
    trained: tuple[Path, dict[str, str]], tmp_path: Path, knobs: dict[str, Any], again: list[str] | None
) -> None:
    # The work folder's own stages are linked, so that the shared one never changes.
    (tmp_path / "work").mkdir()
    for stage in (trained[0] / "work").iterdir():
        if stage.is_dir():
            (tmp_path / "work" / stage.name).symlink_to(stage)
    (tmp_path / "candidates.jsonl").symlink_to(trained[0] / "candidates.jsonl")
    if "corpus" in knobs:
        knobs = {"corpus": {"sources": [{"path": "candidates.jsonl"}], **knobs["corpus"]}}

    result, recorder = toy.train(toy.recipe(tmp_path, **knobs))

    evaluated = [] if again is None else ["evaluate"]
    assert sorted(recorder.made) == sorted([*(again or []), *evaluated, "publish"])
    assert sorted([*recorder.made, *recorder.found]) == sorted(STAGES)
    assert not result.reused


def test_glove_is_trained_and_released_where_the_recipe_asks_for_it(
    folder: Path, trained: tuple[Path, dict[str, str]]
) -> None:
    knobs = {"enabled": True, "dimension": 10, "min_count": 2, "epochs": 3, "workers": 1, "memory": 0.01}
    located = toy.recipe(folder, glove=knobs)

    result, recorder = toy.train(located)

    assert sorted(recorder.made) == sorted([*STAGES, "glove"])
    files = toy.hashes(located, result.release)
    added = {"keys.arrow", "output.npy", "space.json", "vectors.npy"}
    assert files.keys() - trained[1].keys() == {f"{layout.GLOVE}/{name}" for name in added}
    assert {name: files[name] for name in trained[1]} == trained[1]
    store = Store(located.store)
    space = Space.open(store.path(result.release) / layout.GLOVE)
    assert space.kind == "glove"
    assert space.dimension == 10
    assert space.keys == sorted(space.keys, key=lambda key: (-space.counts[space.row(key) or 0], key))
    assert set(space.keys) == set(open_release(store, result.release).words.keys)
    assert len(space.parameters["loss"]) == 3


def test_a_changed_source_runs_everything_again(folder: Path) -> None:
    first, _ = toy.train(toy.recipe(folder))
    toy.write(folder / "candidates.jsonl", toy.candidates(160))

    second, recorder = toy.train(toy.recipe(folder))

    assert sorted(recorder.made) == sorted(STAGES)
    assert second.release != first.release
    assert second.report["corpus"]["candidates"] == 160
    opened = open_release(Store(toy.recipe(folder).store), second.release)
    assert opened.candidates is not None
    assert len(opened.candidates.table) == 160


def test_changed_aliases_run_everything_again(folder: Path) -> None:
    aliases = folder / "aliases.csv"
    aliases.write_text("Rechnungswesen,Audit\n")
    knobs = {"lexicon": {"aliases": "aliases.csv"}}
    toy.train(toy.recipe(folder, **knobs))
    aliases.write_text("Rechnungswesen,Audit\nLohn,Payroll\n")

    result, recorder = toy.train(toy.recipe(folder, **knobs))

    assert "lexicon" in recorder.made
    lexicon = open_release(Store(folder / "store"), result.release).lexicon
    match = lexicon.find("lohn")
    assert match is not None
    assert lexicon[match.row].name == "Payroll"


@pytest.mark.parametrize("stage", ["words", "classifier", "publish"])
def test_a_killed_run_resumes_where_it_was_cut_off(
    folder: Path, trained: tuple[Path, dict[str, str]], stage: str
) -> None:
    located = toy.recipe(folder)
    kill_in(stage, folder)
    left = {path.name.split("-")[0] for path in located.work.iterdir() if path.is_dir()}
    assert (f".{stage}" in left) == (stage != "publish")
    assert Store(located.store).list() == []

    result, recorder = toy.train(located)

    done = {name.removeprefix(".") for name in left if not name.startswith(".")}
    assert set(recorder.found) == done
    assert set(recorder.made) == set(STAGES) - done
    assert stage in recorder.made
    assert toy.hashes(located, result.release) == trained[1]
    assert not [path.name for path in located.work.iterdir() if path.name.startswith(".")]
    assert list((located.store / "staging").iterdir()) == []


def test_a_failed_stage_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    located = toy.recipe(folder)
    monkeypatch.setattr("training.building.words", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        toy.train(located)

    assert {path.name.split("-")[0] for path in located.work.iterdir()} == {
        "clean",
        "lexicon",
        "corpus",
        "pairs",
        "lock",
    }


def test_two_runs_at_once_are_refused_and_the_first_goes_on(folder: Path) -> None:
    located = toy.recipe(folder)
    pipeline = Pipeline(located, Quiet())

    with (
        pipeline.work.alone(),
        pytest.raises(StoreError, match="Another run is using this recipe's work folder"),
    ):
        toy.train(located)

    assert pipeline.run().reused is False


def test_evaluate_publishes_nothing_and_the_run_after_it_reuses_all(folder: Path) -> None:
    located = toy.recipe(folder)
    scores = Pipeline(located, Quiet()).evaluate()
    assert Store(located.store, create=True).list() == []

    result, recorder = toy.train(located)

    assert recorder.made == ["publish"]
    assert result.scores == scores


def test_training_activates_nothing(trained: tuple[Path, dict[str, str]]) -> None:
    assert Store(trained[0] / "store").current() is None


def test_the_release_is_good_and_says_what_made_it(trained: tuple[Path, dict[str, str]]) -> None:
    store = Store(trained[0] / "store")
    (info,) = store.list()
    manifest = store.manifest(info.name)

    assert manifest.kind == "train"
    assert manifest.recipe["word2vec"]["dimension"] == 12  # type: ignore[call-overload, index]
    scores = {(score["task"], score["metric"]): score["value"] for score in manifest.metrics["scores"]}  # type: ignore[union-attr, index, call-overload]
    assert scores["label", "accuracy"] == 1.0
    assert scores["hidden skill", "R@10"] == 1.0
    assert scores["candidates index", "recall@10"] == 1.0
    store.verify(info.name)


def test_no_stage_keeps_more_than_its_last_results(folder: Path) -> None:
    for epochs in (1, 2, 3, 4):  # the first is forgotten when the fourth is made
        toy.train(toy.recipe(folder, word2vec={"epochs": epochs}))
    _, back = toy.train(toy.recipe(folder, word2vec={"epochs": 3}))
    _, forgotten = toy.train(toy.recipe(folder, word2vec={"epochs": 1}))

    assert back.made == []
    assert "words" in forgotten.made
    assert "corpus" in forgotten.found
    assert len(list((folder / "work").glob("words-*"))) == 3
    assert len(list((folder / "work").glob("corpus-*"))) == 1


def test_a_folder_nobody_may_write_to_is_one_sentence(folder: Path) -> None:
    (folder / "work").write_text("a file")

    with pytest.raises(StoreError, match=r"work folder .* cannot be made"):
        Pipeline(toy.recipe(folder), Quiet())


def test_the_paths_of_the_run_do_not_enter_the_release(trained: tuple[Path, dict[str, str]]) -> None:
    place = os.fsencode(trained[0])
    for path in (trained[0] / "store").rglob("*"):
        if path.is_file():
            assert place not in path.read_bytes(), path.name
