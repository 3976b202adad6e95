"""The process of a job: a session of its own, so that it outlives the service and ends with all it began."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from embedsvc.jobs.folder import JobFolder

LAST_STAGE = "publish"
"""From here on a job cannot be cancelled: what it publishes is whole, or not there."""

_PROGRAM = "training.job"
_PATIENCE_SECONDS = 10.0
_POLL_SECONDS = 0.02
# What the service is told and a job has no use for.
_KEPT_BACK = ("EMBEDSVC_API_KEY", "PROMETHEUS_MULTIPROC_DIR")


def start(store: Path, identity: str, recipe: Path, lock: int) -> int:
    """Begin the process of a job, which inherits the descriptor of its lock, and say which it is.

    Raises:
        OSError: It cannot be begun.
    """
    names = ("--store", str(store.absolute()), "--job", identity, "--recipe", str(recipe.absolute()))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_KEPT_BACK)}
    process = subprocess.Popen(
        # -P: nothing is imported from the folder that the service happens to run in.
        [sys.executable, "-P", "-m", _PROGRAM, *names, "--lock", str(lock)],
        stdin=subprocess.DEVNULL,
        # What libraries print may hold a candidate's text; what there is to say is in the job's folder.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        pass_fds=(lock,),
        start_new_session=True,
    )
    # Whoever began it has to wait for it, or it stays in the table of processes.
    threading.Thread(target=process.wait, name=f"job-{identity}", daemon=True).start()
    return process.pid


def stop(folder: JobFolder) -> None:
    """End the process of a job and all that it began, unless it publishes; returns when that is known.

    It is asked first (SIGTERM, which it does not hear any more while it publishes) and then killed.
    """
    signals = [signal.SIGTERM, signal.SIGKILL]
    deadline = time.monotonic() + _PATIENCE_SECONDS
    leader = None
    while folder.is_alive():
        if folder.stage == LAST_STAGE:
            return
        leader = folder.process()
        due = len(signals) == 2 or time.monotonic() > deadline
        if leader is not None and signals and due:
            _signal(leader, signals.pop(0))
        elif time.monotonic() > deadline + _PATIENCE_SECONDS:
            return
        time.sleep(_POLL_SECONDS)
    if leader is not None:
        _signal(leader, signal.SIGKILL)  # whatever it began that has not heard yet


def _signal(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return
