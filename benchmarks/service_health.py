"""Asks a service whether it lives every tenth of a second, from a process of its own.

    python -m benchmarks.service_health PORT SECONDS

prints a JSON list of [status, seconds]; the status is 0 where no answer came. Each question comes over a
connection of its own, as an orchestrator's does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.service_processes import asked

EACH = 0.1
_LONGEST = 10.0


def main() -> int:
    """Ask."""
    port, seconds = int(sys.argv[1]), float(sys.argv[2])
    print(json.dumps(watch(port, seconds)))
    return 0


def watch(port: int, seconds: float) -> list[tuple[int, float]]:
    """Status and seconds of each answer."""
    found = []
    begin = time.perf_counter()
    for number in range(round(seconds / EACH)):
        time.sleep(max(0.0, begin + number * EACH - time.perf_counter()))
        found.append(asked(port, "/health/live", timeout=_LONGEST))
    return found


@contextmanager
def watched(port: int, seconds: float) -> Iterator[list[tuple[int, float]]]:
    """What `watch` finds during the body, there when the body has ended."""
    found: list[tuple[int, float]] = []
    command = [sys.executable, "-m", "benchmarks.service_health", str(port), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield found
        told, _ = process.communicate(timeout=seconds + 60)
        found += [(status, taken) for status, taken in json.loads(told)]
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


if __name__ == "__main__":
    raise SystemExit(main())
