"""The contract of every index: vectors and ids in, ids and scores out.

A score means the same everywhere, and higher is always nearer:

========  =======================================  ==================================================
metric    score                                    note
========  =======================================  ==================================================
cosine    cosine of the angle, within [-1, 1]      0 where either vector is zero
ip        inner product
l2        negative SQUARED Euclidean distance      0 for equal vectors; the distance is sqrt(-score)
========  =======================================  ==================================================

A backend is one module with one subclass of `Index` and one frozen dataclass of arguments; `Index` checks
all input, maps positions to ids, and keeps `index.json`. One that does not compare everything is a subclass
of `ApproximateIndex` (`indexes.approximate`), which knows when a scan is the better way.
"""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from indexes.errors import CorruptIndexError
from indexes.manifest import Manifest, load_array, read_manifest, save_array, write_manifest
from indexes.scan import Scan
from indexes.subset import Subset
from indexes.vectors import Float32, Int64, Metric, as_matrix, check_ids, check_metric, prepare

Progress = Callable[[int, int], None]

IDS_FILE = "ids.npy"
_MOST_CELLS = 1 << 28  # 3 GiB of ids and scores in one answer
_COPIED_SHARE = 4  # matches of up to one in so many vectors are copied together and scanned alone


class Hits(NamedTuple):
    """Neighbours of each query, best first.

    Attributes:
        ids: int64, shape (queries, k); -1 where fewer than k were found.
        scores: float32, same shape; -inf where fewer than k were found.
        path: "scan" where every vector that may be found was compared, "index" where only an index was asked
            (and a scan for those queries for which it found too few matches).
    """

    ids: Int64
    scores: Float32
    path: Literal["index", "scan"] = "index"


@dataclass(frozen=True)
class BackendArgs:
    """Arguments of a backend; subclasses add fields that JSON can hold; bad values are a ValueError."""

    def _within(self, **limits: tuple[int, int]) -> None:
        """Refuse a field that is no whole number from the least to the most it may be.

        Raises:
            ValueError: it names the field.
        """
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise ValueError(f"{name} must be between {low} and {high}, not {value!r}")


class Index(ABC):
    """A nearest-neighbour index. Built or loaded, never changed; safe to search from several threads."""

    backend: ClassVar[str]
    args_type: ClassVar[type[BackendArgs]] = BackendArgs

    _scan: Scan  # over the prepared vectors; set by `_fill` and `_open`

    def __init__(
        self, *, metric: Metric, dimension: int, size: int, ids: Int64 | None, args: BackendArgs
    ) -> None:
        self._metric: Metric = metric
        self._dimension = dimension
        self._size = size
        self._ids = ids
        self._args = args

    @classmethod
    def build(
        cls,
        vectors: npt.ArrayLike,
        ids: npt.ArrayLike | None = None,
        *,
        metric: Metric = "cosine",
        args: BackendArgs | None = None,
        progress: Progress | None = None,
        threads: int | None = None,
    ) -> Self:
        """Index `vectors`.

        Args:
            vectors: real numbers, shape (n, d), any dtype and layout; searched as float32.
            ids: n different integers in [0, 2**63); the positions 0..n-1 by default.
            metric: what a score means, see the module.
            args: an `args_type`; its defaults if left out.
            progress: called with (rows done, n) now and then, at last with (n, n).
            threads: at most this many, where the backend's library can be told; all processors by default.

        Raises:
            InvalidVectorsError: vectors or ids that cannot be indexed; the message names the row.
            ValueError, TypeError: an unknown metric, or arguments of another backend.
        """
        chosen = cls.args_type() if args is None else args
        if not isinstance(chosen, cls.args_type):
            raise TypeError(f"{cls.backend} takes {cls.args_type.__name__}, not {type(chosen).__name__}")
        rows = prepare(as_matrix(vectors, what="vectors"), check_metric(metric), what="vectors")
        if rows is vectors and rows.flags.writeable:
            rows = rows.copy()  # the caller may write to its array later
        size, dimension = rows.shape
        index = cls(metric=metric, dimension=dimension, size=size, ids=check_ids(ids, size), args=chosen)
        index._fill(rows, progress, threads)
        if progress is not None:
            progress(size, size)
        return index

    def search(
        self,
        queries: npt.ArrayLike,
        k: int,
        *,
        effort: int | None = None,
        within: npt.ArrayLike | None = None,
        threads: int | None = None,
    ) -> Hits:
        """Find the k nearest vectors of each query.

        Args:
            queries: real numbers, shape (q, d); q may be 0.
            k: at least 1; where the index holds fewer, the rest is padding.
            effort: work per query in the backend's own unit (`efSearch` of HNSW); more finds more, and an
                effort of `size` or more is exact. The default is the one it was built with.
            within: boolean, shape (size,): the positions that may be found. Recall is what it is without;
                `ApproximateIndex` says how.
            threads: at most this many for a batch, where the backend's library can be told.

        Raises:
            InvalidVectorsError: NaN, infinity or another dimension; `within` of another shape or type.
            ValueError: k or effort below 1, or an answer of more than 2**28 entries.
        """
        k = operator.index(k)
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        if effort is not None and effort < 1:
            raise ValueError(f"effort must be at least 1, not {effort}")
        matrix = as_matrix(queries, what="queries", dimension=self._dimension)
        count = len(matrix)
        if count * k > _MOST_CELLS:
            raise ValueError(
                f"{count} queries with k = {k} are too many hits at once: lower k or split the batch"
            )
        matrix = prepare(matrix, self._metric, what="queries")
        subset = None if within is None else Subset(within, self._size)
        wanted = min(k, self._size if subset is None else subset.count)
        if count == 0 or wanted == 0:
            return _padding(count, k)
        found = self._best(matrix, wanted, effort, subset, threads)
        hits = found if self._ids is None else Hits(self._name(found.ids), found.scores, found.path)
        if wanted == k:
            return hits
        padded = _padding(count, k)
        padded.ids[:, :wanted], padded.scores[:, :wanted] = hits.ids, hits.scores
        return padded._replace(path=hits.path)

    def save(self, folder: Path) -> None:
        """Write the index into `folder`, which is made if need be; the caller owns atomicity.

        Raises:
            OSError: as the system gives it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        names = self._write(folder)
        if self._ids is not None:
            save_array(folder / IDS_FILE, self._ids)
            names = [*names, IDS_FILE]
        write_manifest(
            folder,
            names,
            backend=self.backend,
            metric=self._metric,
            dimension=self._dimension,
            size=self._size,
            args=asdict(self._args),
        )

    @classmethod
    def load(cls, folder: Path, *, mmap: bool = True, verify: bool = False) -> Self:
        """Open a saved index.

        Args:
            folder: where `save` wrote it.
            mmap: map the files, so that processes share their pages; the files must then stay as they are.
            verify: also compare the sha256 of every file; reads them whole.

        Raises:
            FileNotFoundError: no such folder.
            CorruptIndexError: not an index of this backend, or damaged.
        """
        return cls.from_manifest(folder, read_manifest(folder, verify=verify), mmap=mmap)

    @classmethod
    def from_manifest(cls, folder: Path, manifest: Manifest, *, mmap: bool) -> Self:
        """Open the index whose `index.json` is already read; used by `load` and `open_index`."""
        if manifest.backend != cls.backend:
            raise CorruptIndexError(
                f"{folder} holds a {manifest.backend!r} index, not {cls.backend!r}: use open_index"
            )
        try:
            args = cls.args_type(**manifest.args)
            metric = check_metric(manifest.metric)
        except (TypeError, ValueError) as error:
            raise CorruptIndexError(
                f"{folder}/index.json cannot be used ({error}): build the index again"
            ) from error
        size = manifest.size
        ids = (
            load_array(folder / IDS_FILE, np.int64, (size,), mmap=mmap)
            if IDS_FILE in manifest.files
            else None
        )
        index = cls(metric=metric, dimension=manifest.dimension, size=size, ids=ids, args=args)
        try:
            index._open(folder, manifest, mmap)
        except CorruptIndexError:
            _check_same(folder, manifest)
            raise
        _check_same(folder, manifest)
        return index

    @property
    def size(self) -> int:
        """Number of vectors."""
        return self._size

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return self._dimension

    @property
    def metric(self) -> Metric:
        """What a score means."""
        return self._metric

    @property
    def args(self) -> BackendArgs:
        """The arguments it was built with."""
        return self._args

    @property
    def ids(self) -> Int64:
        """The id of every position, shape (size,)."""
        return np.arange(self._size, dtype=np.int64) if self._ids is None else self._ids

    def vectors_at(self, positions: npt.ArrayLike) -> Float32:
        """The vectors at these positions as they are searched (under cosine of length 1), copied.

        Args:
            positions: integers in [0, size), shape (m,).

        Returns:
            float32, shape (m, dimension).
        """
        found: Float32 = self._scan.rows[np.asarray(positions, np.int64)]
        return found

    def _best(
        self,
        queries: Float32,
        k: int,
        effort: int | None,  # noqa: ARG002 - of use to what does not compare everything
        subset: Subset | None,
        threads: int | None,
    ) -> Hits:
        """Positions and scores, (q, k), best first; 1 <= k <= what may be found, and q >= 1."""
        return self._scanned(queries, k, subset, threads)

    def _scanned(self, queries: Float32, k: int, subset: Subset | None, threads: int | None) -> Hits:
        """Compare every vector that may be found."""
        if subset is None:
            return Hits(*self._scan.search(queries, k, threads=threads), "scan")
        if subset.count > self._size // _COPIED_SHARE:
            return Hits(*self._scan.search(queries, k, within=subset.mask, threads=threads), "scan")
        positions, scores = self._scan.only(subset.positions).search(queries, k, threads=threads)
        return Hits(np.where(positions < 0, -1, subset.positions[positions]), scores, "scan")

    def _name(self, positions: Int64) -> Int64:
        assert self._ids is not None  # noqa: S101 - the caller asked
        ids = self._ids[positions]
        if (positions[0, -1] if len(positions) == 1 else positions[:, -1].min()) < 0:  # padding comes last
            ids[positions < 0] = -1
        return ids

    @abstractmethod
    def _fill(self, rows: Float32, progress: Progress | None, threads: int | None) -> None:
        """Index prepared rows (possibly none)."""

    @abstractmethod
    def _write(self, folder: Path) -> list[str]:
        """Write the backend's files and return their names."""

    @abstractmethod
    def _open(self, folder: Path, manifest: Manifest, mmap: bool) -> None:
        """Open the files of `_write`; raise CorruptIndexError where they contradict the manifest."""


def _check_same(folder: Path, manifest: Manifest) -> None:
    """Raise `CorruptIndexError` where the folder holds another index than when its manifest was read."""
    if read_manifest(folder) != manifest:
        raise CorruptIndexError(f"{folder} was replaced while it was being opened: open it again")


def _padding(count: int, k: int) -> Hits:
    return Hits(np.full((count, k), -1, np.int64), np.full((count, k), -np.inf, np.float32))
