"""Indexes that do not compare every vector, and when comparing every one is the better way all the same."""

import copy
from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np

from indexes.base import Hits, Index
from indexes.subset import Subset
from indexes.vectors import Float32, Int64

_SPARE = 32  # vectors asked for beyond twice those expected to match
_CELLS = 1 << 22  # proposals held at once under a filter


class ApproximateIndex(Index):
    """An index whose search spends effort: the more, the more it finds.

    Where the effort is `size` or more, every vector is scanned. Under a filter, so is every match where there
    are so few that this is quicker. Else the index is asked for so many neighbours that enough of them should
    match, and where they do not, for the filter leaves out just what lies around the query, the matches are
    scanned for that query. So what is found under a filter is as true as what is found without one.
    """

    effort_arg: ClassVar[str]  # the field of its arguments that is the default effort
    search_args: ClassVar[frozenset[str]]  # that, and other fields that only a search looks at
    files_of_proposals: ClassVar[frozenset[str]] = (
        frozenset()
    )  # of which a search reads only what it proposes

    def with_args(self, **changes: Any) -> Self:
        """The same index, searched with other arguments by default; what was built is shared, not copied.

        Raises:
            ValueError: an argument that was built in, or a value that cannot be.
        """
        built_in = sorted(changes.keys() - self.search_args)
        if built_in:
            raise ValueError(
                f"{built_in[0]} is built into the index: build it again, or change one of "
                f"{', '.join(sorted(self.search_args))}"
            )
        twin = copy.copy(self)
        twin._args = replace(self._args, **changes)
        return twin

    @property
    def usual_effort(self) -> int:
        """The effort of a search that names none (never below k with a graph)."""
        return int(getattr(self._args, self.effort_arg))

    def _best(
        self, queries: Float32, k: int, effort: int | None, subset: Subset | None, threads: int | None
    ) -> Hits:
        spent = self._effort(k, effort)
        if subset is None:
            if spent >= self._size:
                return self._scanned(queries, k, None, threads)
            return Hits(*self._find(queries, k, spent, threads))
        asked = min(self._size, subset.stretched(2 * k + _SPARE))
        stretched = self._effort(asked, subset.stretched(spent))
        if stretched >= self._size or subset.is_narrow(spent, self._rows_per_effort):
            return self._scanned(queries, k, subset, threads)
        step = max(1, _CELLS // asked)
        parts = [
            self._matching(queries[start : start + step], k, asked, stretched, subset, threads)
            for start in range(0, len(queries), step)
        ]
        return Hits(
            np.concatenate([part.ids for part in parts]), np.concatenate([part.scores for part in parts])
        )

    def _matching(
        self, queries: Float32, k: int, asked: int, effort: int, subset: Subset, threads: int | None
    ) -> Hits:
        """The first k matches among the `asked` nearest of each query; of a scan where they are too few."""
        positions, scores = self._find(queries, asked, effort, threads)
        matches = (positions >= 0) & subset.mask[positions]
        order = np.argsort(~matches, axis=1, kind="stable")[:, :k]
        hits = Hits(np.take_along_axis(positions, order, axis=1), np.take_along_axis(scores, order, axis=1))
        short = np.flatnonzero(np.count_nonzero(matches, axis=1) < k)
        if len(short):
            scanned = self._scanned(queries[short], k, subset, threads)
            hits.ids[short], hits.scores[short] = scanned.ids, scanned.scores
        return hits

    @abstractmethod
    def searched_bytes(self) -> int:
        """Bytes of which any search may read any; without vectors of which only what is proposed is read."""

    @property
    @abstractmethod
    def _rows_per_effort(self) -> float:
        """Rows that a scan compares while the index spends one unit of effort (`benchmarks/ann.py`)."""

    @abstractmethod
    def _effort(self, k: int, asked: int | None) -> int:
        """The effort of a search for k neighbours, for which `asked` or nothing was said."""

    @abstractmethod
    def _find(self, queries: Float32, k: int, effort: int, threads: int | None) -> tuple[Int64, Float32]:
        """Ask the index: positions and scores, (q, k), best first, padded with -1 and -inf.

        1 <= k <= size, 1 <= effort < size and q >= 1.
        """
