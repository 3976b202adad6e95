"""Questions about more texts than memory holds, awaited batch by batch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, TypeVar

from embedsvc.client import plans, skill_plans
from embedsvc.client.calls import Plan
from embedsvc.client.streams import placed, windows
from embedsvc.client.transport import AsyncTransport
from embedsvc.schemas import (
    ClassifyResponse,
    Condition,
    ExtractResponse,
    RelatedBatchResponse,
    RelatedQuery,
    Relation,
    SearchResponse,
)

Answer = TypeVar("Answer")


class AsyncStreams:
    """Answers of up to 1,000 items each, in order, as they come; `client.stream`.

    Items may be any iterable, a generator say; no more than one batch is in memory. Each answer names the
    release it came from, which may change between two of them, and its results carry their index in the whole
    stream. To send lines and read them at once, POST `application/x-ndjson`.
    """

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def related(
        self, queries: Iterable[str | RelatedQuery], k: int = 10, relation: Relation = "similar"
    ) -> AsyncIterator[RelatedBatchResponse]:
        """Skills related to each of many, as `client.skills.related_many`."""
        return self._answers(queries, lambda part: skill_plans.related_many(part, k, relation, None))

    def extract(self, texts: Iterable[str]) -> AsyncIterator[ExtractResponse]:
        """The skills that each text names, as `client.skills.extract`."""
        return self._answers(texts, skill_plans.extract)

    def search(
        self, texts: Iterable[str], k: int = 10, *, where: Condition | Mapping[str, Any] | None = None
    ) -> AsyncIterator[SearchResponse]:
        """Candidates that read like each text, as `client.search`."""
        return self._answers(texts, lambda part: plans.search(part, k, where))

    def classify(
        self, texts: Iterable[str], *, classifier: str | None = None, top_k: int = 3
    ) -> AsyncIterator[ClassifyResponse]:
        """Labels of each text, as `client.classify`."""
        return self._answers(texts, lambda part: plans.classify(part, classifier, None, top_k, None))

    async def _answers(
        self, items: Iterable[Any], plan_of: Callable[[list[Any]], Plan[Answer]]
    ) -> AsyncIterator[Answer]:
        offset = 0
        for part in windows(items):
            yield placed(await self._transport.run(plan_of(part)), offset)
            offset += len(part)
