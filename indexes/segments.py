"""Changes without a rebuild: an index that is never written to, what was deleted of it, and what was added.

Three parts stand for one index: the main one, built once by any backend; a mask of what is gone of it; and a
small side segment of added vectors, every one of which is compared. A change makes new `Segments` and leaves
the old as they are, so a search under way sees all of a change or nothing of it.
"""

from functools import cached_property
from pathlib import Path
from typing import ClassVar, NoReturn, Self

import numpy as np
import numpy.typing as npt

from indexes.base import Hits, Index, Progress
from indexes.errors import InvalidVectorsError
from indexes.manifest import Manifest
from indexes.scan import Scan
from indexes.subset import Mask, Subset
from indexes.vectors import Float32, Int64, as_matrix, check_ids, prepare


class Segments(Index):
    """An index under changes; made by `over`, changed by `changed`, never saved.

    It has a position for every vector of the main index, then one for every vector added since, in the order
    they came; `size` counts them all and `alive` says which still stand. What is gone is never found, a
    filter (`within`) speaks of all positions, and recall is the main index's own: the side is exact.
    """

    backend: ClassVar[str] = "segments"

    def __init__(self, main: Index, side: Float32, side_ids: Int64, alive: Mask) -> None:
        ids = main._ids
        if ids is not None or not np.array_equal(side_ids, np.arange(main.size, len(alive))):
            ids = np.concatenate((main.ids, side_ids))
        super().__init__(
            metric=main.metric, dimension=main.dimension, size=len(alive), ids=ids, args=main.args
        )
        self._main = main
        self._side = Scan(side, main.metric)
        self._side_ids = side_ids
        self._mask = alive
        self._whole = bool(alive.all())

    @classmethod
    def over(cls, main: Index) -> Self:
        """An index that nothing has happened to."""
        nothing = np.empty((0, main.dimension), np.float32), np.empty(0, np.int64)
        return cls(main, *nothing, np.ones(main.size, np.bool_))

    @property
    def alive(self) -> Mask:
        """Which positions hold a vector that stands, shape (size,); not to be written to."""
        return self._mask

    @cached_property
    def count(self) -> int:
        """How many vectors stand."""
        return int(np.count_nonzero(self._mask))

    def changed(
        self,
        *,
        deleted: npt.ArrayLike = (),
        ids: npt.ArrayLike = (),
        vectors: npt.ArrayLike | None = None,
    ) -> "Segments":
        """This index after some ids were deleted and then some vectors added; itself stays as it is.

        Args:
            deleted: ids; one that is not there is passed over.
            ids: of the added vectors, different integers in [0, 2**63); what had one of them is superseded.
            vectors: one for each of `ids`, shape (n, dimension).

        Raises:
            InvalidVectorsError: vectors or ids that cannot be indexed; the message names the row.
        """
        added = np.empty((0, self.dimension), np.float32) if vectors is None else vectors
        rows = prepare(
            as_matrix(added, what="vectors", dimension=self.dimension), self.metric, what="vectors"
        )
        names = check_ids(np.asarray(ids, np.int64) if np.size(ids) == 0 else ids, len(rows))
        assert names is not None  # noqa: S101 - ids were given, if only none
        lost = np.asarray(deleted)
        if lost.size and (lost.ndim != 1 or lost.dtype.kind not in "iu"):
            raise InvalidVectorsError(f"deleted ids must be a list of integers, not {lost.dtype}")
        alive = np.concatenate((self._mask, np.ones(len(rows), np.bool_)))
        alive[self.positions_of(np.concatenate((lost.astype(np.int64), names)))] = False
        side = np.concatenate((self._side.rows, rows)) if len(rows) else self._side.rows
        return Segments(self._main, side, np.concatenate((self._side_ids, names)), alive)

    def positions_of(self, ids: npt.ArrayLike) -> Int64:
        """Where the vectors with these ids stand, in no order; an id that is gone, or never was, has none."""
        wanted = np.asarray(ids, np.int64)
        if self._main._ids is None:
            old = wanted[(wanted >= 0) & (wanted < self._main.size)]
        else:
            old = np.flatnonzero(np.isin(self._main._ids, wanted))
        new = np.flatnonzero(np.isin(self._side_ids, wanted)) + self._main.size
        found = np.concatenate((old, new))
        return found[self._mask[found]]

    def search(
        self,
        queries: npt.ArrayLike,
        k: int,
        *,
        effort: int | None = None,
        within: npt.ArrayLike | None = None,
        threads: int | None = None,
    ) -> Hits:
        """As of every index; what is gone is not found, whatever `within` says."""
        if not self._whole:
            within = self._mask if within is None else Subset(within, self.size).mask & self._mask
        return super().search(queries, k, effort=effort, within=within, threads=threads)

    def vectors_at(self, positions: npt.ArrayLike) -> Float32:
        """As of every index; also of what is gone."""
        wanted = np.asarray(positions, np.int64)
        found = np.empty((len(wanted), self.dimension), np.float32)
        old = wanted < self._main.size
        found[old] = self._main.vectors_at(wanted[old])
        found[~old] = self._side.rows[wanted[~old] - self._main.size]
        return found

    def _best(
        self, queries: Float32, k: int, effort: int | None, subset: Subset | None, threads: int | None
    ) -> Hits:
        border = self._main.size
        old = new = None
        if subset is not None:
            old, new = Subset(subset.mask[:border], border), Subset(subset.mask[border:], self.size - border)
        of_main, of_side = (
            (border, self.size - border) if old is None or new is None else (old.count, new.count)
        )
        if old is not None and old.count == border:
            old = None  # asking for all of them costs the index nothing
        parts = []
        if of_main:
            parts.append(self._main._best(queries, min(k, of_main), effort, old, threads))
        if of_side:
            mask = None if new is None or new.count == new.size else new.mask
            found, scores = self._side.search(queries, min(k, of_side), within=mask, threads=threads)
            parts.append(Hits(np.where(found < 0, -1, found + border), scores, "scan"))
        return parts[0] if len(parts) == 1 else _merged(parts[0], parts[1], k)

    def _fill(self, rows: Float32, progress: Progress | None, threads: int | None) -> None:  # noqa: ARG002
        _not_so("built")

    def _write(self, folder: Path) -> list[str]:  # noqa: ARG002
        _not_so("saved")

    def _open(self, folder: Path, manifest: Manifest, mmap: bool) -> None:  # noqa: ARG002
        _not_so("opened")


def _merged(first: Hits, second: Hits, k: int) -> Hits:
    """The k best of both; of equal scores those of the first part, which has the lower positions."""
    ids = np.concatenate((first.ids, second.ids), axis=1)
    scores = np.concatenate((first.scores, second.scores), axis=1)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return Hits(np.take_along_axis(ids, order, axis=1), np.take_along_axis(scores, order, axis=1), first.path)


def _not_so(done: str) -> NoReturn:
    raise TypeError(f"segments are not {done}: make them with Segments.over(index), and keep the changes")
