"""More than the service can do: every request is answered, what is too much by 503 or 429; health always."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import httpx

from embedsvc.releases import Store
from embedsvc.service.keys import new_key
from tests.service.serving import serving

CALLERS, ROUNDS = 24, 12
TEXTS = ["php developer and payroll accountant " * 40] * 60


def test_every_request_gets_an_answer(handmade: Store, tmp_path: Path) -> None:
    greedy, line = new_key("greedy", "read")
    modest, other = new_key("modest", "read")
    settings = {
        "cpu_threads": 1,
        "max_waiting": 2,
        "api_keys": f"{line},{other}",
        "rate_limit": CALLERS * ROUNDS // 2,
    }
    told: list[httpx.Response] = []
    health: list[int] = []
    with serving(handmade.root, tmp_path / "log", **settings) as address:

        def ask() -> None:
            with httpx.Client(base_url=address, timeout=60) as client:
                for _ in range(ROUNDS):
                    headers = {"Authorization": f"Bearer {greedy}"}
                    told.append(client.post("/v1/classify", json={"texts": TEXTS}, headers=headers))
                    health.append(client.get("/health/ready").status_code)

        threads = [threading.Thread(target=ask) for _ in range(CALLERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spared = httpx.get(f"{address}/v1/skills/php/related", headers={"Authorization": f"Bearer {modest}"})
    seen = Counter(answer.status_code for answer in told)
    assert sum(seen.values()) == CALLERS * ROUNDS
    assert set(seen) == {200, 429, 503}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in told if answer.status_code != 200)
    assert all(len(answer.json()["results"]) == len(TEXTS) for answer in told if answer.status_code == 200)
    assert Counter(health) == {200: CALLERS * ROUNDS}
    assert spared.status_code == 200
    assert "crashed" not in (tmp_path / "log").read_text()
