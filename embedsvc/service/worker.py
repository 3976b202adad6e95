"""A worker process ends with the process that started it.

Whoever kills the service (`kill -9`, the kernel where memory is short) kills its first process. Workers that
lived on would keep the port from the service's successor, and nobody would start them again.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading


def end_with_parent() -> None:
    """Have this process told to stop when the one that started it is gone; nothing where nobody did."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_for, args=(parent,), name="parent", daemon=True).start()


def _wait_for(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    # As `systemctl stop` does: running requests are answered first.
    os.kill(os.getpid(), signal.SIGTERM)
