"""Runs: counts written to disk, or kept, tile by tile, when the memory for counting is used up.

Because entries lie in the order of their tiles, merging runs needs one tile of each at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.trainers.glove.compiled import compiled
from training.trainers.glove.sweep import FREE, Counts, Keys
from training.trainers.glove.table import CountTable

Cells = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Run:
    """Counts in the order of their tiles; a cell occurs once.

    Attributes:
        cells: (entries,) row in tile << bits | column in tile.
        counts: (entries,)
        ends: (tiles,) where each tile's entries end.
    """

    cells: Cells
    counts: Counts
    ends: npt.NDArray[np.int64]

    def spilled(self, path: Path) -> Run:
        """The same run on disk, memory-mapped; `path` gets two endings."""
        cells, counts = path.with_suffix(".cells"), path.with_suffix(".counts")
        self.cells.tofile(cells)
        self.counts.tofile(counts)
        return Run(np.memmap(cells, np.uint32, "r"), np.memmap(counts, np.float64, "r"), self.ends)


def run_of(table: CountTable, bits: int, tiles: int) -> Run:
    """The entries of a table that is not empty, sorted by tile (counting sort)."""
    cells = np.empty(table.used, np.uint32)
    counts = np.empty(table.used, np.float64)
    ends = np.zeros(tiles, np.int64)
    _sort_by_tile(table.keys, table.counts, bits, ends, cells, counts)
    return Run(cells, counts, ends)


@compiled
def _sort_by_tile(
    keys: Keys, amounts: Counts, bits: int, ends: npt.NDArray[np.int64], cells: Cells, counts: Counts
) -> None:
    shift = 2 * bits
    mask = (1 << shift) - 1
    for slot in range(len(keys)):
        if keys[slot] != FREE:
            ends[keys[slot] >> shift] += 1
    total = 0
    for tile in range(len(ends)):
        size = ends[tile]
        ends[tile] = total
        total += size
    # Each start moves on to its tile's end as entries fall in.
    for slot in range(len(keys)):
        if keys[slot] != FREE:
            tile = keys[slot] >> shift
            place = ends[tile]
            ends[tile] = place + 1
            cells[place] = keys[slot] & mask
            counts[place] = amounts[slot]
