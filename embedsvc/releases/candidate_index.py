"""The candidates of a release as they can be searched: vectors, and what to show of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from embedsvc.errors import ReleaseCorruptError
from embedsvc.releases.candidates import CandidateTable, Mask
from indexes import Index, Segments


class CandidateIndex:
    """The nearest-neighbour index of the candidates and what to show of each row; never changed.

    Args:
        index: Position i is row i of the table.
        table: May hold rows that are gone, where the index is one of `Segments`.

    Raises:
        ReleaseCorruptError: They do not fit.
    """

    def __init__(self, index: Index, table: CandidateTable) -> None:
        if index.size != len(table):
            raise ReleaseCorruptError(
                f"The candidates index holds {index.size} vectors and its table {len(table)} rows; "
                "build it again."
            )
        self.index = index
        self.table = table

    def __len__(self) -> int:
        """How many candidates can be found."""
        return self.index.count if isinstance(self.index, Segments) else self.index.size

    def rows_of(self, identities: Sequence[str]) -> npt.NDArray[np.int64]:
        """The rows of these ids that can be found, ascending."""
        rows = self.table.rows_of(identities)
        return rows if self._alive is None else rows[self._alive[rows]]

    def findable(self, mask: Mask) -> int:
        """How many of the rows of a mask can be found."""
        return int(np.count_nonzero(mask if self._alive is None else mask & self._alive))

    @property
    def _alive(self) -> Mask | None:
        return self.index.alive if isinstance(self.index, Segments) else None
