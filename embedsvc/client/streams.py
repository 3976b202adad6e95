"""Questions about more texts than memory holds: asked batch by batch while the answers are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from embedsvc.client import plans, skill_plans
from embedsvc.client.batches import joined
from embedsvc.client.calls import Plan
from embedsvc.client.transport import SyncTransport
from embedsvc.errors import InputError
from embedsvc.schemas import (
    MAX_BATCH,
    ClassifyResponse,
    Condition,
    ExtractResponse,
    RelatedBatchResponse,
    RelatedQuery,
    Relation,
    SearchResponse,
)

Answer = TypeVar("Answer")


class Streams:
    """Answers of up to 1,000 items each, in order, as they come; `client.stream`.

    Items may be any iterable, a generator say; no more than one batch is in memory. Each answer names the
    release it came from, which may change between two of them, and its results carry their index in the whole
    stream. To send lines and read them at once, POST `application/x-ndjson`.
    """

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def related(
        self, queries: Iterable[str | RelatedQuery], k: int = 10, relation: Relation = "similar"
    ) -> Iterator[RelatedBatchResponse]:
        """Skills related to each of many, as `client.skills.related_many`."""
        return self._answers(queries, lambda part: skill_plans.related_many(part, k, relation, None))

    def extract(self, texts: Iterable[str]) -> Iterator[ExtractResponse]:
        """The skills that each text names, as `client.skills.extract`."""
        return self._answers(texts, skill_plans.extract)

    def search(
        self, texts: Iterable[str], k: int = 10, *, where: Condition | Mapping[str, Any] | None = None
    ) -> Iterator[SearchResponse]:
        """Candidates that read like each text, as `client.search`."""
        return self._answers(texts, lambda part: plans.search(part, k, where))

    def classify(
        self, texts: Iterable[str], *, classifier: str | None = None, top_k: int = 3
    ) -> Iterator[ClassifyResponse]:
        """Labels of each text, as `client.classify`."""
        return self._answers(texts, lambda part: plans.classify(part, classifier, None, top_k, None))

    def _answers(
        self, items: Iterable[Any], plan_of: Callable[[list[Any]], Plan[Answer]]
    ) -> Iterator[Answer]:
        offset = 0
        for part in windows(items):
            yield placed(self._transport.run(plan_of(part)), offset)
            offset += len(part)


def windows(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Lists of as many items as the service takes at once.

    Raises:
        InputError: A single string was given where many are wanted.
    """
    if isinstance(items, str):
        raise InputError("Give texts one after the other, a list or a generator, not a single string.")
    waiting = iter(items)
    while part := list(islice(waiting, MAX_BATCH)):
        yield part


def placed(answer: Any, offset: int) -> Any:
    """The answer with the places of its results in the whole stream."""
    return joined([(offset, answer)])
