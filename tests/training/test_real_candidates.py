"""The whole pipeline on real candidates: does it answer what a recruiter would nod at?

The data stay outside the repository; without them these tests skip.
"""

from __future__ import annotations

import pytest

from embedsvc import queries
from embedsvc.releases import Store
from embedsvc.releases.opening import Release, open_release
from embedsvc.schemas import RelatedQuery, Relation
from training.pipeline import Pipeline, TrainingResult
from training.progress import Quiet
from training.recipe import parse_recipe


@pytest.fixture(scope="module")
def real(real_data, tmp_path_factory) -> tuple[Release, TrainingResult]:
    def source(name: str, **settings: object) -> dict[str, object]:
        return {"path": str(real_data / f"{name}.jsonl.gz"), **settings}

    recipe = {
        "corpus": {
            "sources": [
                source("cv_it_multilabel", fields={"label": [], "projects": ["other"]}),
                source("skills_jd_skill2vec", searchable=False),
                source("cv_livecareer", fields={"projects": ["other"]}),
                source("job_ads", searchable=False, fields={"label": [], "experience": ["text"]}),
            ]
        },
        # Enough to see that it works; the test is kept short.
        "word2vec": {"epochs": 2},
        "completion": {"questions": 1_000},
    }
    folder = tmp_path_factory.mktemp("real")
    located = parse_recipe(recipe, folder)
    result = Pipeline(located, Quiet()).run()
    return open_release(Store(located.store), result.release), result


@pytest.fixture(scope="module")
def real_release(real) -> Release:
    return real[0]


def names(release: Release, skill: str, relation: Relation, k: int = 20) -> set[str]:
    answer = queries.related(release, RelatedQuery(skill=skill, relation=relation, k=k))
    return {other.skill.lower() for other in answer.related}


@pytest.mark.parametrize(
    ("skill", "expected"),
    [
        ("php", {"laravel", "codeigniter", "symfony", "zend", "lamp"}),
        ("seo", {"link building", "keyword research", "ppc", "sem"}),
        ("machine learning", {"data science", "computer vision", "data mining", "predictive modeling"}),
        ("payroll", {"payroll processing", "accounts payable", "general ledger"}),
        ("c#", {"vb.net", "asp.net", "wpf"}),
    ],
)
def test_similar_skills_could_stand_in(real_release, skill, expected):
    assert expected <= names(real_release, skill, "similar")


@pytest.mark.parametrize(
    ("skill", "expected"),
    [
        ("php", {"mysql", "javascript", "wordpress", "jquery"}),
        ("seo", {"sem", "google analytics", "digital marketing"}),
        ("machine learning", {"python", "data mining", "algorithms"}),
        ("payroll", {"accounts payable", "benefits", "hr"}),
        ("c#", {"asp.net", "wcf", "sql server", "visual studio"}),
    ],
)
def test_skills_used_with_are_asked_for_together(real_release, skill, expected):
    assert expected <= names(real_release, skill, "used_with")


def test_odd_names_are_skills_of_their_own(real_release):
    rows = {queries.resolve(real_release, name)[0] for name in ("c", "c++", "c#", "r", "java", "javascript")}
    assert len(rows) == 6


def test_aliases_and_typing_errors_find_their_skill(real_release):
    def found(query: str) -> tuple[str, str]:
        row, step = queries.resolve(real_release, query)
        return real_release.lexicon[row].name.lower(), step

    assert found("ASP .NET") == ("asp.net", "exact")
    assert found("Node JS") == found("node.js")
    assert found("javascrpt") == ("javascript", "spelling")


def test_scores_beat_their_baselines(real):
    """The floors lie below what two passes give; a release that falls under them has lost something."""
    _, result = real
    scores = {(score.task, score.metric): score.value for score in result.scores}
    assert scores["hidden skill", "R@10"] > 0.30
    assert scores["label", "accuracy"] > 0.40
    assert scores["candidates index", "recall@10"] > 0.95
