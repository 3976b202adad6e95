"""fastText's `.bin`, written from a subword space, as the library and gensim read it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embedsvc.errors import FormatError
from embedsvc.formats import Table, export_vectors
from embedsvc.formats.fasttext_bin import open_model
from embedsvc.spaces.packed_rows import PackedRows
from embedsvc.spaces.subword_space import SubwordSpace
from embedsvc.spaces.subwords import Subwords

WORDS = ["java", "machine_learning", "naïve", "東京", "C", "c++", "a"]
UNSEEN = ["javva", "learning", "naïv", "東", "tokyo", "b", "machine_learnings"]
COUNTS = np.arange(len(WORDS), 0, -1, dtype=np.int64) * 10

_READ = """
import json, sys, warnings
import numpy
warnings.simplefilter("ignore")
path, out, names = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
import fasttext
model = fasttext.load_model(path)
numpy.save(out + "/library.npy", numpy.array([model.get_word_vector(name) for name in names]))
words, counts = model.get_words(include_freq=True)
from gensim.models.fasttext import load_facebook_model, load_facebook_vectors
vectors = load_facebook_vectors(path)
numpy.save(out + "/gensim.npy", numpy.array([vectors.get_vector(name) for name in names]))
whole = load_facebook_model(path)
print(json.dumps({
    "words": words, "counts": counts.tolist(), "gensim": vectors.index_to_key,
    "dimension": model.get_dimension(), "subwords": model.get_subwords("naïve")[0],
    "training": [whole.sg, whole.window, whole.epochs, whole.negative],
}))
"""


def space(precision: str, kept: int, cut: tuple[int, int, int] = (300, 3, 5)) -> SubwordSpace:
    """Random rows, of which `kept` buckets are there."""
    draw = np.random.default_rng(3)
    buckets, shortest, longest = cut
    ids = np.sort(draw.choice(buckets, kept, replace=False)).astype(np.uint32)
    rows, words = (draw.normal(size=(size, 12)).astype(np.float32) for size in (kept, len(WORDS)))
    return SubwordSpace(
        WORDS,
        COUNTS,
        PackedRows.pack([words], precision, 12),
        PackedRows.pack([rows], precision, 12),
        ids,
        Subwords(0, buckets, shortest, longest),
        {"algorithm": "cbow", "window": 7, "epochs": 3, "negative": 9},
    )


def kept_share(space: SubwordSpace, words: list[str]) -> np.ndarray:
    _, kept, counts = space.sums(words)
    return kept / np.maximum(counts, 1)


def readings(elsewhere, path: Path) -> tuple[dict, np.ndarray, np.ndarray]:
    told = elsewhere(_READ, path, path.parent, json.dumps([*WORDS, *UNSEEN]))
    return told, np.load(path.parent / "library.npy"), np.load(path.parent / "gensim.npy")


@pytest.mark.parametrize(("precision", "kept"), [("int8", 90), ("float16", 290), ("float32", 300)])
def test_the_library_and_gensim_give_words_and_unseen_words_our_vectors(precision, kept, elsewhere, tmp_path):
    ours = space(precision, kept)
    done = export_vectors(Table.of_subwords(ours), tmp_path / "out.bin", "fasttext")

    told, library, gensim = readings(elsewhere, tmp_path / "out.bin")

    assert (told["words"], told["counts"], told["gensim"]) == (WORDS, COUNTS.tolist(), WORDS)
    assert (told["dimension"], told["training"]) == (12, [0, 7, 3, 9])
    assert told["subwords"][:3] == ["naïve", "<na", "<naï"]
    # What was packed is unpacked once more; beyond that only the last bits of a sum of some rows are lost.
    assert np.abs(library[: len(WORDS)] - ours.vectors(WORDS)).max() < 2e-6
    shares = kept_share(ours, UNSEEN)
    assert np.abs(library[len(WORDS) :] - ours.vectors(UNSEEN) * shares[:, None]).max() < 2e-6
    assert np.abs(gensim - library).max() < 2e-6
    dropped = 300 - kept
    assert done.notes == (
        [
            f"{dropped:,} of 300 buckets are zeros: the vector of an unseen word has the right direction and "
            "is shorter by the share of its subwords that the space has dropped."
        ]
        if dropped
        else []
    )


def test_a_model_that_goes_out_and_comes_in_is_the_same(read, tmp_path):
    ours = space("float32", 300)
    export_vectors(Table.of_subwords(ours), tmp_path / "out.bin", "fasttext")

    model = open_model(tmp_path / "out.bin")
    again = read(tmp_path / "out.bin")

    assert (model.subwords, [word.decode() for word in model.words]) == (Subwords(7, 300, 3, 5), WORDS)
    assert np.array_equal(model.matrix[7:], ours.buckets.codes)
    assert (again.keys, again.counts.tolist()) == (WORDS, COUNTS.tolist())
    assert np.abs(again.vectors - ours.words.codes).max() < 2e-6


@pytest.mark.parametrize("cut", [(300, 0, 0), (1, 1, 3)])
def test_odd_cuts_of_words(cut, elsewhere, tmp_path):
    ours = space("float32", 1, cut)
    export_vectors(Table.of_subwords(ours), tmp_path / "out.bin", "fasttext")

    _, library, _ = readings(elsewhere, tmp_path / "out.bin")

    assert np.abs(library[: len(WORDS)] - ours.vectors(WORDS)).max() < 2e-6
    unseen = ours.vectors(UNSEEN)
    assert np.abs(library[len(WORDS) :] - unseen).max() < 2e-6
    assert unseen.any() == bool(cut[2])


def test_the_words_of_a_subword_space_go_out_in_every_other_format(tmp_path, read):
    ours = space("int8", 90)

    for name in ("word2vec", "word2vec-binary", "glove", "projector", "sentence-transformers"):
        export_vectors(Table.of_subwords(ours), tmp_path / name, name)
        again = read(tmp_path / name, name)
        assert again.keys == WORDS
        assert np.array_equal(again.vectors, ours.vectors(WORDS))


def test_vectors_without_numbers_are_refused_and_nothing_is_left(tmp_path):
    ours = space("float32", 300)
    ours.words.codes[2, 1] = np.nan

    with pytest.raises(FormatError, match=r"The vector of 'naïve' \(row 3\) holds NaN or infinity"):
        export_vectors(Table.of_subwords(ours), tmp_path / "out.bin", "fasttext")
    with pytest.raises(FormatError, match="Export --space fasttext"):
        export_vectors(replace(Table.of_subwords(ours), subwords=None), tmp_path / "out.bin", "fasttext")
    assert list(tmp_path.iterdir()) == []
