"""Single candidates, asked about, put in and erased; one class waits, one awaits."""

from __future__ import annotations

from collections.abc import Sequence

from embedsvc.client import candidate_plans as plans
from embedsvc.client.calls import Progress
from embedsvc.client.candidate_plans import Given
from embedsvc.client.transport import AsyncTransport, SyncTransport
from embedsvc.schemas import (
    CandidateResponse,
    ErasureResponse,
    PutCandidateResponse,
    PutCandidatesResponse,
    SimilarCandidatesResponse,
)


class Candidates:
    """Single candidates; `client.candidates`."""

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def get(self, identity: str) -> CandidateResponse:
        """What is kept of a candidate: title, label, the columns to filter by.

        Raises:
            UnknownCandidateError: Nobody is found under that id, or it was erased.
        """
        return self._transport.run(plans.get(identity))

    def similar(
        self, identity: str, k: int = 10, *, exact: bool = False, effort: int | None = None
    ) -> SimilarCandidatesResponse:
        """The k candidates most like one of them.

        Args:
            identity: Its id.
            k: How many at most.
            exact: Compare everybody instead of asking the index.
            effort: How much the index looks at, in its own unit; its usual effort by default.

        Raises:
            UnknownCandidateError: Nobody is found under that id.
        """
        return self._transport.run(plans.similar(identity, k, exact, effort))

    def upsert(self, candidate: Given) -> PutCandidateResponse:
        """Put a candidate in, whole, or in the place of its older version; found when this returns.

        Args:
            candidate: `{"id": "c1", "title": "...", "skills": [...]}`, or as `embedsvc.schemas` has it.

        Raises:
            InputError: It cannot be used: no known word, an unknown column.
            ErasedCandidateError: It was erased.
            ChangesFullError: A re-index is needed first.
        """
        return self._transport.run(plans.upsert(candidate))

    def upsert_many(
        self, candidates: Sequence[Given], *, progress: Progress | None = None
    ) -> PutCandidatesResponse:
        """Put any number in; what cannot be used fails alone, long batches are split and joined."""
        return self._transport.run(plans.upsert_many(candidates), progress)

    def delete(self, identity: str, *, unknown: bool = False) -> ErasureResponse:
        """Erase a candidate for good: in no answer once this returns, and in no later release.

        Args:
            identity: Its id; erasing again changes nothing.
            unknown: Record also an id that nobody bears.

        Raises:
            UnknownCandidateError: Nobody bears that id, and nobody did.
        """
        return self._transport.run(plans.delete(identity, unknown))


class AsyncCandidates:
    """Single candidates; `client.candidates`. The methods are those of `Candidates`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get(self, identity: str) -> CandidateResponse:
        """What is kept of a candidate."""
        return await self._transport.run(plans.get(identity))

    async def similar(
        self, identity: str, k: int = 10, *, exact: bool = False, effort: int | None = None
    ) -> SimilarCandidatesResponse:
        """The k candidates most like one of them."""
        return await self._transport.run(plans.similar(identity, k, exact, effort))

    async def upsert(self, candidate: Given) -> PutCandidateResponse:
        """Put a candidate in, whole, or in the place of its older version; found when this returns."""
        return await self._transport.run(plans.upsert(candidate))

    async def upsert_many(
        self, candidates: Sequence[Given], *, progress: Progress | None = None
    ) -> PutCandidatesResponse:
        """Put any number in; what cannot be used fails alone, long batches are split and joined."""
        return await self._transport.run(plans.upsert_many(candidates), progress)

    async def delete(self, identity: str, *, unknown: bool = False) -> ErasureResponse:
        """Erase a candidate for good: in no answer once this returns, and in no later release."""
        return await self._transport.run(plans.delete(identity, unknown))
