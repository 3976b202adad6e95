"""Columns to filter by, from the sources through the whole training into search."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from embedsvc.errors import InputError, RecipeError
from embedsvc.queries import candidate, put_candidate, search
from embedsvc.releases import Store
from embedsvc.releases.opening import Release, open_release
from embedsvc.schemas import CandidateIn, SearchRequest
from tests.conftest import Sample
from tests.training import toy
from training.progress import Quiet
from training.reindex import reindex

CITIES = ["Pune", "Oslo", "12 Elm Street, Springfield", "Bergen, jane@example.org", ""]
COLUMNS = {"filterable": ["location", "seniority"], "numbers": ["years"]}
SOURCE = {"path": "candidates.jsonl", "metadata": {"years": "facts.years"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, chance = tmp_path_factory.mktemp("filterable"), random.Random(2)
    rows = [
        {**row, "location": CITIES[number % 5], "seniority": ["junior", "senior"][number % 2], "facts": facts}
        for number, row in enumerate(toy.candidates(60))
        for facts in [{"years": chance.choice([number, str(number), "many", None])}]
    ]
    toy.write(folder / "candidates.jsonl", rows)
    result, _ = toy.train(toy.recipe(folder, candidates=COLUMNS, corpus={"sources": [SOURCE]}))
    Store(folder / "store").activate(result.release)
    return folder


def opened(folder: Path) -> Release:
    store = Store(folder / "store")
    name = store.current()
    assert name is not None
    return open_release(store, name)


def found(release: Release, where: dict[str, Any]) -> set[int]:
    request = SearchRequest.model_validate({"queries": ["PHP and payroll"], "k": 100, "where": where})
    (result,) = search(release, request).results
    return {int(hit.id[1:]) for hit in result.hits or []}


def test_every_column_can_be_filtered_by(folder: Path) -> None:
    release = opened(folder)
    assert found(release, {"field": "location", "in": ["Oslo"]}) == set(range(1, 60, 5))
    assert found(release, {"field": "location", "in": [None]}) == set(range(4, 60, 5))
    assert found(release, {"field": "seniority", "in": ["senior"]}) == set(range(1, 60, 2))
    known = found(release, {"field": "years", "from": 0})
    assert known < set(range(60))
    assert found(release, {"field": "years", "from": 9, "before": 30}) == known & set(range(9, 30))
    both = {"and": [{"field": "years", "before": 30}, {"not": {"field": "seniority", "in": ["senior"]}}]}
    assert found(release, both) == known & set(range(0, 30, 2))
    with pytest.raises(
        InputError, match="there are id, label, location, seniority, title, updated_at, years"
    ):
        found(release, {"field": "salary", "from": 1})


def test_personal_data_does_not_come_with_a_place(folder: Path) -> None:
    release = opened(folder)
    assert candidate(release, "c3").columns["location"] == "Bergen"
    street = candidate(release, "c2").columns["location"]
    assert isinstance(street, str)
    assert "Elm" not in street
    table = (Store(folder / "store").path(release.name) / "indexes/candidates/candidates.arrow").read_bytes()
    assert b"example.org" not in table


def test_who_is_put_in_has_the_columns_too_and_a_reindex_keeps_them(folder: Path) -> None:
    release = opened(folder)
    given = {
        "id": "c99",
        "summary": "PHP",
        "location": "Oslo",
        "metadata": {"years": 12, "seniority": "senior"},
    }
    put_candidate(release, CandidateIn.model_validate(given))
    where = {"and": [{"field": "years", "in": [12]}, {"field": "location", "in": ["Oslo"]}]}
    assert 99 in found(release, where)
    reindex(toy.recipe(folder, candidates=COLUMNS, corpus={"sources": [SOURCE]}), Quiet())
    assert opened(folder).name != release.name
    assert 99 in found(opened(folder), where)
    assert candidate(opened(folder), "c99").columns == {
        "location": "Oslo",
        "seniority": "senior",
        "years": 12.0,
    }


def test_by_default_places_are_kept(sample: Sample, release: Release) -> None:
    assert release.candidates is not None
    assert release.candidates.table.columns == {"location": "text"}
    places = {release.candidates.table.facts(row)["location"] for row in range(200)}
    assert None in places
    assert len(places) > 5


@pytest.mark.parametrize(
    "columns",
    [
        {"filterable": ["label"]},
        {"filterable": ["location", "location"]},
        {"filterable": ["a"], "numbers": ["a"]},
        {"filterable": [], "numbers": ["location"]},
        {"filterable": ["Two Words"]},
    ],
)
def test_columns_that_cannot_be_are_refused(tmp_path: Path, columns: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match="candidates"):
        toy.recipe(tmp_path, candidates=columns)
