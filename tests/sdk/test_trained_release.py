"""The SDK over a trained release: what comes over the wire is what the queries say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from embedsvc import Client, queries
from embedsvc.releases.opening import Release
from embedsvc.schemas import ClassifyRequest, RelatedQuery, Relation, SearchRequest, SimilarityRequest
from tests.conftest import Sample
from tests.service.serving import serving

TEXTS = [
    "Backend developer, five years of Python and PostgreSQL",
    "<p>Registered nurse, intensive care</p>",
    "Prepared the monthly payroll of 300 employees",
]


@pytest.fixture(scope="module")
def client(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with (
        serving(sample.store, tmp_path_factory.mktemp("trained") / "log") as address,
        Client(address) as client,
    ):
        yield client


@pytest.mark.parametrize("relation", ["similar", "used_with"])
def test_related(client: Client, release: Release, relation: Relation) -> None:
    skills = [skill.name for skill in release.lexicon][:300]
    asked = [RelatedQuery(skill=skill, k=7, relation=relation) for skill in skills]
    told = client.skills.related_many(asked)
    assert told.release == release.name
    expected = [queries.related(release, each) for each in asked]
    assert [result.related for result in told.results] == [answer.related for answer in expected]
    for skill, answer in list(zip(skills, expected, strict=True))[:60]:
        assert client.skills.related(skill, 7, relation) == answer
        assert skill not in [other.skill for other in answer.related]


def test_every_skill_and_alias_is_found_by_its_own_spelling(client: Client, release: Release) -> None:
    for row, skill in enumerate(release.lexicon):
        if row % 10 == 0:
            known = client.skills.get(skill.name)
            assert known == queries.skill_info(release, skill.name)
            assert (known.skill, known.resolved.step) == (skill.name, "exact")


def test_texts(client: Client, release: Release) -> None:
    pairs = [(TEXTS[0], TEXTS[0]), (TEXTS[0], TEXTS[1])]
    told = client.similarity.pairs(pairs)
    assert told == queries.similarity(release, SimilarityRequest(pairs=pairs))
    same, other = told.scores
    assert same == 1.0
    assert other is not None
    assert other < 0.9
    assert client.search(TEXTS, 5) == queries.search(release, SearchRequest(queries=TEXTS, k=5))
    assert client.classify(TEXTS) == queries.classify(release, ClassifyRequest(texts=TEXTS))
    examples = {"one": TEXTS[:1], "other": TEXTS[1:]}
    by_examples = ClassifyRequest(texts=TEXTS, examples=examples)
    assert client.classify(TEXTS, examples=examples) == queries.classify(release, by_examples)


def test_canary(client: Client, release: Release) -> None:
    assert client.health.ready().canary == queries.check_canary(release)
