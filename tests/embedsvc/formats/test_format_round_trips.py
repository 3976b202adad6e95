"""What goes out comes in again: keys in order, and vectors bit for bit where the format allows."""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from embedsvc.errors import FormatError
from embedsvc.formats import FORMATS, Table, export_vectors, format_of, import_vectors
from embedsvc.formats.base import silent
from embedsvc.spaces import Space
from tests.embedsvc.formats.awkward import same_bits

EXACT = ["word2vec", "word2vec-binary", "glove", "projector", "sentence-transformers"]


@pytest.mark.parametrize("name", EXACT)
def test_no_bit_is_lost(name, table, tmp_path, read):
    done = export_vectors(table, tmp_path / "out", name)
    assert (done.format, done.rows, done.dimension) == (name, 14, 6)
    space = read(tmp_path / "out", name)
    assert space.keys == list(table.keys)
    assert same_bits(space.vectors, table.matrix)
    assert (space.kind, space.parameters["format"]) == ("imported", name)


def test_the_projector_keeps_counts_and_names_its_files(table, tmp_path, read):
    export_vectors(table, tmp_path / "out", "projector")
    assert read(tmp_path / "out").counts.tolist() == list(range(14, 0, -1))
    (tensor,) = json.loads((tmp_path / "out" / "config.json").read_text())["embeddings"]
    assert tensor == {
        "tensorName": "vectors",
        "tensorShape": [14, 6],
        "tensorPath": "vectors.tsv",
        "metadataPath": "metadata.tsv",
    }


def test_metadata_of_one_column_has_no_header(tmp_path, read):
    table = Table(["two words", "key"], np.eye(2, dtype=np.float32))
    export_vectors(table, tmp_path / "out", "projector")
    assert (tmp_path / "out" / "metadata.tsv").read_text() == "two words\nkey\n"
    assert (tmp_path / "out" / "vectors.tsv").read_text() == "1\t0\n0\t1\n"
    space = read(tmp_path / "out" / "vectors.tsv")
    assert (space.keys, space.vectors.tolist()) == (["two words", "key"], [[1, 0], [0, 1]])


def test_magnitude_keeps_seven_decimals_of_each_length_and_tells_of_twins(tmp_path, read):
    vectors = np.random.default_rng(1).normal(size=(4, 30)).astype(np.float32)
    vectors[3] = 0
    done = export_vectors(Table(["C", "c", "two words", "nil"], vectors), tmp_path / "out.magnitude")
    assert done.notes == [
        "Vectors are rounded to 1e-7 of their length.",
        "2 keys differ from another only in case. Each is found by its exact spelling, but a reader that "
        "ignores case takes one for the other.",
    ]
    space = read(tmp_path / "out.magnitude")
    assert space.keys == ["C", "c", "two words", "nil"]
    error = np.abs(space.vectors - vectors).max(axis=1)
    assert (error <= 0.6e-7 * np.linalg.norm(vectors, axis=1)).all()
    assert not space.vectors[3].any()


def test_the_dimensions_of_a_magnitude_file_are_listed_by_entropy(tmp_path):
    vectors = np.column_stack([np.zeros(8), np.arange(8.0), [0.0, 4.0] * 4]).astype(np.float32)
    export_vectors(Table(list("abcdefgh"), vectors), tmp_path / "out.magnitude")
    with sqlite3.connect(tmp_path / "out.magnitude") as database:
        listed = database.execute("SELECT value FROM magnitude_format WHERE key = 'entropy'").fetchall()
        facts = dict(database.execute("SELECT key, value FROM magnitude_format WHERE key <> 'entropy'"))
    database.close()
    # Of unit length, the second takes 7 values in the file's hundredths, the third 6, the first none but 0.
    assert listed == [(1,), (2,), (0,)]
    assert facts == {"version": 2, "elmo": 0, "size": 8, "dim": 3, "precision": 7, "max_duplicate_keys": 1}


def test_rows_of_a_larger_matrix_are_exported_in_their_order(tmp_path, read):
    matrix = np.arange(12, dtype=np.float32).reshape(4, 3)
    export_vectors(Table(["b", "a"], matrix, np.array([3, 1])), tmp_path / "out.vec")
    assert (tmp_path / "out.vec").read_text() == "2 3\nb 9 10 11\na 3 4 5\n"


def test_spaces_are_written_as_told_and_never_by_accident(tmp_path):
    table = Table(["machine learning", "sql"], np.eye(2, dtype=np.float32))
    with pytest.raises(FormatError, match="'machine learning' cannot be written as glove"):
        export_vectors(table, tmp_path / "out.txt")
    done = export_vectors(table, tmp_path / "out.txt", spaces_as="_")
    assert (tmp_path / "out.txt").read_text() == "machine_learning 1 0\nsql 0 1\n"
    assert done.notes == ["Keys written with '_' for a space: 1."]
    twins = Table(["a b", "a_b"], np.eye(2, dtype=np.float32))
    with pytest.raises(FormatError, match="Two keys would be called 'a_b'"):
        export_vectors(twins, tmp_path / "twins.txt", spaces_as="_")
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


@pytest.mark.parametrize("name", ["word2vec", "word2vec-binary", "glove"])
def test_gzip_is_seen_through(name, table, tmp_path, read):
    export_vectors(table, tmp_path / "out", name)
    (tmp_path / "out.gz").write_bytes(gzip.compress((tmp_path / "out").read_bytes()))
    space = read(tmp_path / "out.gz")
    assert (space.keys, space.parameters["format"]) == (list(table.keys), name)
    assert same_bits(space.vectors, table.matrix)


def test_the_first_rows_can_be_taken_alone(table, tmp_path, read, monkeypatch):
    monkeypatch.setattr("embedsvc.formats.stream.BLOCK_BYTES", 100)
    export_vectors(table, tmp_path / "out.vec")
    damaged = (tmp_path / "out.vec").read_text().replace("\nkey ", "\nkey x")
    (tmp_path / "out.vec").write_text(damaged)
    assert read(tmp_path / "out.vec", limit=13).keys == list(table.keys[:13])


def test_an_import_spans_blocks(tmp_path, read, monkeypatch):
    monkeypatch.setattr("embedsvc.formats.base.BLOCK_BYTES", 256)
    monkeypatch.setattr("embedsvc.formats.stream.BLOCK_BYTES", 100)
    monkeypatch.setattr("embedsvc.formats.word2vec.BLOCK_BYTES", 100)
    vectors = np.random.default_rng(2).normal(size=(57, 9)).astype(np.float32)
    keys = [f"key{row}" for row in range(57)]
    for name in [*EXACT, "magnitude"]:
        export_vectors(Table(keys, vectors), tmp_path / name, name)
        space = read(tmp_path / name, name)
        assert space.keys == keys, name
        assert np.allclose(space.vectors, vectors, atol=1e-6), name


def test_progress_ends_at_the_whole(table, tmp_path):
    told: list[tuple[float, float | None]] = []
    for name in (name for name in FORMATS if name != "fasttext"):
        told.clear()
        export_vectors(table, tmp_path / name, name, progress=lambda *each: told.append(each))
        assert told[-1] == (14, 14), name
        import_vectors(
            tmp_path / name, tmp_path / f"{name}-in", name, progress=lambda *each: told.append(each)
        )
        assert told[-1][0] == told[-1][1], name


def test_a_fasttext_bin_is_not_written_and_it_says_why(table, tmp_path):
    with pytest.raises(FormatError, match="every unseen word would silently get zeros"):
        export_vectors(table, tmp_path / "out.bin", "fasttext")
    assert list(tmp_path.iterdir()) == []


def test_what_exists_is_never_replaced(table, tmp_path):
    (tmp_path / "out.vec").write_text("mine")
    with pytest.raises(FormatError, match="exists already"):
        export_vectors(table, tmp_path / "out.vec")
    assert (tmp_path / "out.vec").read_text() == "mine"
    with pytest.raises(FormatError, match="does not exist; make it first"):
        export_vectors(table, tmp_path / "none" / "out.vec")


_KEY = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters=" \t\n\r\v\f\0"), min_size=1, max_size=20
)
_FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.lists(_KEY, min_size=1, max_size=8, unique=True), st.integers(1, 5), st.data())
def test_any_keys_and_any_numbers_survive_text_and_binary(tmp_path_factory, keys, dimension, data):
    vectors = data.draw(arrays(np.float32, (len(keys), dimension), elements=_FLOATS))
    folder: Path = tmp_path_factory.mktemp("any")
    for name in ("word2vec", "word2vec-binary", "glove", "projector"):
        export_vectors(Table(keys, vectors), folder / name, name)
        blocks = list(FORMATS[name].read(folder / name, silent))
        assert [key for block in blocks for key in block.keys] == keys, name
        assert same_bits(np.concatenate([block.vectors for block in blocks]), vectors), name


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "fasttext"])
def test_what_was_written_is_recognised(name, tmp_path):
    vectors = np.random.default_rng(3).normal(size=(5, 4)).astype(np.float32)
    export_vectors(Table(list("abcde"), vectors), tmp_path / "out", name)
    assert format_of(tmp_path / "out").name == name


@pytest.mark.parametrize("dimension", [1, 2, 700])
@pytest.mark.parametrize("name", ["word2vec", "word2vec-binary"])
def test_text_is_told_from_binary_whatever_the_width(name, dimension, tmp_path):
    vectors = np.random.default_rng(8).normal(size=(3, dimension)).astype(np.float32)
    export_vectors(Table(["a", "b", "c"], vectors), tmp_path / "out", name)
    assert format_of(tmp_path / "out").name == name


def test_an_exported_space_folder_is_the_imported_one(table, tmp_path, read):
    export_vectors(table, tmp_path / "out.vec")
    first = read(tmp_path / "out.vec")
    export_vectors(Table.of_space(first), tmp_path / "again.vec")
    assert (tmp_path / "again.vec").read_bytes() == (tmp_path / "out.vec").read_bytes()
    assert isinstance(first, Space)
    assert first.counts.tolist() == [0] * 14


_PEAK = """
import json, re, sys
from pathlib import Path
from embedsvc.formats import import_vectors
def memory(what):
    return int(re.search(what + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1e3
import_vectors(Path(sys.argv[1]), Path(sys.argv[3]), sys.argv[2], limit=10)
before = memory("VmRSS")
import_vectors(Path(sys.argv[1]), Path(sys.argv[4]), sys.argv[2])
print(json.dumps(memory("VmHWM") - before))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the memory used")
@pytest.mark.parametrize("name", ["word2vec-binary", "glove"])
def test_an_import_holds_a_block_and_not_the_file(name, tmp_path, elsewhere):
    vectors = np.random.default_rng(6).normal(size=(20_000, 300)).astype(np.float32)
    export_vectors(Table([f"key{row}" for row in range(20_000)], vectors), tmp_path / "big", name)
    grown = elsewhere(_PEAK, tmp_path / "big", name, tmp_path / "ten", tmp_path / "all")
    assert vectors.nbytes / 1e6 == 24
    assert grown < 15
