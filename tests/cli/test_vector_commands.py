"""`embedsvc export` and `import`, as a person and as a program would use them."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from embedsvc.formats import Table, export_vectors
from embedsvc.releases import Store, layout
from embedsvc.spaces import Space
from tests.embedsvc.formats.test_fasttext_writing import WORDS
from tests.embedsvc.formats.test_fasttext_writing import space as subword_space


def embedsvc(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the real command in a process of its own."""
    command = [sys.executable, "-m", "embedsvc.cli", *arguments]
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


def test_words_go_out_and_come_in_again(sample, release, tmp_path):
    done = embedsvc("export", "--out", tmp_path / "words.bin", "--store", sample.store, "--json")
    told = json.loads(done.stdout)
    assert told == {
        "path": str(tmp_path / "words.bin"),
        "format": "word2vec-binary",
        "rows": len(release.words),
        "dimension": 48,
        "notes": [],
    }
    read = embedsvc("import", tmp_path / "words.bin", "--out", tmp_path / "space")
    assert read.returncode == 0
    assert read.stdout == (
        f"{len(release.words):,} vectors of 48 dimensions (word2vec-binary) in {tmp_path / 'space'}.\n"
        "  The format has no counts: every key counts 0 times.\n"
    )
    assert "import: done in " in read.stderr
    space = Space.open(tmp_path / "space")
    assert space.keys == release.words.keys
    assert np.array_equal(space.vectors, release.words.vectors)


def test_skills_go_out_under_their_names_with_their_candidates(sample, release, tmp_path):
    arguments = ("--space", "skills", "--format", "projector", "--release", sample.release)
    done = embedsvc("export", *arguments, "--out", tmp_path / "map", "--store", sample.store)
    assert done.returncode == 0
    lines = (tmp_path / "map" / "metadata.tsv").read_text().splitlines()
    known = [skill for skill in release.lexicon if release.words.row(skill.token) is not None]
    assert lines == ["key\tcount", *(f"{skill.name}\t{skill.candidates}" for skill in known)]
    first = (tmp_path / "map" / "vectors.tsv").read_text().partition("\n")[0].split("\t")
    row = release.words.vectors[release.words.row(known[0].token)]
    assert np.array_equal(np.array(first, np.float32), row)


def test_the_glove_space_goes_out_where_there_is_one(sample, release, tmp_path):
    arguments = ("--space", "glove", "--store", sample.store, "--out", tmp_path / "glove.txt")
    refused = embedsvc("export", *arguments)
    assert refused.returncode == 65
    assert refused.stderr == (
        f"embedsvc: Release {sample.release} has no GloVe space; "
        "set `enabled = true` in the recipe's [glove] and train.\n"
    )
    shutil.copytree(sample.store, tmp_path / "store")
    with Store(tmp_path / "store").draft("second") as draft:
        draft.share(sample.release, *Store(sample.store).manifest(sample.release).files)
        Space("glove", ["a", "b"], np.array([2, 1]), np.eye(2, dtype=np.float32)).save(
            draft.path / layout.GLOVE
        )
        draft.publish(recipe={}, metrics={}, canary=dict(release.canary))
    arguments = ("--space", "glove", "--release", "second", "--store", tmp_path / "store")
    done = embedsvc("export", *arguments, "--out", tmp_path / "glove.txt")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "glove.txt").read_text().split() == ["a", "1", "0", "b", "0", "1"]


def test_the_fasttext_space_goes_out_as_words_and_as_a_model(sample, release, tmp_path):
    refused = embedsvc("export", "--space", "fasttext", "--store", sample.store, "--out", tmp_path / "x.vec")
    assert refused.returncode == 65
    assert (
        "has no fastText space; set `enabled = true` in the recipe's [fasttext] and train." in refused.stderr
    )
    space = subword_space("int8", 90)
    shutil.copytree(sample.store, tmp_path / "store")
    with Store(tmp_path / "store").draft("second") as draft:
        draft.share(sample.release, *Store(sample.store).manifest(sample.release).files)
        space.save(draft.path / layout.FASTTEXT)
        draft.publish(recipe={}, metrics={}, canary=dict(release.canary))
    given = ("--space", "fasttext", "--release", "second", "--store", tmp_path / "store")
    assert embedsvc("export", *given, "--out", tmp_path / "words.vec").returncode == 0
    done = embedsvc("export", *given, "--format", "fasttext", "--out", tmp_path / "out.bin", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["format"], told["rows"], told["dimension"]) == ("fasttext", 7, 12)
    assert told["notes"][0].startswith("210 of 300 buckets are zeros")
    words = KeyedVectors.load_word2vec_format(tmp_path / "words.vec")
    assert words.index_to_key == WORDS
    assert np.array_equal(words.vectors, space.vectors(WORDS))
    imported = embedsvc("import", tmp_path / "out.bin", "--out", tmp_path / "space")
    assert imported.returncode == 0, imported.stderr
    assert np.abs(Space.open(tmp_path / "space").vectors - space.vectors(WORDS)).max() < 2e-6


def test_a_skill_of_two_words_needs_to_be_told_how_to_be_spelled(sample, release, tmp_path):
    arguments = ("--space", "skills", "--store", sample.store, "--out", tmp_path / "skills.txt")
    refused = embedsvc("export", *arguments)
    assert refused.returncode == 65
    assert "cannot be written as glove" in refused.stderr
    assert not (tmp_path / "skills.txt").exists()
    assert embedsvc("export", *arguments, "--spaces-as", "_").returncode == 0
    names = [line.partition(" ")[0] for line in (tmp_path / "skills.txt").read_text().splitlines()]
    known = [skill for skill in release.lexicon if release.words.row(skill.token) is not None]
    assert names == [skill.name.replace(" ", "_") for skill in known]


def test_an_imported_folder_is_exported_in_another_format(tmp_path):
    (tmp_path / "given.txt").write_text("php 0.1 -2\njava 3e-9 4\n")
    assert embedsvc("import", tmp_path / "given.txt", "--out", tmp_path / "space").returncode == 0
    done = embedsvc("export", "--folder", tmp_path / "space", "--out", tmp_path / "given.vec", "--json")
    assert json.loads(done.stdout)["format"] == "word2vec"
    assert (tmp_path / "given.vec").read_text() == "2 2\nphp 0.1 -2\njava 3e-9 4\n"


def test_a_folder_whose_name_is_not_utf8_is_written_and_shown(tmp_path):
    (tmp_path / "given.txt").write_text("php 0.1 -2\n")
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    done = embedsvc("import", tmp_path / "given.txt", "--out", odd, "--json")
    assert json.loads(done.stdout)["path"].endswith("/caf\\xe9")
    assert np.load(odd / "vectors.npy").tolist() == [[float(np.float32(0.1)), -2.0]]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("import", "pickle.bin", "--out", "x"), 65, "this is a pickle"),
        (("import", "none.vec", "--out", "x"), 65, "it cannot be read (No such file or directory)"),
        (("import", "good.txt", "--out", "."), 65, "exists already"),
        (("import", "good.txt", "--format", "excel", "--out", "x"), 65, "There is no format 'excel'"),
        (("import", "nan.vec", "--out", "x"), 65, "the vector of row 2 holds NaN or infinity"),
        (("import", "ragged.vec", "--out", "x"), 65, "line 3 has 1 numbers where 2 are due"),
        (("import", "cut.bin", "--out", "x"), 65, "cut short, or no fastText model; fetch it again."),
        (("export", "--folder", ".", "--out", "x.vec"), 65, "cannot be opened"),
        (("export", "--store", "none", "--out", "x.vec"), 74, "There is no release store"),
        (("export", "--space", "cats", "--out", "x.vec"), 65, "use one of: words, skills, glove, fasttext"),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments, code, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (tmp_path / "pickle.bin").write_bytes(pickle.dumps({"vectors": [1.0]}))
    (tmp_path / "good.txt").write_text("a 1 2\n")
    (tmp_path / "nan.vec").write_text("2 2\na 1 2\nb nan 2\n")
    (tmp_path / "ragged.vec").write_text("2 2\na 1 2\nb 1\n")
    export_vectors(Table.of_subwords(subword_space("int8", 90)), tmp_path / "whole.bin", "fasttext")
    (tmp_path / "cut.bin").write_bytes((tmp_path / "whole.bin").read_bytes()[:-1])
    given = {path.name for path in tmp_path.iterdir()}
    done = embedsvc(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert done.stderr.splitlines()[-1].startswith("embedsvc: ")
    assert {path.name for path in tmp_path.iterdir()} == given
