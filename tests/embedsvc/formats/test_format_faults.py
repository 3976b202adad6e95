"""Files that are wrong: one sentence each that names the place, and nothing left behind."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pytest

from embedsvc.errors import FormatError
from embedsvc.formats import Table, export_vectors


def float_row(key: bytes, *numbers: float) -> bytes:
    return key + b" " + np.array(numbers, "<f4").tobytes()


TEXT = {
    "ragged, short": (b"2 3\na 1 2 3\nb 1 2\n", "line 3 has 2 numbers where 3 are due"),
    "ragged, long": (b"2 3\na 1 2 3\nb 1 2 3 4\n", "line 3 has 4 numbers where 3 are due"),
    "no number": (b"2 3\na 1 2 3\nb 1 x 3\n", "line 3 holds something that is not a number"),
    "NaN": (b"2 3\na 1 2 3\nb 1 nan 3\n", "the vector of row 2 holds NaN or infinity"),
    "infinity": (b"2 3\na 1 -inf 3\nb 1 2 3\n", "the vector of row 1 holds NaN or infinity"),
    "beyond float32": (b"2 3\na 1 1e39 3\nb 1 2 3\n", "the vector of row 1 holds NaN or infinity"),
    "empty key": (b"2 3\na 1 2 3\n 1 2 3\n", "the key of row 2 is empty"),
    "a key twice": (b"2 3\na 1 2 3\na 4 5 6\n", "row 2 repeats the key 'a'"),
    "a tab in a key": (b"2 3\na\tb 1 2 3\nb 1 2 3\n", "row 1 holds a tab, a line break or a NUL"),
    "not UTF-8": (b"2 3\na 1 2 3\n\xff\xfe 4 5 6\n", "the key of line 3 is not UTF-8"),
    "fewer rows": (b"3 3\na 1 2 3\nb 1 2 3\n", "promises 3 rows and 2 are there"),
    "more rows": (b"1 3\na 1 2 3\nb 1 2 3\n", "promises 1 rows and more follow"),
    "10^12 rows": (b"1000000000000 3\na 1 2 3\n", "promises 1,000,000,000,000 rows and 1 are there"),
    "no rows": (b"0 3\n", "the first line is not two whole numbers above 0"),
    "no header": (b"a 1 2 3\n", "the first line is not two whole numbers above 0"),
    "a huge number for a dimension": (b"1 99999999999999\na 1\n", "the first line is not two whole numbers"),
}


@pytest.mark.parametrize("case", TEXT)
def test_word2vec_text(case, tmp_path, read):
    content, told = TEXT[case]
    (tmp_path / "bad.vec").write_bytes(content)
    with pytest.raises(FormatError, match=rf"bad\.vec: .*{told}"):
        read(tmp_path / "bad.vec", "word2vec")


BINARY = {
    "cut short": (b"2 9\n" + float_row(b"a", *range(9)) + b"b", "more than the file holds"),
    "long keys hide a cut": (b"2 2\n" + float_row(b"a" * 20, 1, 2) + b"b \0\0", "2 rows and 1 are there"),
    "10^12 rows": (b"1000000000000 2\n" + float_row(b"a", 1, 2), "more than the file holds"),
    "more rows": (b"1 2\n" + float_row(b"a", 1, 2) * 2, "more follows the 1 rows"),
    "NaN": (b"1 2\n" + float_row(b"a", 1, float("nan")), "row 1 holds NaN or infinity"),
    "not UTF-8": (b"1 2\n" + float_row(b"\xc3(", 1, 2), "the key of row 1 is not UTF-8"),
    "empty key": (b"1 2\n" + float_row(b"", 1, 2), "the key of row 1 is empty"),
    "a key twice": (b"2 2\n" + float_row(b"a", 1, 2) * 2, "row 2 repeats the key 'a'"),
    "a line break in a key": (b"1 2\n" + float_row(b"a\nb", 1, 2), "a tab, a line break or a NUL"),
    "no key": (b"1 2\n" + b"x" * 100_000, "row 1 has no key"),
}


@pytest.mark.parametrize("case", BINARY)
def test_word2vec_binary(case, tmp_path, read):
    content, told = BINARY[case]
    (tmp_path / "bad.bin").write_bytes(content)
    with pytest.raises(FormatError, match=rf"bad\.bin: .*{told}"):
        read(tmp_path / "bad.bin", "word2vec-binary")


def test_a_packed_header_that_lies_allocates_nothing(tmp_path, read):
    (tmp_path / "bad.gz").write_bytes(gzip.compress(b"1000000000000 300\n" + b"a" + bytes(1300)))
    with pytest.raises(FormatError, match="promises 1,000,000,000,000 rows and 0 are there"):
        read(tmp_path / "bad.gz", "word2vec-binary")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a 1 2\nb 1 2 3\n", "line 2 has 3 numbers where 2 are due"),
        (b"a 1 2\nwindows 10 1 2\n", "line 2 has 3 numbers where 2 are due"),
        (b"2 2\na 1 2\nb 3 4\n", "line 2 has 2 numbers where 1 are due"),
        (b"only words here\n", "the first line holds no numbers"),
        (b"\n\n", "there is no vector in it"),
        (b"a 1 2\n" + b"x" * (17 << 20), "a line is longer than 16 MiB"),
    ],
)
def test_glove(content, told, tmp_path, read):
    (tmp_path / "bad.txt").write_bytes(content)
    with pytest.raises(FormatError, match=told):
        read(tmp_path / "bad.txt", "glove")


class _Planted:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["auto", "word2vec", "word2vec-binary", "glove", "fasttext", "magnitude"])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_unread(name, protocol, tmp_path, read):
    planted = tmp_path / "was-run"
    (tmp_path / "model.bin").write_bytes(pickle.dumps(_Planted(planted), protocol))
    with pytest.raises(FormatError, match=r"model\.bin: this is a pickle.*was not read"):
        read(tmp_path / "model.bin", name)
    assert not planted.exists()
    (tmp_path / "model.gz").write_bytes(gzip.compress((tmp_path / "model.bin").read_bytes()))
    with pytest.raises(FormatError, match="this is a pickle"):
        read(tmp_path / "model.gz", name)


def test_a_zip_archive_is_refused(tmp_path, read):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("archive/data.pkl", b"cos\nsystem\n(S'true'\ntR.")
    (tmp_path / "model.pt").write_bytes(packed.getvalue())
    with pytest.raises(FormatError, match=r"this is a zip archive.*nothing is ever unpickled"):
        read(tmp_path / "model.pt")


def test_what_is_not_there_empty_or_damaged(tmp_path, read):
    with pytest.raises(FormatError, match=r"none\.vec: it cannot be read \(No such file"):
        read(tmp_path / "none.vec")
    (tmp_path / "empty").touch()
    with pytest.raises(FormatError, match="the file is empty"):
        read(tmp_path / "empty")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"a 1 2\n" * 5000)[:-9])
    with pytest.raises(FormatError, match="the gzip stream is damaged or cut short"):
        read(tmp_path / "cut.gz", "glove")
    (tmp_path / "what").write_bytes(bytes(range(200, 255)) * 20)
    with pytest.raises(FormatError, match="no format is recognised; name one: --format word2vec"):
        read(tmp_path / "what")
    with pytest.raises(FormatError, match="There is no format 'excel'; use one of: word2vec, "):
        read(tmp_path / "what", "excel")


@pytest.fixture
def database(tmp_path):
    """A .magnitude file that is right, as a path and a function to change it."""
    path = tmp_path / "m.magnitude"
    export_vectors(Table(list("abc"), np.eye(3, dtype=np.float32)), path)

    def change(*statements: str) -> Path:
        with sqlite3.connect(path) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        return path

    return change


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE magnitude SET dim_1 = 'x' WHERE key = 'b'", "a component of a vector is no number"),
        ("UPDATE magnitude SET dim_1 = NULL WHERE key = 'b'", "row 2 holds NaN or infinity"),
        ("UPDATE magnitude SET magnitude = 9e99 WHERE key = 'c'", "row 3 holds NaN or infinity"),
        ("UPDATE magnitude SET key = NULL WHERE key = 'b'", "the key of row 2 is no text"),
        ("UPDATE magnitude SET key = CAST(x'c328' AS TEXT) WHERE key = 'b'", "the key of row 2 is not UTF-8"),
        ("INSERT INTO magnitude SELECT * FROM magnitude WHERE key = 'a'", "row 4 repeats the key 'a'"),
        ("DELETE FROM magnitude WHERE key = 'a'", "promises 3 keys and holds 2"),
        ("UPDATE magnitude_format SET value = 4 WHERE key = 'dim'", "not the 4 dimensions it promises"),
        ("UPDATE magnitude_format SET value = 99 WHERE key = 'precision'", "its dim, size and precision"),
        ("DELETE FROM magnitude_format", "its dim, size and precision"),
        ("UPDATE magnitude_format SET value = 1 WHERE key = 'elmo'", "a language model"),
        ("DROP TABLE magnitude_format", "no tables of that format"),
    ],
)
def test_magnitude(statement, told, database, read):
    with pytest.raises(FormatError, match=told):
        read(database(statement))


def test_a_view_in_place_of_a_magnitude_table_is_not_asked(database, read):
    path = database("ALTER TABLE magnitude RENAME TO hidden", "CREATE VIEW magnitude AS SELECT * FROM hidden")
    with pytest.raises(FormatError, match="no tables of that format"):
        read(path)


def test_a_magnitude_file_cut_short(database, tmp_path, read):
    data = database().read_bytes()
    for size in (50, 4096, len(data) // 2, len(data) - 4096):
        (tmp_path / "cut.magnitude").write_bytes(data[:size])
        with pytest.raises(FormatError, match=r"cut\.magnitude: "):
            read(tmp_path / "cut.magnitude")


def test_a_magnitude_file_has_room_for_1998_dimensions(tmp_path, read):
    widest = np.ones((1, 1998), np.float32)
    export_vectors(Table(["a"], widest), tmp_path / "wide.magnitude")
    assert np.abs(read(tmp_path / "wide.magnitude").vectors - 1).max() < 1e-5
    with pytest.raises(FormatError, match="holds 1,998 dimensions at most, not 1,999"):
        export_vectors(Table(["a"], np.ones((1, 1999), np.float32)), tmp_path / "wider.magnitude")


@pytest.mark.parametrize(
    ("vectors", "metadata", "told"),
    [
        ("1\t2\n3\t4\n", "a\n", "describes 1 rows; vectors.tsv holds more"),
        ("1\t2\n3\t4\n", "a\nb\nc\n", "more rows than the 2 of vectors.tsv"),
        ("1\t2\n3\n", "a\nb\n", "line 2 has 1 numbers where 2 are due"),
        ("1\t2\n3\t4\t5\n", "a\nb\n", "line 2 has 3 numbers where 2 are due"),
        ("1\t2\n", "key\tcount\na\tmany\n", "no whole number"),
        ("1\t2\n", "key\tcount\na\n", "row 1 has 1 columns where 2 are due"),
        ("1\t2\n", None, r"there is no metadata\.tsv"),
        ("1\t2\n", "\n", "the key of row 1 is empty"),
    ],
)
def test_projector(vectors, metadata, told, tmp_path, read):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "vectors.tsv").write_text(vectors)
    if metadata is not None:
        (folder / "metadata.tsv").write_text(metadata)
    with pytest.raises(FormatError, match=told):
        read(folder)


def _tensor(header: object, numbers: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + numbers


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff" * 20, "no safetensors file"),
        (_tensor({}), "no tensor of floats called embeddings"),
        (_tensor([1]), "no tensor of floats called embeddings"),
        (
            _tensor({"embeddings": {"dtype": "I8", "shape": [2, 2], "data_offsets": [0, 4]}}),
            "no tensor of floats",
        ),
        (_tensor({"embeddings": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}), "is cut short"),
        (_tensor({"embeddings": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 8]}}), "contradicts"),
        (
            _tensor({"embeddings": {"dtype": "F32", "shape": [-2, -2], "data_offsets": [0, 16]}}),
            "contradicts",
        ),
        (
            _tensor(
                {"embeddings": {"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 4 * 10**18]}}
            ),
            "is cut short",
        ),
        (
            _tensor({"embeddings": {"dtype": "F32", "shape": [3, 1], "data_offsets": [0, 12]}}, bytes(12)),
            "2 tokens and the tensor 3 rows",
        ),
    ],
)
def test_sentence_transformers(content, told, tmp_path, read):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(content)
    (folder / "tokenizer.json").write_text('{"model": {"vocab": {"a": 0, "b": 1}}}')
    with pytest.raises(FormatError, match=told):
        read(folder)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(FormatError, match=r"model\.safetensors or tokenizer\.json is missing"):
        read(folder)


def test_a_space_with_nan_is_not_exported(tmp_path):
    vectors = np.array([[1, 2], [np.nan, 0]], np.float32)
    for name in ("glove", "magnitude", "projector", "sentence-transformers"):
        with pytest.raises(FormatError, match=r"The vector of 'b' \(row 2\) holds NaN"):
            export_vectors(Table(["a", "b"], vectors), tmp_path / "out", name)
    with pytest.raises(FormatError, match="'a\\\\tb' cannot be written as projector"):
        export_vectors(Table(["a\tb"], vectors[:1]), tmp_path / "out", "projector")
    with pytest.raises(FormatError, match="There is no key to export"):
        export_vectors(Table([], vectors[:0]), tmp_path / "out", "glove")
    assert list(tmp_path.iterdir()) == []
