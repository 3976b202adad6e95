"""The effort of one search: what it finds, by every way to ask."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from typer.testing import CliRunner

from embedsvc import AsyncClient, Client, InputError
from embedsvc.cli.app import app
from embedsvc.releases import Store
from embedsvc.releases.candidates import CandidateTableWriter
from indexes import get_backend
from tests.service import handmade
from tests.service.serving import serving

COUNT, LISTS, K = 480, 12, 100
TEXT = "php javascript"
EFFORTS = (1, 2, 4, LISTS, COUNT - 1, COUNT, 2**31 - 1)


def many_candidates(folder: Path) -> None:
    """Inverted lists of which one is visited, unless a search asks for more."""
    vectors = np.abs(np.random.default_rng(0).normal(size=(COUNT, 4))).astype(np.float32)
    lists = get_backend("faiss_factory")
    args = lists.args_type(factory=f"IVF{LISTS},Flat", probes=1, refine=1)  # type: ignore[call-arg]
    lists.build(vectors, args=args, threads=1).save(folder)
    with CandidateTableWriter(folder) as table:
        table.write([(f"c{row}", "", None, "2026-01-01") for row in range(COUNT)])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("effort") / "store", create=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handmade, "_candidates", many_candidates)
        handmade.publish(store, "first")
    store.activate("first")
    return store


@pytest.fixture(scope="module")
def address(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(store.root, tmp_path_factory.mktemp("serving") / "log") as address:
        yield address


def test_more_effort_finds_more_and_all_of_it_finds_everything(store: Store) -> None:
    with Client.local(store.root) as client:
        exact = client.search([TEXT], k=K, exact=True)
        usual = client.search([TEXT], k=K)
        answers = [client.search([TEXT], k=K, effort=effort) for effort in EFFORTS]
    assert [answer.path for answer in answers] == ["index"] * 5 + ["scan"] * 2
    assert (exact.path, usual.path) == ("scan", "index")
    true = exact.results[0].hits or []
    found = [answer.results[0].hits or [] for answer in answers]
    assert usual.results[0].hits == found[0]  # built to visit one list
    share = [len({hit.id for hit in hits} & {hit.id for hit in true}) for hits in found]
    assert share == sorted(share)
    assert share[0] < share[2] < share[3] == K
    assert all(hits == true for hits in found[3:])
    scores = {hit.id: hit.score for hit in true}
    assert all(hit.score == scores[hit.id] for hits in found for hit in hits if hit.id in scores)


async def test_every_way_to_ask_gives_the_same(store: Store, address: str) -> None:
    with Client(address) as remote, Client.local(store.root) as local:
        asked = {effort: local.search([TEXT], k=K, effort=effort) for effort in EFFORTS}
        like = {effort: local.candidates.similar("c7", k=K, effort=effort) for effort in EFFORTS}
        assert {effort: remote.search([TEXT], k=K, effort=effort) for effort in EFFORTS} == asked
        assert {effort: remote.candidates.similar("c7", k=K, effort=effort) for effort in EFFORTS} == like
        assert like[COUNT].hits == local.candidates.similar("c7", k=K, exact=True).hits
        assert [like[effort].path for effort in EFFORTS] == ["index"] * 5 + ["scan"] * 2
        assert len(like[1].hits) < len(like[LISTS].hits) == K
    async with AsyncClient(address) as remote, AsyncClient.local(store.root) as local:
        for client in (remote, local):
            assert await client.search([TEXT], k=K, effort=2) == asked[2]
            assert await client.candidates.similar("c7", k=K, effort=2) == like[2]
    line = httpx.post(
        f"{address}/v1/search?effort=2&k={K}",
        content=json.dumps(TEXT),
        headers={"content-type": "application/x-ndjson"},
    ).json()
    assert line["hits"] == [hit.model_dump() for hit in asked[2].results[0].hits or []]
    for command, told in ((["search", TEXT], asked[2]), (["candidate", "similar", "c7"], like[2])):
        options = ["-k", str(K), "--effort", "2", "--store", str(store.root), "--json"]
        assert json.loads(CliRunner().invoke(app, [*command, *options]).stdout) == told.model_dump()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"effort": 0}, "greater than or equal to 1"),
        ({"effort": -3}, "greater than or equal to 1"),
        ({"effort": 2**31}, "less than or equal to 2147483647"),
        ({"effort": 5, "exact": True}, "leave one of exact and effort out"),
    ],
)
def test_an_effort_that_cannot_be_is_refused(
    asked: dict[str, int], message: str, store: Store, address: str
) -> None:
    answer = httpx.post(f"{address}/v1/search", json={"queries": [TEXT], **asked})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
    assert message in answer.text
    like = httpx.get(f"{address}/v1/candidates/c7/similar", params=asked)
    assert (like.status_code, like.json()["error"]["code"]) == (422, "invalid_request")
    assert message in like.text
    with Client(address) as remote, Client.local(store.root) as local:
        for client in (remote, local):
            with pytest.raises(InputError, match=message):
                client.search([TEXT], **asked)  # type: ignore[arg-type]
            with pytest.raises(InputError, match=message):
                client.candidates.similar("c7", **asked)  # type: ignore[arg-type]
