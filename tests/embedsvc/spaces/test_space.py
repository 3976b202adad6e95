"""Spaces: what is saved comes back bit for bit, by memory map; whatever is damaged is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces import Space

KEYS = ["the", "machine_learning", "c#", ".net", "日本語", "naïve", "a b", ""]


@pytest.fixture
def space() -> Space:
    generator = np.random.default_rng(5)
    vectors, output = generator.normal(size=(2, len(KEYS), 3)).astype(np.float32)
    vectors[2] = [np.float32(1e-42), -0.0, np.finfo(np.float32).max]
    counts = np.array([2**40, 7, 6, 5, 4, 3, 2, 1], np.int64)
    return Space("word2vec", KEYS, counts, vectors, output, {"window": 5, "algorithm": "cbow"})


@pytest.fixture
def saved(space: Space, tmp_path: Path) -> Path:
    folder = tmp_path / "deep" / "words"
    space.save(folder)
    return folder


def test_what_is_saved_comes_back_bit_for_bit(space: Space, saved: Path) -> None:
    back = Space.open(saved)

    assert back.keys == KEYS
    assert back.counts.tolist() == [2**40, 7, 6, 5, 4, 3, 2, 1]
    assert back.vectors.tobytes() == space.vectors.tobytes()
    assert back.output is not None
    assert space.output is not None
    assert back.output.tobytes() == space.output.tobytes()
    assert (back.kind, back.dimension, len(back)) == ("word2vec", 3, 8)
    assert back.parameters == {"window": 5, "algorithm": "cbow"}


def test_vectors_are_mapped_and_cannot_be_written(saved: Path) -> None:
    back = Space.open(saved)

    assert isinstance(back.vectors, np.memmap)
    assert isinstance(back.output, np.memmap)
    assert Path(str(back.vectors.filename)) == saved / "vectors.npy"
    with pytest.raises(ValueError, match="read-only"):
        back.vectors[0, 0] = 1.0


def test_a_space_without_output_vectors_comes_back_without(space: Space, tmp_path: Path) -> None:
    Space("glove", space.keys, space.counts, space.vectors).save(tmp_path)

    assert Space.open(tmp_path).output is None
    assert not (tmp_path / "output.npy").exists()


def test_spaces_with_the_same_keys_hold_them_once(space: Space, saved: Path, tmp_path: Path) -> None:
    Space("static", space.keys, space.counts[::-1], -space.vectors).save(tmp_path / "same")
    other = [*space.keys[:-2], space.keys[-1], space.keys[-2]]
    Space("static", other, space.counts, space.vectors).save(tmp_path / "other")
    words = Space.open(saved)

    same = Space.open(tmp_path / "same", words)
    assert same.keys is words.keys
    assert [same.row(key) for key in (*KEYS, "php")] == [*range(len(KEYS)), None]
    assert same.counts.tolist() == [1, 2, 3, 4, 5, 6, 7, 2**40]
    assert same.vectors.tobytes() == (-space.vectors).tobytes()
    assert (same.kind, same.parameters, same.output) == ("static", {}, None)
    apart = Space.open(tmp_path / "other", words)
    assert apart.keys == other
    assert [apart.row(key) for key in other] == [*range(len(KEYS))]
    assert Space.open(saved, space).keys is not space.keys  # made, not opened: nothing to compare by


def test_saving_twice_gives_the_same_bytes(space: Space, saved: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    Space.open(saved).save(again)

    files = sorted(path.name for path in saved.iterdir())
    assert files == ["keys.arrow", "output.npy", "space.json", "vectors.npy"]
    assert [(again / name).read_bytes() for name in files] == [(saved / name).read_bytes() for name in files]


def test_any_layout_and_precision_is_saved_as_float32_rows(space: Space, tmp_path: Path) -> None:
    wide = np.asfortranarray(space.vectors.astype(np.float64))[:, ::-1]
    Space("word2vec", space.keys, space.counts, wide).save(tmp_path)  # type: ignore[arg-type]

    back = Space.open(tmp_path).vectors
    assert back.dtype == np.float32
    assert back.flags.c_contiguous
    assert np.array_equal(back, space.vectors[:, ::-1])


def test_an_empty_space_opens(tmp_path: Path) -> None:
    Space("word2vec", [], np.array([], np.int64), np.zeros((0, 4), np.float32)).save(tmp_path)

    assert len(Space.open(tmp_path)) == 0
    assert Space.open(tmp_path).dimension == 4
    assert Space.open(tmp_path).row("php") is None


def test_rows_keep_order_and_repeats_and_leave_the_unknown_out(space: Space) -> None:
    assert space.rows(["c#", "nobody", "the", "c#", "C#"]) == [2, 0, 2]
    assert space.row("日本語") == 4
    assert space.row("") == 7
    assert space.row("C#") is None


def test_a_key_twice_is_refused() -> None:
    with pytest.raises(ReleaseCorruptError, match="holds a key twice"):
        Space("word2vec", ["php", "php"], np.array([1, 1]), np.zeros((2, 2), np.float32))


@pytest.mark.parametrize(
    ("counts", "vectors", "output"),
    [
        (np.array([1]), np.zeros((2, 2), np.float32), None),
        (np.array([1, 1]), np.zeros((3, 2), np.float32), None),
        (np.array([1, 1]), np.zeros(2, np.float32), None),
        (np.array([1, 1]), np.zeros((2, 2), np.float32), np.zeros((2, 3), np.float32)),
    ],
)
def test_shapes_that_disagree_are_refused(counts: Any, vectors: Any, output: Any) -> None:
    with pytest.raises(ReleaseCorruptError):
        Space("word2vec", ["php", "sql"], counts, vectors, output)


@pytest.mark.parametrize("name", ["space.json", "keys.arrow", "vectors.npy"])
def test_a_missing_file_is_corrupt(saved: Path, name: str) -> None:
    (saved / name).unlink()

    with pytest.raises(ReleaseCorruptError, match="cannot be opened"):
        Space.open(saved)


@pytest.mark.parametrize("name", ["space.json", "keys.arrow", "vectors.npy", "output.npy"])
@pytest.mark.parametrize("keep", [0, 7, 0.5, 0.98])
def test_a_file_cut_short_is_corrupt(saved: Path, name: str, keep: float) -> None:
    data = (saved / name).read_bytes()
    (saved / name).write_bytes(data[: int(keep if keep > 1 else keep * len(data))])

    with pytest.raises(ReleaseCorruptError):
        Space.open(saved)


@pytest.mark.parametrize("name", ["space.json", "keys.arrow", "vectors.npy", "output.npy"])
@pytest.mark.parametrize("data", [b"[]", b"null", b'{"size": {}}', b"\xff\xfe\x00", b"[" * 100_000])
def test_a_foreign_file_is_corrupt(saved: Path, name: str, data: bytes) -> None:
    (saved / name).write_bytes(data)

    with pytest.raises(ReleaseCorruptError):
        Space.open(saved)


def test_a_pickled_array_is_never_read(saved: Path) -> None:
    np.save(saved / "vectors.npy", np.array([{"any": "object"}] * 8), allow_pickle=True)

    with pytest.raises(ReleaseCorruptError, match="Python objects"):
        Space.open(saved)


def _vectors(array: Any) -> Callable[[Path], None]:
    return lambda folder: np.save(folder / "vectors.npy", array)


def _output(array: Any) -> Callable[[Path], None]:
    return lambda folder: np.save(folder / "output.npy", array)


def _keys(**columns: Any) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        table = pa.table(columns)
        with pa.OSFile(str(folder / "keys.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as out:
            out.write_table(table)

    return write


@pytest.mark.parametrize(
    "damage",
    [
        _vectors(np.zeros((8, 4), np.float32)),
        _vectors(np.zeros((8, 3), np.float64)),
        _vectors(np.zeros((9, 3), np.float32)),
        _vectors(np.float32(1)),
        _output(np.zeros((8, 3), np.float64)),
        _output(np.zeros((7, 3), np.float32)),
        _keys(key=list(range(8)), count=list(range(8))),
        _keys(key=KEYS, count=[0.5] * 8),
        _keys(key=[None, *KEYS[1:]], count=list(range(8))),
        _keys(key=KEYS, count=[None, *range(7)]),
        _keys(key=["twice"] * 8, count=list(range(8))),
        _keys(word=KEYS, count=list(range(8))),
    ],
)
def test_files_that_disagree_are_corrupt(saved: Path, damage: Callable[[Path], None]) -> None:
    damage(saved)

    with pytest.raises(ReleaseCorruptError):
        Space.open(saved)


def test_space_json_says_what_it_is(saved: Path) -> None:
    assert json.loads((saved / "space.json").read_text()) == {
        "kind": "word2vec",
        "dimension": 3,
        "size": 8,
        "parameters": {"window": 5, "algorithm": "cbow"},
    }
