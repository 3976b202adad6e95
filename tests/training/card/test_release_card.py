"""The card in a release: among its files, the same bytes when made again, nobody's data in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from embedsvc.errors import ReleaseCorruptError
from embedsvc.releases import Store
from tests.conftest import Sample
from tests.training import toy
from tests.training.card.svg_nodes import parsed
from training.card import Measured, card_of, markdown, page
from training.progress import Quiet
from training.reindex import reindex


@pytest.fixture(scope="module")
def folder(sample: Sample) -> Path:
    return Store(sample.store).path(sample.release) / "card"


def test_it_is_among_the_files_of_the_release(sample: Sample) -> None:
    store = Store(sample.store)
    files = {path for path in store.manifest(sample.release).files if path.startswith("card/")}

    assert {"card/card.md", "card/card.html", "card/measured.json", "card/figures/map.svg"} <= files
    store.verify(sample.release)


def test_made_again_it_has_the_same_bytes(sample: Sample, folder: Path) -> None:
    card = card_of(Store(sample.store), sample.release)

    assert markdown(card).encode() == (folder / "card.md").read_bytes()
    assert page(card).encode() == (folder / "card.html").read_bytes()


def test_its_pictures_are_there_and_well_formed(folder: Path) -> None:
    named = re.findall(r"\]\((figures/[a-z0-9-]+\.svg)\)", (folder / "card.md").read_text("utf-8"))

    assert sorted(named) == sorted(f"figures/{path.name}" for path in (folder / "figures").iterdir())
    for path in named:
        assert parsed((folder / path).read_text("utf-8")).attrib["role"] == "img"


def test_it_says_nothing_of_any_candidate(sample: Sample, folder: Path) -> None:
    written = "\n".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())
    people = [json.loads(line) for line in sample.corpus.read_text("utf-8").splitlines()]

    assert len(people) == 2_000
    assert [person["id"] for person in people if person["id"] in written] == []
    assert [
        person["summary"] for person in people if person["summary"] and person["summary"] in written
    ] == []
    employers = {job["employer"] for person in people for job in person["experience"] if job.get("employer")}
    assert [employer for employer in employers if employer in written] == []
    assert re.findall(r"[\w.+-]+@[\w-]+\.\w+", written) == []
    assert str(sample.folder) not in written


def test_the_command_prints_it_and_writes_the_page(sample: Sample, folder: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "embedsvc.cli",
        "release",
        "card",
        sample.release,
        "--store",
        str(sample.store),
    ]
    run = subprocess.run(command, capture_output=True, check=True, timeout=120, env=os.environ)
    target = tmp_path / "card.html"
    told = subprocess.run([*command, "--html", str(target)], capture_output=True, check=True, timeout=120)

    assert run.stdout == (folder / "card.md").read_bytes()
    assert told.stdout.decode() == f"The page is at {target}.\n"
    assert target.read_bytes() == (folder / "card.html").read_bytes()


def test_damaged_measurements_are_an_error_that_says_what_to_do(tmp_path: Path, folder: Path) -> None:
    shutil.copy(folder / "measured.json", tmp_path)
    assert Measured.open(tmp_path).counts.candidates == 2_000
    (tmp_path / "measured.json").chmod(0o644)
    (tmp_path / "measured.json").write_text("{}")

    with pytest.raises(ReleaseCorruptError, match="verify the release or train again"):
        Measured.open(tmp_path)


def test_a_release_without_one_is_measured_when_asked(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    located = toy.recipe(tmp_path)
    result, recorder = toy.train(located)
    store = Store(located.store)
    text = markdown(card_of(store, result.release))

    assert "card" not in recorder.made
    assert [path for path in store.manifest(result.release).files if path.startswith("card/")] == []
    assert text.startswith(f"# Model card: {result.release}\n")
    assert "| skills | 12 |" in text
    # The probe, which needs the corpus, was made by the evaluation.
    assert store.manifest(result.release).metrics["leakage"] == {
        "female": 0, "male": 0, "auc": None, "low": None, "high": None,
    }  # fmt: skip
    assert "not measured, 0 texts hold female words alone and 0 male words alone" in text


def test_a_re_index_renews_what_the_index_changes(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    located = toy.recipe(tmp_path, card={"enabled": True, "licence": "CC0-1.0"})
    result, recorder = toy.train(located)
    store = Store(located.store)
    store.activate(result.release)
    before = (store.path(result.release) / "card" / "card.md").read_text("utf-8")
    toy.write(tmp_path / "candidates.jsonl", toy.candidates(170))

    again = reindex(located, Quiet())

    after = (store.path(again.release) / "card" / "card.md").read_text("utf-8")
    assert recorder.made.count("card") == 1
    assert "| candidates that search finds | 150 |" in before
    assert "| candidates that search finds | 170 |" in after
    assert after.startswith(f"# Model card: {again.release}\n")
    assert "CC0-1.0" in after
    assert markdown(card_of(store, again.release)) == after
    store.verify(again.release)
