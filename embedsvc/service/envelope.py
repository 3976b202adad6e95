"""Answers: model to JSON bytes, and every failure to the one error envelope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import Scope

from embedsvc.errors import EmbedsvcError, invalid_request
from embedsvc.queries.stages import stage

JSON = "application/json"
REQUEST_ID = "embedsvc.request_id"
"""Key of the ASGI scope under which the request's id lies."""

KEY = "embedsvc.key"
"""Key of the ASGI scope under which the name of the API key lies that was sent."""

SENT_HEADERS = "embedsvc.sent_headers"
"""Key of the ASGI scope under which headers of the answer lie, beside those that every answer has."""

PAGE_POLICY = "embedsvc.page_policy"
"""Key of the ASGI scope under which a page says its Content-Security-Policy; all else allows nothing."""

CACHING = "embedsvc.caching"
"""Key of the ASGI scope under which a file says its Cache-Control; all else is `no-store`."""

SHED = "embedsvc.shed"
"""Key of the ASGI scope of a request that was refused unread; such are logged together."""

RETRY_AFTER_SECONDS = 1
"""What a 503 tells the caller to wait: a release is swapped within a second."""

_log = structlog.get_logger("embedsvc.service")

_OF_STATUS: dict[int, tuple[str, str]] = {
    400: ("invalid_request", "The body cannot be read as JSON."),
    404: ("not_found", "There is nothing at this path; /docs lists what there is."),
    405: ("method_not_allowed", "This path does not take that method; see the Allow header."),
    408: ("request_timeout", "The body did not come in time; send it faster, or in smaller batches."),
    413: ("payload_too_large", "The body is larger than the service reads; send a smaller batch."),
    414: ("payload_too_large", "The URL is longer than the service reads; use the POST form of the query."),
    500: ("internal", "The service failed on this request; its log holds the request id."),
}


def answer(model: BaseModel) -> Response:
    """Serialise a response model without FastAPI validating it a second time."""
    with stage("serialise"):
        body = model.model_dump_json()
    return Response(body, media_type=JSON)


def failure(
    scope: Scope,
    status: int,
    code: str,
    message: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build the error answer of the request whose ASGI scope is given."""
    error = {"code": code, "message": message, "details": details or {}, "request_id": scope[REQUEST_ID]}
    body = orjson.dumps({"error": error}, option=orjson.OPT_NON_STR_KEYS, default=str)
    return Response(body, status, dict(headers or {}), JSON)


def failure_of_status(
    scope: Scope,
    status: int,
    headers: Mapping[str, str] | None = None,
    details: Mapping[str, Any] | None = None,
) -> Response:
    """Build the error answer for a bare HTTP status."""
    code, message = _OF_STATUS.get(status, ("http_error", f"The request ended with status {status}."))
    return failure(scope, status, code, message, details, headers)


def failure_of_error(scope: Scope, error: EmbedsvcError) -> Response:
    """Build the answer of a typed error.

    What the server did wrong is logged and told in general words: the error's own may name its files.
    """
    if error.status < 500:
        return failure(scope, error.status, error.code, error.message, error.details)
    _log.warning("request_failed", request_id=scope[REQUEST_ID], code=error.code, reason=error.message)
    if error.status == 503:
        wait = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return failure(scope, 503, error.code, error.message, error.details, wait)
    return failure(scope, error.status, error.code, _OF_STATUS[500][1])


async def _on_typed(request: Request, error: Exception) -> Response:
    assert isinstance(error, EmbedsvcError)  # noqa: S101  (Starlette types handlers by Exception)
    return failure_of_error(request.scope, error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return failure_of_error(request.scope, invalid_request(error.errors()))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return failure_of_status(request.scope, error.status_code, error.headers)


def install(app: FastAPI) -> None:
    """Make `app` answer every failure with the error envelope."""
    app.add_exception_handler(EmbedsvcError, _on_typed)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
