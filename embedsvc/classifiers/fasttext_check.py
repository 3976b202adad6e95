"""Whether a file is a fastText classifier, told before the library is let near it.

The library takes every number of a `.bin` or `.ftz` for granted: a file cut short or made up can make it
read beyond its memory. So the layout is walked first (`FastText::loadModel`, `Args`, `Dictionary`,
`DenseMatrix`, `QMatrix`, `ProductQuantizer` of fastText 0.9; little-endian), and all sizes must add up.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

import numpy as np

_MAGIC, _VERSION = 793712314, 12
_SUPERVISED, _SOFTMAX, _ONE_VS_ALL = 3, 3, 4
_MOST = 1 << 31  # rows, words or buckets
_LONGEST_WORD = 1 << 16
_CENTROIDS = 256


class _Bytes:
    """A file read from front to back."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self.at = 0

    def read(self, layout: str) -> tuple[int, ...]:
        begin = self.skip(struct.calcsize("<" + layout))
        return struct.unpack_from("<" + layout, self._data, begin)

    def skip(self, size: int) -> int:
        begin = self.at
        if size < 0 or begin + size > len(self._data):
            raise ValueError("it is cut short")
        self.at = begin + size
        return begin

    def word(self) -> None:
        end = self._data.find(b"\0", self.at, self.at + _LONGEST_WORD)
        if end < 0:
            raise ValueError("a word has no end")
        self.at = end + 1

    def floats(self, count: int) -> None:
        begin = self.skip(4 * count)
        if not np.isfinite(np.frombuffer(self._data, "<f4", count, begin)).all():
            raise ValueError("it holds numbers that are none")

    def ended(self) -> bool:
        return self.at == len(self._data)


def check_model(path: Path) -> bool:
    """Check a supervised model of a softmax or of one-vs-all; says whether it is one-vs-all.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no such model, or damaged; the message says how.
    """
    with path.open("rb") as file:
        # Never closed by hand: an array that looks into it keeps it open.
        content = _Bytes(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    if content.read("ii") != (_MAGIC, _VERSION):
        raise ValueError("it is no model of fastText 0.9")
    dim, _, _, _, _, ngrams, loss, model, bucket, shortest, longest, _ = content.read("12i")
    content.skip(8)
    if model != _SUPERVISED or loss not in (_SOFTMAX, _ONE_VS_ALL):
        raise ValueError("it is no classifier by softmax or one-vs-all")
    hashes = ngrams > 1 or longest > 0
    if not (0 < dim < _MOST and ngrams > 0 and shortest >= 0 and 0 <= bucket < _MOST):
        raise ValueError("its settings cannot be")
    if hashes and bucket == 0:
        raise ValueError("it has subwords and no buckets")
    words, labels, pruned = _dictionary(content)
    quantised = _flag(content)
    rows = words + (pruned if pruned >= 0 else bucket)
    _matrix(content, rows, dim, quantised=quantised)
    _matrix(content, labels, dim, quantised=_flag(content) and quantised)
    if not content.ended():
        raise ValueError("more follows than a model has")
    return loss == _ONE_VS_ALL


def _dictionary(content: _Bytes) -> tuple[int, int, int]:
    """Numbers of words, labels and pruned buckets; the last is negative where none are."""
    size, words, labels, _, pruned = content.read("iiiqq")
    if words < 0 or labels < 1 or words + labels != size or not -1 <= pruned < _MOST:
        raise ValueError("its words do not add up")
    for number in range(size):
        content.word()
        count, kind = content.read("qb")
        if count < 0 or kind != (number >= words):
            raise ValueError("its labels are among its words")
    if pruned > 0:
        begin = content.skip(8 * pruned)
        pairs = np.frombuffer(content._data, "<i4", 2 * pruned, begin)
        if pairs.min() < 0 or pairs[1::2].max() >= pruned:
            raise ValueError("its pruned buckets lie outside")
    return words, labels, pruned


def _flag(content: _Bytes) -> bool:
    (value,) = content.read("B")
    if value > 1:
        raise ValueError("a flag is neither yes nor no")
    return bool(value)


def _matrix(content: _Bytes, rows: int, dim: int, *, quantised: bool) -> None:
    normed = quantised and _flag(content)
    if content.read("qq") != (rows, dim):
        raise ValueError("a matrix has another size than its words and labels")
    if not quantised:
        content.floats(rows * dim)
        return
    (codes,) = content.read("i")
    content.skip(codes)
    parts = _quantizer(content, dim)
    if codes != rows * parts:
        raise ValueError("a matrix has another number of codes than rows")
    if normed:
        content.skip(rows)
        _quantizer(content, 1)


def _quantizer(content: _Bytes, dim: int) -> int:
    """How many codes a row has."""
    found, parts, width, last = content.read("iiii")
    if found != dim or width < 1 or parts != -(-dim // width) or last != dim - (parts - 1) * width:
        raise ValueError("a quantiser does not fit its matrix")
    content.floats(dim * _CENTROIDS)
    return parts
