"""Measures for Prometheus."""

from __future__ import annotations

import anyio.to_thread
from fastapi import APIRouter, Request, Response

from embedsvc.errors import StoreError
from embedsvc.service.metrics import CONTENT_TYPE
from embedsvc.service.state import ServiceState, state_of

router = APIRouter()


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Requests and their stages, and the live recall of search, of all processes of the service."""
    text = await anyio.to_thread.run_sync(_text, state_of(request))
    return Response(text, headers={"content-type": CONTENT_TYPE})


def _text(state: ServiceState) -> bytes:
    """The measures of releases that are there: those of collected ones would pile up night after night."""
    try:
        there = {*state.store.names(), state.live.name() or "none", "none"}
    except StoreError:
        return state.metrics.text()
    state.metrics.forget_all_but(there)
    return state.metrics.text(there)
