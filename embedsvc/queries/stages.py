"""How long each stage of a query takes, for whoever wants to know: a service, a benchmark.

A query says where a stage begins and ends. Nobody listens unless a `Recorder` stands in the context, so that
queries stay plain functions; then a stage costs about a quarter of a microsecond.

Stages and what they tell apart by `model`: `parse` (a request to what it asks), `wait` (for a thread),
`resolve` (a skill's name to its row), `encode` (texts to vectors, by kind of encoder), `search` (in a table,
by relation, or an index, by backend), `classify` (by classifier), `serialise` (an answer to bytes).
"""

from __future__ import annotations

from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter_ns
from types import TracebackType
from typing import Literal, get_args

Stage = Literal["parse", "wait", "resolve", "encode", "search", "classify", "serialise"]
STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(slots=True)
class Took:
    """What was seen of a stage: when it first began (`time.perf_counter_ns`), its time in all, how often."""

    began: int
    nanoseconds: int = 0
    times: int = 0


@dataclass(slots=True)
class Recorder:
    """Sums up the stages of one request; a stage that is entered often is one entry, however often.

    Attributes:
        took: By stage and model, in the order in which they first ended.
        release: Which answered; None until known.
        items: Of the batch; 1 where the request is none, 0 until known.
    """

    took: dict[tuple[Stage, str], Took] = field(default_factory=dict)
    release: str | None = None
    items: int = 0

    def add(self, name: Stage, model: str, began: int, ended: int) -> None:
        """Take in a stage that has ended; of threads that take turns, not of several at once."""
        key = (name, model)
        took = self.took.get(key)
        if took is None:
            took = self.took[key] = Took(began)
        took.nanoseconds += ended - began
        took.times += 1


_current: ContextVar[Recorder | None] = ContextVar("embedsvc_stages", default=None)
_NOBODY = nullcontext()


def recorder() -> Recorder | None:
    """Who listens in this context."""
    return _current.get()


class recording:  # noqa: N801 - read as a function is; one made of a generator takes three times as long
    """Listen to the stages of the block, and of threads that run in a copy of its context."""

    __slots__ = ("_listener", "_token")

    def __init__(self, listener: Recorder | None = None) -> None:
        self._listener = Recorder() if listener is None else listener

    def __enter__(self) -> Recorder:
        self._token = _current.set(self._listener)
        return self._listener

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.reset(self._token)


def stage(name: Stage, model: str = "") -> _Timed | nullcontext[None]:
    """A context manager around a stage; it may be entered once."""
    listener = _current.get()
    return _NOBODY if listener is None else _Timed(listener, name, model)


class _Timed:
    __slots__ = ("_began", "_listener", "_model", "_name")

    def __init__(self, listener: Recorder, name: Stage, model: str) -> None:
        self._listener, self._name, self._model = listener, name, model

    def __enter__(self) -> None:
        self._began = perf_counter_ns()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.add(self._name, self._model, self._began, perf_counter_ns())
