"""Splitting, joining, and one release in every joined answer."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from embedsvc import Client, InputError, TransportError
from embedsvc.client.batches import MAX_CHUNK_BYTES, chunks
from embedsvc.schemas import MAX_BATCH, MAX_HITS


@given(st.integers(0, 3 * MAX_BATCH + 1), st.integers(1, MAX_BATCH))
def test_parts_are_the_whole_in_order(count: int, most: int) -> None:
    items = [str(number) for number in range(count)]
    parts = list(chunks(items, "texts", most))
    assert [item for _, part in parts for item in part] == items
    assert [offset for offset, _ in parts] == list(range(0, max(count, 1), most))


@given(st.lists(st.integers(0, MAX_CHUNK_BYTES), max_size=12))
def test_parts_are_not_too_heavy(sizes: list[int]) -> None:
    parts = list(chunks(["é" * (size // 2) for size in sizes], "texts"))
    for _, part in parts:
        assert len(part) == 1 or sum(len(to_json(item)) + 1 for item in part) <= MAX_CHUNK_BYTES
    assert sum(len(part) for _, part in parts) == len(sizes)


def test_one_string_is_no_list() -> None:
    with pytest.raises(InputError, match="texts: give a list"):
        list(chunks("php", "texts"))


class Changing:
    """A service that moves through the given releases, one a request."""

    def __init__(self, *releases: str) -> None:
        self.releases = list(releases)
        self.asked = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        release = self.releases[min(self.asked, len(self.releases) - 1)]
        self.asked += 1
        texts = request.read().count(b'"x"')
        score = float(release[1:]) / 100
        return httpx.Response(200, json={"release": release, "space": "s", "scores": [score] * (texts - 1)})


def scores(service: Changing, targets: int) -> tuple[str, set[float | None], int]:
    with Client("http://service.test", transport=httpx.MockTransport(service)) as client:
        answer = client.similarity.one_to_many("x", ["x"] * targets)
    return answer.release, set(answer.scores), len(answer.scores)


def test_parts_of_an_older_release_are_asked_again() -> None:
    service = Changing("r1", "r1", "r2")
    assert scores(service, 3 * MAX_BATCH) == ("r2", {0.02}, 3 * MAX_BATCH)
    assert service.asked == 5


def test_a_part_that_is_asked_again_is_told_once() -> None:
    told: list[tuple[int, int]] = []
    service = Changing("r1", "r1", "r2")
    with Client("http://service.test", transport=httpx.MockTransport(service)) as client:
        client.similarity.one_to_many(
            "x", ["x"] * (2 * MAX_BATCH + 7), progress=lambda *now: told.append(now)
        )
    assert service.asked == 5
    assert told == [(MAX_BATCH, 2007), (2 * MAX_BATCH, 2007), (2007, 2007)]


def test_putting_in_tells_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []
    answer = httpx.Response(200, json={"release": "r1", "results": []})
    many = [{"id": f"c{number}", "title": "Nurse"} for number in range(1200)]
    with Client("http://service.test", transport=httpx.MockTransport(lambda _: answer)) as client:
        client.candidates.upsert_many(many, progress=lambda *now: told.append(now))
    assert told == [(1000, 1200), (1200, 1200)]


def test_two_changes_in_one_batch() -> None:
    service = Changing("r1", "r2", "r2", "r3", "r3")
    assert scores(service, 3 * MAX_BATCH) == ("r3", {0.03}, 3 * MAX_BATCH)


def test_release_that_never_stands_still_is_an_error() -> None:
    service = Changing(*[f"r{number}" for number in range(1, 60)])
    with pytest.raises(TransportError, match="again and again"):
        scores(service, 2 * MAX_BATCH)
    assert service.asked < 10


def test_search_is_split_by_what_it_may_answer() -> None:
    sizes = []

    def service(request: httpx.Request) -> httpx.Response:
        count = request.read().count(b'"x"')
        sizes.append(count)
        results = [{"index": index, "hits": []} for index in range(count)]
        return httpx.Response(200, json={"release": "r", "results": results})

    with Client("http://service.test", transport=httpx.MockTransport(service)) as client:
        answer = client.search(["x"] * 250, k=1000)
    assert sizes == [MAX_HITS // 1000, MAX_HITS // 1000, 50]
    assert [result.index for result in answer.results] == list(range(250))
