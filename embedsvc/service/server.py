"""Serving: the socket, the processes, and what happens when the port is taken."""

from __future__ import annotations

import errno
import os
import socket
from ipaddress import ip_address
from tempfile import TemporaryDirectory
from typing import Any

import structlog
import uvicorn

from embedsvc.errors import ServeError
from embedsvc.service.heap import prepare
from embedsvc.service.keys import Keyring
from embedsvc.service.logs import configure_logging
from embedsvc.service.metrics import FOLDER
from embedsvc.service.volume import open_store
from embedsvc.settings import Settings

_log = structlog.get_logger("embedsvc.service")

_UVICORN: dict[str, Any] = {
    "factory": True,
    "log_config": None,
    "access_log": False,
    "server_header": False,
    # Seconds that running requests may take to end when the service is told to stop.
    "timeout_graceful_shutdown": 30,
    # Seconds without a sign of life after which a worker is ended: one that is only busy gives some.
    "timeout_worker_healthcheck": 10,
}


def run(settings: Settings) -> None:
    """Serve until told to stop (SIGINT, SIGTERM); running requests are answered first.

    Raises:
        ServeError: The address cannot be listened on, or the application failed to start.
        StoreError: There is no store where the settings say.
    """
    prepare()
    configure_logging(settings.log_level)
    # Looked at before processes are started: workers that fail would be started again for ever.
    open_store(settings.store)
    if settings.otlp_endpoint:
        check_tracing(settings)
    listener = bind(settings.host, settings.port)
    # Worker processes, which are started afresh, read the settings from the environment.
    os.environ.update(settings.as_environment())
    application = "embedsvc.service.app:from_environment"
    try:
        check_keys(settings)
        if settings.workers > 1:
            with TemporaryDirectory(prefix="embedsvc-metrics-") as folder:
                os.environ[FOLDER] = folder
                uvicorn.run(application, fd=listener.fileno(), workers=settings.workers, **_UVICORN)
            return
        server = uvicorn.Server(uvicorn.Config(application, **_UVICORN))
        server.run(sockets=[listener])
    finally:
        listener.close()
    if not server.started:
        raise ServeError("The service could not start; the log line before this one says why.")


def check_tracing(settings: Settings) -> None:
    """Refuse to serve without the traces that were asked for.

    Raises:
        OptionalDependencyError: OpenTelemetry is not installed.
    """
    # Imported here: where there are no traces, the process that keeps workers running stays small.
    from embedsvc.service.tracing import open_tracing

    if (tracing := open_tracing(settings)) is not None:
        tracing.close()


def check_keys(settings: Settings) -> None:
    """Refuse to serve a network without keys, and say when nobody is asked for one.

    Raises:
        ServeError: No keys, and the address is not a loopback one.
        InputError: A key cannot be read.
    """
    if Keyring(settings.api_keys, settings.api_keys_file):
        return
    if not is_loopback(settings.host):
        raise ServeError(
            f"There are no API keys, and {settings.host} can be reached from other machines. Make a key with "
            "'embedsvc key NAME' and put its line into EMBEDSVC_API_KEYS or the file EMBEDSVC_API_KEYS_FILE, "
            "or listen on 127.0.0.1."
        )
    _log.warning(
        "no_api_keys", host=settings.host, means="everybody on this machine may ask and change everything"
    )


def is_loopback(host: str) -> bool:
    """Whether every address of `host` is reached from this machine alone."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        return False
    return all(ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in found)


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address; port 0 takes a free one.

    Raises:
        ServeError: The port is in use, not allowed, or the address is not of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ServeError(f"Cannot listen on {host}: {error.strerror}. Set EMBEDSVC_HOST.") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.set_inheritable(True)
    except OSError as error:
        listener.close()
        raise ServeError(_why_not(host, port, error), details={"host": host, "port": port}) from error
    return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use; stop what listens there, or set EMBEDSVC_PORT to another."
    if error.errno == errno.EACCES:
        return f"Port {port} needs privileges that this user lacks; set EMBEDSVC_PORT to 1024 or above."
    return f"Cannot listen on {host}:{port}: {error.strerror}. Set EMBEDSVC_HOST and EMBEDSVC_PORT."
