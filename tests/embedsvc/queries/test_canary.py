"""The canary: written down at training, asked before serving, and true to what it was."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from embedsvc.errors import EmptyCorpusError, NotReadyError
from embedsvc.queries import check_canary, make_canary, related
from embedsvc.releases import Store, layout
from embedsvc.releases.opening import Release, open_folder
from embedsvc.schemas import RelatedQuery
from indexes import NeighbourTable
from tests.conftest import Sample


def with_canary(release: Release, canary: Any) -> Release:
    changed = object.__new__(Release)
    changed.__dict__.update(release.__dict__ | {"canary": canary})
    return changed


def test_a_canary_is_the_most_used_skill_that_has_neighbours(release: Release) -> None:
    canary = make_canary(release)

    first = next(skill for skill in release.lexicon if len(release.relation("similar").row(skill.row)[0]))
    assert canary == {
        "skill": first.name,
        "related": [each.skill for each in related(release, RelatedQuery(skill=first.name, k=5)).related],
    }
    assert len(canary["related"]) == 5


def test_the_canary_of_the_manifest_is_that_of_the_release(release: Release, sample: Sample) -> None:
    written = Store(sample.store).manifest(sample.release).canary

    assert written == make_canary(release)
    assert orjson.loads(orjson.dumps(written)) == written
    assert check_canary(release) == written["skill"]


def test_another_answer_is_not_ready(release: Release) -> None:
    right = make_canary(release)
    swapped = right | {"related": right["related"][::-1]}

    with pytest.raises(NotReadyError, match="no longer gives its known answer") as refused:
        check_canary(with_canary(release, swapped))

    assert refused.value.details == {"expected": swapped["related"], "found": right["related"]}


@pytest.mark.parametrize(
    "canary",
    [
        {},
        {"skill": "php"},
        {"related": []},
        {"skill": "no such skill at all", "related": []},
        {"skill": "", "related": []},
        {"skill": "x" * 201, "related": []},
        {"skill": None, "related": None},
        {"skill": "php", "related": 5},
    ],
)
def test_a_tampered_canary_is_not_ready(release: Release, canary: dict[str, Any]) -> None:
    with pytest.raises(NotReadyError):
        check_canary(with_canary(release, canary))


def test_a_swapped_table_is_caught(release: Release, sample: Sample, tmp_path: Path) -> None:
    """A table that opens and answers, but not as it did: what hashes would catch, the canary catches too."""
    folder = tmp_path / "release"
    shutil.copytree(Store(sample.store).path(sample.release), folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    right = release.relation("similar")
    size, width = right.ids.shape
    ids = (np.arange(size)[:, None] + 1 + np.arange(width)) % size
    NeighbourTable.from_rows(ids, np.ones((size, width)), metric="cosine").save(
        folder / layout.RELATIONS["similar"]
    )

    opened = open_folder(folder, sample.release, release.canary)

    with pytest.raises(NotReadyError, match="no longer gives its known answer"):
        check_canary(opened)


def test_no_neighbours_at_all_give_no_canary(release: Release) -> None:
    size = len(release.lexicon)
    nothing = NeighbourTable.from_rows(np.full((size, 1), -1), np.zeros((size, 1)), metric="cosine")
    lonely = Release(
        "lonely",
        {},
        release.lexicon,
        release.words,
        release.sentences,
        {"similar": nothing},
        None,
        {},
    )

    with pytest.raises(EmptyCorpusError, match=r"relations\.min_candidates"):
        make_canary(lonely)
