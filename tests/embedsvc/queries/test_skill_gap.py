"""What a job asks for and a CV has, by hand and on the trained sample release."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.queries import related, skill_gap
from embedsvc.releases.opening import Release
from embedsvc.schemas import GapRequest, GapResponse, RelatedQuery
from tests.embedsvc.queries.small_release import NAMES, small_release

SMALL = small_release()


def ask(cv: Any, job: Any, release: Release = SMALL, **options: Any) -> GapResponse:
    return skill_gap(release, GapRequest(cv=cv, job=job, **options))


def test_covered_related_and_missing() -> None:
    told = ask(["Django", "kubernetes", "payroll"], ["payroll", "python3", "docker", "go"])
    assert told.model_dump() == {
        "release": "small",
        "covered": [{"skill": "payroll", "asked": "payroll", "candidates": 40}],
        "related": [
            {
                "skill": "python",
                "asked": "python3",
                "candidates": 100,
                "by": "django",
                "score": 0.95,
                "relatedness": 0.95,
            },
            {
                "skill": "docker",
                "asked": "docker",
                "candidates": 60,
                "by": "kubernetes",
                "score": 0.99,
                "relatedness": 0.99,
            },
        ],
        "missing": [{"skill": "go", "asked": "go", "candidates": 70}],
        "extra": ["django", "kubernetes"],
        "coverage": 0.735,
        "unknown": [],
    }


def test_the_nearest_of_the_cv_covers_and_either_row_counts() -> None:
    told = ask(["flask", "python"], ["django"])
    assert [(each.skill, each.by, each.score) for each in told.related] == [("django", "flask", 0.97)]
    # Only kubernetes' row lacks docker: docker's has kubernetes.
    assert [each.by for each in ask(["docker"], ["kubernetes"]).related] == ["docker"]


def test_how_related_it_must_be() -> None:
    assert [each.by for each in ask(["go"], ["python"], least=0.6).related] == ["go"]
    told = ask(["go"], ["python"], least=0.61)
    assert (told.related, [each.skill for each in told.missing], told.coverage) == ([], ["python"], 0.0)


def test_without_noise_floors_the_score_is_compared() -> None:
    bare = small_release(noise=False)
    (cover,) = ask(["go"], ["python"], bare, least=0.6).related
    assert (cover.score, cover.relatedness) == (0.6, None)
    assert ask(["go"], ["python"], bare, least=0.7).related == []


def test_texts_are_read_as_extract_reads_them() -> None:
    told = ask("Wrote Django, on Docker.", "We want DOCKER, Python and payroll")
    assert [each.asked for each in told.covered] == ["DOCKER"]
    assert [(each.asked, each.by) for each in told.related] == [("Python", "django")]
    assert [each.skill for each in told.missing] == ["payroll"]


def test_what_is_no_skill_fails_alone() -> None:
    told = ask(["qqqqqq", "python", " "], ["python", "x" * 300])
    assert [(each.side, each.index, each.error.code) for each in told.unknown] == [
        ("cv", 0, "unknown_skill"),
        ("cv", 2, "invalid_request"),
        ("job", 1, "invalid_request"),
    ]
    assert [each.skill for each in told.covered] == ["python"]
    assert told.coverage == 1.0


def test_a_job_without_skills_has_no_coverage() -> None:
    assert ask(["python"], []).coverage is None
    assert ask([], "Nothing we know").coverage is None


@given(cv=st.lists(st.sampled_from(NAMES)), job=st.lists(st.sampled_from(NAMES)), least=st.floats(0, 1))
def test_every_skill_of_the_job_is_in_one_list(cv: list[str], job: list[str], least: float) -> None:
    told = ask(cv, job, least=least)
    lists = [[each.skill for each in given] for given in (told.covered, told.related, told.missing)]
    assert sorted(skill for each in lists for skill in each) == sorted(set(job))
    assert set(lists[0]) == set(job) & set(cv)
    assert set(told.extra) == set(cv) - set(job)
    assert all(each.by in cv and each.relatedness >= least for each in told.related)  # type: ignore[operator]


def test_on_a_trained_release_it_agrees_with_related(release: Release) -> None:
    skill = release.lexicon[0].name
    near = related(release, RelatedQuery(skill=skill, k=1)).related[0]
    told = ask([near.skill], [skill], release, least=0.0)
    assert told.related[0].by == near.skill
    assert told.related[0].score >= near.score


@pytest.mark.parametrize("field", ["cv", "job"])
def test_sides_are_needed(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        GapRequest.model_validate({"cv": ["a"], "job": ["a"], field: ""})
