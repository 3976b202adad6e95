"""Batches never fail whole: what is wrong with an item is said of that item."""

from __future__ import annotations

from embedsvc.errors import EmbedsvcError
from embedsvc.schemas import ItemError


def item_error(error: EmbedsvcError) -> ItemError:
    """The error of one item, as the wire carries it."""
    return ItemError(code=error.code, message=error.message, details=error.details)
