"""Which candidates a condition lets through."""

from __future__ import annotations

from functools import reduce

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from embedsvc.releases.candidates import CandidateTable
from embedsvc.schemas import AllOf, AnyOf, Between, Condition, Not, OneOf

Mask = npt.NDArray[np.bool_]


def matching(table: CandidateTable, condition: Condition) -> Mask:
    """A boolean for each row of the table: whether the condition holds for it."""
    if isinstance(condition, AllOf):
        return reduce(np.logical_and, (matching(table, each) for each in condition.conditions))
    if isinstance(condition, AnyOf):
        return reduce(np.logical_or, (matching(table, each) for each in condition.conditions))
    if isinstance(condition, Not):
        return ~matching(table, condition.condition)
    if isinstance(condition, OneOf):
        values = pa.array(condition.values, pa.string())
        return _mask(pc.is_in(table.column(condition.field), value_set=values))
    return _between(table, condition)


def _between(table: CandidateTable, condition: Between) -> Mask:
    column = table.column(condition.field)
    mask = np.ones(len(table), bool)
    if condition.least is not None:
        mask &= _mask(pc.greater_equal(column, condition.least))
    if condition.before is not None:
        # Where a time is unknown it is empty, which would be before everything.
        mask &= _mask(pc.less(column, condition.before)) & _mask(pc.not_equal(column, ""))
    return mask


def _mask(values: pa.ChunkedArray) -> Mask:
    """Unknown is false."""
    found: Mask = pc.fill_null(values, False).to_numpy()
    return found
