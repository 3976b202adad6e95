"""What Annoy does with its own file, and what becomes of it."""

import json
from pathlib import Path

import numpy as np
import pytest

from indexes import CorruptIndexError, open_index
from indexes.annoy_backend import FOREST_FILE, AnnoyArgs, AnnoyIndex

VECTORS = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)
NODE = 12 + 4 * 8  # bytes


def with_file(folder: Path, content: bytes):
    """Replace the forest and keep its stamp's size true."""
    (folder / FOREST_FILE).write_bytes(content)
    manifest = json.loads((folder / "index.json").read_text())
    manifest["files"][FOREST_FILE]["bytes"] = len(content)
    (folder / "index.json").write_text(json.dumps(manifest))


def test_a_tree_that_annoy_counts_twice_changes_no_answer(tmp_path: Path):
    """As when two threads end their last trees at the same time: about one build in a thousand."""
    built = AnnoyIndex.build(VECTORS, args=AnnoyArgs(trees=10), threads=1)
    built.save(tmp_path)
    forest = (tmp_path / FOREST_FILE).read_bytes()
    with_file(tmp_path, forest + forest[-10 * NODE : -9 * NODE])
    opened = open_index(tmp_path)
    assert opened._forest.get_n_trees() > 10
    expected = built.search(VECTORS[:20], 10, effort=290)
    np.testing.assert_array_equal(opened.search(VECTORS[:20], 10, effort=290).ids, expected.ids)


def test_a_file_of_fewer_trees_than_index_json_says(tmp_path: Path):
    AnnoyIndex.build(VECTORS, args=AnnoyArgs(trees=9), threads=1).save(tmp_path)
    forest = (tmp_path / FOREST_FILE).read_bytes()
    AnnoyIndex.build(VECTORS, args=AnnoyArgs(trees=10), threads=1).save(tmp_path)
    with_file(tmp_path, forest)
    with pytest.raises(CorruptIndexError, match="contradicts"):
        open_index(tmp_path)
