"""Connections are kept and shared, and nobody is waited for longer than was said."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from embedsvc import AsyncClient, Client, TransportTimeoutError

ANSWER = b'{"status":"live"}'


class Service(ThreadingHTTPServer):
    """Answers /health/live, everything else never; keeps from which ports it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ports: list[int] = []
        self.over = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Keeps connections open, as uvicorn does."""

    protocol_version = "HTTP/1.1"
    server: Service

    def do_GET(self) -> None:
        if self.path != "/health/live":
            self.server.over.wait(60)
            return
        self.server.ports.append(self.client_address[1])
        self.send_response(200)
        self.send_header("content-length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    with running(Service()) as service:
        yield service


@contextmanager
def running(service: Service) -> Iterator[Service]:
    thread = threading.Thread(target=service.serve_forever)
    thread.start()
    try:
        yield service
    finally:
        service.over.set()
        service.shutdown()
        service.server_close()
        thread.join()


def test_one_connection_serves_question_after_question(service: Service) -> None:
    with Client(service.address) as client:
        for _ in range(20):
            client.health.live()
    assert (len(service.ports), len(set(service.ports))) == (20, 1)


def test_threads_share_a_client_and_its_connections(service: Service) -> None:
    with Client(service.address) as client, ThreadPoolExecutor(4) as threads:
        answers = [each.result() for each in [threads.submit(client.health.live) for _ in range(40)]]
    assert {answer.status for answer in answers} == {"live"}
    assert len(service.ports) == 40
    assert len(set(service.ports)) <= 4


async def test_tasks_share_a_client_and_its_connections(service: Service) -> None:
    async with AsyncClient(service.address) as client:
        await asyncio.gather(*[client.health.live() for _ in range(4)])
        for _ in range(10):
            await client.health.live()
    assert len(service.ports) == 14
    assert len(set(service.ports)) <= 4


async def test_nobody_is_waited_for_longer_than_was_said(service: Service) -> None:
    says = r"did not answer within 0\.05 s; raise the timeout"
    with Client(service.address, timeout=0.05) as client, pytest.raises(TransportTimeoutError, match=says):
        client.releases()
    async with AsyncClient(service.address, timeout=0.05) as awaiting:
        with pytest.raises(TransportTimeoutError, match=says):
            await awaiting.releases()
