"""The service in processes of its own: started, asked whether it is ready, measured, ended by pid."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.related import free_port

_START = "from embedsvc.service import run; from embedsvc.settings import Settings; run(Settings())"
_START_SECONDS = 120.0
_POLL_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Server:
    """A running service.

    Attributes:
        port: On 127.0.0.1.
        pid: Of its first process.
        seconds: From the start of the process to the first 200 of /health/ready.
        processor_seconds: That it worked in the meantime, which a busy machine makes no longer; Linux.
    """

    port: int
    pid: int
    seconds: float
    processor_seconds: float


@contextmanager
def serving(store: Path, log: Path, **settings: object) -> Iterator[Server]:
    """Run the service over a store until the block ends, with its default settings but for those given."""
    port = free_port()
    chosen = {"store": store, "port": port, **settings}
    extra = {f"EMBEDSVC_{name.upper()}": str(value) for name, value in chosen.items()}
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", _START], env={**os.environ, **extra}, stdout=out, stderr=out
        )
    try:
        while asked(port, "/health/ready")[0] != 200:
            if process.poll() is not None or time.perf_counter() - began > _START_SECONDS:
                raise SystemExit(f"The service did not start:\n{log.read_text()[-2_000:]}")
            time.sleep(_POLL_SECONDS)
        ready = time.perf_counter() - began
        yield Server(port, process.pid, ready, processor_seconds(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=60)


def asked(port: int, path: str, timeout: float = 5.0) -> tuple[int, float]:
    """Status of a GET over a connection of its own, 0 where none came, and the seconds it took."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        status = connection.getresponse()
        status.read()
        return status.status, time.perf_counter() - began
    except (OSError, http.client.HTTPException):
        return 0, time.perf_counter() - began
    finally:
        connection.close()


def processor_seconds(pid: int) -> float:
    """What a process has worked, in it and for it in the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and those that it started, and they, while they run (Linux)."""
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def shared_megabytes(pid: int) -> float:
    """Memory of a process, what it shares divided by who shares it (PSS; Linux)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
