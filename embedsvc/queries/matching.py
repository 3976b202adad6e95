"""Which candidates a condition lets through."""

from __future__ import annotations

from functools import reduce

import numpy as np

from embedsvc.releases.candidates import CandidateTable, Mask
from embedsvc.schemas import AllOf, AnyOf, Condition, Not, OneOf


def matching(table: CandidateTable, condition: Condition) -> Mask:
    """A boolean for each row of the table: whether the condition holds for it."""
    if isinstance(condition, AllOf):
        return reduce(np.logical_and, (matching(table, each) for each in condition.conditions))
    if isinstance(condition, AnyOf):
        return reduce(np.logical_or, (matching(table, each) for each in condition.conditions))
    if isinstance(condition, Not):
        return ~matching(table, condition.condition)
    if isinstance(condition, OneOf):
        return table.one_of(condition.field, condition.values)
    mask = np.ones(len(table), bool)
    if condition.least is not None:
        mask &= table.at_least(condition.field, condition.least)
    if condition.before is not None:
        mask &= table.before(condition.field, condition.before)
    return mask
