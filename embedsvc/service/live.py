"""The release that is being served, and how the service moves to the next one.

One reference is swapped; a request takes it once, so no answer mixes two releases and no request is
dropped. The old release's memory maps go when the last request that holds it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable

import structlog

from embedsvc import queries
from embedsvc.errors import EmbedsvcError, NoActiveReleaseError, NotReadyError
from embedsvc.releases import Store
from embedsvc.releases.opening import Release, open_release
from embedsvc.service.heap import give_back

_log = structlog.get_logger("embedsvc.service")
_NEVER_LOOKED = object()


class LiveRelease:
    """Serves the active release of a store and follows it.

    A release that cannot be opened, or whose canary query does not give its known answer, is refused:
    it is logged once and the one before it keeps serving until another is activated.

    Args:
        store: Where releases lie.
        interval: Seconds between two looks at the store.
        opener: Opens a release by name; runs in a thread.
        settle: Called when a release has been opened and warmed; runs in a thread.
    """

    def __init__(
        self,
        store: Store,
        interval: float,
        opener: Callable[[Store, str], Release] = open_release,
        settle: Callable[[], None] = give_back,
    ) -> None:
        self._store = store
        self._interval = interval
        self._opener = opener
        self._settle = settle
        self._release: Release | None = None
        self._refused: str | None = None
        self._seen: Hashable = _NEVER_LOOKED
        self._watcher: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()

    def release(self) -> Release:
        """Return the release to answer from; take it once a request.

        Raises:
            NoActiveReleaseError: Nothing has been activated in the store.
            NotReadyError: The active release was refused and there is none before it.
        """
        release = self._release
        if release is not None:
            return release
        if self._refused is not None:
            raise NotReadyError(
                f"The active release {self._refused} was refused (see the service's log); activate another.",
                details={"release": self._refused},
            )
        raise NoActiveReleaseError(
            "No release has been activated in this store yet; publish one and activate it."
        )

    async def start(self) -> None:
        """Open the active release, if there is one, and begin to watch the store."""
        await self._look()
        self._watcher = asyncio.create_task(self._watch(), name="watch-active-release")

    async def stop(self) -> None:
        """Stop watching and let go of the release."""
        running = [each for each in (self._watcher, self._warming) if each is not None]
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._release = None

    async def refresh(self) -> None:
        """Look at the store now, and swap where another release is active."""
        await self._look()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            await self._look()

    async def _look(self) -> None:
        async with self._looking:
            await self._swap()

    async def _swap(self) -> None:
        """Swap to the active release if another was activated since the last look."""
        name: str | None = None
        try:
            # The token is read first: an activation in between is then seen at the next look.
            token = self._store.activated_token()
            if token == self._seen:
                return
            self._seen = token
            name = await asyncio.to_thread(self._store.current)
            if name is None or (self._release is not None and self._release.name == name):
                return
            release = await asyncio.to_thread(self._open, name, warm=self._release is not None)
        except Exception as error:  # noqa: BLE001  (a watcher that dies would serve the old release for ever)
            self._refused = name
            reason = error.message if isinstance(error, EmbedsvcError) else type(error).__qualname__
            _log.error("release_refused", release=name, reason=reason, serving=self.name())
        else:
            _log.info("release_live", release=name, before=self.name())
            cold = self._release is None
            self._release, self._refused = release, None
            if cold:
                self._warming = asyncio.create_task(
                    asyncio.to_thread(self._warm, release), name="warm-release"
                )

    def _open(self, name: str, *, warm: bool) -> Release:
        """Open a release; warmed beforehand where another serves meanwhile, for nobody waits then."""
        release = self._opener(self._store, name)
        queries.check_canary(release)
        if warm:
            self._warm(release)
        return release

    def _warm(self, release: Release) -> None:
        release.warm()
        self._settle()

    def name(self) -> str | None:
        """The release being served, if there is one."""
        return self._release.name if self._release is not None else None
