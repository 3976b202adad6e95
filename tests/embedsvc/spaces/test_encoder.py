"""What all sentence encoders share: how a folder says its kind, how long a text is, means in blocks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces import SifEncoder, Space, open_encoder, pooling

VECTORS = np.array([[1, 0], [0, 2], [3, 4]], np.float32)


@pytest.fixture
def space() -> Space:
    return Space("word2vec", ["php", "java", "sql"], np.array([5, 4, 3]), VECTORS)


def test_the_kind_in_the_folder_chooses_the_encoder(space: Space, tmp_path: Path) -> None:
    SifEncoder.fit(space, [], a=0.5).save(tmp_path)

    encoder = open_encoder(tmp_path, space)

    assert isinstance(encoder, SifEncoder)
    assert (encoder.kind, encoder.dimension, encoder.a) == ("sif", 2, 0.5)


@pytest.mark.parametrize("kind", ["quantum", None, 7, ["sif"]])
def test_a_kind_that_is_not_known_is_refused_by_name(space: Space, tmp_path: Path, kind: object) -> None:
    (tmp_path / "encoder.json").write_text(json.dumps({"kind": kind}))

    with pytest.raises(ReleaseCorruptError, match=r"a kind this version does not know \("):
        open_encoder(tmp_path, space)


@pytest.mark.parametrize("data", [None, b"", b"[]", b'{"kind":', b"\xff"])
def test_a_folder_that_says_nothing_is_corrupt(space: Space, tmp_path: Path, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / "encoder.json").write_bytes(data)

    with pytest.raises(ReleaseCorruptError, match="cannot be opened"):
        open_encoder(tmp_path, space)


@pytest.mark.parametrize("name", ["weights.npy", "components.npy"])
def test_numbers_that_are_not_finite_are_refused(space: Space, tmp_path: Path, name: str) -> None:
    SifEncoder.fit(space, [["php"], ["java"], ["sql", "php"]]).save(tmp_path)
    damaged = np.load(tmp_path / name)
    damaged.flat[0] = np.nan
    np.save(tmp_path / name, damaged)

    with pytest.raises(ReleaseCorruptError, match="not finite"):
        open_encoder(tmp_path, space)


def test_lengths_count_what_is_read_and_what_is_known(space: Space) -> None:
    lengths = SifEncoder.fit(space, []).lengths([["php", "?", "sql"], [], ["?"], ["java"] * 100_000])

    assert lengths.tokens.tolist() == [3, 0, 1, 100_000]
    assert lengths.known.tolist() == [2, 0, 0, 100_000]
    assert lengths.truncated.tolist() == [False] * 4


def test_means_are_weighted_and_empty_texts_are_zeros() -> None:
    weights = np.array([1, 0.5, 2], np.float32)

    found = pooling.means([[0, 1], [], [2, 2, 2, 0]], VECTORS, weights)

    np.testing.assert_allclose(found, [[0.5, 0.5], [0, 0], [19 / 4, 6]])
    np.testing.assert_allclose(pooling.means([[0, 1]], VECTORS, None), [[0.5, 1]])


@given(st.lists(st.lists(st.integers(0, 2), max_size=6), max_size=8), st.integers(1, 9))
def test_where_blocks_are_cut_changes_nothing(texts: list[list[int]], block: int) -> None:
    whole = pooling.means(texts, VECTORS, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pooling, "_TOKENS_A_BLOCK", block)
        assert np.array_equal(pooling.means(texts, VECTORS, None), whole)


def test_rows_become_unit_rows_and_short_ones_zeros() -> None:
    rows = np.array([[3, 4], [0, 0], [0, 0.01]], np.float32)

    found = pooling.to_unit(rows, 0.02)

    assert found is rows
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0], [0, 0]])
