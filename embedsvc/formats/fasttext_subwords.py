"""The subwords of an imported fastText model, kept beside its words: unseen words have vectors then.

The folder of the words becomes one that both `Space.open` and `SubwordSpace.open` open.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from embedsvc.formats.base import Progress, rows_a_block
from embedsvc.formats.fasttext_bin import FastTextModel


def has_subwords(model: FastTextModel) -> bool:
    """Whether an unseen word has a vector."""
    cut = model.subwords
    return cut.buckets > 0 and cut.longest >= max(1, cut.shortest)


def add_subwords(model: FastTextModel, folder: Path, progress: Progress) -> None:
    """Write the model's rows of subwords into the folder of its words, a few megabytes at a time.

    Args:
        model: An open `.bin` with subwords.
        folder: As `SpaceWriter` left it.
        progress: Told (rows, rows in all).
    """
    cut, first, dimension = model.subwords, len(model.words), model.matrix.shape[1]
    rows = np.lib.format.open_memmap(
        folder / "buckets.npy", mode="w+", dtype=np.float32, shape=(cut.buckets, dimension)
    )
    step = rows_a_block(dimension)
    for begin in range(0, cut.buckets, step):
        end = min(begin + step, cut.buckets)
        rows[begin:end] = model.matrix[first + begin : first + end]
        progress(end, cut.buckets)
    rows.flush()
    np.save(folder / "bucket_ids.npy", np.arange(cut.buckets, dtype=np.uint32))
    file = folder / "space.json"
    description = json.loads(file.read_bytes())
    description["subwords"] = {name: getattr(cut, name) for name in ("buckets", "shortest", "longest")}
    file.write_text(json.dumps(description, indent=2, sort_keys=True) + "\n", encoding="utf-8")
