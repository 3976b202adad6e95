"""A recipe that asks for the learned sentence encoder, from candidates to answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from embedsvc.errors import EmptyCorpusError, RecipeError
from embedsvc.queries import check_canary, search
from embedsvc.releases import Store
from embedsvc.releases.opening import Release, open_release
from embedsvc.schemas import SearchRequest
from embedsvc.spaces import SifEncoder, StaticEncoder
from tests.training import toy
from training.pipeline import Pipeline
from training.progress import Quiet
from training.recipe import LocatedRecipe
from training.reindex import reindex

STATIC = {"dimension": 8, "prefixes": [4], "batch": 32, "epochs": 6}


def located(folder: Path, kind: str = "static", **static: object) -> LocatedRecipe:
    return toy.recipe(folder, sentences={"kind": kind}, static={**STATIC, **static})


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("static")
    toy.write(folder / "candidates.jsonl", toy.candidates())
    return folder, toy.train(located(folder))[0].release


def opened(folder: Path, name: str) -> Release:
    return open_release(Store(folder / "store"), name)


def top(release: Release, text: str) -> list[str]:
    (result,) = search(release, SearchRequest(queries=[text], k=10)).results
    assert result.hits is not None
    return [hit.title for hit in result.hits]


def test_the_release_answers_by_the_learned_encoder(trained: tuple[Path, str]) -> None:
    release = opened(*trained)

    assert isinstance(release.sentences, StaticEncoder)
    assert release.sentences.dimension == 8
    assert release.words.dimension == 12
    assert release.candidates is not None
    assert release.candidates.index.dimension == 8
    check_canary(release)
    assert set(top(release, "payroll and tally")) == {"Finance Specialist"}
    assert set(top(release, "php and css")) == {"Information Technology Specialist"}


def test_a_change_of_the_knobs_makes_the_encoder_anew_and_not_its_pairs(trained: tuple[Path, str]) -> None:
    folder, _ = trained

    _, unchanged = toy.train(located(folder))
    _, slower = toy.train(located(folder, learning_rate=0.01))
    result, back = toy.train(located(folder, kind="sif"))

    assert unchanged.made == []
    assert {"static", "embeddings"} <= set(slower.made)
    assert not {"words", "sentences", "pairs"} & set(slower.made)
    assert not {"static", "sentences"} & set(back.made)
    assert isinstance(opened(folder, result.release).sentences, SifEncoder)


def test_a_reindex_keeps_the_encoder(trained: tuple[Path, str]) -> None:
    folder, name = trained
    Store(folder / "store").activate(name)

    result = reindex(located(folder), Quiet())

    release = opened(folder, result.release)
    assert isinstance(release.sentences, StaticEncoder)
    assert result.candidates == 150
    report = Store(folder / "store").manifest(result.release).notes["report"]
    assert report["embedding"] == {"candidates": 150, "unknown": 0, "truncated": 0}  # type: ignore[index, call-overload]
    assert set(top(release, "payroll and tally")) == {"Finance Specialist"}


def test_serving_it_loads_no_library_of_training(trained: tuple[Path, str]) -> None:
    program = (
        "import sys; from pathlib import Path; from embedsvc.releases import Store; "
        "from embedsvc.releases.opening import open_release; from embedsvc.queries.encode import encode; "
        f"release = open_release(Store(Path({str(trained[0] / 'store')!r})), {trained[1]!r}); "
        "print(encode(release, ['php']).any(), sorted({'torch', 'scipy', 'gensim'} & set(sys.modules)))"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "True []"


@pytest.mark.parametrize(("least", "kind"), [(100, StaticEncoder), (10_000, SifEncoder)])
def test_auto_learns_where_there_are_pairs_enough(
    trained: tuple[Path, str], least: int, kind: type[object]
) -> None:
    folder, _ = trained

    result, recorder = toy.train(located(folder, kind="auto", min_pairs=least))

    assert isinstance(opened(folder, result.release).sentences, kind)
    assert not {"pairs", "sentences", "static"} & set(recorder.made)


def test_more_dimensions_than_the_word_space_has_are_refused(trained: tuple[Path, str]) -> None:
    with pytest.raises(RecipeError, match=r"static\.dimension is 13 and the word space has 12"):
        Pipeline(located(trained[0], dimension=13), Quiet()).run()


def test_candidates_with_nothing_to_pair_are_refused(tmp_path: Path) -> None:
    bare = [
        {key: value for key, value in record.items() if key not in {"title", "experience"}}
        for record in toy.candidates()
    ]
    toy.write(tmp_path / "candidates.jsonl", bare)

    with pytest.raises(EmptyCorpusError, match=r'set sentences\.kind = "sif"'):
        Pipeline(located(tmp_path), Quiet()).run()
