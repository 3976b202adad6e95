"""The real service in a process of its own, for tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

START = """
import sys
from embedsvc.errors import EmbedsvcError
from embedsvc.service import run
from embedsvc.settings import Settings
try:
    run(Settings())
except EmbedsvcError as error:
    print(error, file=sys.stderr)
    raise SystemExit(error.exit_code)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(store: Path, log: Path, program: str = START, **settings: object) -> subprocess.Popen[bytes]:
    extra = {f"EMBEDSVC_{name.upper()}": str(value) for name, value in settings.items()}
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "EMBEDSVC_STORE": str(store), **extra},
            stdout=out,
            stderr=out,
        )


@contextmanager
def serving(store: Path, log: Path, **settings: object) -> Iterator[str]:
    """Serve until the block ends; yields the base URL once the process answers."""
    with running(store, log, **settings) as (address, _):
        yield address


@contextmanager
def running(
    store: Path, log: Path, program: str = START, **settings: object
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """As `serving`, for whoever means harm to the process; it may be gone when the block ends."""
    port = free_port()
    process = start(store, log, program, port=port, **settings)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while not _alive(address):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield address, process
    finally:
        process.terminate()
        process.wait(timeout=60)


def _alive(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health/live", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
