"""What Prometheus reads at /metrics: requests by route and release, and the live recall of search.

Worker processes keep their counts in files of a folder that `run` makes for them (prometheus_client's
multi-process mode), so that whichever of them is asked answers for all.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import Scope

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})


class Metrics:
    """The measures of one application; two of them in one process share nothing."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self._requests = Counter(
            "embedsvc_requests",
            "Answers by route, status and release.",
            ["method", "route", "status", "release"],
            registry=registry,
        )
        self._seconds = Histogram(
            "embedsvc_request_seconds",
            "Seconds from a request's first byte to the end of its answer.",
            ["route", "release"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._recall = Gauge(
            "embedsvc_search_recall",
            "Share of the true nearest candidates that searches answered; mean of the last samples.",
            ["release"],
            multiprocess_mode="mostrecent",
            registry=registry,
        )
        self._wanted = Counter(
            "embedsvc_search_recall_wanted",
            "True nearest candidates of all samples.",
            ["release"],
            registry=registry,
        )
        self._found = Counter(
            "embedsvc_search_recall_found",
            "Those of them that had been answered.",
            ["release"],
            registry=registry,
        )
        # Finding a child by its labels costs more than counting.
        self._counter = lru_cache(maxsize=4_096)(self._requests.labels)
        self._histogram = lru_cache(maxsize=1_024)(self._seconds.labels)

    def answered(self, method: str, route: str, status: int, release: str, seconds: float) -> None:
        """Count an answer."""
        self._counter(method, route, str(status), release).inc()
        self._histogram(route, release).observe(seconds)

    def recalled(self, release: str, found: int, wanted: int, mean: float) -> None:
        """Take a sample of the recall of search.

        Args:
            release: Which answered.
            found: How many of the true nearest had been answered.
            wanted: How many there are.
            mean: The recall over the last samples.
        """
        self._found.labels(release).inc(found)
        self._wanted.labels(release).inc(wanted)
        self._recall.labels(release).set(mean)

    def text(self) -> bytes:
        """All measures, of all processes of the service."""
        if FOLDER not in os.environ:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)


class Measured:
    """Counts each request when it ends.

    Args:
        metrics: Where.
        release: Names the live release.
    """

    def __init__(self, metrics: Metrics, release: Callable[[], str | None]) -> None:
        self._metrics = metrics
        self._release = release

    def __call__(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request, under its route and never its path, which holds what was asked."""
        route = getattr(scope.get("route"), "path", None) or "none"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.answered(method, route, status, self._release() or "none", seconds)
