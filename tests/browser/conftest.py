"""A real browser before a real service: Debian's chromium, two services on loopback, one that wants keys."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn

from embedsvc.releases import Store
from embedsvc.service import create_app
from embedsvc.service.keys import new_key
from embedsvc.settings import Settings
from tests.service import handmade as by_hand
from tests.service.serving import free_port

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 15_000
"""Milliseconds that a busy machine may take."""

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"
KEY, LINE = new_key("reader", "read")
CARD = "<!doctype html><title>card</title><style>p{color:rgb(1,2,3)}</style><p>learnt from lists"
SCORES = [
    {"task": "hidden skill", "metric": "R@10", "value": 0.5, "low": 0.4, "high": 0.6, "items": 200,
     "baselines": {"popularity": 0.1, "old": 0.7}, "higher_is_better": True, "primary": True},
    {"task": "hidden skill", "metric": "MRR", "value": 0.25, "items": 200, "baselines": {}},
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Explored:
    """Where the services are."""

    open: str
    guarded: str
    key: str = KEY

    def ask(self, path: str, body: object = None) -> Any:
        """What the API itself answers."""
        if body is None:
            return httpx.get(f"{self.open}/{path}").json()
        return httpx.post(f"{self.open}/{path}", json=body).json()


@dataclass(slots=True)
class Watched:
    """What a page did that nobody sees."""

    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explored]:
    store = Store(tmp_path_factory.mktemp("explored") / "store", create=True)
    vectors, known = by_hand.VECTORS, by_hand.CANDIDATES
    more = (("h1", HOSTILE, "it", vectors["javascript"]),)
    more += tuple((f"p{n}", f"PHP programmer {n}", "it", vectors["php"]) for n in range(5))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(by_hand, "CANDIDATES", (*known, *more))
        by_hand.publish(store, "first")
    with store.draft("other") as draft:
        (draft.path / "card").mkdir()
        (draft.path / "card" / "card.html").write_text(CARD)
        draft.publish(recipe={}, metrics={"scores": SCORES}, canary={})
    store.activate("first")
    with ExitStack() as stack:
        addresses = [
            stack.enter_context(_served(Settings(store=store.root, port=free_port(), **keys)))
            for keys in ({}, {"api_keys": LINE})
        ]
        yield Explored(*addresses)


@contextmanager
def _served(settings: Settings) -> Iterator[str]:
    """Serve in a thread."""
    config = uvicorn.Config(create_app(settings), host="127.0.0.1", port=settings.port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield f"http://127.0.0.1:{settings.port}"
    finally:
        server.should_exit = True
        thread.join(timeout=30)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for the module, gone after it: its library keeps an event loop running in this thread."""
    library = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    binary = shutil.which("chromium")
    if binary is None:
        pytest.skip("no chromium here: install Debian's package, as `make browser` does")
    with library.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def opened(chromium: Any, explored: Explored, watched: Watched) -> Iterator[Any]:
    """Open pages; at the end none may have failed, and none may have asked another origin."""
    contexts = []

    def open_page(
        address: str = "", base: str = explored.open, width: int = 1280, scheme: str = "light"
    ) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: watched.requests.append(request.url))
        page.on("pageerror", lambda error: watched.faults.append(str(error)))
        page.on("console", lambda message: _note(watched, message))
        page.goto(f"{base}/{address}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watched.faults == []
    own = (explored.open, explored.guarded, f"blob:{explored.open}", f"blob:{explored.guarded}")
    assert [url for url in watched.requests if not url.startswith(own)] == []


def _note(watched: Watched, message: Any) -> None:
    """Note what a browser complains of; that the service refused a question it tells by itself."""
    if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
        watched.faults.append(message.text)
