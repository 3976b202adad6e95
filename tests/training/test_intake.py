"""The sources of a recipe as one stream: order, counts, progress, and what changes their fingerprint."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from embedsvc.errors import EmptyCorpusError, SourceNotFoundError
from tests.training import toy
from training.intake import Intake
from training.recipe import LocatedRecipe


class Told:
    def __init__(self) -> None:
        self.updates: list[tuple[float, float | None, str]] = []

    def update(self, done: float, total: float | None = None, note: str = "") -> None:
        self.updates.append((done, total, note))


@pytest.fixture
def located(tmp_path: Path) -> LocatedRecipe:
    toy.write(tmp_path / "a.jsonl", toy.candidates(600))
    toy.write(tmp_path / "ads.jsonl", toy.candidates(5, seed=2, first=600))
    toy.write(tmp_path / "z.jsonl", [*toy.candidates(3, seed=3, first=0), {"summary": "no skills, no label"}])
    sources = [
        {"path": "z.jsonl"},
        {"path": "ads.jsonl", "searchable": False},
        {"path": "a.jsonl", "fields": {"label": []}},
    ]
    return toy.recipe(tmp_path, corpus={"sources": sources})


def test_sources_come_in_the_order_of_the_recipe(located: LocatedRecipe) -> None:
    found = list(Intake(located).candidates(Told()))

    ids = [candidate.id for candidate, _ in found]
    assert ids[:4] == ["c0", "c1", "c2", "z-4"]
    assert ids[4:9] == ["c600", "c601", "c602", "c603", "c604"]
    assert ids[9:] == [f"c{number}" for number in range(600)]
    assert [searchable for _, searchable in found] == [True] * 4 + [False] * 5 + [True] * 600
    assert all(candidate.label is None for candidate, _ in found[9:])


def test_only_searchable_ones_where_asked(located: LocatedRecipe) -> None:
    found = list(Intake(located).candidates(Told(), searchable_only=True))

    assert len(found) == 604
    assert all(searchable for _, searchable in found)


def test_counts_are_over_all_sources_and_of_the_last_reading(located: LocatedRecipe) -> None:
    intake = Intake(located)
    for _ in range(2):
        list(intake.candidates(Told()))

    counts = intake.counts()

    assert (counts["files"], counts["lines"], counts["candidates"]) == (3, 609, 609)
    assert (counts["bad_lines"], counts["with_skills"], counts["with_label"]) == (0, 608, 8)


def test_progress_never_falls_and_ends_at_all_bytes(located: LocatedRecipe) -> None:
    told = Told()

    list(Intake(located).candidates(told))

    size = sum(path.stat().st_size for path in located.folder.glob("*.jsonl"))
    done = [update[0] for update in told.updates]
    assert done == sorted(done)
    assert told.updates[-1] == (size, size, "609 candidates")


def test_the_fingerprint_stands_still_until_something_changes(located: LocatedRecipe, tmp_path: Path) -> None:
    before = Intake(located).fingerprint()
    assert Intake(located).fingerprint() == before

    os.utime(tmp_path / "a.jsonl", (1, 1))
    touched = Intake(located).fingerprint()
    assert touched != before

    (tmp_path / "ads.jsonl").write_text("")
    assert Intake(located).fingerprint() != touched


def test_another_mapping_is_another_fingerprint(tmp_path: Path) -> None:
    toy.write(tmp_path / "a.jsonl", toy.candidates(5))
    one, other = (
        Intake(toy.recipe(tmp_path, corpus={"sources": [{"path": "a.jsonl", "fields": {"title": field}}]}))
        for field in ("title", "headline")
    )

    assert one.fingerprint() != other.fingerprint()


def test_no_skills_are_no_matter_to_a_re_index(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", [{"summary": "php"}])
    intake = Intake(toy.recipe(tmp_path))

    assert len(list(intake.candidates(Told(), searchable_only=True))) == 1
    with pytest.raises(EmptyCorpusError, match="names a skill"):
        list(intake.candidates(Told()))


def test_a_missing_file_is_said_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError):
        Intake(toy.recipe(tmp_path))
