"""Vectors and ids as every index sees them: checked once, here, so that backends may trust them."""

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from indexes.errors import InvalidVectorsError

Metric = Literal["cosine", "ip", "l2"]
METRICS: tuple[Metric, ...] = ("cosine", "ip", "l2")

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

# Between these, a squared norm computed in float32 is neither NaN nor lost to over- or underflow.
_SAFE_LOW, _SAFE_HIGH = 1e-12, 1e18
_SAFE_SQUARED_LOW, _SAFE_SQUARED_HIGH = _SAFE_LOW**2, _SAFE_HIGH**2
_ROUNDING = 1e-6  # of the squared length of a float32 vector that was scaled to length 1
# With norms up to this, no inner product and no squared distance leaves float32.
MAX_NORM = 1e18
_BLOCK = 65_536


def check_metric(metric: str) -> Metric:
    """Return `metric` if it is one of `METRICS`, or raise `ValueError`."""
    for known in METRICS:
        if metric == known:
            return known
    raise ValueError(f"metric {metric!r} is unknown: use one of {', '.join(METRICS)}")


def as_matrix(values: npt.ArrayLike, *, what: str, dimension: int | None = None) -> Float32:
    """Return `values` as a C-contiguous float32 matrix, without a copy where it already is one.

    Args:
        values: real numbers of any dtype and layout, shape (n, d) with d >= 1; n may be 0.
        what: the word for a row in messages ("vectors", "queries").
        dimension: the d that is required, if one is.

    Raises:
        InvalidVectorsError: not numbers, not two-dimensional, or of another dimension.
    """
    array = values if isinstance(values, np.ndarray) else np.asarray(values)
    if array.ndim != 2 or array.shape[1] == 0:
        raise InvalidVectorsError(
            f"{what} must have the shape (n, dimension), not {array.shape}; pass one as vector[None, :]"
        )
    if dimension is not None and array.shape[1] != dimension:
        raise InvalidVectorsError(f"{what} have {array.shape[1]} dimensions, the index has {dimension}")
    if array.dtype == np.float32 and array.flags.c_contiguous:
        return array
    if array.dtype.kind not in "fiu":
        raise InvalidVectorsError(f"{what} must be real numbers, not {array.dtype}")
    with np.errstate(over="ignore"):  # what overflows becomes inf, which `prepare` reports by row
        return np.ascontiguousarray(array, dtype=np.float32)


def prepare(matrix: Float32, metric: Metric, *, what: str) -> Float32:
    """Check every row and, under cosine, scale it to length 1.

    A zero row is kept as it is: its cosine with anything is then 0, never NaN. So is a row whose length is 1
    but for rounding. Where all are kept, and under "ip" and "l2", `matrix` itself is returned.

    Raises:
        InvalidVectorsError: NaN, infinity, or under "ip" and "l2" a norm above `MAX_NORM`.
    """
    if len(matrix) == 1 and (ready := _prepared_row(matrix, metric)) is not None:
        return ready
    if metric == "cosine":
        return _scaled(matrix, what)
    for start in range(0, len(matrix), _BLOCK):
        _squared_norms(matrix[start : start + _BLOCK], metric, what, start)
    return matrix


def _scaled(matrix: Float32, what: str) -> Float32:
    """Rows of length 1; the matrix itself where they have it, as a copy of many vectors is dear."""
    scaled: Float32 | None = None
    for start in range(0, len(matrix), _BLOCK):
        block = matrix[start : start + _BLOCK]
        squared = _squared_norms(block, "cosine", what, start)
        squared[np.abs(squared - 1.0) <= _ROUNDING] = 1.0
        lengths = np.sqrt(squared)
        if scaled is None:
            if (lengths == 1.0).all():
                continue
            scaled = np.empty_like(matrix)
            scaled[:start] = matrix[:start]
        # In float32 three times as quick; a length that it cannot hold is divided by in float64.
        safe = np.clip(lengths, _SAFE_LOW, _SAFE_HIGH)
        part = np.divide(block, safe.astype(np.float32)[:, None], out=scaled[start : start + _BLOCK])
        odd = np.flatnonzero(safe != lengths)
        part[odd] = block[odd] / lengths[odd, None]
    return matrix if scaled is None else scaled


def _prepared_row(matrix: Float32, metric: Metric) -> Float32 | None:
    """What `prepare` makes of one row, to the last bit; None where its norm asks for a closer look.

    One query is the service's usual case, and its share of a quick search is worth the few lines.
    """
    row = matrix[0]
    squared = float(row.dot(row))  # which warns of no overflow
    if not _SAFE_SQUARED_LOW < squared < _SAFE_SQUARED_HIGH:
        return None
    if metric != "cosine" or abs(squared - 1.0) <= _ROUNDING:
        return matrix
    return matrix / np.float32(math.sqrt(squared))


def _squared_norms(block: Float32, metric: Metric, what: str, start: int) -> Float64:
    """Squared norms of a block of rows, with 1 for a zero row so that it can be divided by."""
    with np.errstate(over="ignore", invalid="ignore"):
        squared: Float64 = np.vecdot(block, block).astype(np.float64)
    if len(squared) == 0:
        return squared
    if squared.min() > _SAFE_SQUARED_LOW and squared.max() < _SAFE_SQUARED_HIGH:  # NaN fails either
        return squared
    rough = np.flatnonzero(~((squared > _SAFE_SQUARED_LOW) & (squared < _SAFE_SQUARED_HIGH)))
    rows = block[rough].astype(np.float64)
    squared[rough] = np.einsum("ij,ij->i", rows, rows)
    bad = rough[~np.isfinite(rows).all(axis=1)]
    if len(bad):
        raise InvalidVectorsError(
            f"{what} row {start + bad[0]} holds NaN or infinity (as float32): clean or drop such rows"
        )
    if metric != "cosine" and squared.max() > MAX_NORM**2:
        row = start + int(squared.argmax())
        raise InvalidVectorsError(f"{what} row {row} is longer than {MAX_NORM:g}: scale the vectors down")
    squared[squared == 0.0] = 1.0
    return squared


def check_ids(ids: npt.ArrayLike | None, count: int) -> Int64 | None:
    """Return `ids` as int64, or None where they are the positions 0..count-1.

    Raises:
        InvalidVectorsError: not one id per vector, not integers, negative (-1 is the padding), or repeated.
    """
    if ids is None:
        return None
    array = np.asarray(ids)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.shape != (count,):
        raise InvalidVectorsError(
            f"ids have the shape {array.shape}, there are {count} vectors: give one id each"
        )
    if array.dtype.kind not in "iu" or (count and int(array.max()) > np.iinfo(np.int64).max):
        raise InvalidVectorsError(f"ids must be integers below 2**63, not {array.dtype}")
    whole = array.astype(np.int64)
    if count and int(whole.min()) < 0:
        raise InvalidVectorsError("ids must not be negative: -1 marks a missing neighbour")
    ordered = np.sort(whole)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(repeated):
        raise InvalidVectorsError(f"id {repeated[0]} occurs more than once: ids must be unique")
    return whole
