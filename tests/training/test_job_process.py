"""The process of a job: with which recipes it does what, and what it keeps of an error."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from embedsvc.errors import CorpusError, RecipeError, SourceNotFoundError
from embedsvc.jobs import JobVoice
from embedsvc.schemas import ReindexRequest
from tests.training import toy
from training.job import Reporter, reindexed

SOURCE = '[[corpus.sources]]\npath = "candidates.jsonl"\n'
SILENT = Reporter(cast("JobVoice", None))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy.served(tmp_path_factory.mktemp("job"), toy.candidates(60))


def test_a_recipe_of_another_store_is_refused(folder: Path) -> None:
    recipe = folder / "other.toml"
    for store in ("nowhere", "work"):
        recipe.write_text(f'store = "{store}"\n{SOURCE}')
        with pytest.raises(RecipeError, match=f"other.toml is for the store '{store}'"):
            reindexed(folder / "store", recipe, ReindexRequest(), SILENT)


def test_a_recipe_that_is_not_there_is_said(folder: Path) -> None:
    with pytest.raises(RecipeError, match=r"There is no recipe at .*gone\.toml"):
        reindexed(folder / "store", folder / "gone.toml", ReindexRequest(), SILENT)


def test_without_candidates_nothing_is_made(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(f'store = "{folder / "store"}"\n{SOURCE}')
    before = toy.live(folder).name
    with pytest.raises(SourceNotFoundError, match=r"candidates\.jsonl"):
        reindexed(folder / "store", tmp_path / "recipe.toml", ReindexRequest(), Reporter(_Mute()))
    assert toy.live(folder).name == before


def test_why_a_source_cannot_be_read_is_said_without_its_text(folder: Path) -> None:
    (folder / "bad.jsonl").write_text('{"id": "c1", "summary": "Jane Doe, 07700 900123"\n' * 60)
    (folder / "bad.toml").write_text(SOURCE.replace("candidates", "bad"))
    with pytest.raises(CorpusError, match=r"bad\.jsonl") as refused:
        reindexed(folder / "store", folder / "bad.toml", ReindexRequest(), Reporter(_Mute()))
    assert "Jane" not in f"{refused.value.message} {refused.value.details}"


class _Mute(JobVoice):
    """Tells nobody."""

    def __init__(self) -> None:
        super().__init__(cast("object", self))  # type: ignore[arg-type]

    def tell(self, facts: object) -> None:
        """Nothing."""


def test_of_what_nobody_foresaw_only_the_kind_is_kept(folder: Path) -> None:
    home = folder / "store" / "jobs" / "20260101-000000-0123456789abcdef"
    home.mkdir(parents=True)
    asked = '{"kind":"reindex","created":"2026","body":{"activate":true},"body_hash":"x"}'
    (home / "asked.json").write_text(asked)
    (folder / "recipe.toml").write_text(SOURCE)
    broken = (
        "import sys, training.reindex as r, training.job as j\n"
        "def fail(*a, **o): raise ValueError('Jane Doe, 07700 900123')\n"
        "r.reindex = fail\n"
        "j.main()"
    )
    names = ["--store", str(folder / "store"), "--job", home.name, "--recipe", str(folder / "recipe.toml")]
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.set_inheritable(lock.fileno(), True)
        command = [sys.executable, "-c", broken, *names, "--lock", str(lock.fileno())]
        ran = subprocess.run(command, pass_fds=(lock.fileno(),), capture_output=True, text=True, timeout=120)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    kept = (home / "outcome.json").read_text()
    assert '"state":"failed"' in kept
    assert "ValueError" in kept
    assert "Jane" not in "".join(path.read_text() for path in home.iterdir())
