"""Subword spaces: packed rows, means by hand, what is opened again, and no trust in a damaged file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces.packed_rows import PackedRows
from embedsvc.spaces.skill_vectors import SkillVectors
from embedsvc.spaces.subword_space import SubwordSpace
from embedsvc.spaces.subwords import Subwords

CUT = Subwords(0, 1000, 3, 4)


def space(precision: str = "float32") -> SubwordSpace:
    """Words "php" and "naïve"; of the buckets those of "php" and of "<sq", "sql" and "ql>" are kept."""
    rows, _ = CUT.rows([b"php", "naïve".encode()])
    more, _ = CUT.rows([b"sql"])
    ids = np.unique(np.concatenate([rows, more]))
    draw = np.random.default_rng(1)
    buckets = draw.normal(size=(len(ids), 6)).astype(np.float32)
    words = draw.normal(size=(2, 6)).astype(np.float32)
    return SubwordSpace(
        ["php", "naïve"],
        np.array([9, 4]),
        PackedRows.pack([words], precision, 6),  # type: ignore[arg-type]
        PackedRows.pack([buckets], precision, 6),  # type: ignore[arg-type]
        ids.astype(np.uint32),
        CUT,
        {"epochs": 3},
    )


finite = arrays(
    np.float32,
    st.tuples(st.integers(0, 8), st.integers(1, 5)),
    elements=st.floats(-1e6, 1e6, width=32, allow_subnormal=False),
)


@given(finite)
def test_int8_is_half_a_step_off_at_most(matrix: np.ndarray) -> None:
    packed = PackedRows.pack([matrix], "int8", matrix.shape[1])

    unpacked = packed.take(np.arange(len(matrix)))

    step = np.abs(matrix).max(axis=1, keepdims=True, initial=0) / 127
    assert (np.abs(unpacked - matrix) <= 0.5001 * step + 1e-30).all()


@given(finite)
def test_float32_rows_come_back_as_they_were(matrix: np.ndarray) -> None:
    packed = PackedRows.pack([matrix[:3], matrix[3:]], "float32", matrix.shape[1])

    assert (packed.take(np.arange(len(matrix))) == matrix).all()
    assert packed.scales is None


def test_an_unseen_word_is_the_mean_of_its_kept_subwords() -> None:
    known = space()
    rows, _ = CUT.rows([b"sqlx"])  # <sq sql qlx lx> <sql sqlx qlx>
    kept = [int(np.flatnonzero(known.bucket_ids == row)[0]) for row in rows if row in known.bucket_ids]
    assert len(kept) == 3  # <sq, sql and <sql are those of "sql"

    assert known.vector("sqlx") == pytest.approx(known.buckets.codes[kept].mean(axis=0))
    assert (known.vector("php") == known.words.codes[0]).all()
    assert (known.vector("zzzz") == 0).all()
    assert (known.composed(["php"])[0] != known.vector("php")).any()


def test_many_words_at_once_are_the_same_as_one_by_one() -> None:
    known = space()
    words = ["sqlx", "php", "", "zzzz", "naïve", "naïf", "\ud800", "</s>", "phphp"]

    together = known.vectors(words)

    for word, vector in zip(words, together, strict=True):
        assert known.vector(word) == pytest.approx(vector, abs=1e-6)
    assert known.vectors([]).shape == (0, 6)


@pytest.mark.parametrize("precision", ["int8", "float16", "float32"])
def test_a_saved_space_answers_alike_and_stays_on_disk(tmp_path: Path, precision: str) -> None:
    made = space(precision)
    made.save(tmp_path)

    opened = SubwordSpace.open(tmp_path)

    assert opened.keys == made.keys
    assert opened.counts.tolist() == [9, 4]
    assert opened.parameters == {"epochs": 3}
    assert (opened.vectors(["php", "sqlx"]) == made.vectors(["php", "sqlx"])).all()
    assert isinstance(opened.buckets.codes, np.memmap)
    assert opened.buckets.codes.dtype == precision


@pytest.mark.parametrize("precision", ["int8", "float16", "float32"])
def test_a_rotated_space_keeps_its_rows_and_turns_every_vector(tmp_path: Path, precision: str) -> None:
    made = space(precision)
    first, second = (
        np.linalg.qr(np.random.default_rng(seed).normal(size=(6, 6)))[0].astype(np.float32) for seed in (1, 2)
    )

    made.rotated(first).rotated(second).save(tmp_path)

    opened = SubwordSpace.open(tmp_path)
    words = ["php", "sqlx", "zzzz"]
    assert (opened.words.codes == made.words.codes).all()
    assert opened.vectors(words) == pytest.approx(made.vectors(words) @ first @ second, abs=1e-5)
    assert opened.words[:1] == pytest.approx(made.words[:1] @ first @ second, abs=1e-5)
    np.save(tmp_path / "buckets_rotation.npy", first[:5])
    with pytest.raises(ReleaseCorruptError, match="rotation do not agree"):
        SubwordSpace.open(tmp_path)


def _edit(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        told = json.loads((folder / "space.json").read_text())
        (folder / "space.json").write_text(json.dumps(told | changes))

    return change


def _array(name: str, array: np.ndarray) -> Callable[[Path], None]:
    return lambda folder: np.save(folder / name, array)


@pytest.mark.parametrize(
    "damage",
    [
        _edit(size=3),
        _edit(dimension="many"),
        _edit(subwords={"buckets": -1, "shortest": 3, "longest": 4}),
        _edit(subwords={"buckets": 1000, "shortest": 3, "longest": 10**9}),
        _edit(subwords={"buckets": 2, "shortest": 3, "longest": 4}),
        _edit(parameters=7),
        _array("bucket_ids.npy", np.array([3, 1], np.uint32)),
        _array("bucket_ids.npy", np.zeros((2, 2), np.uint32)),
        _array("bucket_ids.npy", np.array([1.5])),
        _array("vectors.npy", np.zeros((2, 6), np.int64)),
        _array("vectors.npy", np.zeros((2, 5), np.int8)),
        _array("vectors_scales.npy", np.ones(3, np.float32)),
        _array("buckets.npy", np.zeros((1, 6), np.int8)),
        _array("buckets_scales.npy", np.ones(1, np.float32)),
    ],
)
def test_parts_that_disagree_are_refused(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    space("int8").save(tmp_path)
    damage(tmp_path)

    with pytest.raises(ReleaseCorruptError, match="again"):
        SubwordSpace.open(tmp_path)


@pytest.mark.parametrize("keep", [0, 10, 100, 150])
@pytest.mark.parametrize(
    "name",
    ["space.json", "keys.arrow", "vectors.npy", "vectors_scales.npy", "buckets.npy", "bucket_ids.npy"],
)
def test_a_file_cut_short_or_missing_is_refused(tmp_path: Path, name: str, keep: int) -> None:
    space("int8").save(tmp_path)
    file = tmp_path / name
    if keep:
        file.write_bytes(file.read_bytes()[: min(keep, file.stat().st_size - 1)])
    else:
        file.unlink()

    with pytest.raises(ReleaseCorruptError, match="again"):
        SubwordSpace.open(tmp_path)


def test_skill_vectors_are_unit_vectors_of_the_space(tmp_path: Path) -> None:
    known = space()
    skills = SkillVectors.of_tokens(known, ["php", "sql", "zzzz"])
    skills.threshold, skills.seen_threshold = 0.7, 0.8
    skills.save(tmp_path)

    opened = SkillVectors.open(tmp_path, known)

    assert np.linalg.norm(opened.vectors, axis=1) == pytest.approx([1, 1, 0])
    assert (opened.threshold, opened.seen_threshold) == (0.7, 0.8)
    cosines = opened.cosines(["sql", "qqqq"])
    assert cosines[0, 1] == pytest.approx(1)
    assert cosines[0, 2] == 0
    assert (cosines[1] == 0).all()


def test_skill_vectors_of_another_space_are_refused(tmp_path: Path) -> None:
    known = space()
    SkillVectors.of_tokens(known, ["php"]).save(tmp_path)
    np.save(tmp_path / "vectors.npy", np.zeros((1, 5), np.float32))
    with pytest.raises(ReleaseCorruptError, match="again"):
        SkillVectors.open(tmp_path, known)
    (tmp_path / "guesses.json").write_text('{"threshold": "high"}')
    with pytest.raises(ReleaseCorruptError, match="again"):
        SkillVectors.open(tmp_path, known)
