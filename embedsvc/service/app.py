"""The application: routes, middleware, errors and the live release put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from embedsvc import __version__
from embedsvc.jobs import JobLedger
from embedsvc.service import envelope
from embedsvc.service.access import OPEN_PATHS, Access
from embedsvc.service.fast_lane import FastLane
from embedsvc.service.heap import give_back, prepare, settle
from embedsvc.service.jobs import JobDesk
from embedsvc.service.keys import Keyring
from embedsvc.service.live import LiveRelease
from embedsvc.service.logs import configure_logging
from embedsvc.service.metrics import Measured, Metrics
from embedsvc.service.middleware import RequestIdentity, RequestLimits
from embedsvc.service.rates import open_limiter
from embedsvc.service.recall import RecallGauge
from embedsvc.service.routes import (
    candidates,
    classify,
    embeddings,
    explorer,
    health,
    jobs,
    manual,
    releases,
    search,
    similarity,
    skill_batches,
    skills,
)
from embedsvc.service.routes import metrics as measures
from embedsvc.service.shedding import Pressure, Shedding
from embedsvc.service.stage_times import StageTimes, Timed
from embedsvc.service.state import ServiceState, attach
from embedsvc.service.tracing import Traced, open_tracing
from embedsvc.service.volume import open_store
from embedsvc.service.worker import end_with_parent
from embedsvc.settings import Settings

DESCRIPTION = """
Related skills, sentence similarity, candidate search and classification, learned from your own candidates.

* Every answer names the **release** it came from; one answer never mixes two.
* Every failure is `{"error": {"code", "message", "details", "request_id"}}`: programs read `code`, people
  read `message`.
* `X-Request-ID` is answered back; send your own to follow a request through your logs.
* A batch never fails whole: each item carries its own result or error, in the order asked.
* `/v1/skills/related`, `/v1/skills/extract`, `/v1/similarity` (pairs), `/v1/search` and `/v1/classify` also
  take `Content-Type: application/x-ndjson`: an item a line in, its result a line out, any number of them; the
  other fields of the body go into the query string.
* Where the service has API keys, send yours: `Authorization: Bearer KEY`. A key of the scope `read` may ask
  everything; what changes the service needs `admin`.
* Percent-encode skill names in a path: `ci%2Fcd`, `c%23`, `c%2B%2B`.
"""


def create_app(settings: Settings, settle: Callable[[], None] = give_back) -> FastAPI:
    """Build the service over the store that the settings name.

    The service starts without an active release; queries and readiness then answer 503.

    Args:
        settings: Of it.
        settle: Called when a release has been opened.

    Raises:
        StoreError: There is no store at that path.
    """
    store = open_store(settings.store)
    live = LiveRelease(store, settings.watch_seconds, settle=settle)
    metrics = Metrics()
    recall = RecallGauge(metrics, settings.recall_seconds)
    pressure = Pressure(settings.cpu_threads + settings.max_waiting)
    tracing = open_tracing(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        threads = anyio.CapacityLimiter(settings.cpu_threads)
        desk = JobDesk(JobLedger(store, settings.keep_jobs), settings.recipe)
        attach(
            app,
            ServiceState(
                store, live, metrics, recall, desk, threads, settings.max_waiting, settings.wait_seconds
            ),
        )
        await live.start()
        await desk.begin_to_look()
        recall.start()
        pressure.start()
        try:
            yield
        finally:
            await pressure.stop()
            recall.stop()
            await live.stop()
            if tracing is not None:
                await anyio.to_thread.run_sync(tracing.close)

    app = FastAPI(
        title="embedsvc",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    for module in (
        skill_batches,
        skills,
        similarity,
        search,
        candidates,
        classify,
        embeddings,
        releases,
        jobs,
        health,
    ):
        app.include_router(module.router)
    app.include_router(manual.router, include_in_schema=False)
    if settings.explorer:
        app.include_router(explorer.router, include_in_schema=False)
    app.include_router(measures.router, include_in_schema=False)
    describe_keys(app)
    envelope.install(app)
    # The last one added is the outermost.
    times = StageTimes(metrics, live.name)
    app.add_middleware(Timed, times)
    # Inside of the fast lane, as to refuse what goes there takes as long as to answer it.
    app.add_middleware(Shedding, pressure)
    app.add_middleware(FastLane, live, times)
    keyring = Keyring(settings.api_keys, settings.api_keys_file)
    app.add_middleware(Access, keyring, open_limiter(settings.rate_limit))
    app.add_middleware(RequestLimits, settings.max_body_bytes, settings.max_url_bytes, settings.body_seconds)
    if settings.cors_origins:
        # Outside of the keys: a browser asks beforehand, without one, whether it may ask.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID"],
            expose_headers=["X-Request-ID", "Retry-After", "RateLimit-Remaining", "RateLimit-Reset"],
        )
    if tracing is not None:
        app.add_middleware(Traced, tracing, live.name)
    app.add_middleware(RequestIdentity, settings.access_log, Measured(metrics, live.name))
    return app


def describe_keys(app: FastAPI) -> None:
    """Let the manual ask for a key and send it along."""
    usual = app.openapi

    def openapi() -> dict[str, Any]:
        document = usual()
        schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["key"] = {"type": "http", "scheme": "bearer", "description": "An API key."}
        document["security"] = [{}, {"key": []}]
        for path, methods in document["paths"].items():
            for route in methods.values() if path not in OPEN_PATHS else ():
                route["responses"] |= {str(status): told for status, told in told_of_keys().items()}
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def told_of_keys() -> dict[int, dict[str, Any]]:
    """How any question may fail where there are keys, as the document has it."""
    schema = {"$ref": "#/components/schemas/ErrorResponse"}
    return {
        status: {"description": meaning, "content": {"application/json": {"schema": schema}}}
        for status, meaning in {
            401: "No API key was sent, or one that is not taken (`unauthorized`).",
            429: "More requests in a minute than the key may make (`rate_limited`); see `Retry-After`.",
        }.items()
    }


def from_environment() -> FastAPI:
    """Build the service from EMBEDSVC_* variables; what each worker process calls."""
    end_with_parent()
    prepare()
    settings = Settings()
    configure_logging(settings.log_level)
    return create_app(settings, settle)
