"""The releases of the store."""

from __future__ import annotations

from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse

from embedsvc import queries
from embedsvc.errors import (
    GateError,
    NotReadyError,
    OptionalDependencyError,
    ReleaseCorruptError,
    UnknownReleaseError,
)
from embedsvc.releases import Store
from embedsvc.releases.names import NAME_PATTERN, release_name
from embedsvc.releases.opening import Release, open_release
from embedsvc.schemas import ActivateResponse, ReleaseListResponse, ReleaseResponse
from embedsvc.service.envelope import PAGE_POLICY, answer
from embedsvc.service.routes.failures import failures
from embedsvc.service.state import state_of

router = APIRouter(tags=["releases"])

Name = Annotated[
    str,
    Path(pattern=NAME_PATTERN, description="A release of the list.", examples=["20261121-094054-cfbcc0"]),
]
_CARD_POLICY = (
    b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'; sandbox"
)


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


@router.get(
    "/v1/releases/{name}",
    response_model=ReleaseResponse,
    responses=failures(404, 422),
    summary="What a release is and how good",
)
async def release_info(request: Request, name: Name) -> Response:
    """When it was made, its primary scores beside their baselines, and whether it has a model card.

    Of the release that answers also what can be asked of it (`served`): its sizes, commonest skills,
    classifiers with their labels, and the columns that a search can be narrowed by.
    """
    state = state_of(request)
    served = state.live.release() if state.live.name() == name else None
    return answer(await anyio.to_thread.run_sync(_info, state.store, name, served, limiter=state.threads))


@router.get(
    "/v1/releases/{name}/card",
    response_class=Response,
    responses={200: {"description": "The page.", "content": {"text/html": {}}}, **failures(404, 422)},
    summary="The model card of a release",
)
async def card(request: Request, name: Name) -> Response:
    """What it was trained on, how good it is, its limits: a page without scripts that loads nothing."""
    state = state_of(request)
    page = await anyio.to_thread.run_sync(_card, state.store, name, limiter=state.threads)
    request.scope[PAGE_POLICY] = _CARD_POLICY
    return HTMLResponse(page)


@router.post(
    "/v1/releases/{name}/activate",
    response_model=ActivateResponse,
    responses=failures(403, 404, 409, 422),
    summary="Make a release the live one (scope admin)",
)
async def activate(
    request: Request,
    name: Name,
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


def _info(store: Store, name: str, served: Release | None) -> ReleaseResponse:
    """Describe a release.

    Raises:
        UnknownReleaseError: There is none of that name.
    """
    manifest = store.manifest(release_name(name))
    return queries.release_info(manifest, store.current() == name, served)


def _card(store: Store, name: str) -> bytes:
    """The page of a release's card.

    Raises:
        UnknownReleaseError: There is no such release, or it has no card.
        ReleaseCorruptError: It has one that cannot be read.
    """
    if queries.CARD_FILE not in store.manifest(release_name(name)).files:
        raise UnknownReleaseError(
            f"Release {name} has no model card; `embedsvc release card {name}` writes one now.",
            details={"release": name},
        )
    try:
        return (store.path(name) / queries.CARD_FILE).read_bytes()
    except OSError as error:
        raise ReleaseCorruptError(f"The model card of release {name} cannot be read: {error}.") from error


def _list(store: Store) -> ReleaseListResponse:
    return ReleaseListResponse(releases=store.list())
