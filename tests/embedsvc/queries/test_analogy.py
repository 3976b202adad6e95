"""Skills related to some and not to others, by hand and on the trained sample release."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from embedsvc.errors import InputError
from embedsvc.queries import related_batch
from embedsvc.queries.analogy import analogy
from embedsvc.releases.opening import Release
from embedsvc.schemas import RelatedBatchRequest, RelatedQuery, RelatedResult
from embedsvc.spaces import SifEncoder, Space
from embedsvc.text import Lexicon, Skill
from indexes import NeighbourTable

# As django is to python, so spring is to java: the two lie one step apart in both.
VECTORS = {
    "python": (1.0, 0.0, 0.0),
    "django": (1.0, 0.0, 1.0),
    "java": (0.0, 1.0, 0.0),
    "spring": (0.0, 1.0, 1.0),
    "payroll": (0.5, 0.5, 0.0),
    "rare": (0.0, 0.9, 1.0),
    "blank": None,
}
NAMES = list(VECTORS)


@pytest.fixture(scope="module")
def hand() -> Release:
    """`rare` is nobody's neighbour, `blank` has no vector."""
    known = [name for name, vector in VECTORS.items() if vector]
    words = Space(
        "word2vec",
        known,
        np.ones(len(known), np.int64),
        np.array([VECTORS[name] for name in known], np.float32),
    )
    ids = np.full((len(NAMES), 4), -1, np.int32)
    ids[0], ids[1] = (1, 2, 3, 4), (0, 2, 3, 4)
    table = NeighbourTable.from_rows(ids, np.zeros(ids.shape))
    skills = [Skill(row, name, name, 70 - 10 * row) for row, name in enumerate(NAMES)]
    return Release(
        "hand", {}, Lexicon(skills), words, SifEncoder.fit(words, []), {"similar": table}, None, {}
    )


def ask(release: Release, **query: Any) -> RelatedResult:
    return related_batch(release, RelatedBatchRequest.model_validate({"queries": [query]})).results[0]


def test_what_is_to_java_as_django_is_to_python(hand: Release) -> None:
    told = ask(hand, skill="django", also=["java"], negative=["python"], k=2)
    assert told.error is None
    assert told.resolved is not None
    assert told.resolved.skill == "django"
    assert [each.skill for each in told.also or []] == ["java"]
    assert [each.skill for each in told.negative or []] == ["python"]
    # django + java - python, each at unit length, against spring: (s - 1, 1, s) with s = 1 / sqrt(2).
    s = 1 / np.sqrt(2)
    wanted = np.array([s - 1, 1, s])
    cosine = float(wanted @ [0, s, s] / np.linalg.norm(wanted))
    assert [(each.skill, each.relatedness) for each in told.related or []] == [
        ("spring", None),
        ("payroll", None),
    ]
    assert (told.related or [])[0].score == pytest.approx(cosine, abs=1e-4)


def test_what_is_given_or_nobodys_neighbour_is_not_found(hand: Release) -> None:
    told = ask(hand, skill="spring", negative=["python"], k=10)
    assert [each.skill for each in told.related or []] == ["java", "django", "payroll"]
    told = ask(hand, skill="spring", negative=["python"], min_score=0.0)
    assert [(each.skill, each.score) for each in told.related or []] == [("java", 0.5)]


def test_what_cannot_be_told_fails_alone(hand: Release) -> None:
    assert "cancel" in (ask(hand, skill="java", negative=["java"]).error or pytest.fail("no error")).message
    for query in (
        {"skill": "blank", "negative": ["java"]},
        {"skill": "java", "negative": ["blank"]},
        {"skill": "java", "negative": ["qqqqqq"]},
        {"skill": "java", "negative": ["python"], "relation": "used_with"},
    ):
        assert ask(hand, **query).error is not None, query


def test_one_for_and_none_against_is_the_nearest(release: Release) -> None:
    row = next(row for row in range(len(release.lexicon)) if release.words.row(release.lexicon[row].token))
    found = analogy(release, [row], [])
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert row not in [other for other, _ in found]
    vector = release.words.vectors[release.words.row(release.lexicon[row].token)]
    best = release.words.vectors[release.words.row(release.lexicon[found[0][0]].token)]
    cosine = vector @ best / np.linalg.norm(vector) / np.linalg.norm(best)
    assert found[0][1] == pytest.approx(float(cosine), abs=1e-5)
    against = analogy(release, [row], [found[0][0]])
    assert found[0][0] not in [other for other, _ in against]


def test_negative_is_for_similar_alone() -> None:
    with pytest.raises(ValueError, match="similar"):
        RelatedQuery(skill="a", negative=["b"], relation="used_with")


def test_no_vector_is_said(hand: Release) -> None:
    with pytest.raises(InputError, match="no vector of 'blank'"):
        analogy(hand, [6], [])
