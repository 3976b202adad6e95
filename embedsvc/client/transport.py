"""Sending calls: one transport that blocks, one that awaits; the rest is shared."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from pydantic import ValidationError

from embedsvc.client.calls import Answer, Call, Plan, Result
from embedsvc.client.retries import RetryPolicy
from embedsvc.errors import EmbedsvcError, InputError, TransportError, TransportTimeoutError, from_wire
from embedsvc.schemas import ErrorResponse

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

    def run(self, plan: Plan[Result]) -> Result:
        """Send the calls of a plan and return its result."""
        try:
            call = next(plan)
            while True:
                call = plan.send(self._send(call))
        except StopIteration as end:
            result: Result = end.value
            return result

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

    async def run(self, plan: Plan[Result]) -> Result:
        """Send the calls of a plan and return its result."""
        try:
            call = next(plan)
            while True:
                call = plan.send(await self._send(call))
        except StopIteration as end:
            result: Result = end.value
            return result

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


def key_header(api_key: str | None) -> dict[str, str]:
    """The header that carries the API key, or none.

    Raises:
        InputError: The key holds what no key and no header does; it is not repeated.
    """
    key = os.environ.get("EMBEDSVC_API_KEY", "") if api_key is None else api_key
    if not key.isascii() or not key.isprintable() or " " in key:
        raise InputError("The API key holds spaces or other characters that no key has; look at it again.")
    return {"Authorization": f"Bearer {key}"} if key else {}


def checked_url(base_url: str) -> httpx.URL:
    """Return the address of the service.

    Raises:
        InputError: It is not an http or https address.
    """
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, TypeError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise InputError(f"base_url {base_url!r} is no address; give one like 'http://127.0.0.1:8000'.")
    return url


def build(http: httpx.Client | httpx.AsyncClient, call: Call[Any]) -> httpx.Request:
    """Turn a call into a request with an id of its own, the same for all its attempts."""
    headers = {"X-Request-ID": uuid.uuid4().hex, "Accept": "application/json"}
    content = None
    if call.body is not None:
        headers["Content-Type"] = "application/json"
        content = call.body.model_dump_json(exclude_none=True)
    params = {name: value for name, value in call.params.items() if value is not None}
    return http.build_request(call.method, call.path, params=params, content=content, headers=headers)


def read(
    outcome: httpx.Response | httpx.RequestError,
    model: type[Answer],
    request: httpx.Request,
    where: str,
    timeout: float,
) -> Answer:
    """Return the answer, or raise what went wrong.

    Raises:
        TransportTimeoutError: No answer in time.
        TransportError: No connection, or an answer that is not the service's.
        EmbedsvcError: The error that the service answered with.
    """
    request_id = request.headers["X-Request-ID"]
    if isinstance(outcome, httpx.RequestError):
        raise _not_reached(outcome, where, timeout, request_id) from outcome
    if not outcome.is_success:
        raise _told(outcome, where, request_id)
    return _parsed(model, outcome, where, request_id)


def _not_reached(error: httpx.RequestError, where: str, timeout: float, request_id: str) -> TransportError:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        hint = "start it with 'embedsvc serve', or give its address as base_url"
        return TransportError(
            f"No connection to the service at {where} ({error}); {hint}.", request_id=request_id
        )
    if isinstance(error, httpx.TimeoutException):
        hint = "raise the timeout, or ask for less at once"
        return TransportTimeoutError(
            f"The service at {where} did not answer within {timeout:g} s; {hint}.", request_id=request_id
        )
    return TransportError(
        f"The connection to the service at {where} broke ({error}); ask again.", request_id=request_id
    )


def _told(response: httpx.Response, where: str, request_id: str) -> EmbedsvcError:
    try:
        told = ErrorResponse.model_validate_json(response.content).error
    except ValidationError:
        return TransportError(
            f"{where} answered {response.status_code} in words that are not embedsvc's; "
            "check base_url, and any proxy between.",
            details={"status": response.status_code},
            request_id=request_id,
        )
    return from_wire(told.code, told.message, told.details, told.request_id)


def _parsed(model: type[Answer], response: httpx.Response, where: str, request_id: str) -> Answer:
    try:
        return model.model_validate_json(response.content)
    except ValidationError:
        raise TransportError(
            f"{where} answered something that is not a {model.__name__}; check base_url, and that service "
            "and SDK are of one version.",
            request_id=request_id,
        ) from None
