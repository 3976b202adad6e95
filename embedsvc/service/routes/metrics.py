"""Measures for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from embedsvc.service.metrics import CONTENT_TYPE
from embedsvc.service.state import state_of

router = APIRouter()


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Requests by route and release, and the live recall of search, of all processes of the service."""
    return Response(state_of(request).metrics.text(), headers={"content-type": CONTENT_TYPE})
