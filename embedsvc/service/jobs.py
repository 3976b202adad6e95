"""Jobs as the service sees them: begun with its own recipe, looked at in threads of their own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
import structlog

from embedsvc.errors import OptionalDependencyError, StoreError, UnsupportedError
from embedsvc.jobs import JobLedger
from embedsvc.schemas import Job, ReindexRequest

_THREADS = 8
_log = structlog.get_logger("embedsvc.service")

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class JobDesk:
    """Takes what is asked about jobs.

    Args:
        ledger: The jobs of the store.
        recipe: The recipe of a re-index; without one none can be begun.
    """

    def __init__(self, ledger: JobLedger, recipe: Path | None) -> None:
        self.ledger = ledger
        self._recipe = recipe
        self._threads = anyio.CapacityLimiter(_THREADS)

    async def ask(
        self, question: Callable[Asked, Answer], *args: Asked.args, **options: Asked.kwargs
    ) -> Answer:
        """Ask the ledger in a thread: files are read, and to cancel a job is to wait for its end."""
        return await anyio.to_thread.run_sync(lambda: question(*args, **options), limiter=self._threads)

    async def begin_to_look(self) -> None:
        """Find jobs that died while no service looked; what cannot be read is told to who asks."""
        with suppress(StoreError):
            await self.ask(self.ledger.settle)

    async def begin(self, asked: ReindexRequest, caller: str, key: str | None) -> Job:
        """Begin a re-index.

        Args:
            asked: What to do.
            caller: Name of the API key; two callers may use one idempotency key without harm.
            key: The idempotency key.

        Raises:
            UnsupportedError: The service was started without a recipe.
            OptionalDependencyError: The jobs are not installed beside the service.
            JobRunningError: Another is under way.
            IdempotencyKeyError: The key began something else.
        """
        if self._recipe is None:
            raise UnsupportedError(
                "This service was started without a recipe, which says where candidates are read from: set "
                "EMBEDSVC_RECIPE to its file, or run 'embedsvc reindex --recipe FILE' where the store is."
            )
        if find_spec("training") is None:
            raise OptionalDependencyError(
                "The jobs are not installed beside this service; install it from a checkout: "
                "pip install -e '.[service,training]'"
            )
        own = None if key is None else f"{caller}\0{key}"
        job = await self.ask(self.ledger.begin, asked, self._recipe, own)
        _log.info("job_begun", job=job.id, kind=job.kind, key=caller)
        return job

    async def cancel(self, identity: str) -> Job:
        """End a job.

        Raises:
            UnknownJobError: There is none of that id.
            JobEndedError: It has ended, or is publishing.
        """
        job = await self.ask(self.ledger.cancel, identity)
        _log.info("job_cancelled", job=job.id, kind=job.kind)
        return job
