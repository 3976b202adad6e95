"""Limits that hold over all workers of the service."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.releases import Store
from embedsvc.service.metrics import FOLDER
from embedsvc.service.rates import PLACES, RateLimiter, SharedRateLimiter, open_limiter
from tests.service.serving import serving
from tests.service.test_access import Clock

TAKES = """
import sys
from pathlib import Path
from embedsvc.service.rates import SharedRateLimiter
limiter = SharedRateLimiter(600, Path(sys.argv[1]), lambda: 100.0)
print(sum(limiter.take("a")[0] == 0.0 for _ in range(500)))
"""


@given(steps=st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc"), st.floats(0, 30)), max_size=80))
def test_three_that_share_are_as_one_that_is_alone(steps: list[tuple[int, str, float]]) -> None:
    clock = Clock()
    with TemporaryDirectory() as folder:
        shared = [SharedRateLimiter(5, Path(folder) / "limits", clock) for _ in range(3)]
        alone = RateLimiter(5, clock)
        for which, caller, gap in steps:
            clock.now += gap
            (wait, headers), (wanted, others) = shared[which].take(caller), alone.take(caller)
            assert wait == pytest.approx(wanted)
            assert headers == others


def test_processes_that_ask_at_once_share_one_bucket(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TAKES, str(tmp_path / "limits")]
    asking = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    assert sum(int(each.communicate()[0]) for each in asking) == 600


def test_a_clock_that_begins_anew_neither_fills_nor_empties(tmp_path: Path) -> None:
    clock = Clock()
    limiter = SharedRateLimiter(60, tmp_path / "limits", clock)
    assert [limiter.take("a")[0] for _ in range(60)] == [0.0] * 60
    clock.now = 1.0
    again = SharedRateLimiter(60, tmp_path / "limits", clock)
    assert again.take("a")[0] == pytest.approx(1.0)
    clock.now = 2.0
    assert again.take("a")[0] == 0.0


def test_callers_without_number_take_no_room_without_end(tmp_path: Path) -> None:
    limiter = SharedRateLimiter(2, tmp_path / "limits")
    for number in range(3 * PLACES):
        assert limiter.take(str(number))[0] == 0.0
    assert (tmp_path / "limits").stat().st_size == 32 * PLACES
    assert [limiter.take(str(3 * PLACES - 1))[0] > 0 for _ in range(2)] == [False, True]


def test_one_process_shares_with_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    assert open_limiter(0) is None
    assert type(open_limiter(5)) is RateLimiter
    monkeypatch.setenv(FOLDER, str(tmp_path))
    assert type(open_limiter(5)) is SharedRateLimiter


def test_two_workers_let_through_what_one_would(handmade: Store, tmp_path: Path) -> None:
    limit = 60
    with serving(handmade.root, tmp_path / "log", workers=2, rate_limit=limit) as address:
        began = time.monotonic()
        # A connection each, so that both workers are asked.
        with httpx.Client(headers={"connection": "close"}, timeout=30) as web:
            told = [web.get(f"{address}/v1/skills/php") for _ in range(2 * limit)]
        passed = sum(each.status_code == 200 for each in told)
        refills = (time.monotonic() - began) * limit / 60
    assert {each.status_code for each in told} == {200, 429}
    assert limit <= passed <= limit + refills + 1
