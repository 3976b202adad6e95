"""Conditions on candidates: which of them a search may find.

{"field": "label", "in": ["IT", "Finance"]}
{"field": "updated_at", "from": "2026-01-01", "before": "2026-07"}
{"field": "years", "from": 5}
{"and": [CONDITION, ...]}   {"or": [CONDITION, ...]}   {"not": CONDITION}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from embedsvc.schemas.base import Request

MAX_CONDITIONS = 100
MAX_VALUES = 1_000

FilterField = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="`id`, `title`, `label`, `updated_at`, `location`, or what else the recipe makes "
        "filterable.",
    ),
]
Value = Annotated[str, Field(max_length=1_000)] | float
"""A text, or a number where the column holds numbers."""


class _Condition(Request):
    """By its name in Python or by the word of the wire, which Python keeps for itself."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)


class OneOf(_Condition):
    """The field is one of these values, to the letter; null stands for unknown."""

    field: FilterField
    values: Annotated[list[Value | None], Field(alias="in", min_length=1, max_length=MAX_VALUES)]


class Between(_Condition):
    """The field lies in a half-open range of numbers, or of texts, as times in ISO 8601 are ordered.

    "2026-07" is before every day of July. What is unknown lies in no range.
    """

    field: FilterField
    least: Annotated[Value | None, Field(alias="from", description="Included.")] = None
    before: Annotated[Value | None, Field(description="Not included.")] = None

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if self.least is None and self.before is None:
            raise ValueError("give in, from or before")
        return self


class AllOf(_Condition):
    """Every one of these holds."""

    conditions: Annotated[list[Condition], Field(alias="and", min_length=1, max_length=MAX_CONDITIONS)]


class AnyOf(_Condition):
    """At least one of these holds."""

    conditions: Annotated[list[Condition], Field(alias="or", min_length=1, max_length=MAX_CONDITIONS)]


class Not(_Condition):
    """This does not hold."""

    condition: Annotated[Condition, Field(alias="not")]


def _kind(given: Any) -> str:
    """Which of the five is meant, by the word that it alone has."""
    if isinstance(given, _Condition):
        return {AllOf: "and", AnyOf: "or", Not: "not", OneOf: "in"}.get(type(given), "range")
    keys = set(given) if isinstance(given, Mapping) else set()
    return next((word for word in ("and", "or", "not", "in") if word in keys), "range")


Condition = Annotated[
    Annotated[AllOf, Tag("and")]
    | Annotated[AnyOf, Tag("or")]
    | Annotated[Not, Tag("not")]
    | Annotated[OneOf, Tag("in")]
    | Annotated[Between, Tag("range")],
    Discriminator(_kind),
]

for _model in (AllOf, AnyOf, Not):
    _model.model_rebuild()


def parts_of(condition: Condition) -> Iterator[Condition]:
    """This condition and every one inside of it; a loop, since a request may nest as deep as it likes."""
    waiting: list[Condition] = [condition]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, AllOf | AnyOf):
            waiting += one.conditions
        elif isinstance(one, Not):
            waiting.append(one.condition)
