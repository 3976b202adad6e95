"""What all tests share: a hypothesis profile, the real data where it is, and one trained sample release."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from embedsvc.releases import Store
from embedsvc.releases.opening import Release, open_release

# How fast a busy machine draws examples says nothing about the code.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

_BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data"

RECIPE = """
seed = 3

[[corpus.sources]]
path = "candidates.jsonl"

[corpus]
test_share = 0.1

[lexicon]
min_candidates = 3

[word2vec]
dimension = 48
epochs = 4
workers = 1

[relations]
neighbours = 20
min_candidates = 5
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """A store whose active release was trained from 2,000 generated candidates.

    Shared by all tests of a run: read it, never change it; copy the store to activate or publish.
    """

    folder: Path
    corpus: Path
    recipe: Path
    store: Path
    release: str


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    from training.corpus.generator import write
    from training.pipeline import Pipeline
    from training.progress import Quiet
    from training.recipe import load_recipe

    folder = tmp_path_factory.mktemp("sample")
    corpus, recipe = folder / "candidates.jsonl", folder / "embedsvc.toml"
    write(corpus, 2_000, 3)
    recipe.write_text(RECIPE)
    located = load_recipe(recipe)
    result = Pipeline(located, Quiet()).run()
    Store(located.store).activate(result.release)
    return Sample(folder, corpus, recipe, located.store, result.release)


@pytest.fixture(scope="session")
def release(sample: Sample) -> Release:
    """The sample's release, open."""
    return open_release(Store(sample.store), sample.release)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real candidates, which never enters the repository; skips where it is absent."""
    folder = Path(os.environ.get("EMBEDSVC_DATA", _BESIDE_THE_CHECKOUT))
    if not (folder / "cv_it_multilabel.jsonl.gz").is_file():
        pytest.skip("no real candidates here: set EMBEDSVC_DATA to their folder")
    return folder
