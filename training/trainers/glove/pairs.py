"""What training reads: the counted pairs of each tile in random order, with their logarithms and weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from training.trainers.glove.compiled import compiled, seeded
from training.trainers.glove.counting import PairCounts
from training.trainers.glove.runs import Cells, Run
from training.trainers.glove.sweep import Counts
from training.trainers.glove.tiles import Tiling

PAIR_BYTES = 12
_BATCH = 1 << 21  # entries merged at a time

Singles = npt.NDArray[np.float32]
_Kind = TypeVar("_Kind", np.uint32, np.float32)


@dataclass(frozen=True, slots=True)
class TiledPairs:
    """Pairs by tile, shuffled inside each.

    Attributes:
        cells: (pairs,) row in tile << bits | column in tile.
        logs: (pairs,) log X.
        weights: (pairs,) f(X) = min(1, (X / x_max) ** alpha).
        starts: (tiles + 1,) where each tile's pairs begin.
    """

    tiling: Tiling
    cells: Cells
    logs: Singles
    weights: Singles
    starts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.cells)


def weigh_pairs(
    counted: PairCounts, x_max: float, alpha: float, seed: int, folder: Path, memory: int
) -> TiledPairs:
    """Merge the counts tile by tile, shuffle, and take logarithm and weight.

    Args:
        counted: The counts.
        x_max: Count from which a pair has full weight.
        alpha: How the weight of rarer pairs falls.
        seed: Of the order inside each tile.
        folder: Where the pairs lie when they need more than `memory` bytes.
        memory: Bytes.
    """
    tiling = counted.tiling
    at_most = sum(len(run.cells) for run in counted.runs) + int(np.count_nonzero(counted.dense))
    place = folder if at_most * PAIR_BYTES > memory else None
    cells: Cells = _array(at_most, np.dtype(np.uint32), place, "cells")
    logs: Singles = _array(at_most, np.dtype(np.float32), place, "logs")
    weights: Singles = _array(at_most, np.dtype(np.float32), place, "weights")
    starts = np.zeros(tiling.tiles + 1, np.int64)
    scratch = np.zeros(tiling.cells), np.empty(tiling.cells, np.uint32)
    filled = 0
    for first, last in _batches(counted):
        entries = _concatenated(counted.runs, first, last)
        merged_cells, merged = _merge(
            first, last, *entries, counted.slots, counted.dense, *scratch, starts, seeded(seed) >> 1
        )
        logarithms = np.log(merged)
        here = slice(filled, filled + len(merged))
        cells[here] = merged_cells
        logs[here] = logarithms
        weights[here] = np.exp(np.minimum(alpha * (logarithms - np.log(x_max)), 0.0))
        filled += len(merged)
    return TiledPairs(tiling, cells[:filled], logs[:filled], weights[:filled], starts)


def _array(length: int, kind: np.dtype[_Kind], folder: Path | None, name: str) -> npt.NDArray[_Kind]:
    if folder is None or not length:
        return np.empty(length, kind)
    return np.asarray(np.memmap(folder / f"pairs.{name}", kind, "w+", shape=(length,)))


def _batches(counted: PairCounts) -> Iterator[tuple[int, int]]:
    """Ranges of tiles that hold about _BATCH entries."""
    sizes = np.where(counted.slots >= 0, counted.tiling.cells, 0).astype(np.int64)
    for run in counted.runs:
        sizes += np.diff(run.ends, prepend=0)
    batch = np.cumsum(sizes) // _BATCH
    firsts = np.flatnonzero(np.diff(batch, prepend=-1))
    yield from zip(firsts.tolist(), [*firsts[1:].tolist(), len(sizes)], strict=True)


def _concatenated(runs: list[Run], first: int, last: int) -> tuple[Cells, Counts, npt.NDArray[np.int64]]:
    """Entries of some tiles out of every run, run after run, and (runs, tiles + 1) where each tile begins."""
    pieces_cells, pieces_counts = [np.empty(0, np.uint32)], [np.empty(0)]
    bounds = np.zeros((len(runs), last - first + 1), np.int64)
    offset = 0
    for number, run in enumerate(runs):
        begin = int(run.ends[first - 1]) if first else 0
        end = int(run.ends[last - 1])
        pieces_cells.append(run.cells[begin:end])
        pieces_counts.append(run.counts[begin:end])
        bounds[number, 0] = offset
        bounds[number, 1:] = run.ends[first:last] - begin + offset
        offset += end - begin
    return np.concatenate(pieces_cells), np.concatenate(pieces_counts), bounds


@compiled
def _merge(
    first: int,
    last: int,
    cells: Cells,
    counts: Counts,
    bounds: npt.NDArray[np.int64],
    slots: npt.NDArray[np.int32],
    dense: Counts,
    sums: Counts,
    touched: Cells,
    starts: npt.NDArray[np.int64],
    seed: int,
) -> tuple[Cells, Counts]:
    """Add up each tile's entries and shuffle them; `sums` is all zero before and after."""
    size = len(cells)
    for tile in range(first, last):
        if slots[tile] >= 0:
            size += int(np.count_nonzero(dense[slots[tile]]))
    out_cells, out_counts = np.empty(size, np.uint32), np.empty(size, np.float64)
    filled = 0
    for tile in range(first, last):
        found = 0
        if slots[tile] >= 0:
            found = _take_whole(dense[slots[tile]], sums, touched)
        for run in range(bounds.shape[0]):
            for entry in range(bounds[run, tile - first], bounds[run, tile - first + 1]):
                cell = cells[entry]
                if sums[cell] == 0.0:
                    touched[found] = cell
                    found += 1
                sums[cell] += counts[entry]
        _shuffle(touched[:found], seed + tile)
        for cell in touched[:found]:
            out_cells[filled] = cell
            out_counts[filled] = sums[cell]
            sums[cell] = 0.0
            filled += 1
        starts[tile + 1] = starts[tile] + found
    return out_cells[:filled], out_counts[:filled]


@compiled
def _take_whole(tile: Counts, sums: Counts, touched: Cells) -> int:
    """Copy the counts of a whole tile; returns how many there are."""
    found = 0
    for cell in range(len(tile)):
        if tile[cell] > 0.0:
            sums[cell] = tile[cell]
            touched[found] = cell
            found += 1
    return found


@compiled
def _shuffle(cells: Cells, seed: int) -> None:
    """Fisher-Yates, drawing by splitmix64."""
    state = np.uint64(seed)
    for place in range(len(cells) - 1):
        state += np.uint64(0x9E3779B97F4A7C15)
        drawn = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        drawn = (drawn ^ (drawn >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        drawn ^= drawn >> np.uint64(31)
        other = place + np.int64(drawn >> np.uint64(33)) % (len(cells) - place)
        cells[place], cells[other] = cells[other], cells[place]
