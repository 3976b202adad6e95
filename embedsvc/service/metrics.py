"""What Prometheus reads at /metrics: requests by route and release, and the live recall of search.

Worker processes keep their counts in files of a folder that `run` makes for them (prometheus_client's
multi-process mode), so that whichever of them is asked answers for all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import Scope

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_STAGE_SECONDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})


def known_method(scope: Scope) -> str:
    """The method of a request; "other" for what anybody may have made up."""
    method: str = scope["method"]
    return method if method in _METHODS else "other"


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
        self._stages = Histogram(
            "embedsvc_stage_seconds",
            "Seconds that a stage of a request took, by the model that it is of.",
            ["route", "stage", "model", "release"],
            buckets=_STAGE_SECONDS,
            registry=registry,
        )
        self._releases: set[str] = set()
        # Finding a child by its labels costs more than counting.
        self._answer = lru_cache(maxsize=4_096)(self._find_answer)
        self._stage = lru_cache(maxsize=4_096)(self._find_stage)

    def _find_answer(self, method: str, route: str, status: int, release: str) -> tuple[Counter, Histogram]:
        self._releases.add(release)
        return self._requests.labels(method, route, str(status), release), self._seconds.labels(
            route, release
        )

    def _find_stage(self, route: str, stage: str, model: str, release: str) -> Histogram:
        self._releases.add(release)
        return self._stages.labels(route, stage, model, release)

    def answered(self, method: str, route: str, status: int, release: str, seconds: float) -> None:
        """Count an answer."""
        counter, histogram = self._answer(method, route, status, release)
        counter.inc()
        histogram.observe(seconds)

    def staged(self, route: str, stage: str, model: str, release: str, seconds: float) -> None:
        """Take in how long a stage of a request took."""
        self._stage(route, stage, model, release).observe(seconds)

    def recalled(self, release: str, found: int, wanted: int, mean: float) -> None:
        """Take a sample of the recall of search.

        Args:
            release: Which answered.
            found: How many of the true nearest had been answered.
            wanted: How many there are.
            mean: The recall over the last samples.
        """
        self._releases.add(release)
        self._found.labels(release).inc(found)
        self._wanted.labels(release).inc(wanted)
        self._recall.labels(release).set(mean)

    def forget_all_but(self, releases: Collection[str]) -> None:
        """Let go of the measures of releases that are gone, where one process counts.

        The files in which several count only grow; there `text` passes over what is gone.
        """
        gone = self._releases.difference(releases)
        if not gone:
            return
        self._releases -= gone
        self._answer.cache_clear()
        self._stage.cache_clear()
        if FOLDER not in os.environ:
            measures = (self._requests, self._seconds, self._stages, self._recall, self._wanted, self._found)
            for measure in measures:
                for release in gone:
                    measure.remove_by_labels({"release": release})

    def text(self, releases: Collection[str] | None = None) -> bytes:
        """The measures of all processes of the service.

        Args:
            releases: Of which to tell; all where it is None.
        """
        registry = self._registry
        if FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        if releases is not None:
            told, registry = registry, CollectorRegistry()
            registry.register(_Of(told, releases))
        return generate_latest(registry)


class _Of(Collector):
    """What a registry tells of some releases, and what is of none."""

    def __init__(self, registry: CollectorRegistry, releases: Collection[str]) -> None:
        self._registry = registry
        self._releases = releases

    def collect(self) -> Iterator[Metric]:
        """The measures."""
        for metric in self._registry.collect():
            metric.samples = [
                sample
                for sample in metric.samples
                if "release" not in sample.labels or sample.labels["release"] in self._releases
            ]
            yield metric


def route_of(scope: Scope) -> str:
    """The route that a request took, or `none`; never its path, which holds what was asked."""
    return getattr(scope.get("route"), "path", None) or "none"


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
        """Count a request."""
        route = route_of(scope)
        self._metrics.answered(known_method(scope), route, status, self._release() or "none", seconds)
