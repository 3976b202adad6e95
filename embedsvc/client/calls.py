"""What one question to the service is, whoever sends it: a call, and a plan of calls."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel

Answer = TypeVar("Answer", bound=BaseModel)
Result = TypeVar("Result")

Progress: TypeAlias = Callable[[int, int], object]
"""Called with the items answered and all items, each time that a part of a batch is answered."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """One HTTP request and the model of its answer.

    Attributes:
        method: To send a call again does no harm: GET and POST only ask, or put in what is put in again as it
            is, like PUT, or bear an idempotency key; DELETE finds nothing left to do.
        path: Percent-encoded.
        answer: The model that a 2xx answer is read into.
        params: The query string; None values are left out.
        body: Sent as JSON.
        headers: Sent beside the usual ones.
        done: Items of a split batch that are answered with this call.
        total: Items of the whole batch; 0 where it is no part of one.
        retry: False where the failure itself is the answer, as in a health check.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    answer: type[Answer]
    params: Mapping[str, str | int | float | None] = field(default_factory=dict)
    body: BaseModel | None = None
    retry: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    done: int = 0
    total: int = 0


Plan: TypeAlias = Generator[Call[Any], Any, Result]
"""Yields calls, is sent their answers, returns the result; both clients run the same plans."""
