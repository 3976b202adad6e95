"""A fastText model as a subword space of a given share of its `.bin`: pruned by use, then packed.

Of the buckets of a model those that no word of the vocabulary uses hold what they were filled with at the
start, and are left out first. The others are kept in order of the number of words that use them, as many as
fit: a subword of many words is the one an unseen word is likely to have. Words of the vocabulary keep their
exact sums, whatever becomes of the buckets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from embedsvc.formats.fasttext_bin import FastTextModel
from embedsvc.spaces.packed_rows import PackedRows, Precision
from embedsvc.spaces.space import Matrix
from embedsvc.spaces.subword_space import SubwordSpace
from embedsvc.spaces.subwords import END_OF_LINE, Subwords

_BLOCK = 8192  # words or buckets at a time
_ID_BYTES, _SCALE_BYTES, _KEY_BYTES = 4, 4, 12  # of a bucket, of an int8 row, of a key's offset and count


def compress(
    model: FastTextModel,
    budget: int | None,
    precision: Precision = "int8",
    parameters: Mapping[str, Any] | None = None,
) -> SubwordSpace:
    """The model as a space of at most `budget` bytes.

    Args:
        model: An open `.bin`; its end of line has no place in the space.
        budget: Bytes on disk, less the files' headers; None keeps every bucket. Words come before buckets
            and are all kept.
        precision: Of the packed rows.
        parameters: Kept in the space; JSON values.
    """
    dimension = model.matrix.shape[1]
    cut = Subwords(0, model.subwords.buckets, model.subwords.shortest, model.subwords.longest)
    own = np.array([place for place, word in enumerate(model.words) if word != END_OF_LINE], np.int64)
    row_bytes = dimension * np.dtype(precision).itemsize + (_SCALE_BYTES if precision == "int8" else 0)
    keys = [model.words[place] for place in own]
    if budget is None:
        ids = np.arange(cut.buckets)
    else:
        left = budget - sum(map(len, keys)) - len(keys) * (row_bytes + _KEY_BYTES)
        ids = _most_used(keys, cut, max(0, left) // (row_bytes + _ID_BYTES))
    first = len(model.words)
    return SubwordSpace(
        [key.decode() for key in keys],
        model.counts[own],
        PackedRows.pack(_word_blocks(model, own), precision, dimension),
        PackedRows.pack(
            (model.matrix[first + part] for part in _blocks(ids)),
            precision,
            dimension,
        ),
        ids.astype(np.uint32),
        cut,
        parameters,
    )


def _word_blocks(model: FastTextModel, own: npt.NDArray[np.int64]) -> Iterator[Matrix]:
    for begin in range(0, len(model.words), _BLOCK):
        words = model.words[begin : begin + _BLOCK]
        inside = own[(own >= begin) & (own < begin + len(words))] - begin
        yield model.subwords.vectors(words, begin, model.matrix)[inside]


def _blocks(ids: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
    for begin in range(0, len(ids), _BLOCK):
        yield ids[begin : begin + _BLOCK]


def _most_used(words: Sequence[bytes], cut: Subwords, most: int) -> npt.NDArray[np.int64]:
    """Up to `most` buckets, rising, those that most words use; none that no word uses."""
    used = np.zeros(cut.buckets, np.int64)
    if cut.buckets and cut.longest >= max(1, cut.shortest):
        for begin in range(0, len(words), _BLOCK):
            rows, _ = cut.rows(words[begin : begin + _BLOCK])
            used += np.bincount(rows, minlength=cut.buckets)
    order = np.argsort(-used, kind="stable")[: min(most, int((used > 0).sum()))]
    return np.sort(order)
