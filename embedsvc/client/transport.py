"""Sending calls: one transport that blocks, one that awaits; the rest is shared."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

import httpx

from embedsvc.client.calls import Answer, Call, Plan, Progress, Result
from embedsvc.client.retries import RetryPolicy
from embedsvc.client.wire import build, checked_url, key_header, not_reached, read, streaming, told

_ONCE = RetryPolicy(retries=0)


class SyncTransport:
    """Runs plans over a blocking connection pool; safe to share between threads.

    Args:
        base_url: Where the service is, `http://host:port`.
        timeout: Seconds to wait for a connection, and for each part of an answer.
        retries: Attempts after the first.
        transport: Replaces the network, in tests.
        sleep: Waits between attempts.
        api_key: Sent with every request; EMBEDSVC_API_KEY where left out.

    Raises:
        InputError: `base_url` is not an http or https address.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float,
        retries: int,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        api_key: str | None = None,
    ) -> None:
        url, headers = checked_url(base_url), key_header(api_key)
        self._http = httpx.Client(base_url=url, timeout=timeout, transport=transport, headers=headers)
        self._where, self._timeout = base_url, timeout
        self._policy = RetryPolicy(retries)
        self._sleep = sleep

    def run(self, plan: Plan[Result], progress: Progress | None = None) -> Result:
        """Send the calls of a plan and return its result; `progress` is told of the parts of a batch."""
        try:
            call = next(plan)
            while True:
                answer = self._send(call)
                if progress is not None and call.total:
                    progress(call.done, call.total)
                call = plan.send(answer)
        except StopIteration as end:
            result: Result = end.value
            return result

    def lines(self, path: str, headers: Mapping[str, str]) -> Iterator[str]:
        """The lines of a stream as they come; none where the service says that there are no more (204).

        Raises:
            TransportError: No connection, or it broke.
            EmbedsvcError: The error that the service answered with.
        """
        request = streaming(self._http, path, headers, self._timeout)
        try:
            response = self._http.send(request, stream=True)
            try:
                if not response.is_success:
                    response.read()
                    raise told(response, self._where, request)
                yield from response.iter_lines()
            finally:
                response.close()
        except httpx.RequestError as error:
            raise not_reached(error, self._where, self._timeout, request) from error

    def sleep(self, seconds: float) -> None:
        """Wait before asking again."""
        self._sleep(seconds)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _send(self, call: Call[Answer]) -> Answer:
        request = build(self._http, call)
        policy = self._policy if call.retry else _ONCE
        outcome: httpx.Response | httpx.RequestError
        for attempt in range(policy.retries + 1):
            try:
                outcome = self._http.send(request)
            except httpx.RequestError as error:
                outcome = error
            pause = policy.pause(attempt, outcome)
            if pause is None:
                break
            self._sleep(pause)
        return read(outcome, call.answer, request, self._where, self._timeout)


class AsyncTransport:
    """Runs plans over an awaiting connection pool; the arguments are those of `SyncTransport`."""

    def __init__(
        self,
        base_url: str,
        timeout: float,
        retries: int,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        api_key: str | None = None,
    ) -> None:
        url, headers = checked_url(base_url), key_header(api_key)
        self._http = httpx.AsyncClient(base_url=url, timeout=timeout, transport=transport, headers=headers)
        self._where, self._timeout = base_url, timeout
        self._policy = RetryPolicy(retries)
        self._sleep = sleep

    async def run(self, plan: Plan[Result], progress: Progress | None = None) -> Result:
        """Send the calls of a plan and return its result; `progress` is told of the parts of a batch."""
        try:
            call = next(plan)
            while True:
                answer = await self._send(call)
                if progress is not None and call.total:
                    progress(call.done, call.total)
                call = plan.send(answer)
        except StopIteration as end:
            result: Result = end.value
            return result

    async def lines(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[str]:
        """The lines of a stream as they come; see `SyncTransport.lines`."""
        request = streaming(self._http, path, headers, self._timeout)
        try:
            response = await self._http.send(request, stream=True)
            try:
                if not response.is_success:
                    await response.aread()
                    raise told(response, self._where, request)
                async for line in response.aiter_lines():
                    yield line
            finally:
                await response.aclose()
        except httpx.RequestError as error:
            raise not_reached(error, self._where, self._timeout, request) from error

    async def sleep(self, seconds: float) -> None:
        """Wait before asking again."""
        await self._sleep(seconds)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _send(self, call: Call[Answer]) -> Answer:
        request = build(self._http, call)
        policy = self._policy if call.retry else _ONCE
        outcome: httpx.Response | httpx.RequestError
        for attempt in range(policy.retries + 1):
            try:
                outcome = await self._http.send(request)
            except httpx.RequestError as error:
                outcome = error
            pause = policy.pause(attempt, outcome)
            if pause is None:
                break
            await self._sleep(pause)
        return read(outcome, call.answer, request, self._where, self._timeout)
