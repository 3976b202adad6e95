"""A recipe that asks for a transformer, from candidates to answers over REST; checkpoints that are none."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from embedsvc.errors import EmptyCorpusError, OptionalDependencyError, RecipeError
from embedsvc.queries import check_canary, search
from embedsvc.releases import Store
from embedsvc.releases.opening import Release, open_release
from embedsvc.schemas import SearchRequest
from embedsvc.service import create_app
from embedsvc.settings import Settings
from embedsvc.spaces import TransformerEncoder
from tests.training import tiny_transformer, toy
from training.pipeline import Pipeline
from training.progress import Quiet
from training.recipe import LocatedRecipe
from training.reindex import reindex

KNOBS = {"checkpoint": "tiny", "epochs": 4, "batch": 16, "learning_rate": 3e-3, "workers": 1, "device": "cpu"}


def located(folder: Path, **transformer: object) -> LocatedRecipe:
    return toy.recipe(folder, sentences={"kind": "transformer"}, transformer={**KNOBS, **transformer})


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_transformer.make(tmp_path_factory.mktemp("checkpoint") / "tiny")


@pytest.fixture(scope="module")
def trained(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("transformer")
    shutil.copytree(checkpoint, folder / "tiny")
    toy.write(folder / "candidates.jsonl", toy.candidates())
    return folder, toy.train(located(folder))[0].release


def opened(folder: Path, name: str) -> Release:
    return open_release(Store(folder / "store"), name)


def top(release: Release, text: str) -> set[str]:
    (result,) = search(release, SearchRequest(queries=[text], k=10)).results
    assert result.hits is not None
    return {hit.title for hit in result.hits}


def test_the_release_answers_by_what_it_learned(trained: tuple[Path, str]) -> None:
    release = opened(*trained)

    assert isinstance(release.sentences, TransformerEncoder)
    assert release.sentences.dimension == tiny_transformer.DIMENSION
    assert release.candidates is not None
    assert release.candidates.index.dimension == tiny_transformer.DIMENSION
    check_canary(release)
    assert top(release, "payroll and tally") == {"Finance Specialist"}
    assert top(release, "php and css") == {"Information Technology Specialist"}


def test_the_release_tells_how_it_was_made_and_no_path(trained: tuple[Path, str]) -> None:
    folder, name = trained
    home = Store(folder / "store").path(name) / "spaces" / "sentences"
    told = json.loads((home / "encoder.json").read_text())
    parameters = told["parameters"]

    report = Store(folder / "store").manifest(name).notes["report"]
    assert report["embedding"] == {"candidates": 150, "unknown": 0, "truncated": 150}  # type: ignore[index, call-overload]
    assert sorted(each.name for each in home.iterdir()) == ["encoder.json", "model.onnx", "tokenizer.json"]
    assert (told["dimension"], told["max_tokens"]) == (tiny_transformer.DIMENSION, tiny_transformer.PIECES)
    assert parameters["checkpoint"] == "tiny"
    assert str(folder) not in json.dumps(told)
    assert parameters["agreement"]["mean"] > 0.95
    seen, losses = zip(*parameters["curve"], strict=True)
    assert seen[-1] == 4 * parameters["pairs"]
    assert losses[-1] < losses[0]
    assert parameters["agreement"]["texts"] == 134
    assert parameters["agreement"]["truncated"] == 134  # letter by letter, all are long
    assert 0 < parameters["truncated"] < 2 * parameters["pairs"]


@pytest.fixture(scope="module")
def web(trained: tuple[Path, str]) -> Iterator[TestClient]:
    store = Store(trained[0] / "store")
    store.activate(trained[1])
    with TestClient(create_app(Settings(store=store.root))) as client:
        yield client


def test_it_is_served_and_asked_over_rest(web: TestClient) -> None:
    assert web.get("/health/ready").status_code == 200
    pairs = [["payroll and tally", "audit and gst"], ["payroll and tally", "php and css"], ["php", ""]]
    texts = [pair for pair in pairs if all(pair)] + [["tally " * 4000, "tally"], ["php", "?!"]]

    answer = web.post("/v1/similarity", json={"pairs": texts})
    found = web.post("/v1/search", json={"queries": ["payroll and tally"], "k": 3})

    assert answer.status_code == 200, answer.text
    near, far, long, nothing = answer.json()["scores"]
    assert near > far + 0.2
    assert long > 0.5
    assert nothing is None
    (result,) = found.json()["results"]
    assert {hit["title"] for hit in result["hits"]} == {"Finance Specialist"}


def test_an_empty_text_is_refused_as_by_every_kind(web: TestClient) -> None:
    answer = web.post("/v1/similarity", json={"pairs": [["php", ""]]})

    assert (answer.status_code, answer.json()["scores"]) == (200, [None])
    (refused,) = answer.json()["errors"]
    assert (refused["index"], refused["error"]["code"]) == (0, "invalid_request")


def test_a_reindex_needs_no_torch_and_keeps_the_encoder(
    trained: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, name = trained
    Store(folder / "store").activate(name)
    monkeypatch.setitem(sys.modules, "torch", None)

    result = reindex(located(folder), Quiet())

    release = opened(folder, result.release)
    assert isinstance(release.sentences, TransformerEncoder)
    assert result.candidates == 150
    report = Store(folder / "store").manifest(result.release).notes["report"]
    assert report["embedding"]["truncated"] == 150  # type: ignore[index, call-overload]
    assert top(release, "payroll and tally") == {"Finance Specialist"}
    Store(folder / "store").activate(name)


def test_serving_it_loads_no_library_of_training(trained: tuple[Path, str]) -> None:
    program = (
        "import sys; from pathlib import Path; from embedsvc.releases import Store; "
        "from embedsvc.releases.opening import open_release; from embedsvc.queries.encode import encode; "
        f"release = open_release(Store(Path({str(trained[0] / 'store')!r})), {trained[1]!r}); "
        "print(encode(release, ['php']).any(), "
        "sorted({'torch', 'transformers', 'onnx', 'scipy', 'gensim'} & set(sys.modules)))"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "True []"


def test_another_knob_makes_anew_what_depends_on_it_and_no_more(trained: tuple[Path, str]) -> None:
    folder, _ = trained

    _, unchanged = toy.train(located(folder, device="auto"))
    _, shorter = toy.train(located(folder, dimension=8))
    result, bare = toy.train(located(folder, epochs=0, precision="float32"))

    assert unchanged.made == []
    assert {"transformer", "embeddings"} <= set(shorter.made)
    assert not {"finetuned", "pairs", "words"} & set(shorter.made)
    assert "finetuned" not in bare.made + bare.found
    encoder = opened(folder, result.release).sentences
    assert isinstance(encoder, TransformerEncoder)
    assert encoder.parameters["agreement"]["least"] > 0.9999
    assert "curve" not in encoder.parameters


def test_the_fine_tuned_checkpoint_opens_in_sentence_transformers(trained: tuple[Path, str]) -> None:
    from training.trainers.transformer.libraries import load

    folder, name = trained
    (kept,) = (folder / "work").glob("finetuned-*/checkpoint")
    encoder = opened(folder, name).sentences

    vectors = load(kept).encode(["payroll tally", "php css"], normalize_embeddings=True)

    ours = encoder.encode([["payroll", "tally"], ["php", "css"]])
    assert (ours * vectors).sum(axis=1).min() > 0.95


@pytest.mark.parametrize("objective", ["pairs", "triplets"])
def test_one_worker_gives_the_same_bytes_twice(
    trained: tuple[Path, str], tmp_path: Path, objective: str
) -> None:
    from training.building.sentences import mined_pairs
    from training.trainers.transformer import train_transformer

    recipe = located(trained[0], objective=objective, epochs=1, prefixes=[4]).recipe
    (pairs,) = (trained[0] / "work").glob("pairs-*")
    runs = []
    for number in range(2):
        folder = tmp_path / str(number)
        done = train_transformer(trained[0] / "tiny", mined_pairs(pairs, 64), recipe.transformer, 5, folder)
        runs.append(((folder / "model.safetensors").read_bytes(), done.curve))

    assert runs[0] == runs[1]


def spoiled(checkpoint: Path, folder: Path) -> Path:
    toy.write(folder / "candidates.jsonl", toy.candidates(60))
    shutil.copytree(checkpoint, folder / "tiny")
    return folder / "tiny"


def refused(folder: Path, **knobs: object) -> str:
    with pytest.raises(RecipeError) as caught:
        Pipeline(located(folder, **{"epochs": 0, **knobs}), Quiet()).run()
    return str(caught.value)


def test_a_pickle_posing_as_weights_is_refused_unread(checkpoint: Path, tmp_path: Path) -> None:
    tiny = spoiled(checkpoint, tmp_path)

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return Path.touch, (tmp_path / "exploded",)

    (tiny / "model.safetensors").unlink()
    (tiny / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb()))
    assert "pytorch_model.bin is a pickle" in refused(tmp_path)

    (tiny / "pytorch_model.bin").rename(tiny / "model.safetensors")
    assert "cannot be opened" in refused(tmp_path)
    assert not (tmp_path / "exploded").exists()


def test_weights_that_are_missing_or_cut_short_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    tiny = spoiled(checkpoint, tmp_path)
    whole = (tiny / "model.safetensors").read_bytes()

    (tiny / "model.safetensors").write_bytes(whole[:-1000])
    assert "cannot be opened" in refused(tmp_path)

    (tiny / "model.safetensors").unlink()
    assert "holds no weights" in refused(tmp_path)


def test_weights_that_are_not_finite_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    tiny = spoiled(checkpoint, tmp_path)
    weights = load_file(tiny / "model.safetensors")
    weights["embeddings.LayerNorm.weight"][0] = np.nan
    save_file(weights, tiny / "model.safetensors", metadata={"format": "pt"})

    assert "diverged; lower transformer.learning_rate" in refused(tmp_path, epochs=1)
    assert "cannot be served" in refused(tmp_path, precision="float32")


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ({"type": "os.system", "path": ""}, "names a module 'os.system'"),
        ({"type": "sentence_transformers.models.Asym", "path": ""}, "of these are known"),
        ({"type": "sentence_transformers.models.Pooling", "path": "../other"}, "outside the checkpoint"),
        ({"path": ""}, "cannot be read as a list of modules"),
    ],
)
def test_a_module_that_is_none_of_the_library_is_refused(
    checkpoint: Path, tmp_path: Path, module: dict[str, str], told: str
) -> None:
    tiny = spoiled(checkpoint, tmp_path)
    (tiny / "modules.json").write_text(json.dumps([module]))

    assert told in refused(tmp_path)


def test_the_vocabulary_of_another_checkpoint_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    tiny = spoiled(checkpoint, tmp_path)
    tokenizer = json.loads((tiny / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"] |= {f"more{number}": 10_000 + number for number in range(50)}
    (tiny / "tokenizer.json").write_text(json.dumps(tokenizer))

    assert "the two do not belong together" in refused(tmp_path)


def test_a_recipe_without_a_checkpoint_and_one_that_is_no_folder_say_what_to_do(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    spoiled(checkpoint, tmp_path)
    (tmp_path / "empty").mkdir()

    assert "let transformer.checkpoint name a folder" in refused(tmp_path, checkpoint="")
    assert "is no checkpoint" in refused(tmp_path, checkpoint="empty")
    assert "could not be fetched" in refused(tmp_path, checkpoint="nobody/nothing")
    assert "the checkpoint gives 16" in refused(tmp_path, dimension=17)


def test_a_checkpoint_of_the_hub_is_fetched_once_and_without_its_pickles(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    asked = []

    def snapshot(name: str, *, revision: str, local_dir: Path, allow_patterns: list[str]) -> str:
        asked.append((name, revision, allow_patterns))
        return str(shutil.copytree(checkpoint, local_dir))

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    toy.write(tmp_path / "candidates.jsonl", toy.candidates(60))
    knobs = {"checkpoint": "somebody/tiny", "revision": "abc", "epochs": 0}

    result, _ = toy.train(located(tmp_path, **knobs))
    toy.train(located(tmp_path, **knobs, dimension=4))

    assert asked == [("somebody/tiny", "abc", ["*.json", "*.txt", "*.model", "*.safetensors"])]
    assert opened(tmp_path, result.release).sentences.dimension == tiny_transformer.DIMENSION


def test_nothing_to_pair_is_refused_and_a_missing_library_named(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiled(checkpoint, tmp_path)
    bare = [
        {key: value for key, value in record.items() if key not in {"title", "experience"}}
        for record in toy.candidates(60)
    ]
    toy.write(tmp_path / "candidates.jsonl", bare)
    with pytest.raises(EmptyCorpusError, match=r"set transformer\.epochs = 0"):
        Pipeline(located(tmp_path), Quiet()).run()

    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(OptionalDependencyError, match=r"pip install 'embedsvc\[transformer\]'"):
        Pipeline(located(tmp_path, epochs=0), Quiet()).run()
