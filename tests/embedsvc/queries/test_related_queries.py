"""Related skills: the ladder, both relations, bounds, batches, ready bytes, on a trained release."""

from __future__ import annotations

from typing import get_args

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import InputError, UnknownNameError, UnknownSkillError
from embedsvc.queries import related, related_batch, related_json, resolve, skill_info, suggest
from embedsvc.releases.opening import Release
from embedsvc.schemas import (
    MAX_K,
    MAX_SKILL_LENGTH,
    RelatedBatchRequest,
    RelatedQuery,
    RelatedResponse,
    Relation,
)
from embedsvc.spaces import SifEncoder, Space
from embedsvc.spaces.noise_floor import NoiseFloor
from embedsvc.text import Alias, Lexicon, Skill
from indexes import NeighbourTable

RELATIONS: tuple[Relation, ...] = get_args(Relation)
NAMES = [
    "machine learning",
    "C",
    "c++",
    "C#",
    "R&D",
    '"quoted" \\ back',
    "日本語",
    "naïve <b>",
    "lonely",
    "javascript",
]


@pytest.fixture(scope="module")
def odd() -> Release:
    """A release of oddly named skills; row i's neighbours are the rows after it, "lonely" has none."""
    skills = [Skill(row, name, f"token{row}", 500 - 50 * row) for row, name in enumerate(NAMES)]
    aliases = [
        Alias("ML", 0, 40, "mined"),
        Alias("maschinelles Lernen", 0, 0, "user"),
        Alias("JS", 9, 3, "mined"),
    ]
    size = len(NAMES)
    ids = (np.arange(size)[:, None] + np.arange(1, 5)) % size
    scores = np.tile(np.array([0.90004, 0.5, 1e-5, -0.25], np.float32), (size, 1))
    ids[8] = -1
    table = NeighbourTable.from_rows(ids, scores, metric="cosine")
    words = Space("word2vec", ["php"], np.array([1]), np.ones((1, 2), np.float32))
    encoder = SifEncoder.fit(words, [])
    noise = {"similar": NoiseFloor(9, 0.3, 0.1, (0.4, 0.5, 0.8, 1.0, 1.0))}
    return Release(
        "odd", {}, Lexicon(skills, aliases), words, encoder, {"similar": table}, None, {}, None, noise
    )


def test_related_by_hand(odd: Release) -> None:
    answer = related(odd, RelatedQuery(skill="C", k=3))

    assert answer.model_dump() == {
        "release": "odd",
        "relation": "similar",
        "space": "skills",
        "resolved": {"query": "C", "skill": "C", "step": "exact"},
        "related": [
            {"skill": "c++", "score": 0.9, "candidates": 400, "relatedness": 0.7},
            {"skill": "C#", "score": 0.5, "candidates": 350, "relatedness": 0.2},
            {"skill": "R&D", "score": 0.0, "candidates": 300, "relatedness": 0.0},
        ],
    }


@pytest.mark.parametrize(
    ("query", "name", "step"),
    [
        ("machine learning", "machine learning", "exact"),
        ("  Machine   LEARNING ", "machine learning", "exact"),
        ("machine-learning", "machine learning", "exact"),
        ("ml", "machine learning", "alias"),
        ("Maschinelles lernen", "machine learning", "alias"),
        ("machine lerning", "machine learning", "spelling"),
        ("javascirpt", "javascript", "spelling"),
        ("js", "javascript", "alias"),
        ("c", "C", "exact"),
        ("C++", "c++", "exact"),
        ("c#", "C#", "exact"),
        ("日本語", "日本語", "exact"),
    ],
)
def test_the_ladder_says_its_step(odd: Release, query: str, name: str, step: str) -> None:
    row, found = resolve(odd, query)

    assert (odd.lexicon[row].name, found) == (name, step)
    assert related(odd, RelatedQuery(skill=query)).resolved.model_dump() == {
        "query": query,
        "skill": name,
        "step": step,
    }


@pytest.mark.parametrize("query", ["learning machines", "machines learned", "learning of the machine"])
def test_the_same_words_in_another_order_or_inflection_are_an_alias(odd: Release, query: str) -> None:
    row, step = resolve(odd, query)
    assert (odd.lexicon[row].name, step) == ("machine learning", "alias")


def test_the_ladder_ends_in_a_refusal_with_suggestions(odd: Release) -> None:
    with pytest.raises(UnknownSkillError, match="Did you mean: machine learning") as refused:
        resolve(odd, "machine learners")

    assert refused.value.details == {"suggestions": ["machine learning"]}
    with pytest.raises(UnknownSkillError) as refused:
        resolve(odd, "zzzzqqqq")
    assert refused.value.details == {"suggestions": []}
    assert "Did you mean" not in str(refused.value)


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0"])
def test_a_blank_skill_is_refused(odd: Release, blank: str) -> None:
    with pytest.raises(InputError, match="blank") as refused:
        resolve(odd, blank)

    assert not isinstance(refused.value, UnknownSkillError)


def test_a_long_query_is_refused_without_repeating_it(odd: Release) -> None:
    with pytest.raises(InputError, match=r"5,000,000 characters; at most 200") as refused:
        resolve(odd, "x" * 5_000_000)

    assert len(str(refused.value)) < 200
    with pytest.raises(UnknownSkillError):
        resolve(odd, "x" * MAX_SKILL_LENGTH)


@pytest.mark.parametrize("k", [0, -1, MAX_K + 1, 10**9])
def test_k_out_of_bounds_is_refused(odd: Release, k: int) -> None:
    with pytest.raises(InputError, match=f"k is {k}; it must be between 1 and 1000"):
        related_json(odd, "C", k, "similar", None)


@pytest.mark.parametrize(("k", "count"), [(1, 1), (4, 4), (5, 4), (MAX_K, 4)])
def test_k_is_an_upper_bound(odd: Release, k: int, count: int) -> None:
    assert len(related(odd, RelatedQuery(skill="C", k=k)).related) == count


@pytest.mark.parametrize(
    ("least", "count"), [(None, 4), (-1.0, 4), (0.0, 3), (0.4, 2), (0.9, 1), (0.95, 0), (1, 0)]
)
def test_min_score_leaves_out_what_scores_less(odd: Release, least: float | None, count: int) -> None:
    answer = related(odd, RelatedQuery(skill="c++", min_score=least))

    assert len(answer.related) == count


def test_a_skill_without_neighbours_has_an_empty_answer(odd: Release) -> None:
    assert related(odd, RelatedQuery(skill="lonely")).related == []
    assert orjson.loads(related_json(odd, "lonely", 10, "similar", None))["related"] == []


def test_a_relation_the_release_lacks_is_named(odd: Release) -> None:
    with pytest.raises(UnknownNameError, match=r"has no relation 'used_with'; it has: similar") as refused:
        related(odd, RelatedQuery(skill="C", relation="used_with"))

    assert refused.value.details == {"known": ["similar"]}


@pytest.mark.parametrize("name", [*NAMES, "ml", "machine lerning"])
@pytest.mark.parametrize("least", [None, 0.4])
def test_ready_bytes_of_odd_names_are_the_same_answer(odd: Release, name: str, least: float | None) -> None:
    ready = related_json(odd, name, 3, "similar", least)

    expected = related(odd, RelatedQuery(skill=name, k=3, min_score=least))
    assert RelatedResponse.model_validate_json(ready) == expected
    assert orjson.loads(ready) == expected.model_dump()


def test_no_score_is_minus_nought(odd: Release) -> None:
    scores = np.array([[-1e-6], *[[0.5]] * 9], np.float32)
    odd_one = Release(
        "odd",
        {},
        odd.lexicon,
        odd.words,
        odd.sentences,
        {"similar": NeighbourTable.from_rows((np.arange(10)[:, None] + 1) % 10, scores)},
        None,
        {},
    )

    ready = related_json(odd_one, NAMES[0], 1, "similar", None)

    assert ready.endswith(b'"score":0.0,"relatedness":null}]}')


def test_a_trained_release_says_what_a_cosine_means(release: Release) -> None:
    query = RelatedQuery(skill="java", k=10)
    floor = release.noise["similar"]

    found = [(other.score, other.relatedness) for other in related(release, query).related]

    assert found == [(score, floor.relatedness(score)) for score, _ in found]
    first, last = found[0], found[-1]
    assert floor.mean < first[0]
    assert first[1] is not None
    assert last[1] is not None
    assert first[1] > max(0.1, last[1])
    query = RelatedQuery(skill="java", k=10, relation="used_with")
    assert {other.relatedness for other in related(release, query).related} == {None}


@pytest.mark.parametrize("relation", RELATIONS)
def test_ready_bytes_of_every_skill_are_the_same_answer(release: Release, relation: Relation) -> None:
    for skill in list(release.lexicon)[::7]:
        query = RelatedQuery(skill=skill.name, k=12, relation=relation)
        ready = orjson.loads(related_json(release, query.skill, query.k, relation, None))
        assert ready == related(release, query).model_dump()


@given(st.text(max_size=30))
def test_any_text_is_answered_or_refused_alike(odd: Release, text: str) -> None:
    try:
        ready = related_json(odd, text, 3, "similar", None)
    except InputError as refused:
        with pytest.raises(type(refused)):
            resolve(odd, text)
    else:
        assert orjson.loads(ready) == related(odd, RelatedQuery(skill=text, k=3)).model_dump()


def test_a_batch_answers_or_refuses_each_query_in_order(odd: Release) -> None:
    queries = [
        RelatedQuery(skill="C", k=1),
        RelatedQuery(skill="zzzzqqqq"),
        RelatedQuery(skill=" "),
        RelatedQuery(skill="js", k=2),
        RelatedQuery(skill="C", relation="used_with"),
    ]

    answer = related_batch(odd, RelatedBatchRequest(queries=queries))

    assert [result.index for result in answer.results] == [0, 1, 2, 3, 4]
    assert [result.error and result.error.code for result in answer.results] == [
        None, "unknown_skill", "invalid_request", None, "unknown_name",
    ]  # fmt: skip
    assert answer.results[0].related == related(odd, queries[0]).related
    assert answer.results[3].resolved == related(odd, queries[3]).resolved
    assert all((result.related is None) == (result.error is not None) for result in answer.results)


def test_skill_info_by_hand(odd: Release) -> None:
    assert skill_info(odd, "ml").model_dump() == {
        "release": "odd",
        "skill": "machine learning",
        "candidates": 500,
        "aliases": [
            {"surface": "ML", "candidates": 40, "source": "mined"},
            {"surface": "maschinelles Lernen", "candidates": 0, "source": "user"},
        ],
        "resolved": {"query": "ml", "skill": "machine learning", "step": "alias"},
    }
    with pytest.raises(UnknownSkillError):
        skill_info(odd, "zzzzqqqq")


def test_suggest_by_hand(odd: Release) -> None:
    def found(prefix: str, limit: int = 10) -> list[tuple[str, str, int]]:
        return [(each.skill, each.surface, each.candidates) for each in suggest(odd, prefix, limit).skills]

    assert found("ma") == [("machine learning", "machine learning", 500)]
    assert found("MASCH") == [("machine learning", "maschinelles Lernen", 500)]
    assert found("c") == [("C", "C", 450), ("c++", "c++", 400), ("C#", "C#", 350)]
    assert found("c", 2) == [("C", "C", 450), ("c++", "c++", 400)]
    assert found("js") == [("javascript", "JS", 50)]
    assert found("zzz") == []
    for limit in (0, MAX_K + 1):
        with pytest.raises(InputError, match=f"limit is {limit}"):
            suggest(odd, "c", limit)


def test_related_skills_of_a_trained_release_belong_together(release: Release) -> None:
    together = related(release, RelatedQuery(skill=release.lexicon[0].name, k=5, relation="used_with"))

    table = release.relation("used_with")
    ids, scores = table.row(0)
    assert [other.skill for other in together.related] == [
        release.lexicon[row].name for row in ids[:5].tolist()
    ]
    assert [other.score for other in together.related] == [round(score, 4) for score in scores[:5].tolist()]
    assert all(0 < other.score <= 1 for other in together.related)
    assert release.lexicon[0].name not in {other.skill for other in together.related}
