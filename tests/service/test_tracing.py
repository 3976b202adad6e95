"""Traces: whose they continue, what spans hold, and that a real collector gets them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from starlette.testclient import TestClient

from embedsvc import queries
from embedsvc.errors import OptionalDependencyError
from embedsvc.releases import Store
from embedsvc.service import create_app, tracing
from embedsvc.service.tracing import is_wanted, open_tracing
from embedsvc.settings import Settings
from tests.service.serving import serving

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SENT = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-ID": "mine"}
PRIVATE = "Jane Doe knows payroll"


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(tracing, "make_exporter", lambda _: exporter)
    return exporter


def traced(store: Store, **settings: Any) -> TestClient:
    return TestClient(
        create_app(Settings(store=store.root, otlp_endpoint="http://127.0.0.1:4318", **settings)),
        raise_server_exceptions=False,
    )


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_a_span_of_the_request_and_of_each_stage(handmade: Store, exported: InMemorySpanExporter) -> None:
    with traced(handmade) as web:
        web.post("/v1/search", json={"queries": [PRIVATE, "php"]}, headers=SENT)
        web.get("/health/ready")
        web.get("/metrics")
    spans = by_name(exported)
    assert list(spans) == ["parse", "wait", "encode", "search", "serialise", "POST /v1/search"]
    whole = spans.pop("POST /v1/search")
    assert whole.kind is SpanKind.SERVER
    assert dict(whole.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/v1/search",
        "http.response.status_code": 200,
        "embedsvc.release": "first",
        "embedsvc.request_id": "mine",
        "embedsvc.batch_size": 2,
    }
    assert whole.context is not None
    assert whole.parent is not None
    assert f"{whole.context.trace_id:032x}" == TRACE
    assert f"{whole.parent.span_id:016x}" == PARENT
    for span in spans.values():
        assert span.parent is not None
        assert span.parent.span_id == whole.context.span_id
        assert (whole.start_time or 0) <= (span.start_time or 0) <= (span.end_time or 0)
        assert (span.end_time or 0) <= (whole.end_time or 0)
    assert dict(spans["encode"].attributes or {}) == {"embedsvc.release": "first", "embedsvc.model": "sif"}
    assert whole.resource.attributes["service.name"] == "embedsvc"


def test_no_span_tells_what_was_asked(
    handmade: Store, exported: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*asked: object) -> None:
        raise ValueError(PRIVATE)

    with traced(handmade) as web:
        web.get(f"/v1/skills/{PRIVATE}/related")
        web.get("/v1/skills/php/related?k=3")
        web.get("/v1/candidates/c1/similar")
        web.get(f"/nowhere/{PRIVATE}", params={"q": PRIVATE})
        web.post("/v1/classify", json={"texts": [PRIVATE], PRIVATE: 1})
        monkeypatch.setattr(queries, "classify", crash)
        assert web.post("/v1/classify", json={"texts": [PRIVATE]}).status_code == 500
    told = "".join(span.to_json() for span in exported.get_finished_spans())
    assert "Jane" not in told
    assert "payroll" not in told
    assert '"c1"' not in told
    statuses = [
        (span.name, (span.attributes or {})["http.response.status_code"])
        for span in exported.get_finished_spans()
        if span.kind is SpanKind.SERVER
    ]
    assert statuses == [
        ("GET /v1/skills/{skill:path}/related", 404),
        ("GET /v1/skills/{skill:path}/related", 200),
        ("GET /v1/candidates/{candidate:path}/similar", 200),
        ("GET", 404),
        ("POST /v1/classify", 422),
        ("POST /v1/classify", 500),
    ]
    failed = exported.get_finished_spans()[-1]
    assert failed.status.status_code is StatusCode.ERROR
    assert (failed.attributes or {})["error.type"] == "ValueError"
    assert failed.events == ()


def test_every_line_of_a_stream_is_an_item(handmade: Store, exported: InMemorySpanExporter) -> None:
    with traced(handmade) as web:
        body = b'"php"\n' * 250
        web.post("/v1/classify", content=body, headers={"content-type": "application/x-ndjson"})
    spans = by_name(exported)
    assert (spans["POST /v1/classify"].attributes or {})["embedsvc.batch_size"] == 250
    assert (spans["classify"].attributes or {})["embedsvc.times"] == 3


def test_what_the_caller_does_not_sample_makes_no_span(
    handmade: Store, exported: InMemorySpanExporter
) -> None:
    with traced(handmade) as web:
        web.get("/v1/skills/php", headers={"traceparent": f"00-{TRACE}-{PARENT}-00"})
        assert exported.get_finished_spans() == ()
        web.get("/v1/skills/php", headers={"traceparent": "nonsense"})
    assert exported.get_finished_spans()[-1].parent is None


@pytest.mark.parametrize(
    ("endpoint", "environment", "wanted"),
    [
        ("", {}, False),
        ("http://c:4318", {}, True),
        ("", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ("", {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ("http://c:4318", {"OTEL_SDK_DISABLED": "true"}, False),
        ("http://c:4318", {"OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_off_unless_asked_for(
    handmade: Store, endpoint: str, environment: dict[str, str], wanted: bool
) -> None:
    assert is_wanted(Settings(store=handmade.root, otlp_endpoint=endpoint), environment) is wanted


def test_without_the_library_one_sentence_says_so(handmade: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(OptionalDependencyError, match=r"pip install 'embedsvc\[otel\]'"):
        open_tracing(Settings(store=handmade.root, otlp_endpoint="http://c:4318"))
    with structlog.testing.capture_logs() as lines:
        standard = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}
        assert open_tracing(Settings(store=handmade.root), standard) is None
    assert [line["event"] for line in lines] == ["no_traces"]


@pytest.fixture
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """A collector on the loopback address: what it was sent, parsed."""
    got: list[ExportTraceServiceRequest] = []

    class Collect(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            assert (self.path, self.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
            got.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *told: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collect)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("by", ["ours", "standard"])
def test_a_real_collector_gets_the_spans(
    by: str,
    handmade: Store,
    tmp_path: Path,
    collector: tuple[str, list[ExportTraceServiceRequest]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, got = collector
    settings = {"otlp_endpoint": address} if by == "ours" else {}
    if by == "standard":
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        monkeypatch.setenv("OTEL_SERVICE_NAME", "matching")
    with serving(handmade.root, tmp_path / "log", **settings) as service:
        assert httpx.get(f"{service}/v1/skills/php/related", headers=SENT).status_code == 200
    (traces,) = [group for request in got for group in request.resource_spans]  # sent when the service stops
    names = {each.key: each.value.string_value for each in traces.resource.attributes}
    assert names["service.name"] == ("embedsvc" if by == "ours" else "matching")
    spans = {span.name: span for scope in traces.scope_spans for span in scope.spans}
    assert set(spans) == {"GET /v1/skills/{skill:path}/related", "resolve", "search", "serialise"}
    assert {span.trace_id.hex() for span in spans.values()} == {TRACE}
    assert spans["GET /v1/skills/{skill:path}/related"].parent_span_id.hex() == PARENT
    assert {each.key: each.value.string_value for each in spans["search"].attributes} == {
        "embedsvc.release": "first",
        "embedsvc.model": "similar",
    }


def test_a_collector_that_is_away_holds_nothing_up(handmade: Store, tmp_path: Path) -> None:
    with serving(handmade.root, tmp_path / "log", otlp_endpoint="http://127.0.0.1:9") as service:
        for _ in range(20):
            assert httpx.get(f"{service}/v1/skills/php").status_code == 200
    assert "crashed" not in (tmp_path / "log").read_text()
