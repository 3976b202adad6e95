"""Both clients against the real service."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterator

import pytest

from embedsvc import AsyncClient, Client, InputError, UnknownNameError, UnknownReleaseError, UnknownSkillError
from embedsvc.schemas import RelatedQuery
from tests.service.handmade import SKILLS, neighbours


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    with Client(address) as client:
        yield client


@pytest.fixture
async def awaiting(address: str) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(address) as client:
        yield client


@pytest.mark.parametrize("skill", SKILLS)
def test_related_for_every_name(client: Client, skill: str) -> None:
    answer = client.skills.related(skill, k=3)
    assert answer.release == "first"
    assert (answer.resolved.skill, answer.resolved.step) == (skill, "exact")
    assert [(other.skill, other.score) for other in answer.related] == neighbours(skill, 3)
    assert client.skills.get(skill).candidates == 100 - 10 * SKILLS.index(skill)


def test_related_passes_every_option(client: Client) -> None:
    answer = client.skills.related("c#", k=5, relation="used_with", min_score=0.85)
    assert [(other.skill, other.score) for other in answer.related] == [("javascript", 0.9)]


def test_unknown_skill_raises_with_suggestions(client: Client) -> None:
    with pytest.raises(UnknownSkillError, match="php") as caught:
        client.skills.related("phq")
    assert caught.value.details["suggestions"] == ["php"]
    assert caught.value.request_id


@pytest.mark.parametrize("skill", [".", "..", "...", "a/../b", "?", "#", "%", "a b", "+", "\n", "é/related"])
def test_strange_names_reach_the_service_as_they_are(client: Client, skill: str) -> None:
    for ask in (client.skills.related, client.skills.get):
        with pytest.raises(InputError) as caught:
            ask(skill)
        assert caught.value.code == ("invalid_request" if not skill.strip() else "unknown_skill")


def test_related_many_joins_what_it_split(client: Client) -> None:
    queries: list[str | RelatedQuery] = [SKILLS[row % len(SKILLS)] for row in range(2500)]
    queries[1700] = "qqqqqq"
    queries[2400] = RelatedQuery(skill="php", k=1, relation="used_with")
    answer = client.skills.related_many(queries, k=1)
    assert [result.index for result in answer.results] == list(range(2500))
    for row in (0, 999, 1000, 1999, 2499):
        (other,) = answer.results[row].related or []
        assert (other.skill, other.score) == neighbours(SKILLS[row % len(SKILLS)], 1)[0]
    error = answer.results[1700].error
    assert error is not None
    assert error.code == "unknown_skill"
    assert [other.skill for other in answer.results[2400].related or []] == ["日本語"]


async def test_batches_tell_how_far_they_are(client: Client, awaiting: AsyncClient) -> None:
    texts = ["php"] * 1500
    batches = {
        "related_many": lambda asked, told: asked.skills.related_many(texts, 1, progress=told),
        "extract": lambda asked, told: asked.skills.extract(texts, progress=told),
        "pairs": lambda asked, told: asked.similarity.pairs([("php", "JS")] * 1500, progress=told),
        "one_to_many": lambda asked, told: asked.similarity.one_to_many("php", texts, progress=told),
        "search": lambda asked, told: asked.search(texts, 1, progress=told),
        "classify": lambda asked, told: asked.classify(texts, progress=told),
        "embeddings": lambda asked, told: asked.embeddings(texts, progress=told),
    }
    for name, ask in batches.items():
        told: list[tuple[int, int]] = []
        answer = ask(client, lambda *now, told=told: told.append(now))
        assert told == [(1000, 1500), (1500, 1500)], name
        again = await ask(awaiting, lambda *now, told=told: told.append(now))
        assert told == [(1000, 1500), (1500, 1500)] * 2, name
        assert answer == again


def test_extract_joins_what_it_split(client: Client) -> None:
    texts = ["php and JS", "nothing", "C#, \u65e5\u672c\u8a9e"] * 500
    texts[1200] = "x" * 100_001
    answer = client.skills.extract(texts)
    assert [result.index for result in answer.results] == list(range(1500))
    for row in (0, 999, 1497):
        found = [
            (each.skill, each.surface, each.start, each.step) for each in answer.results[row].skills or []
        ]
        assert found == [("php", "php", 0, "exact"), ("javascript", "JS", 8, "alias")]
    assert answer.results[1].skills == []
    assert [each.start for each in answer.results[2].skills or []] == [0, 4]
    refused = answer.results[1200].error
    assert refused is not None
    assert refused.code == "invalid_request"


def test_texts_that_cannot_be_used_fail_alone(client: Client) -> None:
    texts = ["php", "", "y" * 100_001, "nurse"] * 300
    for answer in (client.search(texts, 1), client.classify(texts), client.skills.extract(texts)):
        assert [result.index for result in answer.results] == list(range(1200))
        error = answer.results[1102].error
        assert error is not None
        assert error.message == "item: String should have at most 100000 characters."
        assert answer.results[1100].error is None
    told = client.similarity.pairs([("php", text) for text in texts])
    assert told.scores[:4] == [1.0, None, None, 0.0]
    assert [each.index for each in told.errors][-2:] == [1197, 1198]


def test_similarity(client: Client) -> None:
    pairs = [("php", "javascript"), ("php", "qqqqqq")] * 800
    answer = client.similarity.pairs(pairs)
    assert answer.scores == [0.8, None] * 800
    assert answer.relatedness == [0.8, None] * 800
    assert client.similarity.one_to_many("accountant", ["payroll", "nurse"]).scores == [1.0, 0.0]


def test_texts_of_many_megabytes_are_split_by_size(client: Client) -> None:
    texts = [f"{word} {'qqqqqq ' * 12_000}" for word in ("php", "payroll") * 30]
    answer = client.search(texts, k=1)
    assert [result.hits[0].id for result in answer.results if result.hits] == ["c1", "c2"] * 30
    assert [result.index for result in answer.results] == list(range(60))


def test_search_and_classify(client: Client) -> None:
    (result,) = client.search(["nurse"], 1).results
    assert result.hits is not None
    assert [(hit.id, hit.title, hit.label) for hit in result.hits] == [("c3", "Nurse", None)]
    among = client.search(["php nurse"], where={"not": {"field": "label", "in": [None]}}, exact=True)
    assert [hit.id for hit in among.results[0].hits or []] == ["c1", "c2"]
    assert (among.path, among.matching) == ("scan", 2)
    with pytest.raises(InputError, match="there is no column 'age'"):
        client.search(["php"], where={"field": "age", "in": ["7"]})
    (labelled,) = client.classify(["payroll ledger"], top_k=1).results
    assert labelled.labels is not None
    assert [each.label for each in labelled.labels] == ["finance"]
    with pytest.raises(UnknownNameError, match="seniority"):
        client.classify(["a"], classifier="seniority")


def test_the_rest(client: Client) -> None:
    assert [row.skill for row in client.skills.suggest("p", limit=2).skills] == ["php", "pl/sql"]
    assert client.health.live().status == "live"
    assert client.health.ready().canary == "php"
    assert [(each.name, each.active) for each in client.releases().releases] == [("first", True)]
    told = client.release("first")
    assert (told.name, told.active, told.card) == ("first", True, False)
    assert told.served is not None
    with pytest.raises(UnknownReleaseError):
        client.release("nowhere")


def test_what_cannot_be_asked_is_not_sent(client: Client) -> None:
    client.close()
    with pytest.raises(InputError, match="k: Input should be greater than or equal to 1"):
        client.skills.related("php", k=0)
    with pytest.raises(InputError, match="skill: "):
        client.skills.related("")
    for prefix in ("", "x" * 100_000, "\ud800"):
        with pytest.raises(InputError):
            client.skills.suggest(prefix)
    with pytest.raises(InputError, match="give a list"):
        client.classify("one text")
    with pytest.raises(InputError, match=r"texts: .* at least 1 item"):
        client.classify([])
    with pytest.raises(InputError, match=r"queries\[1500\]"):
        client.search(["a"] * 1500 + [7], 1)  # type: ignore[list-item]
    with pytest.raises(InputError):
        client.search(["\ud800"], 1)


async def test_streams_ask_batch_by_batch(client: Client, awaiting: AsyncClient) -> None:
    asked = []

    def texts() -> Iterator[str]:
        for number in range(2_500):
            asked.append(number)
            yield ("php", "", "nurse and JS")[number % 3]

    answers = client.stream.extract(texts())
    assert asked == []
    first = next(answers)
    assert (len(asked), len(first.results), first.release) == (1000, 1000, "first")
    results = [*first.results, *(result for answer in answers for result in answer.results)]
    assert [result.index for result in results] == list(range(2_500))
    assert [each.skill for each in results[2_498].skills or []] == ["javascript"]
    whole = client.skills.extract(list(texts()))
    assert results == whole.results
    told = [answer async for answer in awaiting.stream.extract(texts())]
    assert [result for answer in told for result in answer.results] == results
    (searched,) = client.stream.search(["nurse", ""], 1)
    assert searched.results == client.search(["nurse", ""], 1).results
    (labelled,) = client.stream.classify(["php"])
    assert labelled == client.classify(["php"])
    (related,) = client.stream.related(["php", "qqqqqq"], 2)
    assert related == client.skills.related_many(["php", "qqqqqq"], 2)
    with pytest.raises(InputError, match="single string"):
        next(client.stream.classify("php"))


async def test_async_client_gives_the_same_answers(client: Client, awaiting: AsyncClient) -> None:
    assert await awaiting.skills.related("ci/cd", k=3) == client.skills.related("ci/cd", k=3)
    many = ["php", "qqqqqq"] * 600
    assert await awaiting.skills.related_many(many, k=2) == client.skills.related_many(many, k=2)
    assert await awaiting.skills.get("js") == client.skills.get("js")
    assert await awaiting.skills.suggest("p") == client.skills.suggest("p")
    pairs = [("php", "nurse")]
    assert await awaiting.similarity.pairs(pairs) == client.similarity.pairs(pairs)
    assert await awaiting.similarity.one_to_many("php", ["php"]) == client.similarity.one_to_many(
        "php", ["php"]
    )
    assert await awaiting.search(["php"], 2) == client.search(["php"], 2)
    assert await awaiting.classify(["php"]) == client.classify(["php"])
    assert await awaiting.health.live() == client.health.live()
    assert await awaiting.health.ready() == client.health.ready()
    assert await awaiting.releases() == client.releases()
    assert await awaiting.release("first") == client.release("first")
    with pytest.raises(UnknownSkillError):
        await awaiting.skills.related("phq")


def test_both_clients_have_the_same_methods(address: str) -> None:
    def methods(client: object) -> dict[str, str]:
        told = {}
        for holder in (
            client,
            *(
                getattr(client, name)
                for name in ("skills", "stream", "similarity", "candidates", "jobs", "health")
            ),
        ):
            for name, method in inspect.getmembers(holder, inspect.ismethod):
                if not name.startswith("_"):
                    place = type(holder).__name__.removeprefix("Async")
                    signature = str(inspect.signature(method))
                    told[f"{place}.{name}"] = signature.replace("AsyncIterator", "Iterator")
        return told

    with Client(address) as client:
        assert methods(client) == methods(AsyncClient(address))
        assert len(methods(client)) == 37
