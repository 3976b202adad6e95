"""The precomputed table of a vocabulary: for every row its n nearest other rows, read without a search."""

from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from indexes.errors import CorruptIndexError, InvalidVectorsError
from indexes.manifest import load_array, read_manifest, save_array, write_manifest
from indexes.scan import Scan
from indexes.vectors import Float32, Metric, as_matrix, check_metric, prepare

Int32 = npt.NDArray[np.int32]
Progress = Callable[[int, int], None]

BACKEND = "neighbours"
_IDS, _SCORES, _COUNTS = "ids.npy", "scores.npy", "counts.npy"
_NAMED = 4_096  # rows whose neighbours are named at once


class NeighbourTable:
    """Rows of neighbour positions and scores, best first; read-only, safe from several threads.

    Attributes:
        ids: int32, shape (size, width), positions of rows; -1 pads.
        scores: float32, same shape, falling along a row; -inf pads.
        metric: what a score means: a `Metric`, or the word given to `from_rows`.
    """

    def __init__(self, ids: Int32, scores: Float32, counts: Int32, metric: str) -> None:
        self.ids = ids
        self.scores = scores
        self.metric = metric
        self._counts = counts
        self._size = len(ids)

    @classmethod
    def build(
        cls,
        vectors: npt.ArrayLike,
        n: int,
        *,
        metric: Metric = "cosine",
        candidates: npt.ArrayLike | None = None,
        block: int = 256,
        progress: Progress | None = None,
        threads: int | None = None,
    ) -> Self:
        """Find the n nearest other rows of every row, exactly.

        Args:
            vectors: real numbers, shape (rows, d).
            n: neighbours of a row; fewer where there are not so many other candidates.
            metric: as in `indexes.base`; equal scores are ordered by position.
            candidates: bool, shape (rows,): the rows that may be found. All by default.
            block: rows compared at once.
            progress: called with (rows done, rows) after each block.
            threads: at most this many; one per processor by default.

        Raises:
            InvalidVectorsError: vectors that cannot be compared, or a mask of another shape or type.
            ValueError: n or block below 1.
        """
        if n < 1 or block < 1:
            raise ValueError(f"n and block must be at least 1, not {n} and {block}")
        rows = prepare(as_matrix(vectors, what="vectors"), check_metric(metric), what="vectors")
        allowed, place = _candidates(candidates, len(rows))
        scan = Scan(rows if len(allowed) == len(rows) else rows[allowed], metric, block)
        width = max(1, min(n, len(allowed)))
        ids, scores = scan.search(
            rows, width, exclude=place, threads=threads, progress=progress, positions_as=np.int32
        )
        counts = np.empty(len(ids), np.int32)
        for start in range(0, len(ids), _NAMED):  # in place and in parts: the table is most of the memory
            part = ids[start : start + _NAMED]
            known = part >= 0
            part[known] = allowed[part[known]]
            counts[start : start + _NAMED] = known.sum(axis=1)
        return cls(*_frozen(ids, scores, counts), metric)

    @classmethod
    def from_rows(cls, ids: npt.ArrayLike, scores: npt.ArrayLike, *, metric: str = "given") -> Self:
        """Take over a table computed elsewhere, such as an association of skills.

        Args:
            ids: integers, shape (rows, width), positions of rows; -1 pads the end of a row.
            scores: real numbers, same shape, never rising along a row; ignored where padded.
            metric: a word for what the scores mean.

        Raises:
            InvalidVectorsError: anything else, or a row that names itself or one twice; it says which.
        """
        raw = np.asarray(ids)
        if raw.ndim != 2 or raw.shape[1] < 1 or (raw.dtype.kind not in "iu" and raw.size):
            raise InvalidVectorsError(
                f"ids must be integers of shape (rows, width), not {raw.dtype} {raw.shape}"
            )
        values = as_matrix(scores, what="scores", dimension=raw.shape[1])
        if len(values) != len(raw):
            raise InvalidVectorsError(f"there are {len(raw)} rows of ids but {len(values)} of scores")
        known = raw != -1
        values = np.where(known, values, np.float32(-np.inf))
        _check_rows(raw, values, known)
        return cls(*_frozen(raw.astype(np.int32), values, known.sum(axis=1, dtype=np.int32)), metric)

    @property
    def size(self) -> int:
        """Number of rows."""
        return self._size

    @property
    def width(self) -> int:
        """Neighbours of a full row."""
        return int(self.ids.shape[1])

    def row(self, position: int) -> tuple[Int32, Float32]:
        """Positions and scores of one row's neighbours, best first and without padding; read-only views.

        Raises:
            IndexError: no such row; negative positions are not rows.
        """
        if not 0 <= position < self._size:
            raise IndexError(f"row {position} is not in a table of {self._size}")
        count = self._counts[position]
        return self.ids[position, :count], self.scores[position, :count]

    def save(self, folder: Path) -> None:
        """Write the table into `folder`, which is made if need be; the caller owns atomicity."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {_IDS: self.ids, _SCORES: self.scores, _COUNTS: self._counts}
        for name, array in arrays.items():
            save_array(folder / name, array)
        write_manifest(
            folder,
            list(arrays),
            backend=BACKEND,
            metric=self.metric,
            dimension=self.width,
            size=self._size,
            args={},
        )

    @classmethod
    def load(cls, folder: Path, *, mmap: bool = True, verify: bool = False) -> Self:
        """Open a saved table; arguments and errors as in `indexes.base.Index.load`."""
        manifest = read_manifest(folder, verify=verify)
        if manifest.backend != BACKEND:
            raise CorruptIndexError(f"{folder} holds a {manifest.backend!r} index, not a neighbour table")
        manifest.require(folder, _IDS, _SCORES, _COUNTS)
        shape = (manifest.size, manifest.dimension)
        ids = load_array(folder / _IDS, np.int32, shape, mmap=mmap)
        scores = load_array(folder / _SCORES, np.float32, shape, mmap=mmap)
        counts = load_array(folder / _COUNTS, np.int32, shape[:1], mmap=mmap)
        return cls(ids, scores, counts, manifest.metric)


def _candidates(mask: npt.ArrayLike | None, rows: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows that may be found, and for every row its place among them or -1."""
    if mask is None:
        everything = np.arange(rows, dtype=np.int64)
        return everything, everything
    allowed = np.asarray(mask)
    if allowed.dtype != np.bool_ or allowed.shape != (rows,):
        raise InvalidVectorsError(
            f"candidates must be a bool mask of shape ({rows},), not {allowed.dtype} {allowed.shape}"
        )
    place = np.where(allowed, np.cumsum(allowed) - 1, -1)
    return np.flatnonzero(allowed), place


def _check_rows(ids: npt.NDArray[np.integer], scores: Float32, known: npt.NDArray[np.bool_]) -> None:
    size = len(ids)
    ordered = np.sort(np.where(known, ids, -1 - np.arange(ids.shape[1])), axis=1)
    faults = {
        "names a row that is not in the table": (known & ((ids < 0) | (ids >= size))).any(axis=1),
        "names itself": (known & (ids == np.arange(size)[:, None])).any(axis=1),
        "names a row twice": (ordered[:, 1:] == ordered[:, :-1]).any(axis=1),
        "has padding before its end": (known[:, 1:] & ~known[:, :-1]).any(axis=1),
        "has a score of NaN or infinity": (known & ~np.isfinite(scores)).any(axis=1),
        "has rising scores: sort it, best first": (known[:, 1:] & (scores[:, 1:] > scores[:, :-1])).any(
            axis=1
        ),
    }
    for fault, where in faults.items():
        if where.any():
            raise InvalidVectorsError(f"row {int(where.argmax())} {fault}")


def _frozen(ids: Int32, scores: Float32, counts: Int32) -> tuple[Int32, Float32, Int32]:
    for array in (ids, scores, counts):
        array.flags.writeable = False
    return ids, scores, counts
