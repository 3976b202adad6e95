"""The releases of the store."""

from __future__ import annotations

from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Path, Request, Response

from embedsvc import queries
from embedsvc.errors import GateError, NotReadyError, OptionalDependencyError, ReleaseCorruptError
from embedsvc.releases import Store
from embedsvc.releases.names import NAME_PATTERN, release_name
from embedsvc.releases.opening import open_release
from embedsvc.schemas import ActivateResponse, ReleaseListResponse
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


@router.post(
    "/v1/releases/{name}/activate",
    response_model=ActivateResponse,
    responses=failures(403, 404, 409, 422),
    summary="Make a release the live one (scope admin)",
)
async def activate(
    request: Request,
    name: Annotated[
        str,
        Path(pattern=NAME_PATTERN, description="A release of the list.", examples=["20261121-094054-cfbcc0"]),
    ],
) -> Response:
    """Asks the release its canary question, holds it to its recipe's gate, checks every file, and swaps.

    Whatever is against it refuses it (409 `gate_refused`, `details.faults`), and the one before goes on
    serving. To roll back, activate an older one. Other workers follow within a second.
    """
    state = state_of(request)
    before = await anyio.to_thread.run_sync(_go_live, state.store, name, limiter=state.threads)
    await state.live.refresh()
    return answer(ActivateResponse(release=name, before=before))


def _go_live(store: Store, name: str) -> str | None:
    """Activate a release that passes; the name of the one before.

    Raises:
        UnknownReleaseError: There is none of that name.
        GateError: Its canary query fails, its gate refuses it, or a file is damaged.
    """
    before = store.current()
    try:
        queries.check_canary(open_release(store, release_name(name)))
        queries.check_gate(store, name)
        store.activate(name)
    except (NotReadyError, ReleaseCorruptError, OptionalDependencyError) as error:
        raise GateError(
            f"Release {name} may not go live: {error.message}", details={"faults": [error.message]}
        ) from error
    return before


def _list(store: Store) -> ReleaseListResponse:
    return ReleaseListResponse(releases=store.list())
