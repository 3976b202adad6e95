"""What happens to every request: its id, its limits, its log line, and the last resort.

Plain ASGI: Starlette's BaseHTTPMiddleware starts a task per request and would halve the requests/s.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import time
import traceback
from urllib.parse import unquote_to_bytes

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from embedsvc.service.envelope import (
    CACHING,
    KEY,
    PAGE_POLICY,
    REQUEST_ID,
    SENT_HEADERS,
    SHED,
    failure,
    failure_of_status,
)
from embedsvc.service.metrics import Measured
from embedsvc.service.ndjson import is_ndjson
from embedsvc.settings import AccessLog

_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")
_SAFETY = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
_NO_PAGE = b"default-src 'none'; frame-ancestors 'none'"
_LOG_FROM_STATUS: dict[AccessLog, int] = {"all": 0, "errors": 400, "none": 1000}
_log = structlog.get_logger("embedsvc.service")


class RequestIdentity:
    """Gives each request an id and answers it back; measures, logs; turns what nobody caught into a 500.

    The caller's `X-Request-ID` is taken when it is 1 to 128 letters, digits, dots, dashes or underscores.
    """

    def __init__(self, app: ASGIApp, access_log: AccessLog, measured: Measured) -> None:
        self.app = app
        self._measured = measured
        self._log_from = _LOG_FROM_STATUS[access_log]
        # A random process prefix and a counter: unique like a UUID, at a tenth of its cost.
        self._prefix = secrets.token_hex(8)
        self._count = itertools.count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = self._identify(scope)
        scope[REQUEST_ID] = request_id
        header = (b"x-request-id", request_id.encode())
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                policy = (b"content-security-policy", scope.get(PAGE_POLICY, _NO_PAGE))
                caching = (b"cache-control", scope.get(CACHING, b"no-store"))
                message["headers"] += [header, policy, caching, *_SAFETY, *scope.get(SENT_HEADERS, ())]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:  # noqa: BLE001  (the last resort: nothing may leave without an envelope)
            _log_crash(scope, error)
            if not status:
                await failure_of_status(scope, 500)(scope, receive, send_with_id)
        self._measured(scope, status or 499, time.perf_counter() - started)
        if status >= self._log_from and SHED not in scope:
            _log_answer(scope, status, started)

    def _identify(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _SANE_ID.fullmatch(value):
                return str(value, "ascii")
        return f"{self._prefix}-{next(self._count):x}"


class RequestLimits:
    """Refuses what is too long (413, 414) or comes too slowly (408), and escapes that are not UTF-8 (422)."""

    def __init__(self, app: ASGIApp, max_body_bytes: int, max_url_bytes: int, body_seconds: float) -> None:
        self.app = app
        self._max_body = max_body_bytes
        self._max_url = max_url_bytes
        self._seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: bytes = scope.get("raw_path") or b""
        query: bytes = scope["query_string"]
        if len(path) + len(query) > self._max_url:
            await failure_of_status(scope, 414, details={"max_bytes": self._max_url})(scope, receive, send)
        elif (b"%" in path or b"%" in query) and not (_is_utf8(path) and _is_utf8(query)):
            message = "The URL is not UTF-8; percent-encode the UTF-8 bytes of the text."
            await failure(scope, 422, "invalid_request", message)(scope, receive, send)
        elif scope["method"] == "GET":
            await self.app(scope, receive, send)
        elif is_ndjson(scope):
            await self.app(scope, self._in_time(receive), send)  # of lines each is measured, not their sum
        elif _declared_length(scope) > self._max_body:
            await failure_of_status(scope, 413, details={"max_bytes": self._max_body})(scope, receive, send)
        else:
            await self.app(scope, self._counted(self._in_time(receive)), send)

    def _in_time(self, receive: Receive) -> Receive:
        """Wait so long for each piece of a body, and not at all for what comes after it."""
        whole = False

        async def receive_in_time() -> Message:
            nonlocal whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout(self._seconds):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, headers={"Connection": "close"}) from None
            whole = not message.get("more_body", False)
            return message

        return receive_in_time

    def _counted(self, receive: Receive) -> Receive:
        """Count what really arrives: a chunked body declares no length."""
        total = 0

        async def receive_counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > self._max_body:
                # FastAPI lets this class alone pass while it reads a body.
                raise HTTPException(413)
            return message

        return receive_counted


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _is_utf8(quoted: bytes) -> bool:
    try:
        unquote_to_bytes(quoted).decode()
    except UnicodeDecodeError:
        return False
    return True


def _template(scope: Scope) -> str | None:
    """Name the route and not the path: a path holds what was asked."""
    return getattr(scope.get("route"), "path", None)


def _log_answer(scope: Scope, status: int, started: float) -> None:
    _log.info(
        "answered",
        request_id=scope[REQUEST_ID],
        method=scope["method"],
        route=_template(scope),
        status=status,
        key=scope.get(KEY),
        ms=round((time.perf_counter() - started) * 1000, 3),
    )


def _log_crash(scope: Scope, error: Exception) -> None:
    """Log where it happened; not the error's own words, which may hold a candidate's text."""
    frames = traceback.extract_tb(error.__traceback__)
    _log.error(
        "crashed",
        request_id=scope[REQUEST_ID],
        method=scope["method"],
        route=_template(scope),
        error=type(error).__qualname__,
        frames=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    )
