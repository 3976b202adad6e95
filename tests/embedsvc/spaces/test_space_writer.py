"""A space written block by block is the space written at once."""

from __future__ import annotations

import numpy as np
import pytest

from embedsvc.spaces import Space, SpaceWriter


def test_blocks_add_up_to_what_save_writes(tmp_path):
    vectors = np.arange(12, dtype=np.float32).reshape(4, 3)
    counts = np.array([9, 5, 2, 1], np.int64)
    Space("word2vec", ["c#", "sql", "naïve", "a b"], counts, vectors, None, {"x": 1}).save(tmp_path / "saved")
    with SpaceWriter(tmp_path / "written", "word2vec", 3, {"x": 1}) as writer:
        writer.add(["c#"], vectors[:1], counts[:1])
        writer.add(["sql", "naïve", "a b"], vectors[1:], counts[1:])
        assert len(writer) == 4
    for file in ("vectors.npy", "space.json"):
        assert (tmp_path / "written" / file).read_bytes() == (tmp_path / "saved" / file).read_bytes()
    opened = Space.open(tmp_path / "written")
    assert (opened.keys, opened.counts.tolist()) == (["c#", "sql", "naïve", "a b"], [9, 5, 2, 1])


def test_keys_nobody_counted_count_zero(tmp_path):
    with SpaceWriter(tmp_path, "imported", 2) as writer:
        writer.add(["a", "b"], np.ones((2, 2), np.float32))
    assert Space.open(tmp_path).counts.tolist() == [0, 0]


def test_a_block_of_another_width_is_refused_and_no_space_is_left(tmp_path):
    with (
        pytest.raises(ValueError, match=r"1 keys with vectors \(1, 3\) in 2 dimensions"),
        SpaceWriter(tmp_path, "imported", 2) as writer,
    ):
        writer.add(["a"], np.ones((1, 3), np.float32))
    assert not (tmp_path / "space.json").exists()
