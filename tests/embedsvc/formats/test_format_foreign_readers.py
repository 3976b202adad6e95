"""Other people's tools read what we write, and we read what they write."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from gensim.models import KeyedVectors

from embedsvc.formats import Table, export_vectors
from tests.embedsvc.formats.awkward import same_bits

KEYS = ["C", "c", "c++", "naïve", "東京", "#", "400"]


@pytest.fixture
def plain() -> Table:
    return Table(KEYS, np.random.default_rng(4).normal(size=(len(KEYS), 8)).astype(np.float32))


# Without a header gensim reads a file twice and leaves the first handle to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("name", "options"),
    [("word2vec", {}), ("word2vec-binary", {"binary": True}), ("glove", {"no_header": True})],
)
def test_gensim_reads_ours_bit_for_bit(name, options, plain, tmp_path):
    export_vectors(plain, tmp_path / "out", name)
    theirs = KeyedVectors.load_word2vec_format(tmp_path / "out", **options)
    assert theirs.index_to_key == KEYS
    assert same_bits(theirs.vectors, plain.matrix)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("word2vec", {}),
        ("word2vec-binary", {"binary": True}),
        ("glove", {"write_header": False}),
    ],
)
def test_gensim_is_read_bit_for_bit_and_recognised(name, options, plain, tmp_path, read):
    theirs = KeyedVectors(8)
    theirs.add_vectors(KEYS, plain.matrix)
    theirs.save_word2vec_format(tmp_path / "out", **options)
    space = read(tmp_path / "out")
    assert (space.keys, space.parameters["format"]) == (KEYS, name)
    assert same_bits(space.vectors, plain.matrix)


def test_binary_word2vec_is_gensims_file_byte_for_byte(plain, tmp_path, read):
    theirs = KeyedVectors(8)
    theirs.add_vectors(KEYS, plain.matrix)
    theirs.save_word2vec_format(tmp_path / "theirs.bin", binary=True)
    export_vectors(plain, tmp_path / "ours.bin")
    assert (tmp_path / "ours.bin").read_bytes() == (tmp_path / "theirs.bin").read_bytes()
    export_vectors(Table.of_space(read(tmp_path / "theirs.bin")), tmp_path / "again.bin")
    assert (tmp_path / "again.bin").read_bytes() == (tmp_path / "theirs.bin").read_bytes()


def test_binary_word2vec_of_the_c_tool_has_line_feeds(plain, tmp_path, read):
    rows = [key.encode() + b" " + row.tobytes() + b"\n" for key, row in zip(KEYS, plain.matrix, strict=True)]
    (tmp_path / "c.bin").write_bytes(b"7 8\n" + b"".join(rows))
    space = read(tmp_path / "c.bin")
    assert space.keys == KEYS
    assert same_bits(space.vectors, plain.matrix)


def test_text_of_the_c_tools_has_blanks_at_line_ends(tmp_path, read):
    (tmp_path / "c.vec").write_bytes(b"2 3\nfirst 0.5 -1 2e-1 \r\nsecond 1  2 3 \n\n")
    space = read(tmp_path / "c.vec")
    assert (space.keys, space.vectors.tolist()) == (
        ["first", "second"],
        [[0.5, -1.0, float(np.float32(0.2))], [1.0, 2.0, 3.0]],
    )


def test_keys_of_glove_that_hold_spaces_are_read(tmp_path, read):
    (tmp_path / "g.txt").write_text("the 0.1 0.2 0.3\n. . . 1 2 3\nat name@domain.com 4 5 6\n")
    space = read(tmp_path / "g.txt")
    assert space.keys == ["the", ". . .", "at name@domain.com"]
    assert space.vectors[1:].tolist() == [[1, 2, 3], [4, 5, 6]]


_PYMAGNITUDE = """
import json, sys
from pymagnitudelight import Magnitude
raw = Magnitude(sys.argv[1], normalized=False)
unit = Magnitude(sys.argv[1])
keys = json.loads(sys.argv[2])
print(json.dumps({
    "length": len(raw), "dim": raw.dim, "keys": [key for key, _ in raw],
    "one": [raw.query(key).tolist() for key in keys], "batch": raw.query(keys).tolist(),
    "unit": unit.query(keys).tolist(), "in": ["C" in raw, "java" in raw],
    "nearest": [key for key, _ in unit.most_similar("C", topn=3)],
    "any_case": Magnitude(sys.argv[1], normalized=False, case_insensitive=True).query("NAÏVE").tolist(),
}))
"""


def test_pymagnitude_opens_ours(plain, tmp_path, elsewhere):
    if find_spec("pymagnitudelight") is None:
        pytest.skip("no .magnitude reader here: pip install pymagnitude-light")
    export_vectors(plain, tmp_path / "out.magnitude")
    answer = elsewhere(_PYMAGNITUDE, tmp_path / "out.magnitude", json.dumps(KEYS))
    assert (answer["length"], answer["dim"], answer["keys"]) == (7, 8, KEYS)
    lengths = np.linalg.norm(plain.matrix, axis=1, keepdims=True)
    # Both of the twins C and c are found by their own spelling, one by one and in a batch.
    assert np.abs(np.array(answer["one"]) - plain.matrix).max() < 1e-6
    assert np.abs(np.array(answer["batch"]) - plain.matrix).max() < 1e-6
    assert np.abs(np.array(answer["unit"]) - plain.matrix / lengths).max() < 2e-7
    assert answer["in"] == [True, False]
    cosines = (plain.matrix @ plain.matrix[0]) / lengths[:, 0]
    assert answer["nearest"] == [KEYS[row] for row in np.argsort(-cosines) if row][:3]


_MODEL2VEC = """
import json, sys
from model2vec import StaticModel
model = StaticModel.from_pretrained(sys.argv[1])
print(json.dumps({
    "torch": "torch" in sys.modules,
    "vectors": model.encode(["C++ tokyo", "naïve  東京 unheard", "unheard"]).tolist(),
}))
"""


def test_model2vec_opens_ours_without_torch(plain, tmp_path, elsewhere):
    keys = ["tokyo" if key == "C" else key for key in KEYS]
    export_vectors(Table(keys, plain.matrix), tmp_path / "out", "sentence-transformers")
    answer = elsewhere(_MODEL2VEC, tmp_path / "out")
    # All keys are lower case, so texts are lowered; what is unknown counts for nothing.
    means = np.stack([plain.matrix[[2, 0]].mean(axis=0), plain.matrix[[3, 4]].mean(axis=0)])
    expected = means / np.linalg.norm(means, axis=1, keepdims=True)
    assert answer["torch"] is False
    assert np.abs(np.array(answer["vectors"][:2]) - expected).max() < 1e-6
    assert answer["vectors"][2] == [0.0] * 8


def test_a_model_of_model2vec_is_read(plain, tmp_path, read, elsewhere):
    script = """
import sys, numpy, json
from model2vec import StaticModel
from tokenizers import Tokenizer, models, pre_tokenizers
words = ["[UNK]", "a", "b"]
tokenizer = Tokenizer(models.WordLevel({word: row for row, word in enumerate(words)}, unk_token="[UNK]"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
StaticModel(numpy.arange(6, dtype=numpy.float16).reshape(3, 2), tokenizer).save_pretrained(sys.argv[1])
print(json.dumps(sys.version_info[:2]))
"""
    assert elsewhere(script, tmp_path / "theirs") == list(sys.version_info[:2])
    space = read(tmp_path / "theirs")
    assert (space.keys, space.vectors.tolist()) == (["a", "b"], [[2.0, 3.0], [4.0, 5.0]])
