"""The vectors a search may find (a filter's matches), and whether the index or a scan of them is the way.

A scan of m matches costs m rows. An index has to be asked for n/m times as much to meet as many of them, so
it costs the more the fewer they are: where matches are few the scan is both exact and quicker.
"""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from indexes.errors import InvalidVectorsError
from indexes.vectors import Int64

Mask = npt.NDArray[np.bool_]


class Subset:
    """Positions of an index that a search may find.

    Args:
        within: boolean, shape (size,): True at each position that may be found.
        size: vectors in the index.

    Raises:
        InvalidVectorsError: not one boolean for each vector.
    """

    def __init__(self, within: npt.ArrayLike, size: int) -> None:
        mask = np.asarray(within)
        if mask.dtype != np.bool_ or mask.shape != (size,):
            raise InvalidVectorsError(
                f"within must be {size} booleans, one for each vector, not {mask.dtype} of shape {mask.shape}"
            )
        self.mask: Mask = mask
        self.size = size
        self.count = int(np.count_nonzero(mask))

    @cached_property
    def positions(self) -> Int64:
        """The positions, ascending."""
        return np.flatnonzero(self.mask).astype(np.int64)

    def stretched(self, count: int) -> int:
        """Of how many vectors `count` should match, if matches lie anywhere."""
        return -(-count * self.size // max(1, self.count))

    def is_narrow(self, effort: int, rows_per_effort: float) -> bool:
        """Whether scanning the matches is the quicker way.

        Args:
            effort: of the search, were there no filter.
            rows_per_effort: rows that a scan compares while the index spends one unit of effort.
        """
        return self.count <= rows_per_effort * self.stretched(effort)
