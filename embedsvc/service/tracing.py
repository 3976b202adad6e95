"""Traces of requests, sent by OpenTelemetry where the service is told whereto; no other module imports it.

One span a request, which continues the caller's trace (W3C `traceparent`), and one span a stage below it.
Spans hold the route and never the path, the number of items and never the items: no text, no skill, no
candidate's id.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from time import perf_counter_ns, time_ns
from typing import TYPE_CHECKING

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from embedsvc import __version__
from embedsvc.errors import OptionalDependencyError
from embedsvc.queries.stages import Recorder, recording
from embedsvc.service.envelope import REQUEST_ID
from embedsvc.service.metrics import known_method
from embedsvc.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Asked every few seconds, by nobody who follows a trace."""

CLOSING_SECONDS = 3.0
_STANDARD = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_CARRIED = {b"traceparent": "traceparent", b"tracestate": "tracestate"}
_log = structlog.get_logger("embedsvc.service")


class Tracing:
    """Where spans go, until closed.

    Args:
        exporter: Sends spans; from a thread of its own, so that no request waits for a collector.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        facts = {"service.version": __version__}
        if not os.environ.get("OTEL_SERVICE_NAME"):
            facts["service.name"] = "embedsvc"
        # Ours alone: whoever embeds the application may have a provider for the whole process.
        self.provider: TracerProvider = TracerProvider(
            resource=Resource.create(facts), shutdown_on_exit=False
        )
        self.provider.add_span_processor(BatchSpanProcessor(exporter))

    def close(self) -> None:
        """Send what has not been sent; a collector that does not answer is not waited for any longer."""
        last = threading.Thread(target=self.provider.shutdown, name="last-spans", daemon=True)
        last.start()
        last.join(CLOSING_SECONDS)


def open_tracing(settings: Settings, environment: Mapping[str, str] = os.environ) -> Tracing | None:
    """What EMBEDSVC_OTLP_ENDPOINT asks for, or OpenTelemetry's own variables; None where neither does.

    Raises:
        OptionalDependencyError: EMBEDSVC_OTLP_ENDPOINT is set and OpenTelemetry is not installed.
    """
    if not is_wanted(settings, environment):
        return None
    try:
        exporter = make_exporter(settings.otlp_endpoint)
    except ImportError as error:
        missing = "Traces need OpenTelemetry: install it with: pip install 'embedsvc[otel]'"
        if settings.otlp_endpoint:
            raise OptionalDependencyError(f"{missing}, or unset EMBEDSVC_OTLP_ENDPOINT.") from error
        _log.warning("no_traces", reason=missing)
        return None
    return Tracing(exporter)


def is_wanted(settings: Settings, environment: Mapping[str, str]) -> bool:
    """Whether traces are to be sent."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    if environment.get("OTEL_TRACES_EXPORTER", "otlp") != "otlp":
        return False
    return bool(settings.otlp_endpoint) or any(environment.get(name) for name in _STANDARD)


def make_exporter(endpoint: str) -> SpanExporter:
    """An exporter by OTLP over HTTP to a collector's base address; to the standard variables' where empty."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces" if endpoint else None)


class Traced:
    """Makes a span of each request, and one of each of its stages.

    Args:
        app: What is behind it.
        tracing: Where spans go.
        release: Names the live release.
    """

    def __init__(self, app: ASGIApp, tracing: Tracing, release: Callable[[], str | None]) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self.app = app
        self._release = release
        self._tracer = tracing.provider.get_tracer("embedsvc", __version__)
        self._propagator = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self.app(scope, receive, send)
            return
        started, began = time_ns(), perf_counter_ns()
        span = self._begin(scope, started)
        if not span.is_recording():
            await self.app(scope, receive, send)
            return
        status, failed = 0, None

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with recording() as listener:
            try:
                await self.app(scope, receive, send_noting)
            except Exception as error:
                # Its class and never its words, which may hold a candidate's text.
                failed, status = type(error).__qualname__, status or 500
                raise
            finally:
                # Timed by a clock that never goes back; told as the time of day.
                offset = started - began
                self._end(span, scope, listener, offset, status or 499, failed)

    def _begin(self, scope: Scope, started: int) -> Span:
        from opentelemetry.trace import SpanKind

        carried = {
            _CARRIED[name]: value.decode("latin-1") for name, value in scope["headers"] if name in _CARRIED
        }
        parent = self._propagator.extract(carried)  # empty where nobody sent one
        return self._tracer.start_span(
            known_method(scope), context=parent, kind=SpanKind.SERVER, start_time=started
        )

    def _end(
        self, span: Span, scope: Scope, listener: Recorder, offset: int, status: int, failed: str | None
    ) -> None:
        from opentelemetry.trace import Status, StatusCode, set_span_in_context

        method, route = known_method(scope), getattr(scope.get("route"), "path", None)
        release = listener.release or self._release() or "none"
        span.update_name(f"{method} {route}" if route else method)
        span.set_attribute("http.request.method", method)
        if route:
            span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", status)
        span.set_attribute("embedsvc.release", release)
        span.set_attribute("embedsvc.request_id", scope[REQUEST_ID])
        span.set_attribute("embedsvc.batch_size", listener.items or 1)
        if failed:
            span.set_attribute("error.type", failed)
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        here = set_span_in_context(span)
        for (stage, model), took in listener.took.items():
            child = self._tracer.start_span(stage, context=here, start_time=offset + took.began)
            child.set_attribute("embedsvc.release", release)
            if model:
                child.set_attribute("embedsvc.model", model)
            if took.times > 1:
                child.set_attribute("embedsvc.times", took.times)
            child.end(offset + took.began + took.nanoseconds)
        span.end(offset + perf_counter_ns())
