"""Who may ask, and how often: before anything else of a request is looked at.

Without keys everybody is let in as admin, which `embedsvc serve` allows on a loopback address alone. There a
page of the web could still make a browser ask on its behalf: so requests that come from another origin, or
under a name of the internet (DNS rebinding), are refused.

Plain ASGI, a few microseconds a request: see middleware.py.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from math import ceil
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from embedsvc.service.envelope import KEY, SENT_HEADERS, failure
from embedsvc.service.keys import Key, Keyring
from embedsvc.service.rates import RateLimiter

OPEN_PATHS: Final = frozenset({"/", "/health/live", "/health/ready", "/openapi.json", "/docs"})
"""Asked without a key and never counted: no limit may fail a health check; the two pages hold no data."""

_OPEN_FOLDERS = ("/docs/", "/explorer/")
_CHANGING = frozenset({"PUT", "PATCH", "DELETE"})
_ADMIN = ("/v1/candidates", "/v1/releases")
_JOBS = "/v1/jobs"
_BEARER = b"bearer "
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="embedsvc"'}
_NO_KEY = "This service asks for an API key: send it as 'Authorization: Bearer KEY'."
_WRONG_KEY = "This API key is not taken, or no longer; ask whoever runs the service for another."
_NOT_ADMIN = "This needs a key of the scope admin; the one sent may only read."
_FOREIGN = "Requests from other origins are refused where no API keys are set; see docs/operations.md."
_TOO_MANY = "So many requests a minute are let through and no more; ask again after Retry-After."


class Access:
    """Asks for a key, its scope and its share of the requests.

    Args:
        app: What is behind it.
        keyring: The keys; where there are none, nobody is asked for one.
        limiter: Counts requests of each key's name, or of each address where there are no keys; None lets
            everything pass.
    """

    def __init__(self, app: ASGIApp, keyring: Keyring, limiter: RateLimiter | None) -> None:
        self.app = app
        self._keyring = keyring
        self._limiter = limiter
        self._asks = bool(keyring)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS or scope["path"].startswith(_OPEN_FOLDERS):
            await self.app(scope, receive, send)
            return
        if self._asks:
            key = self._key(scope)
            if not isinstance(key, Key):
                await failure(scope, 401, "unauthorized", key, headers=_CHALLENGE)(scope, receive, send)
                return
            scope[KEY], caller = key.name, key.name
            if key.scope != "admin" and needs_admin(scope["method"], scope["path"]):
                await failure(scope, 403, "forbidden", _NOT_ADMIN)(scope, receive, send)
                return
        elif _is_foreign(scope):
            await failure(scope, 403, "forbidden", _FOREIGN)(scope, receive, send)
            return
        else:
            caller = scope["client"][0] if scope.get("client") else ""
        if self._limiter is not None:
            wait, headers = self._limiter.take(caller)
            scope[SENT_HEADERS] = headers
            if wait:
                after = {"Retry-After": str(ceil(wait))}
                await failure(scope, 429, "rate_limited", _TOO_MANY, headers=after)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _key(self, scope: Scope) -> Key | str:
        """The key of a request, or why it has none that is taken."""
        for name, value in scope["headers"]:
            if name == b"authorization":
                if value[: len(_BEARER)].lower() != _BEARER:
                    return _NO_KEY
                return self._keyring.find(value[len(_BEARER) :].strip()) or _WRONG_KEY
        return _NO_KEY


def needs_admin(method: str, path: str) -> bool:
    """Whether a request changes what the service holds or serves, so that a reader may not make it.

    Jobs may not even be read: why one failed may name the files of the server.
    """
    if method in _CHANGING or path == _JOBS or path.startswith(f"{_JOBS}/"):
        return True
    if method != "POST":
        return False
    return any(path == place or path.startswith(f"{place}/") for place in _ADMIN)


def _is_foreign(scope: Scope) -> bool:
    """Whether a browser asks for a page that is not this service's own."""
    host, origin = b"", None
    for name, value in scope["headers"]:
        if name == b"host":
            host = value
        elif name == b"origin":
            origin = value
    return _is_of_the_internet(host) or (origin is not None and origin.partition(b"//")[2] != host)


@lru_cache(maxsize=256)
def _is_of_the_internet(host: bytes) -> bool:
    """Whether a Host header holds a domain: an address, `localhost` or a machine's name has none."""
    name = host.decode("latin-1").rpartition(":")[0] if _has_port(host) else host.decode("latin-1")
    name = name.strip("[]").rstrip(".").lower()
    if "." not in name or name.endswith(".localhost"):
        return False
    try:
        ip_address(name)
    except ValueError:
        return True
    return False


def _has_port(host: bytes) -> bool:
    return host.rpartition(b":")[2].isdigit() and (host.count(b":") == 1 or b"]:" in host)
