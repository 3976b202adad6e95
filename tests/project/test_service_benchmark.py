"""What `benchmarks.service` counts: answers, percentiles, aims, and how soon a service has recovered."""

from __future__ import annotations

import asyncio
import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.service_findings import Finding, table
from benchmarks.service_load import BROKEN, Outcome, closed_load, open_load, percentile, question
from benchmarks.service_overload import other_than, recovery
from benchmarks.service_speed import all_good, ms


@contextmanager
def answering(*answers: bytes, pause: float = 0.0) -> Iterator[tuple[int, list[bytes]]]:
    """A server on the loopback address that answers one at a time, in turn; its port, and what it got."""
    got: list[bytes] = []
    turn = iter(answers * 10_000)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _request(reader):
            got.append(head)
            async with lock:
                await asyncio.sleep(pause)
                answer = next(turn)
            if not answer:
                break
            for part in (answer[:20], answer[20:]):  # no client may count on all at once
                writer.write(part)
                await writer.drain()
        writer.close()

    async def run() -> None:
        async with await asyncio.start_server(serve, sock=listener):
            ready.set()
            while not ended.is_set():
                await asyncio.sleep(0.01)

    lock, ready, ended = asyncio.Lock(), threading.Event(), threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield listener.getsockname()[1], got
    finally:
        ended.set()
        thread.join()


async def _request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
    length = [line for line in head.split(b"\r\n") if line.startswith(b"content-length: ")]
    return head + (await reader.readexactly(int(length[0][16:])) if length else b"")


def answer(status: int, body: bytes = b"{}", *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *more]
    return "\r\n".join([*lines, "", ""]).encode() + body


def outcome(*answers: tuple[float, float, int], seconds: float = 1.0) -> Outcome:
    found = Outcome(seconds)
    for due, latency, status in answers:
        found.add(due, latency, status)
    return found


@pytest.mark.parametrize(
    ("share", "value"), [(0.5, 50), (0.505, 51), (0.99, 99), (0.991, 100), (1.0, 100), (0.001, 1)]
)
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(share: float, value: int) -> None:
    assert percentile([*range(100, 0, -1)], share) == value


def test_a_percentile_of_few_is_one_of_them_and_of_none_no_number() -> None:
    assert percentile([3.0], 0.99) == 3.0
    assert percentile([1.0, 2.0, 3.0], 0.5) == 2.0
    assert math.isnan(percentile([], 0.99))


def test_answers_are_counted_by_status_and_the_good_ones_while_the_load_lasted() -> None:
    found = outcome((0.0, 0.1, 200), (0.9, 0.2, 200), (0.5, 0.01, 503), (0.7, 0.3, 200), (0.8, 9.0, BROKEN))
    assert found.counts() == {BROKEN: 1, 200: 3, 503: 1}
    assert found.per_second == 2.0  # one of the three came when the load had ended
    assert found.latencies() == [0.1, 0.2, 0.3]
    assert found.latencies(503) == [0.01]
    assert ms(found, 1.0) == pytest.approx(300)
    assert other_than(found) == 1
    with pytest.raises(SystemExit, match='"503": 1'):
        all_good(found)
    assert all_good(outcome((0.0, 0.1, 200))) is None


def test_refusals_that_do_not_say_when_to_ask_again_are_counted() -> None:
    found = Outcome(1.0)
    for status, told in ((200, False), (429, True), (429, False), (503, False), (500, False)):
        found.add(0.0, 0.1, status, told=told)
    assert found.untold() == 2


def test_a_service_has_recovered_when_a_whole_second_is_within_the_limit() -> None:
    def after(*windows: float) -> Outcome:  # one answer in the midst of each half second
        return outcome(*((number / 2 + 0.25, latency, 200) for number, latency in enumerate(windows)))

    slow, quick = 0.5, 0.01
    assert recovery(after(quick, quick, slow), 0.025) == 0.0
    assert recovery(after(slow, quick, slow, quick, quick), 0.025) == 1.5
    assert recovery(after(quick, slow, quick), 0.025) == math.inf
    refused = outcome((0.1, quick, 503), (0.6, quick, 200), (1.1, quick, 200))
    assert recovery(refused, 0.025) == 0.5  # no answer is late for ever


def test_an_aim_is_met_or_missed_and_a_baseline_neither() -> None:
    assert Finding("search", "rate", 301, "/s", 300, "least").met is True
    assert Finding("search", "rate", 299, "/s", 300, "least").met is False
    assert Finding("search", "p99", 25.0, "ms", 25.0).met is True
    assert Finding("search", "p99", float("nan"), "ms", 25.0).met is False
    assert Finding("search", "bare", 1.0).met is None


def test_the_table_names_a_part_once_and_shows_aims() -> None:
    found = [
        Finding("search", "the query alone", 1_234.4, "/s"),
        Finding("search", "p99", 26.04, "ms", 25.0),
        Finding("memory", "ratio", 1.234, "", 1.3),
    ]
    lines = [line.split() for line in table(found).splitlines()]
    assert lines == [
        ["part", "what", "found", "aim", "met"],
        ["search", "the", "query", "alone", "1,234", "/s"],
        ["p99", "26", "ms", "<=", "25", "NO"],
        ["memory", "ratio", "1.23", "<=", "1.3", "yes"],
    ]


def test_a_question_says_how_long_its_body_is() -> None:
    assert (
        question("GET", "/a?b=1", headers={"x-y": "z"})
        == b"GET /a?b=1 HTTP/1.1\r\nhost: 127.0.0.1\r\nx-y: z\r\n\r\n"
    )
    head, _, body = question("POST", "/a", {"text": "é"}).partition(b"\r\n\r\n")
    assert body == b'{"text": "\\u00e9"}'
    assert head.endswith(b"content-type: application/json\r\ncontent-length: 18")


def test_open_load_asks_all_that_was_due_whatever_the_answers() -> None:
    asked = [question("POST", "/v1/search", {"n": number}) for number in range(3)]
    told = [answer(200, b"a" * 1_000), answer(503, b"{}", "Retry-After: 1"), answer(429), answer(200, b"")]
    with answering(*told) as (port, got):
        found = open_load(port, asked, 200, 0.2, connections=5)
    assert found.counts() == {200: 20, 429: 10, 503: 10}
    assert found.untold() == 10  # the 429 did not say when
    assert sorted(found.due) == pytest.approx([number / 200 for number in range(40)])
    assert sorted(set(got)) == sorted(asked)


def test_open_load_counts_from_when_a_question_was_due() -> None:
    with answering(answer(200), pause=0.03) as (port, _):  # one after another: 33 a second
        found = open_load(port, [question("GET", "/")], 100, 0.2, connections=2)
    assert found.counts() == {200: 20}
    latencies = [latency for _, latency in sorted(zip(found.due, found.latency, strict=True))]
    # The last was due at 0.19 s and the server cannot be done with twenty before 0.6 s.
    assert latencies[-1] >= 0.6 - 0.19 - 0.01
    assert found.drained >= 0.3


def test_closed_load_asks_when_it_was_answered_and_ends() -> None:
    with answering(answer(200), pause=0.01) as (port, got):
        found = closed_load(port, [question("GET", "/")], 3, 0.3)
    assert set(found.counts()) == {200}
    assert len(found) == len(got) <= 33
    assert found.seconds == 0.3


def test_connections_that_break_are_counted_and_made_anew() -> None:
    with answering(answer(200), b"") as (port, _):  # every other question is answered by hanging up
        found = open_load(port, [question("GET", "/")], 100, 0.2, connections=2)
    assert found.counts() == {BROKEN: 10, 200: 10}


def test_nobody_there_is_counted_too() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        begin = time.perf_counter()
        found = open_load(port, [question("GET", "/")], 50, 0.2)
    assert found.counts() == {BROKEN: 10}
    assert time.perf_counter() - begin < 20
