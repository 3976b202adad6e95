"""`Client.local` and the awaiting clients: the values and errors of the server, on the same scenarios."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from embedsvc import AsyncClient, Client, EmbedsvcError, NoActiveReleaseError, StoreError
from embedsvc.releases import Store
from embedsvc.schemas import ReadyResponse, RelatedQuery
from tests.service.handmade import publish

TEXTS = ["php developer", "payroll accountant", "qqqqqq", "<b>nurse</b>"]

# Each is asked of four clients; those of async clients are awaited.
SCENARIOS: dict[str, Callable[[Any], Any]] = {
    "related": lambda client: client.skills.related("JS", k=3),
    "related, all options": lambda client: client.skills.related("c#", 5, "used_with", 0.85),
    "related, unknown": lambda client: client.skills.related("phq"),
    "related, no k": lambda client: client.skills.related("php", k=0),
    "related, a space": lambda client: client.skills.related("JS", space="word2vec", min_score=-1.0),
    "related, no such space": lambda client: client.skills.related("JS", space="glove"),
    "related, not of a space": lambda client: client.skills.related("JS", 3, "used_with", space="sentences"),
    "related, no space": lambda client: client.skills.related("JS", space="magnitude"),
    "related_many, a space": lambda client: client.skills.related_many(["php", "c#"], space="word2vec"),
    "related, blank": lambda client: client.skills.related(" "),
    "related, odd name": lambda client: client.skills.related("ci/cd"),
    "related_many": lambda client: client.skills.related_many(["php", RelatedQuery(skill="qqqqqq")], k=2),
    "analogy": lambda client: client.skills.analogy(["javascript"], ["php"], 3),
    "analogy, no vector": lambda client: client.skills.analogy(["php", "c#"], ["payroll"]),
    "analogy, unknown": lambda client: client.skills.analogy(["php"], ["qqqqqq"]),
    "analogy, none": lambda client: client.skills.analogy([], ["php"]),
    "get": lambda client: client.skills.get("ML"),
    "suggest": lambda client: client.skills.suggest("p", 2),
    "gap": lambda client: client.skills.gap("php and nursing", ["JS", "qqqqqq", "c++"], least=0.5),
    "gap, nothing": lambda client: client.skills.gap("", ["JS"]),
    "search_string": lambda client: client.skills.search_string("ML", similar=2, max_length=200),
    "search_string, unknown": lambda client: client.skills.search_string("qqqqqq"),
    "explain": lambda client: client.skills.explain("php", k=3),
    "explain, other": lambda client: client.skills.explain("php", "c#", relation="similar"),
    "extract": lambda client: client.skills.extract(["php and JS", "", "x" * 100_001]),
    "pairs": lambda client: client.similarity.pairs([(TEXTS[0], each) for each in TEXTS] * 400),
    "one_to_many": lambda client: client.similarity.one_to_many("nurse", TEXTS),
    "search": lambda client: client.search(TEXTS, 2),
    "search, some": lambda client: client.search(["php nurse"], where={"field": "label", "in": [None]}),
    "search, bad field": lambda client: client.search(["php"], where={"field": "age", "in": ["7"]}),
    "classify": lambda client: client.classify(TEXTS),
    "classify, examples": lambda client: client.classify(
        TEXTS, examples={"it": ["php"], "care": ["nurse"]}, threshold=0.5
    ),
    "classify, unknown": lambda client: client.classify(TEXTS, classifier="seniority"),
    "embeddings": lambda client: client.embeddings(TEXTS * 300),
    "embeddings of skills": lambda client: client.embeddings(["JS", "payroll", "qqqqqq"], "skills"),
    "embeddings, cut": lambda client: client.embeddings(["php"], dimensions=2),
    "embeddings, unknown": lambda client: client.embeddings(["php"], "gpt"),
    "models": lambda client: client.models(),
    "releases": lambda client: client.releases(),
    "release": lambda client: client.release("first"),
    "release, unknown": lambda client: client.release("nowhere"),
    "activate, unknown": lambda client: client.activate("nowhere"),
    "activate, no name": lambda client: client.activate("../first"),
    "jobs": lambda client: client.jobs.list(),
    "job, unknown": lambda client: client.jobs.get("20260101-000000-0123456789abcdef"),
    "job, no id": lambda client: client.jobs.get("../current"),
    "job, dots": lambda client: client.jobs.cancel(".."),
    "reindex, no recipe": lambda client: client.jobs.reindex(),
    "live": lambda client: client.health.live(),
    "ready": lambda client: client.health.ready(),
}


@pytest.fixture(scope="module")
def remote(address: str) -> Iterator[Client]:
    with Client(address) as client:
        yield client


@pytest.fixture(scope="module")
def local(served: Store) -> Iterator[Client]:
    with Client.local(served.root) as client:
        yield client


@pytest.fixture(params=["remote", "local"])
async def awaiting(request: pytest.FixtureRequest, address: str, served: Store) -> AsyncIterator[AsyncClient]:
    client = AsyncClient(address) if request.param == "remote" else AsyncClient.local(served.root)
    async with client:
        yield client


def outcome(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except EmbedsvcError as error:
        return type(error), error.message, error.details


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_local_answers_like_the_server(remote: Client, local: Client, scenario: str) -> None:
    ask = SCENARIOS[scenario]
    assert outcome(lambda: ask(local)) == outcome(lambda: ask(remote))


async def test_awaiting_clients_answer_alike(awaiting: AsyncClient, local: Client) -> None:
    for name, ask in SCENARIOS.items():
        try:
            told = await ask(awaiting)
        except EmbedsvcError as error:
            told = type(error), error.message, error.details
        assert told == outcome(lambda ask=ask: ask(local)), name


def test_values(local: Client) -> None:
    answer = local.embeddings(["accountant", "qqqqqq", "php"])
    assert answer.vectors == [[0.0, 0.0, 1.0, 0.0], [0.0] * 4, [1.0, 0.0, 0.0, 0.0]]
    assert (answer.unknown, answer.usage.prompt_tokens, answer.release) == ([1], 3, "first")
    assert [each.index for each in local.embeddings(["php"] * 1200).data] == list(range(1200))
    assert local.embeddings(["php", "qqqqqq"] * 600).unknown == list(range(1, 1200, 2))
    assert [(each.id, each.kind, each.dimension) for each in local.models().data] == [
        ("sentences", "sif", 4),
        ("skills", "word2vec", 4),
    ]


def test_it_follows_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", create=True)
    publish(store, "first")
    with Client.local(store.root) as client:
        with pytest.raises(NoActiveReleaseError):
            client.skills.related("php")
        store.activate("first")
        for _ in range(10_000):
            if isinstance(outcome(client.health.ready), ReadyResponse):
                break
        assert client.skills.related("php").release == "first"


def test_no_store_is_one_sentence(tmp_path: Path) -> None:
    for kind in (Client, AsyncClient):
        with pytest.raises(StoreError, match="There is no release store at"):
            kind.local(tmp_path / "nowhere")
