"""Items of a batch, each judged alone: what is wrong with one is said of that one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    SerializerFunctionWrapHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapSerializer,
    WrapValidator,
)

from embedsvc.schemas.base import Text


@dataclass(frozen=True, slots=True)
class Refused:
    """Stands in a batch for an item that cannot be used.

    Attributes:
        given: What was sent.
        problems: What is wrong with it, as pydantic lists it; places are within the item.
    """

    given: Any
    problems: Sequence[Mapping[str, Any]]


def _judged(given: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    if isinstance(given, Refused):
        return given
    try:
        return validate(given)
    except ValidationError as error:
        return Refused(given, error.errors(include_url=False))


def _as_given(item: Any, serialize: SerializerFunctionWrapHandler) -> Any:
    return item.given if isinstance(item, Refused) else serialize(item)


TOLERANT = (WrapValidator(_judged), WrapSerializer(_as_given))
"""Annotations that make an item which fails its own rules a `Refused` instead of failing the batch."""

if TYPE_CHECKING:
    BatchText = str | Refused
else:
    BatchText = Annotated[Text, *TOLERANT]
