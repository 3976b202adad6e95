"""What every format speaks: blocks of keys and vectors to read, a table to write, errors with a place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from embedsvc.errors import FormatError
from embedsvc.spaces import Space
from embedsvc.spaces.space import Matrix
from embedsvc.spaces.subword_space import SubwordSpace

Counts = npt.NDArray[np.int64]
Progress = Callable[[float, float | None], None]
"""Told (done, total or None) in units of the format: bytes of the file, or rows."""

# One block of either side is about this large, whatever the dimension.
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows of a file.

    Attributes:
        keys: (n,) as they stand in the file.
        vectors: (n, dimension) float32.
        counts: (n,) occurrences of each key in the training corpus, or None where the file has none.
    """

    keys: list[str]
    vectors: Matrix
    counts: Counts | None = None


class Rows(Protocol):
    """A matrix of float32 that is read some rows at a time: an array, or rows that are unpacked."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and their length."""
        ...

    def __getitem__(self, rows: Any, /) -> Matrix:
        """(rows, dimension) float32."""
        ...


@dataclass(frozen=True, slots=True)
class Table:
    """What is exported: rows of a matrix under keys.

    Attributes:
        keys: (n,) unique.
        matrix: (m, dimension), often memory-mapped; read block by block.
        rows: (n,) the row of `matrix` of each key, or None where they are the same.
        counts: (n,) occurrences, or None where nobody counted.
        subwords: What gives unseen words their vectors, for the one format that can hold it.
    """

    keys: Sequence[str]
    matrix: Rows
    rows: npt.NDArray[np.int64] | None = None
    counts: Counts | None = None
    subwords: SubwordSpace | None = None

    @classmethod
    def of_space(cls, space: Space) -> Table:
        """All keys and input vectors of a space."""
        return cls(space.keys, space.vectors, None, space.counts if space.counts.any() else None)

    @classmethod
    def of_subwords(cls, space: SubwordSpace) -> Table:
        """All words of a subword space, and its subwords."""
        return cls(space.keys, space.words, None, space.counts, space)

    @classmethod
    def of_rows(cls, space: Space, named: Sequence[tuple[str, int, int]]) -> Table:
        """Some rows of a space under other keys: (key, row of the space, count) each."""
        rows = np.array([row for _, row, _ in named], np.int64)
        counts = np.array([count for _, _, count in named], np.int64)
        return cls([key for key, _, _ in named], space.vectors, rows, counts)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.matrix.shape[1])

    def __len__(self) -> int:
        return len(self.keys)

    def blocks(self) -> Iterator[Block]:
        """The rows in order, a few megabytes at once."""
        step = rows_a_block(self.dimension)
        for begin in range(0, len(self.keys), step):
            end = min(begin + step, len(self.keys))
            here = slice(begin, end) if self.rows is None else self.rows[begin:end]
            vectors = np.ascontiguousarray(self.matrix[here], dtype=np.float32)
            counts = None if self.counts is None else self.counts[begin:end]
            yield Block(list(self.keys[begin:end]), vectors, counts)


class Format(Protocol):
    """One way to keep vectors in a file or a folder."""

    @property
    def name(self) -> str:
        """What `--format` calls it."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File names that mean this format when nothing else is said; no two formats share one."""
        ...

    @property
    def unwritable(self) -> str:
        """Characters a key must not hold to be written."""
        ...

    def read(self, path: Path, progress: Progress) -> Iterator[Block]:
        """The rows in their order; what they hold is checked by the caller.

        Raises:
            FormatError: The file is not of this format, is cut short, or contradicts itself.
        """
        ...

    def write(self, table: Table, path: Path, progress: Progress) -> list[str]:
        """Write a new file or folder and return what its reader should be told, a sentence each.

        Raises:
            FormatError: The format cannot hold this table.
        """
        ...


def rows_a_block(dimension: int) -> int:
    """Rows of about `BLOCK_BYTES`."""
    return max(1, BLOCK_BYTES // (4 * max(1, dimension)))


def silent(done: float, total: float | None = None) -> None:
    """Progress that nobody watches."""


def shown(path: Path) -> str:
    """A path as text that can always be printed, also when its bytes are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def fault(path: Path, problem: str) -> FormatError:
    """The error for a file; `problem` says where, what, and what to do."""
    return FormatError(f"{shown(path)}: {problem}")


def decoded(key: bytes, path: Path, where: str) -> str:
    """A key as text.

    Raises:
        FormatError: It is not UTF-8.
    """
    try:
        return key.decode()
    except UnicodeDecodeError:
        raise fault(path, f"the key of {where} is not UTF-8; write the file anew in UTF-8.") from None
