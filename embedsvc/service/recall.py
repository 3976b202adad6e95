"""The live recall of search: now and then a real query is answered again, exactly, when nobody waits for it.

Only vectors are kept, and only until they are compared: neither the text nor who asked.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import structlog

from embedsvc.queries.search import Observed
from embedsvc.service.metrics import Metrics

AT_MOST = 10  # answers of a query that are compared
LAST = 200  # samples that the gauge is the mean of

_log = structlog.get_logger("embedsvc.service")


@dataclass(frozen=True, slots=True)
class _Task:
    release: str
    observed: Observed


class RecallGauge:
    """Samples searches and compares them with exact search in a thread.

    The thread has the priority of all others: one of a lower priority would wait for a busy machine while it
    holds the interpreter, and everybody with it.

    Args:
        metrics: Told of each sample.
        seconds: Between two samples, on average; 0 takes none.
    """

    def __init__(self, metrics: Metrics, seconds: float) -> None:
        self._metrics = metrics
        self._seconds = seconds
        self._due = 0.0
        self._waiting: queue.Queue[_Task | None] = queue.Queue(maxsize=1)
        self._last: dict[str, deque[float]] = {}
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to compare what is offered."""
        if self._seconds > 0:
            self._thread = threading.Thread(target=self._work, name="recall-gauge", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the comparison under way."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def offer(self, release: str, observed: Observed) -> None:
        """Hand in a search; it is passed over unless one is due. Never waits."""
        now = time.monotonic()
        if self._thread is None or now < self._due:
            return
        self._due = now + self._seconds * random.uniform(0.5, 1.5)  # noqa: S311 - nothing secret hangs on it
        try:
            self._waiting.put_nowait(_Task(release, observed))
        except queue.Full:
            return

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None:
            try:
                self._compare(task)
            except Exception as error:  # noqa: BLE001  (a gauge that fails must not stop for ever)
                _log.warning("recall_not_measured", release=task.release, reason=type(error).__qualname__)

    def _compare(self, task: _Task) -> None:
        observed = task.observed
        found = observed.rows[observed.rows >= 0][:AT_MOST]
        index = observed.candidates.index
        truth = index.search(
            observed.vector[None, :],
            min(AT_MOST, len(observed.rows)),
            effort=max(1, index.size),
            within=observed.within,
            threads=1,
        ).ids[0]
        wanted = _count(truth >= 0)
        if not wanted:
            return
        hits = _count(np.isin(truth[truth >= 0], found))
        last = self._last.setdefault(task.release, deque(maxlen=LAST))
        last.append(hits / wanted)
        self._metrics.recalled(task.release, hits, wanted, sum(last) / len(last))


def _count(mask: npt.NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(mask))
