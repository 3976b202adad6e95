"""The application: routes, middleware, errors and the live release put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from fastapi import FastAPI

from embedsvc import __version__
from embedsvc.releases import Store
from embedsvc.service import envelope
from embedsvc.service.fast_lane import FastLane
from embedsvc.service.live import LiveRelease
from embedsvc.service.logs import configure_logging
from embedsvc.service.middleware import RequestIdentity, RequestLimits
from embedsvc.service.routes import (
    classify,
    embeddings,
    health,
    releases,
    search,
    similarity,
    skill_batches,
    skills,
)
from embedsvc.service.state import ServiceState, attach
from embedsvc.settings import Settings

DESCRIPTION = """
Related skills, sentence similarity, candidate search and classification, learned from your own candidates.

* Every answer names the **release** it came from; one answer never mixes two.
* Every failure is `{"error": {"code", "message", "details", "request_id"}}`: programs read `code`, people
  read `message`.
* `X-Request-ID` is answered back; send your own to follow a request through your logs.
* A batch never fails whole: each item carries its own result or error, in the order asked.
* Percent-encode skill names in a path: `ci%2Fcd`, `c%23`, `c%2B%2B`.
"""


def create_app(settings: Settings) -> FastAPI:
    """Build the service over the store that the settings name.

    The service starts without an active release; queries and readiness then answer 503.

    Raises:
        StoreError: There is no store at that path.
    """
    store = open_store(settings.store)
    live = LiveRelease(store, settings.watch_seconds)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        threads = anyio.CapacityLimiter(settings.cpu_threads)
        attach(app, ServiceState(store, live, threads, settings.max_waiting))
        await live.start()
        try:
            yield
        finally:
            await live.stop()

    app = FastAPI(
        title="embedsvc",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    for module in (skill_batches, skills, similarity, search, classify, embeddings, releases, health):
        app.include_router(module.router)
    envelope.install(app)
    # The last one added is the outermost.
    app.add_middleware(FastLane, live)
    app.add_middleware(RequestLimits, settings.max_body_bytes, settings.max_url_bytes)
    app.add_middleware(RequestIdentity, settings.access_log)
    return app


def open_store(root: Path) -> Store:
    """Open the store to serve from; an empty folder (a fresh volume) is made into one.

    Raises:
        StoreError: There is no store at that path.
    """
    fresh = root.is_dir() and not any(root.iterdir())
    return Store(root, create=fresh)


def from_environment() -> FastAPI:
    """Build the service from EMBEDSVC_* variables; what each worker process calls."""
    settings = Settings()
    configure_logging(settings.log_level)
    return create_app(settings)
