"""The service inside this process: the same routes, errors and values, and no socket between.

Needs what the service needs (numpy, FastAPI), and is for notebooks, jobs and tests; `embedsvc serve` is for
many callers.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, ExitStack
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from embedsvc.errors import OptionalDependencyError

if TYPE_CHECKING:
    from fastapi import FastAPI

LOCAL_URL = "http://localhost"


def application(store: str | PathLike[str], recipe: str | PathLike[str] | None) -> FastAPI:
    """The service over a store, and the recipe of its jobs.

    Raises:
        OptionalDependencyError: Only the SDK is installed.
        StoreError: There is no store at that path.
    """
    try:
        from embedsvc.service import create_app
        from embedsvc.service.logs import quiet_logging
        from embedsvc.settings import Settings
    except ModuleNotFoundError as missing:
        raise OptionalDependencyError(
            f"Client.local answers from this process, which lacks {missing.name}; install the service's "
            "packages in a checkout: pip install -e '.[service]'"
        ) from missing
    quiet_logging()
    settings = Settings(store=Path(store), access_log="none")
    if recipe is not None:
        settings = settings.model_copy(update={"recipe": Path(recipe)})
    return create_app(settings)


class LocalTransport(httpx.BaseTransport):
    """Answers requests by the service, which runs in a thread of its own; safe to share between threads."""

    def __init__(self, store: str | PathLike[str], recipe: str | PathLike[str] | None = None) -> None:
        from anyio.from_thread import start_blocking_portal

        app = application(store, recipe)
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._open = ExitStack()
        self._portal = self._open.enter_context(start_blocking_portal())
        self._open.enter_context(self._portal.wrap_async_context_manager(app.router.lifespan_context(app)))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        return self._portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        # A body given as one piece is all that the SDK sends, and such a stream can be read both ways.
        answer = await self._inner.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    def close(self) -> None:
        """Let go of the release and end the thread."""
        self._open.close()


class AsyncLocalTransport(httpx.AsyncBaseTransport):
    """Answers requests by the service, which runs in the caller's event loop from the first question on."""

    def __init__(self, store: str | PathLike[str], recipe: str | PathLike[str] | None = None) -> None:
        self._app = application(store, recipe)
        self._inner = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        self._lifespan: AbstractAsyncContextManager[Any] | None = None
        self._starting = asyncio.Lock()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        async with self._starting:
            if self._lifespan is None:
                lifespan = self._app.router.lifespan_context(self._app)
                await lifespan.__aenter__()
                self._lifespan = lifespan
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Let go of the release."""
        if self._lifespan is not None:
            await self._lifespan.__aexit__(None, None, None)
            self._lifespan = None
