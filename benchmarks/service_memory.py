"""How long the service takes to start over a large release, and what memory its processes take."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.service_findings import Finding
from benchmarks.service_load import closed_load, open_load, question
from benchmarks.service_processes import family, serving, shared_megabytes
from benchmarks.service_speed import all_good, search_questions
from benchmarks.service_stores import LARGE, kept_store, sentences

_IMPORT = "import embedsvc.service.app, embedsvc.service.server"


def start(folder: Path, seconds: float, rounds: int) -> list[Finding]:  # noqa: ARG001
    """From the start of a process to the first 200 of /health/ready."""
    store = kept_store(folder, LARGE).root
    imported, ready, worked = [], [], []
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(max(3, rounds)):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", _IMPORT], check=True)
            imported.append(time.perf_counter() - began)
            with serving(store, Path(scratch) / "log") as server:
                ready.append(server.seconds)
                worked.append(server.processor_seconds)
    return [
        Finding(
            "start", "an interpreter that imports the service and ends", statistics.median(imported), "s"
        ),
        Finding("start", "to ready, 1,000,000 vectors, one worker", statistics.median(ready), "s", 2.0),
        Finding("start", "of that, processor time", statistics.median(worked), "s"),
    ]


def memory(folder: Path, seconds: float, rounds: int) -> list[Finding]:  # noqa: ARG001
    """Memory of one worker and of two after the same questions, shared pages counted once."""
    store = kept_store(folder, LARGE).root
    text = sentences(LARGE, 1, 12)[0]
    everybody = [question("POST", "/v1/search", {"queries": [text], "exact": True})]
    taken, processes = {}, {}
    for workers in (1, 2):
        with (
            tempfile.TemporaryDirectory() as scratch,
            serving(store, Path(scratch) / "log", workers=workers) as server,
        ):
            # Every worker reads every vector, so that what they share is all that can be shared.
            all_good(closed_load(server.port, everybody, 8, 3))
            # As many through the graph in both runs: each reads other parts of it.
            open_load(server.port, search_questions(), 300, 4, connections=16)
            running = family(server.pid)
            taken[workers] = sum(map(shared_megabytes, running))
            processes[workers] = len(running)
    return [
        Finding("memory", "one worker", taken[1], "MB"),
        Finding("memory", f"two workers, {processes[2]} processes", taken[2], "MB"),
        Finding("memory", "two workers to one", taken[2] / taken[1], "", 1.3),
    ]
