"""Batches never fail whole: what is wrong with an item is said of that item."""

from __future__ import annotations

from embedsvc.errors import EmbedsvcError, InputError, invalid_request
from embedsvc.schemas import ItemError, Refused


def item_error(error: EmbedsvcError) -> ItemError:
    """The error of one item, as the wire carries it."""
    return ItemError(code=error.code, message=error.message, details=error.details)


def refusal(item: Refused) -> ItemError:
    """What is wrong with an item that cannot be used; nothing of the item itself."""
    return item_error(invalid_request([{**each, "loc": ("item", *each["loc"])} for each in item.problems]))


def text_of(item: str | Refused) -> str:
    """The text to encode, which is empty where there is none: its place among the others is kept."""
    return "" if isinstance(item, Refused) else item


def error_of(item: str | Refused, otherwise: str) -> ItemError:
    """What is wrong with a text that gave nothing: what it was refused for, or the sentence."""
    return refusal(item) if isinstance(item, Refused) else item_error(InputError(otherwise))
