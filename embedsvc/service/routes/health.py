"""Health: alive, and ready."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from embedsvc import queries
from embedsvc.schemas import LiveResponse, ReadyResponse
from embedsvc.service.envelope import answer
from embedsvc.service.routes.failures import failures
from embedsvc.service.state import state_of

router = APIRouter(tags=["health"])


@router.get(
    "/health/live", response_model=LiveResponse, responses=failures(), summary="Is the process alive?"
)
async def alive() -> Response:
    """Answers as long as the process does: restart it when this fails."""
    return answer(LiveResponse())


@router.get(
    "/health/ready", response_model=ReadyResponse, responses=failures(503), summary="Can it answer queries?"
)
async def ready(request: Request) -> Response:
    """Asks the live release its canary query: send no traffic while this fails."""
    release = state_of(request).live.release()
    return answer(ReadyResponse(release=release.name, canary=queries.check_canary(release)))
