"""The exact scan: every row is compared with every query by blocked matrix products.

A matrix product adds in an order that depends on the block a row happens to sit in, so equal rows can differ
in the last bit. The product therefore only proposes hits; their scores are computed again pair by pair,
and where the last place is too close to call, every row in reach is. So a score depends on its
two vectors alone, and equal scores are ordered by position, whatever the batch or the block.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from indexes.select import best_first, largest
from indexes.vectors import Float32, Int64, Metric

Progress = Callable[[int, int], None]
Found = tuple[Int64, Float32]
Mask = npt.NDArray[np.bool_]

_SPARE = 8  # proposals beyond k: with them a tie at the last place is rarely left open
_CELLS = 1 << 22  # scores held at once by one thread: 16 MiB
_GATHERED = 1 << 22  # vector components gathered at once: 16 MiB
_COPIED = 1 << 17  # components of rows copied at once that lie askew: 512 KiB, which caches hold
_EPSILON = float(np.finfo(np.float32).eps)


class Scan:
    """Exact search over prepared rows (`indexes.vectors.prepare`), which are kept, not copied.

    Under "l2" the score is the negative squared distance. It is found through
    -|x-q|^2/2 = x.(q-c) - |x-c|^2/2 - c.(q-c) - |q-c|^2/2, with c the mean of the rows: without c, data
    far from the origin would lose its distances to cancellation.
    """

    def __init__(self, rows: Float32, metric: Metric, block: int = 512) -> None:
        self.rows = rows
        self.metric = metric
        self.block = block  # queries compared at once

    def only(self, positions: Int64) -> "Scan":
        """A scan of the rows at these positions alone, which are copied."""
        return Scan(self.rows[positions], self.metric, self.block)

    def search(
        self,
        queries: Float32,
        k: int,
        *,
        exclude: Int64 | None = None,
        within: Mask | None = None,
        threads: int | None = None,
        progress: Progress | None = None,
        positions_as: type[np.int64] | type[np.int32] = np.int64,
    ) -> tuple[npt.NDArray[Any], Float32]:
        """Return positions and scores of the k nearest rows of each prepared query.

        Args:
            queries: shape (q, d).
            k: at least 1.
            exclude: for each query a position that must not be found, or -1; shape (q,).
            within: the rows that may be found, shape (n,); all by default. No row is copied, as by `only`.
            threads: at most this many at once; the default is one per processor.
            progress: called with (queries done, queries in all) after each block.
            positions_as: the type of the positions.

        Returns:
            Positions and float32 scores of shape (q, k), best first, padded with -1 and -inf.
        """
        positions = np.full((len(queries), k), -1, positions_as)
        scores = np.full((len(queries), k), -np.inf, np.float32)
        block = self.block
        starts = range(0, len(queries), block)
        one = partial(self._block, queries=queries, k=k, exclude=exclude, within=within, block=block)
        for start, (found, values) in zip(starts, _in_order(one, starts, threads), strict=True):
            positions[start : start + block, : found.shape[1]] = found
            scores[start : start + block, : found.shape[1]] = values
            if progress is not None:
                progress(min(start + block, len(queries)), len(queries))
        return positions, scores

    def rank(self, queries: Float32, proposed: Int64, k: int) -> Found:
        """Return the k best of the proposed rows of each query, by their exact scores.

        Args:
            queries: prepared, shape (q, d).
            proposed: positions, shape (q, m), each at most once in a row; -1 where there are fewer.
            k: at least 1.

        Returns:
            int64 and float32 arrays of shape (q, k), best first, equal scores by position, padded with -1
            and -inf.
        """
        ordered = np.sort(proposed, axis=1)
        scores = self._pair_scores(queries, np.maximum(ordered, 0))
        return best_of(ordered, scores, k, self.metric)

    def _gathered(self, positions: Int64) -> Float32:
        """The rows at these positions, copied."""
        # `take` is quicker, but first copies all of a matrix that is not in one piece, or lies askew.
        plain = self.rows.flags.c_contiguous and self.rows.flags.aligned
        return self.rows.take(positions, axis=0) if plain else self.rows[positions]

    def _row_scores(self, query: np.ndarray, gathered: Float32) -> Float32:
        """Scores of gathered rows, (..., d), which are written over."""
        if self.metric == "l2":
            gathered -= query
            apart: Float32 = np.vecdot(gathered, gathered)
            return -apart
        scores: Float32 = np.vecdot(gathered, query)
        if self.metric == "cosine":
            np.minimum(scores, 1.0, out=scores)
            np.maximum(scores, -1.0, out=scores)
        return scores

    @cached_property
    def _center(self) -> Float32:
        center: Float32 = self.rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        return center

    @cached_property
    def _half_norms(self) -> Float32:
        """Half the squared distance of every row to the centre (shape (n,)); used under "l2"."""
        half = np.empty(len(self.rows), np.float32)
        for start in range(0, len(half), 65_536):
            apart = self.rows[start : start + 65_536] - self._center
            half[start : start + 65_536] = 0.5 * np.einsum("ij,ij->i", apart, apart)
        return half

    @cached_property
    def _longest(self) -> float:
        if self.metric == "cosine":
            return 1.0
        squared = (
            np.einsum("ij,ij->i", part, part)
            for part in (self.rows[start : start + 65_536] for start in range(0, len(self.rows), 65_536))
        )
        return float(np.sqrt(max(float(part.max()) for part in squared)))

    def _block(
        self,
        start: int,
        *,
        queries: Float32,
        k: int,
        exclude: Int64 | None,
        within: Mask | None,
        block: int,
    ) -> Found:
        some = queries[start : start + block]
        hidden = None if exclude is None else exclude[start : start + block]
        total = len(self.rows)
        keep = min(total, k + _SPARE)
        k = min(k, total)
        if k == 0:
            return np.empty((len(some), 0), np.int64), np.empty((len(some), 0), np.float32)
        shifted, constant = self._shift(some)
        positions, proposed = self._propose(shifted, keep, hidden, within)
        last = proposed.min(axis=1).astype(np.float64)
        positions = np.sort(positions, axis=1)  # so that the stable sort below breaks ties by position
        scores = self._pair_scores(some, positions)
        if hidden is not None:
            scores[positions == hidden[:, None]] = -np.inf
        if within is not None:
            scores[~within[positions]] = -np.inf
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        positions = np.take_along_axis(positions, order, axis=1)
        scores = np.take_along_axis(scores, order, axis=1)
        if keep < total:
            reach = self._units(last, constant) + self._tolerance(shifted)
            for row in np.flatnonzero(reach >= scores[:, -1]):
                skip = -1 if hidden is None else int(hidden[row])
                floor = float(scores[row, -1])
                positions[row], scores[row] = self._settle(some[row], floor, k, skip, within)
        positions[np.isneginf(scores)] = -1
        return positions, scores

    def _shift(self, queries: Float32) -> tuple[Float32, Float32 | float]:
        """Queries for the matrix product, and what "l2" leaves out of it for each query."""
        if self.metric != "l2":
            return queries, 0.0
        shifted = queries - self._center
        return shifted, -(shifted @ self._center) - 0.5 * np.einsum("ij,ij->i", shifted, shifted)

    def _units(self, proposed: np.ndarray, constant: Float32 | float) -> np.ndarray:
        return 2.0 * (proposed + constant) if self.metric == "l2" else proposed

    def _tolerance(self, shifted: Float32) -> np.ndarray:
        """How far a proposed score can be from its true value: the rounding of a float32 product."""
        rounding = _EPSILON * (8.0 + np.sqrt(shifted.shape[1]))
        lengths = np.linalg.norm(shifted, axis=1).astype(np.float64)
        if self.metric != "l2":
            return np.asarray(rounding * lengths * self._longest)
        return np.asarray(
            2.0 * rounding * (lengths * self._longest + lengths**2 + float(self._half_norms.max()))
        )

    def _propose(self, shifted: Float32, keep: int, hidden: Int64 | None, within: Mask | None) -> Found:
        step = max(1, _CELLS // len(shifted))
        best: Found | None = None
        for start in range(0, len(self.rows), step):
            raw = self._raw(shifted, start, start + step)
            if hidden is not None:
                mine = np.flatnonzero((hidden >= start) & (hidden < start + step))
                raw[mine, hidden[mine] - start] = -np.inf
            if within is not None:
                raw[:, ~within[start : start + step]] = -np.inf
            columns = largest(raw, min(keep, raw.shape[1]))
            found = columns + start, np.take_along_axis(raw, columns, axis=1)
            best = found if best is None else _merge(best, found, keep)
        assert best is not None  # noqa: S101 - the caller never scans zero rows
        return best

    def _raw(self, shifted: Float32, start: int, stop: int) -> Float32:
        raw = _product(shifted, self.rows[start:stop])
        if self.metric == "l2":
            raw -= self._half_norms[start:stop]
        return raw

    def _pair_scores(self, queries: Float32, positions: Int64) -> Float32:
        """Scores of the named pairs, each computed from its two vectors alone; shape of `positions`."""
        scores = np.empty(positions.shape, np.float32)
        step = max(1, _GATHERED // max(1, positions.shape[1] * queries.shape[1]))
        for start in range(0, len(queries), step):
            gathered = self._gathered(positions[start : start + step])
            scores[start : start + step] = self._row_scores(queries[start : start + step, None, :], gathered)
        return scores

    def _settle(self, query: Float32, floor: float, k: int, skip: int, within: Mask | None) -> Found:
        """The k best of one query, from the pair scores of every row that could score `floor`."""
        shifted, constant = self._shift(query[None, :])
        slack = 2.0 * float(self._tolerance(shifted)[0])
        near = []
        for start in range(0, len(self.rows), _CELLS):
            raw = self._raw(shifted, start, start + _CELLS)[0].astype(np.float64)
            near.append(np.flatnonzero(self._units(raw, constant) >= floor - slack) + start)
        reached = np.concatenate(near)
        reached = reached[reached != skip]
        if within is not None:
            reached = reached[within[reached]]
        chunks = [
            self._pair_scores(query[None, :], reached[None, at : at + 16_384])[0]
            for at in range(0, len(reached), 16_384)
        ]
        scores = np.concatenate(chunks)
        order = np.lexsort((reached, -scores))[:k]
        positions, values = np.full(k, -1, np.int64), np.full(k, -np.inf, np.float32)
        positions[: len(order)], values[: len(order)] = reached[order], scores[order]
        return positions, values


def best_of(positions: Int64, scores: Float32, k: int, metric: Metric) -> Found:
    """The k best of some rows of each query.

    Args:
        positions: ascending, shape (q, m); -1 where there are fewer.
        scores: theirs, written over; a cosine may be beyond 1 by rounding.
        k: at least 1.
        metric: what a score means.

    Returns:
        int64 and float32 arrays of shape (q, k), best first, equal scores by position, padded with -1 and
        -inf.
    """
    if len(positions) == 1 and (quick := _best_of_one(positions[0], scores[0], k, metric)) is not None:
        return quick
    if metric == "cosine":
        np.minimum(scores, 1.0, out=scores)
        np.maximum(scores, -1.0, out=scores)
    if positions[:, 0].min() < 0:
        scores[positions < 0] = -np.inf
    found, values = best_first(positions, scores, min(k, positions.shape[1]))
    missing = k - found.shape[1]
    if missing > 0:
        found = np.pad(found, ((0, 0), (0, missing)), constant_values=-1)
        values = np.pad(values, ((0, 0), (0, missing)), constant_values=-np.inf)
    return found, values


def _product(queries: Float32, rows: Float32) -> Float32:
    """Inner products, (queries, rows).

    FAISS writes its vectors at any byte of a file. Where such a file is mapped they lie askew, and numpy
    would multiply them without BLAS, which takes forty times as long; so they are copied, a few at a time.
    """
    if rows.flags.aligned:
        whole: Float32 = queries @ rows.T
        return whole
    raw = np.empty((len(queries), len(rows)), np.float32)
    step = max(1, _COPIED // rows.shape[1])
    for start in range(0, len(rows), step):
        part = rows[start : start + step].copy()
        np.matmul(queries, part.T, out=raw[:, start : start + step])
    return raw


def _best_of_one(positions: Int64, scores: Float32, k: int, metric: Metric) -> Found | None:
    """What `best_of` says of one query, in half the steps; None where a closer look is needed."""
    if len(positions) < k or positions[0] < 0:
        return None
    order = (-scores).argsort(kind="stable")[:k]
    values = scores[order]
    if metric == "cosine" and (values[0] > 1.0 or values[-1] <= -1.0):
        return None
    return positions[order][None], values[None]


def _merge(first: Found, second: Found, keep: int) -> Found:
    positions = np.concatenate((first[0], second[0]), axis=1)
    values = np.concatenate((first[1], second[1]), axis=1)
    columns = largest(values, min(keep, values.shape[1]))
    return np.take_along_axis(positions, columns, axis=1), np.take_along_axis(values, columns, axis=1)


def _in_order(one: Callable[[int], Found], starts: range, threads: int | None) -> Iterator[Found]:
    """Results of `one` for each start, in order; what has not begun is dropped when the reader stops."""
    workers = min(len(starts), threads or os.cpu_count() or 1)
    if workers <= 1:
        yield from map(one, starts)
        return
    pool = ThreadPoolExecutor(workers)
    try:
        yield from pool.map(one, starts)
    finally:
        pool.shutdown(cancel_futures=True)
