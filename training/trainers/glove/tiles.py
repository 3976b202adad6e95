"""How the co-occurrence matrix is cut into square tiles.

Words that are near in frequency lie near in the matrix. A tile's rows fit the second-level cache, so that
training reads them once a tile and not once a pair; and counting keeps the tiles of the most frequent words
as whole arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_CACHE = 1 << 20  # bytes of word and context rows at work together: about half of a second-level cache
_SIDES = (6, 10)  # bits: at least 64 and at most 1,024 words
_LEAST_BLOCKS = 16  # a side of the grid, so that workers seldom meet in a block of a small vocabulary
_MOST_BLOCKS = 1 << 11  # a side of the grid, so that offsets of tiles stay small for millions of words
_CELL = 8  # bytes of a count


@dataclass(frozen=True, slots=True)
class Tiling:
    """A square matrix over words in square tiles.

    A count's key is `tile << 2 * bits | row in tile << bits | column in tile`, where
    `tile = row block * blocks + column block`.

    Attributes:
        words: Rows and columns of the matrix.
        bits: A tile has 2**bits rows and columns.
        symmetric: Whether a pair is kept once, the more frequent word as its row.
    """

    words: int
    bits: int
    symmetric: bool

    @classmethod
    def fitting(cls, words: int, row_bytes: int, *, symmetric: bool) -> Tiling:
        """The tiling whose tiles' rows, of `row_bytes` bytes each, fit the cache and keep workers apart."""
        bits = min(max((_CACHE // (2 * row_bytes)).bit_length() - 1, _SIDES[0]), _SIDES[1])
        while bits > _SIDES[0] and words >> bits < _LEAST_BLOCKS:
            bits -= 1
        while words >> bits >= _MOST_BLOCKS:
            bits += 1
        return cls(words, bits, symmetric)

    @property
    def blocks(self) -> int:
        """Blocks of rows, and as many of columns."""
        return ((self.words - 1) >> self.bits) + 1

    @property
    def tiles(self) -> int:
        """Tiles of the grid; below the diagonal of a symmetric one they are empty."""
        return self.blocks**2

    @property
    def cells(self) -> int:
        """Cells of a tile."""
        return 1 << 2 * self.bits

    def dense_slots(self, memory: int) -> npt.NDArray[np.int32]:
        """Which tiles are counted as whole arrays in `memory` bytes.

        Under Zipf's law a pair's count falls with the product of the ranks, so the tiles of the smallest
        product are the fullest (Pennington et al. count the same way).

        Returns:
            (tiles,) the tile's number among those, or -1.
        """
        blocks = np.arange(self.blocks, dtype=np.int64)
        product = (blocks[:, None] + 1) * (blocks[None, :] + 1)
        if self.symmetric:
            product[np.tril_indices(self.blocks, -1)] = np.iinfo(np.int64).max
        most = min(memory // (self.cells * _CELL), int((product < np.iinfo(np.int64).max).sum()))
        order = np.argsort(product, axis=None, kind="stable")[:most]
        slots = np.full(self.tiles, -1, np.int32)
        slots[order] = np.arange(most, dtype=np.int32)
        return slots
