"""The releases of the store."""

from __future__ import annotations

import anyio.to_thread
from fastapi import APIRouter, Request, Response

from embedsvc.releases import Store
from embedsvc.schemas import ReleaseListResponse
from embedsvc.service.envelope import answer
from embedsvc.service.routes.failures import failures
from embedsvc.service.state import state_of

router = APIRouter(tags=["releases"])


@router.get(
    "/v1/releases",
    response_model=ReleaseListResponse,
    responses=failures(),
    summary="All releases, newest first",
)
async def list_releases(request: Request) -> Response:
    """Name, age, size and parent of each release, and which one is active."""
    state = state_of(request)
    return answer(await anyio.to_thread.run_sync(_list, state.store, limiter=state.threads))


def _list(store: Store) -> ReleaseListResponse:
    return ReleaseListResponse(releases=store.list())
