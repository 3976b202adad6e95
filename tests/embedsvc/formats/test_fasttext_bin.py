"""fastText's `.bin`: the library's own vectors to the last bit, and no trust in a damaged file."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from embedsvc.errors import FormatError
from embedsvc.formats import Table, export_vectors, import_vectors
from embedsvc.formats.fasttext_bin import open_model
from embedsvc.spaces.subword_space import SubwordSpace
from embedsvc.spaces.subwords import Subwords
from tests.embedsvc.formats.awkward import same_bits

# The library leaves a part of its input matrix uninitialised with fewer than ten threads (a tenth a thread,
# DenseMatrix::uniform), and then fails by chance: "Encountered NaN".
_TRAIN = """
import json, sys
import fasttext, numpy
folder = sys.argv[1]
words = "java php sql naïve 東京 C c++ c résumé Ω é x </s>s <a> verylongwordofmanysubwords".split()
rng = numpy.random.default_rng(1)
with open(folder + "/text", "w") as out:
    for _ in range(2000):
        out.write(" ".join(rng.choice(words, 8)) + "\\n")
with open(folder + "/labelled", "w") as out:
    for _ in range(300):
        out.write("__label__%s %s\\n" % (rng.choice(["a", "b"]), " ".join(rng.choice(words, 5))))
CUTS = {"usual": (3, 6, 2000), "short": (1, 3, 50), "long": (2, 9, 7), "none": (0, 0, 9), "zero": (0, 4, 90)}
def save(name, model):
    model.save_model(folder + "/" + name + ".bin")
    numpy.save(folder + "/" + name + ".npy", numpy.array([model.get_word_vector(w) for w in model.words]))
    return {"words": model.words, "counts": [int(c) for c in model.get_words(include_freq=True)[1]]}
told = {}
common = dict(dim=12, minCount=1, epoch=2, thread=12, verbose=0)
for name, (minn, maxn, bucket) in CUTS.items():
    options = dict(minn=minn, maxn=maxn, bucket=bucket)
    told[name] = save(name, fasttext.train_unsupervised(folder + "/text", **options, **common))
options = dict(minn=2, maxn=4, bucket=500, wordNgrams=2)
model = fasttext.train_supervised(folder + "/labelled", **options, **common)
told["labels"] = save("labels", model)
model.quantize(folder + "/labelled")
model.save_model(folder + "/quantised.ftz")
print(json.dumps(told))
"""

_VECTORS = """
import json, sys
import fasttext
model = fasttext.load_model(sys.argv[1])
print(json.dumps([model.get_word_vector(word).tolist() for word in json.loads(sys.argv[2])]))
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> tuple[Path, dict]:
    import subprocess
    import sys

    folder = tmp_path_factory.mktemp("fasttext")
    done = subprocess.run(
        [sys.executable, "-c", _TRAIN, folder], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return folder, json.loads(done.stdout.decode().splitlines()[-1])


@pytest.mark.parametrize("name", ["usual", "short", "long", "none", "zero", "labels"])
def test_vectors_are_the_librarys_to_the_last_bit(name, models, read):
    folder, told = models
    space = read(folder / f"{name}.bin")
    assert (space.keys, space.parameters["format"]) == (told[name]["words"], "fasttext")
    assert space.counts.tolist() == told[name]["counts"]
    assert same_bits(space.vectors, np.load(folder / f"{name}.npy"))


def test_subwords_are_hashed_as_the_paper_says():
    # FNV-1a of "<a", "<a>", "a>" by hand: 2-grams and 3-grams of "<a>", from left to right.
    def fnv(text: str) -> int:
        value = 2166136261
        for byte in text.encode():
            value = ((value ^ (byte | (0xFFFFFF00 if byte > 127 else 0))) * 16777619) % 2**32
        return value

    rows, counts = Subwords(10, 1000, 2, 3).rows([b"a", "é".encode(), b"</s>"])
    grams = ["<a", "<a>", "a>", "<é", "<é>", "é>"]
    assert counts.tolist() == [3, 3, 0]
    assert rows.tolist() == [10 + fnv(gram) % 1000 for gram in grams]


def test_a_file_cut_short_anywhere_is_refused(models, tmp_path, read):
    whole = (models[0] / "short.bin").read_bytes()
    for size in [5, 40, 60, 70, 90, 120, 200, 300, len(whole) // 2, len(whole) - 800, len(whole) - 1]:
        (tmp_path / "cut.bin").write_bytes(whole[:size])
        with pytest.raises(FormatError, match=r"cut\.bin: .*cut short, or no fastText model"):
            read(tmp_path / "cut.bin", "fasttext")


@pytest.mark.parametrize(
    ("place", "value"),
    [(8, 0), (8, 13), (40, 10**6), (44, -3), (48, 10**6), (64, 2**30), (68, -1), (72, 2**31 - 1)],
)
def test_sizes_that_lie_are_refused(place, value, models, tmp_path, read):
    data = bytearray((models[0] / "short.bin").read_bytes())
    struct.pack_into("<i", data, place, value)
    (tmp_path / "lie.bin").write_bytes(data)
    with pytest.raises(FormatError, match="cut short, or no fastText model"):
        read(tmp_path / "lie.bin")


def test_a_quantised_model_and_another_version_are_refused(models, tmp_path, read):
    with pytest.raises(FormatError, match="quantised model"):
        read(models[0] / "quantised.ftz")
    data = bytearray((models[0] / "short.bin").read_bytes())
    struct.pack_into("<i", data, 4, 10)
    (tmp_path / "old.bin").write_bytes(data)
    with pytest.raises(FormatError, match="version 11 or 12"):
        read(tmp_path / "old.bin")


def test_a_word_that_is_not_utf8_is_named_by_its_place(models, tmp_path, read):
    data = (models[0] / "usual.bin").read_bytes().replace(b"java\0", b"j\xffva\0")
    (tmp_path / "latin.bin").write_bytes(data)
    with pytest.raises(FormatError, match=r"the key of word \d+ is not UTF-8"):
        read(tmp_path / "latin.bin")


def test_the_librarys_own_text_export_is_read(models, tmp_path, read):
    """`.vec` as fastText prints it: a header, five significant digits, a blank at the line's end."""
    shutil.copyfile(models[0] / "usual.bin", tmp_path / "m.bin")
    exact = read(tmp_path / "m.bin")
    lines = [
        f"{key} {' '.join(f'{x:.5g}' for x in row)} \n"
        for key, row in zip(exact.keys, exact.vectors, strict=True)
    ]
    (tmp_path / "m.vec").write_text(f"{len(exact)} 12\n{''.join(lines)}")
    assert np.abs(read(tmp_path / "m.vec").vectors - exact.vectors).max() < 1e-5


@pytest.mark.parametrize("name", ["usual", "short", "long", "labels"])
def test_unseen_words_have_the_librarys_vectors_after_an_import(name, models, tmp_path, elsewhere):
    done = import_vectors(models[0] / f"{name}.bin", tmp_path / "space", limit=3)
    space = SubwordSpace.open(tmp_path / "space")
    unseen = ["javascript", "phpp", "résumés", "東京都", "q"]
    theirs = elsewhere(_VECTORS, models[0] / f"{name}.bin", json.dumps(unseen))
    assert (done.rows, len(space)) == (3, 3)
    np.testing.assert_allclose(space.vectors(unseen), theirs, rtol=0, atol=1e-6)
    assert np.abs(space.vectors(unseen[:3])).max() > 1e-4


def test_a_model_without_subwords_says_so(models, tmp_path):
    done = import_vectors(models[0] / "none.bin", tmp_path / "space")
    assert done.notes == ["The model has no subwords: a word that it has not seen has no vector."]
    assert not (tmp_path / "space" / "buckets.npy").exists()


def test_an_imported_model_goes_out_again(models, tmp_path, read):
    import_vectors(models[0] / "usual.bin", tmp_path / "space")
    out = tmp_path / "again.bin"
    export_vectors(Table.of_subwords(SubwordSpace.open(tmp_path / "space")), out, "fasttext")
    before, after = open_model(models[0] / "usual.bin"), open_model(out)
    assert (after.words, after.subwords) == (before.words, before.subwords)
    np.testing.assert_allclose(after.matrix, before.matrix, rtol=0, atol=2e-6)
