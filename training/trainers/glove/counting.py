"""Counting which words stand near which: weighted co-occurrence counts in bounded memory.

Every worker reads all tokens and counts the pairs whose rarer word is its own, so that no two write to the
same place, nothing is added up afterwards, and any number of workers gives the same counts to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.trainers.glove.runs import Run, run_of
from training.trainers.glove.sweep import Counts, Ids, sweep
from training.trainers.glove.table import CountTable
from training.trainers.glove.tiles import Tiling

_CHUNK = 1 << 20  # tokens between two reports of progress
_DENSE_SHARE = 0.25  # of the memory, for tiles of frequent words
_LINE = 3  # bits: a worker owns runs of 8 columns, a cache line of counts


@dataclass(frozen=True, slots=True)
class Context:
    """What counts as near in one stream of tokens.

    Attributes:
        ids: Ranks, LINE_END after each line.
        weights: (window + 1,) what a pair at each distance counts; [0] is not used.
        share: Divide by the number of a line's other words, so that each word gives 1 a line.
        both: Count (b, a) too where the matrix is not symmetric.
    """

    ids: Ids
    weights: Counts
    share: bool
    both: bool


def text_context(ids: Ids, window: int) -> Context:
    """Words up to `window` before a word, at 1 / distance."""
    weights = 1.0 / np.maximum(np.arange(window + 1), 1)
    return Context(ids, weights, share=False, both=False)


def list_context(ids: Ids, window: int, *, share: bool) -> Context:
    """Every pair of a list, at 1 or at 1 / (length - 1); lists beyond `window` items as a window of it."""
    return Context(ids, np.ones(window + 1), share=share, both=True)


@dataclass(frozen=True, slots=True)
class PairCounts:
    """All counts: whole tiles of frequent words, and runs for the rest.

    Attributes:
        slots: (tiles,) number of the tile in `dense`, or -1 where runs hold it.
        dense: (slots, cells)
        runs: A cell may occur in several.
    """

    tiling: Tiling
    slots: npt.NDArray[np.int32]
    dense: Counts
    runs: list[Run]


def count_pairs(
    contexts: list[Context],
    tiling: Tiling,
    folder: Path,
    memory: int,
    workers: int,
    progress: Callable[[float, float], None] | None = None,
) -> PairCounts:
    """Count the pairs of all contexts.

    Args:
        contexts: What to count.
        tiling: Shape of the matrix. Symmetric: X[a, b] = X[b, a] is kept once, and a word beside itself
            counts twice. Otherwise the row is the word and the column the word before it.
        folder: Where runs are spilled.
        memory: Bytes for counts.
        workers: Threads.
        progress: Told (tokens done, tokens in all).
    """
    slots = tiling.dense_slots(int(memory * _DENSE_SHARE))
    dense = np.zeros((int(slots.max()) + 1, tiling.cells), np.float64)
    span = 2 * max(len(context.weights) for context in contexts)
    total = sum(len(context.ids) for context in contexts)
    each = (memory - dense.nbytes) // workers
    owners = (np.arange(tiling.words) >> _LINE) % workers
    crew = [
        _Counter(tiling, slots, dense, each, span, folder / f"run-{number}", owners == number)
        for number in range(workers)
    ]
    done = 0
    with ThreadPoolExecutor(workers) as pool:
        for context, start, stop in _chunks(contexts):
            list(pool.map(lambda counter: counter.count(context, start, stop), crew))  # noqa: B023
            done += stop - start
            if progress is not None:
                progress(done, total)
        list(pool.map(_Counter.close, crew))
    return PairCounts(tiling, slots, dense, [run for counter in crew for run in counter.runs])


def _chunks(contexts: list[Context]) -> Iterator[tuple[Context, int, int]]:
    for context in contexts:
        for start in range(0, len(context.ids), _CHUNK):
            yield context, start, min(start + _CHUNK, len(context.ids))


class _Counter:
    """One worker: its table, and the runs it spilled."""

    def __init__(
        self,
        tiling: Tiling,
        slots: npt.NDArray[np.int32],
        dense: Counts,
        memory: int,
        span: int,
        path: Path,
        mine: npt.NDArray[np.bool_],
    ) -> None:
        self._tiling = tiling
        self._slots = slots
        self._dense = dense
        self._table = CountTable(memory, span)
        self._path = path
        self._mine = mine
        self.runs: list[Run] = []

    def count(self, context: Context, start: int, stop: int) -> None:
        """Count the pairs whose later word is among tokens `start` to `stop`."""
        while start < stop:
            start, self._table.used = sweep(
                context.ids,
                start,
                stop,
                context.weights,
                context.share,
                context.both,
                self._tiling.bits,
                self._tiling.blocks,
                self._tiling.symmetric,
                self._slots,
                self._dense,
                self._table.keys,
                self._table.counts,
                self._table.used,
                self._table.room,
                self._mine,
            )
            if start < stop and not self._table.grow():
                self._spill()

    def close(self) -> None:
        """Turn what is left into a run, in memory where nothing has been spilled."""
        if not self._table.used:
            return
        if self.runs:
            self._spill()
        else:
            self.runs.append(run_of(self._table, self._tiling.bits, self._tiling.tiles))
        del self._table

    def _spill(self) -> None:
        run = run_of(self._table, self._tiling.bits, self._tiling.tiles)
        self.runs.append(run.spilled(self._path.with_name(f"{self._path.name}-{len(self.runs)}")))
        self._table.clear()
