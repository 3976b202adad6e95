"""Jobs: begin one, see how far it is, follow it, cancel it. All of it needs the scope admin."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Path, Query, Request, Response

from embedsvc.schemas import (
    IDEMPOTENCY_KEY_PATTERN,
    JOB_PATTERN,
    Job,
    JobListResponse,
    ReindexRequest,
)
from embedsvc.service.envelope import JSON, KEY, answer
from embedsvc.service.job_events import EVENT_STREAM, EventResponse
from embedsvc.service.routes.failures import failures
from embedsvc.service.state import state_of

router = APIRouter(tags=["jobs"])

JobId = Annotated[
    str,
    Path(
        pattern=JOB_PATTERN,
        description="The `id` that beginning the job answered.",
        examples=["20261121-094054-0123456789abcdef"],
    ),
]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events; the last is `end`, whose data is the job.",
        "content": {
            EVENT_STREAM: {
                "schema": {"type": "string"},
                "example": 'id: 2\nevent: progress\ndata: {"stage":"embed","done":500.0,"total":2000.0,'
                '"eta_seconds":12.5}\n\n',
            }
        },
    },
    204: {"description": "Everything up to the end has been sent: do not come back."},
}


@router.post(
    "/v1/jobs/reindex",
    status_code=202,
    response_model=Job,
    responses=failures(403, 409, 413, 422, 503),
    summary="Read the candidates again and index them (scope admin)",
)
async def reindex(
    request: Request,
    asked: Annotated[ReindexRequest, Body(examples=[{}, {"activate": False}])] = ReindexRequest(),  # noqa: B008
    idempotency_key: Annotated[
        str | None,
        Header(
            pattern=IDEMPOTENCY_KEY_PATTERN,
            description="Yours, another for each job you want: the same one answers the job it began "
            "before, however often it is sent.",
        ),
    ] = None,
) -> Response:
    """What `embedsvc reindex` does, by a process of its own, with the recipe the service was started with.

    The candidates are read from their sources, embedded by the models that are live, and published as a new
    release, which goes live unless `activate` is false. One at a time: while one is under way another is
    refused (409 `job_running`, `details.job`). A key that began a job with another body is refused too (422).
    The answer (202) is the job as it begins; follow it at `/v1/jobs/{id}` or `/v1/jobs/{id}/events`. It
    survives a restart of the service.
    """
    desk = state_of(request).jobs
    job = await desk.begin(asked, request.scope.get(KEY, ""), idempotency_key)
    return Response(job.model_dump_json(), 202, {"Location": f"/v1/jobs/{job.id}"}, JSON)


@router.get(
    "/v1/jobs",
    response_model=JobListResponse,
    responses=failures(403, 422),
    summary="The newest jobs (scope admin)",
)
async def jobs(
    request: Request, limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 20
) -> Response:
    """Jobs that are kept, newest first; the oldest are forgotten when others begin (`EMBEDSVC_KEEP_JOBS`)."""
    desk = state_of(request).jobs
    return answer(JobListResponse(jobs=await desk.ask(desk.ledger.newest, limit)))


@router.get(
    "/v1/jobs/{job}",
    response_model=Job,
    responses=failures(403, 404, 422),
    summary="How a job is (scope admin)",
)
async def job(request: Request, job: JobId) -> Response:
    """Its state, how far it is, and at the end what it made or why it failed.

    `queued` until its process has begun, then `running`, then one of `succeeded`, `failed`, `cancelled`. A
    job whose process was killed is `failed`, with `error.code` `job_died`.
    """
    state = state_of(request)
    found = await state.jobs.ask(state.jobs.ledger.get, job)
    await state.follow(found)
    return answer(found)


@router.get(
    "/v1/jobs/{job}/events",
    response_class=Response,
    responses={**failures(403, 404, 422, 503), **_STREAM},
    summary="Follow a job (scope admin)",
)
async def events(
    request: Request,
    job: JobId,
    last_event_id: Annotated[
        int | None, Header(ge=0, description="The `id` of the last event you have; those after it are sent.")
    ] = None,
) -> Response:
    """Its progress as server-sent events, from the first, and one `end` at last.

    The stream closes after `end`, and when the service is stopped; come back with `Last-Event-ID`, as
    browsers do by themselves. A comment is sent while nothing happens. No event holds a candidate's text.
    """
    state, after = state_of(request), last_event_id or 0
    reader = await state.jobs.ask(state.jobs.ledger.reader, job)
    now = await state.jobs.ask(state.jobs.ledger.get, job)
    if now.ended:
        if await state.jobs.ask(reader.count) < after:
            return Response(status_code=204)
        reader = await state.jobs.ask(state.jobs.ledger.reader, job)
    return EventResponse(state, job, reader, after)


@router.delete(
    "/v1/jobs/{job}",
    response_model=Job,
    responses=failures(403, 404, 409, 422),
    summary="Cancel a job (scope admin)",
)
async def cancel(request: Request, job: JobId) -> Response:
    """Ends its process and all that it began, removes what was half made, and answers the job, `cancelled`.

    Cancelling again answers the same. A job that has succeeded or failed says so (409 `job_ended`), and so
    does one that is publishing its release: it ends within moments.
    """
    return answer(await state_of(request).jobs.cancel(job))
