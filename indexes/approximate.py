"""Indexes that do not compare every vector, and when comparing every one is the better way all the same."""

from abc import abstractmethod

from indexes.base import Hits, Index
from indexes.subset import Subset
from indexes.vectors import Float32, Int64


class ApproximateIndex(Index):
    """An index whose search spends effort: the more, the more it finds.

    Where the effort is `size` or more, or where so few vectors may be found that comparing them is quicker,
    they are scanned.
    """

    def _best(
        self, queries: Float32, k: int, effort: int | None, subset: Subset | None, threads: int | None
    ) -> Hits:
        spent = self._effort(k, effort)
        if subset is not None:
            if subset.is_narrow(spent, self._rows_per_effort):
                return self._scanned(queries, k, subset, threads)
            spent = subset.stretched(spent)
        if spent >= self._size:
            return self._scanned(queries, k, subset, threads)
        return Hits(*self._find(queries, k, spent, subset, threads))

    @property
    @abstractmethod
    def _rows_per_effort(self) -> float:
        """Rows that a scan compares while the index spends one unit of effort."""

    @abstractmethod
    def _effort(self, k: int, asked: int | None) -> int:
        """The effort of a search for k neighbours, for which `asked` or nothing was said."""

    @abstractmethod
    def _find(
        self, queries: Float32, k: int, effort: int, subset: Subset | None, threads: int | None
    ) -> tuple[Int64, Float32]:
        """Ask the index: positions and scores, (q, k), best first, padded with -1 and -inf.

        1 <= k <= size, 1 <= effort < size and q >= 1; k is at most the size of the subset, if there is one.
        """
