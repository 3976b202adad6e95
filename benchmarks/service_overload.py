"""Twice of what the service can do, for a minute: who is answered what, how it lives, how it recovers."""

from __future__ import annotations

import os
import tempfile
from itertools import chain
from pathlib import Path

from benchmarks.service_findings import Finding
from benchmarks.service_health import watched
from benchmarks.service_load import Outcome, closed_load, open_load, percentile
from benchmarks.service_processes import family, serving
from benchmarks.service_speed import all_good, ms, related_questions, search_questions
from benchmarks.service_stores import SEARCHED, kept_store

OVERLOADED_SECONDS = 60.0
_AFTER_SECONDS = 8.0
_ANSWERS = frozenset({200, 429, 503})


def overload(folder: Path, seconds: float, rounds: int) -> list[Finding]:  # noqa: ARG001
    """Three searches and one question for related skills in turn, twice as many as can be answered."""
    store = kept_store(folder, SEARCHED).root
    found = search_questions()
    asked = [
        *chain.from_iterable(
            zip(found[::3], found[1::3], found[2::3], related_questions(store), strict=False)
        )
    ]
    with tempfile.TemporaryDirectory() as scratch, serving(store, Path(scratch) / "log") as server:
        before = family(server.pid)
        closed_load(server.port, asked, 16, 1)
        most = closed_load(server.port, asked, 16, 3)
        all_good(most)
        usual = open_load(server.port, asked, most.per_second / 2, 3)
        all_good(usual)
        with watched(server.port, OVERLOADED_SECONDS) as health:
            much = open_load(server.port, asked, 2 * most.per_second, OVERLOADED_SECONDS)
        after = open_load(server.port, asked, most.per_second / 2, _AFTER_SECONDS)
        crashed = len(set(before) - set(family(server.pid))) if _lives(server.pid) else len(before)
    limit = max(0.025, 2 * percentile(usual.latencies(), 0.99))
    return [
        Finding("overload", "the most it can do, searches and related", most.per_second, "/s"),
        Finding("overload", f"asked for {OVERLOADED_SECONDS:.0f} s", len(much) / OVERLOADED_SECONDS, "/s"),
        *(Finding("overload", f"answered by {status}", count) for status, count in much.counts().items()),
        Finding("overload", "answered by anything but 200, 429 and 503", other_than(much), "", 0),
        Finding("overload", "refused without Retry-After", much.untold(), "", 0),
        Finding("overload", "processes lost", crashed, "", 0),
        Finding("overload", "health: questions", len(health)),
        Finding("overload", "health: not answered by 200", sum(status != 200 for status, _ in health), "", 0),
        Finding("overload", "health: the longest", 1_000 * max(taken for _, taken in health), "ms", 100),
        Finding("overload", "p99 of those answered by 200 meanwhile", ms(much, 0.99), "ms"),
        Finding("overload", "p99 before, at half load", ms(usual, 0.99), "ms"),
        Finding("overload", "until p99 is back", much.drained + recovery(after, limit), "s", 5.0),
    ]


def other_than(outcome: Outcome) -> int:
    """How many were answered by a status that an overload does not explain."""
    return sum(status not in _ANSWERS for status in outcome.status)


def recovery(after: Outcome, limit: float, window: float = 0.5) -> float:
    """Seconds until two windows one after the other have a p99 within the limit; infinite where none have."""
    taken: dict[int, list[float]] = {}
    for due, latency, status in zip(after.due, after.latency, after.status, strict=True):
        taken.setdefault(int(due / window), []).append(latency if status == 200 else float("inf"))
    good = {place for place, each in taken.items() if percentile(each, 0.99) <= limit}
    return min((place * window for place in good if place + 1 in good), default=float("inf"))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
