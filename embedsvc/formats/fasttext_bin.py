"""fastText's `.bin`, read: words, counts, and for each word the mean of its own row and its subwords' rows.

The layout is that of fastText 0.9 (`FastText::loadModel`, `Args`, `Dictionary`, `DenseMatrix`), all numbers
little-endian. The library itself is not used: it would load the whole file into memory and it crashes on
files that are cut short; here the matrix is memory-mapped.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from embedsvc.errors import FormatError
from embedsvc.formats.base import Block, Counts, Progress, Table, decoded, fault, rows_a_block
from embedsvc.formats.fasttext_writing import ENTRY, MAGIC, write_model
from embedsvc.formats.stream import ByteSource
from embedsvc.spaces.space import Matrix
from embedsvc.spaces.subwords import Subwords

_VERSIONS = (11, 12)
_SUPERVISED = 3
_LONGEST_WORD = 1 << 16
_CUT = "cut short, or no fastText model; fetch it again."
_QUANTISED = "a quantised model, whose vectors are gone; give the .bin it was made from."
# A word brings some 20 rows of subwords, of which one at a time is gathered for all words of a block.
_SHARE = 2


@dataclass(frozen=True, slots=True)
class FastTextModel:
    """A model whose matrix is memory-mapped.

    Attributes:
        words: UTF-8, in the file's order, the most frequent first.
        counts: (words,) occurrences.
        subwords: How it cuts words.
        matrix: (words + buckets, dimension) float32 input matrix.
    """

    words: list[bytes]
    counts: Counts
    subwords: Subwords
    matrix: Matrix


def open_model(path: Path) -> FastTextModel:
    """Open an unpacked `.bin`, supervised or not.

    Raises:
        FormatError: It is no fastText model, a quantised one, or cut short.
    """
    with path.open("rb") as file:
        # Never closed by hand: an array that looks into it keeps it open.
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return _Cursor(data, path).model()


class FastTextBin:
    """A model of fastText, unsupervised or supervised, not quantised."""

    name = "fasttext"
    suffixes = ()
    unwritable = "\0"

    def read(self, path: Path, progress: Progress) -> Iterator[Block]:
        """See `Format.read`."""
        with ByteSource(path) as source:
            if not source.plain:
                raise fault(path, "this is packed; unpack it first: a .bin is read by memory map.")
        model = open_model(path)
        step = max(1, rows_a_block(model.matrix.shape[1]) // _SHARE)
        for begin in range(0, len(model.words), step):
            words = model.words[begin : begin + step]
            keys = [decoded(word, path, f"word {begin + place}") for place, word in enumerate(words, 1)]
            vectors = model.subwords.vectors(words, begin, model.matrix)
            yield Block(keys, vectors, model.counts[begin : begin + step])
            progress(begin + len(words), len(model.words))

    def write(self, table: Table, path: Path, progress: Progress) -> list[str]:
        """See `Format.write`; of a subword space alone, for the reason it gives.

        Raises:
            FormatError: The table has no subwords.
        """
        if table.subwords is None:
            raise FormatError(
                "These vectors cannot be written as a fastText .bin: its worth is in the rows of subwords, "
                "which they do not have, so that every unseen word would silently get zeros. Export --space "
                "fasttext, or write a .vec (--format word2vec), which fastText takes as -pretrainedVectors."
            )
        return write_model(table, table.subwords, path, progress)


class _Cursor:
    """Reads a mapped model front to back; every size is checked against the file before it is used."""

    def __init__(self, data: mmap.mmap, path: Path) -> None:
        self._data = data
        self._path = path
        self._place = 0

    def model(self) -> FastTextModel:
        magic, version = self._unpack("<4si")
        if magic != MAGIC or version not in _VERSIONS:
            raise fault(
                self._path, "this is no fastText model of version 11 or 12, which fastText 0.9 writes."
            )
        dimension, *_, model, buckets, shortest, longest, _ = self._unpack("<12i")
        self._unpack("<d")
        if version == _VERSIONS[0] and model == _SUPERVISED:
            longest = 0  # as the library does: these models were trained without subwords
        words, counts, pruned = self._dictionary()
        matrix = self._matrix()
        self._matrix()  # the output matrix is not wanted, but a file without it is cut short
        fits = matrix.shape == (len(words) + buckets, dimension)
        if not fits or not words or shortest < 0 or longest > Subwords.LONGEST:
            raise fault(self._path, f"its parts contradict each other: {_CUT}")
        return FastTextModel(
            words, counts, Subwords(len(words), 0 if pruned else buckets, shortest, longest), matrix
        )

    def _dictionary(self) -> tuple[list[bytes], Counts, bool]:
        size, words, labels, _, pruned = self._unpack("<3i2q")
        if words < 0 or labels < 0 or size != words + labels or size * ENTRY.size > len(self._data):
            raise fault(self._path, _CUT)
        if pruned > 0:
            raise fault(self._path, _QUANTISED)
        found, counts = [], np.empty(words, np.int64)
        for place in range(size):
            end = self._data.find(b"\0", self._place, self._place + _LONGEST_WORD)
            if end < 0:
                raise fault(self._path, _CUT)
            word = self._data[self._place : end]
            self._place = end + 1
            count, label = self._unpack(ENTRY.format)
            if label != (place >= words):
                raise fault(self._path, f"words and labels are in disorder: {_CUT}")
            if place < words:
                found.append(word)
                counts[place] = count
        return found, counts, pruned == 0

    def _matrix(self) -> Matrix:
        quantised, rows, columns = self._unpack("<?2q")
        if quantised:
            raise fault(self._path, _QUANTISED)
        if rows < 0 or columns < 1 or rows * columns * 4 > len(self._data) - self._place:
            raise fault(self._path, _CUT)
        flat = np.frombuffer(self._data, "<f4", rows * columns, self._place)
        self._place += flat.nbytes
        return flat.reshape(rows, columns)

    def _unpack(self, layout: str) -> tuple[Any, ...]:
        size = struct.calcsize(layout)
        if len(self._data) - self._place < size:
            raise fault(self._path, _CUT)
        self._place += size
        return struct.unpack_from(layout, self._data, self._place - size)
