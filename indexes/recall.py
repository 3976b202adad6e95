"""Recall: how much of the truth an index found."""

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def recall_at_k(found_ids: npt.ArrayLike, true_ids: npt.ArrayLike) -> Float64:
    """Share of the true neighbours of each query that were found, order and padding (-1) ignored.

    Args:
        found_ids: integers, shape (q, k).
        true_ids: integers, shape (q, k'), of an exact search. A query with none has recall 1.

    Returns:
        float64, shape (q,), in [0, 1].

    Raises:
        ValueError: shapes that do not fit.
    """
    found, true = np.asarray(found_ids), np.asarray(true_ids)
    if found.ndim != 2 or true.ndim != 2 or len(found) != len(true):
        raise ValueError(
            f"found and true ids must be (q, k) with the same q, not {found.shape} and {true.shape}"
        )
    shares = np.ones(len(true), np.float64)
    for row, (one, other) in enumerate(zip(found, true, strict=True)):
        wanted = np.unique(other[other >= 0])
        if len(wanted):
            shares[row] = np.isin(wanted, one).mean()
    return shares
