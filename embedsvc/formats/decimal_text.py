"""Rows of decimal numbers as text and back, by Arrow's parser and printer.

Written is the shortest text that reads back as the same float32, so that no bit is lost; read is any
decimal number, rounded once, to the nearest float32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from embedsvc.formats.base import Block, decoded, fault
from embedsvc.spaces.space import Matrix

_SPACE = ord(" ")


class RowReader:
    """Reads lines of a key and its numbers.

    Args:
        path: The file, for messages.
        dimension: Numbers a row; None where the first line tells.
        keyed: False where a line holds numbers alone.
        separator: Between the fields of a line.
    """

    def __init__(
        self, path: Path, dimension: int | None, *, keyed: bool = True, separator: bytes = b" "
    ) -> None:
        self.path = path
        self.dimension = dimension
        self.line = 0
        self._keyed = keyed
        self._separator = separator

    def block(self, lines: Sequence[bytes]) -> Block:
        """The rows of some whole lines; blank lines are passed over. Without keys these are empty.

        Raises:
            FormatError: A line has too few or too many numbers, or something else where a number should be.
        """
        keys, rows, places = [], [], []
        for number, raw in enumerate(lines, self.line + 1):
            line = raw.rstrip(b" \t\r")
            if not line:
                continue
            key, numbers = self._split(line, number)
            rows.append(numbers)
            places.append(number)
            if self._keyed:
                keys.append(decoded(key, self.path, f"line {number}"))
        self.line += len(lines)
        dimension = self.dimension or 0
        vectors = self._parsed(rows, places) if rows else np.empty((0, dimension), np.float32)
        return Block(keys, vectors)

    def _split(self, line: bytes, number: int) -> tuple[bytes, bytes]:
        """The key, and the numbers with single spaces between them."""
        key, _, rest = line.partition(self._separator) if self._keyed else (b"", b"", line)
        if self.dimension is None:
            self.dimension = self._numbers_in(line)
        if rest.count(self._separator) == self.dimension - 1 and rest and rest[:1] != self._separator:
            return key, rest if self._separator == b" " else rest.replace(self._separator, b" ")
        return self._odd(line, number)

    def _numbers_in(self, line: bytes) -> int:
        fields = [field for field in line.split(self._separator) if field]
        begin = len(fields)
        while begin > int(self._keyed) and is_number(fields[begin - 1]):
            begin -= 1
        if begin == len(fields):
            raise fault(self.path, "the first line holds no numbers; this is not a text file of vectors.")
        return len(fields) - begin

    def _odd(self, line: bytes, number: int) -> tuple[bytes, bytes]:
        """A line with doubled separators, or with spaces in its key, as glove.840B has a few."""
        dimension = self.dimension or 0
        fields = [field for field in line.split(self._separator) if field]
        key, values = fields[:-dimension], fields[-dimension:]
        if line.startswith(self._separator) and self._keyed:
            raise fault(self.path, f"line {number} has an empty key; give it one or remove the line.")
        short = len(fields) < dimension + int(self._keyed)
        if short or any(map(is_number, key[1:])) or (key and not self._keyed):
            found = len(fields) - int(self._keyed)
            raise fault(
                self.path,
                f"line {number} has {found} numbers where {dimension} are due; the file is damaged, or of "
                "another format: see --format.",
            )
        return b" ".join(key), b" ".join(values)

    def _parsed(self, rows: list[bytes], places: list[int]) -> Matrix:
        try:
            return parse(b" ".join(rows)).reshape(len(rows), -1)
        except ValueError:
            for row, place in zip(rows, places, strict=True):
                try:
                    parse(row)
                except ValueError:
                    raise fault(
                        self.path, f"line {place} holds something that is not a number; mend or remove it."
                    ) from None
            raise


def parse(text: bytes) -> Matrix:
    """Numbers separated by single spaces, (n,) float32.

    Raises:
        ValueError: One of them is not a number.
    """
    characters = np.frombuffer(text + b" ", np.uint8)
    ends = np.flatnonzero(characters == _SPACE)
    offsets = np.zeros(len(ends) + 1, np.int32)
    offsets[1:] = ends + 1
    strings = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(characters))
    numbers: Matrix = pc.cast(pc.ascii_trim_whitespace(strings), pa.float32()).to_numpy()
    return numbers


def is_number(field: bytes) -> bool:
    """Whether a field reads as a number, NaN and infinity among them."""
    try:
        math.isnan(float(field))
    except ValueError:
        return False
    return True


def lines_of(vectors: Matrix, keys: Sequence[str] | None = None, separator: str = " ") -> bytes:
    """A line of shortest decimals for each row, after its key where there are keys."""
    rows, dimension = vectors.shape
    numbers = pc.cast(pa.array(np.ascontiguousarray(vectors).ravel()), pa.string())
    nested = pa.ListArray.from_arrays(
        np.arange(0, (rows + 1) * dimension, dimension, dtype=np.int32), numbers
    )
    lines = pc.binary_join(nested, separator)
    if keys is not None:
        lines = pc.binary_join_element_wise(pa.array(keys, pa.string()), lines, separator)
    whole = pa.ListArray.from_arrays(pa.array([0, rows], pa.int32()), lines)
    return bytes(pc.binary_join(whole, "\n")[0].as_buffer()) + b"\n"
