"""What goes over the wire and what comes back: requests built, answers read, failures named."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import ValidationError

from embedsvc.client.calls import Answer, Call
from embedsvc.errors import EmbedsvcError, InputError, TransportError, TransportTimeoutError, from_wire
from embedsvc.schemas import ErrorResponse

SILENCE_SECONDS = 60.0
"""How long a stream of events may say nothing; the service sends a comment four times as often."""


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
    headers = {"X-Request-ID": uuid.uuid4().hex, "Accept": "application/json", **call.headers}
    content = None
    if call.body is not None:
        headers["Content-Type"] = "application/json"
        content = call.body.model_dump_json(exclude_none=True)
    params = {name: value for name, value in call.params.items() if value is not None}
    return http.build_request(call.method, call.path, params=params, content=content, headers=headers)


def streaming(
    http: httpx.Client | httpx.AsyncClient, path: str, headers: Mapping[str, str], timeout: float
) -> httpx.Request:
    """A request for a stream of events, which may be silent for as long as the service keeps it open."""
    own = {"X-Request-ID": uuid.uuid4().hex, "Accept": "text/event-stream", **headers}
    patience = httpx.Timeout(timeout, read=max(timeout, SILENCE_SECONDS))
    return http.build_request("GET", path, headers=own, timeout=patience)


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
    if isinstance(outcome, httpx.RequestError):
        raise not_reached(outcome, where, timeout, request) from outcome
    if not outcome.is_success:
        raise told(outcome, where, request)
    return _parsed(model, outcome, where, request.headers["X-Request-ID"])


def not_reached(
    error: httpx.RequestError, where: str, timeout: float, request: httpx.Request
) -> TransportError:
    """The error of a request that has no answer."""
    request_id = request.headers["X-Request-ID"]
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


def told(response: httpx.Response, where: str, request: httpx.Request) -> EmbedsvcError:
    """The error that an answer tells, or that it is not one of the service's."""
    request_id = request.headers["X-Request-ID"]
    try:
        error = ErrorResponse.model_validate_json(response.content).error
    except ValidationError:
        return TransportError(
            f"{where} answered {response.status_code} in words that are not embedsvc's; "
            "check base_url, and any proxy between.",
            details={"status": response.status_code},
            request_id=request_id,
        )
    return from_wire(error.code, error.message, error.details, error.request_id)


def _parsed(model: type[Answer], response: httpx.Response, where: str, request_id: str) -> Answer:
    try:
        return model.model_validate_json(response.content)
    except ValidationError:
        raise TransportError(
            f"{where} answered something that is not a {model.__name__}; check base_url, and that service "
            "and SDK are of one version.",
            request_id=request_id,
        ) from None
