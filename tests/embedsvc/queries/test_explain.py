"""What the corpus counts of a relation, by hand and against the sample's own lists."""

from __future__ import annotations

from itertools import islice
from math import log2
from pathlib import Path

import numpy as np
import orjson
import pytest

from embedsvc.errors import ReleaseCorruptError, UnknownNameError
from embedsvc.queries import explain
from embedsvc.releases import Store, layout
from embedsvc.releases.evidence import Evidence
from embedsvc.releases.opening import Release
from embedsvc.schemas import ExplainQuery
from tests.conftest import Sample
from tests.embedsvc.queries.small_release import small_release

SMALL = small_release()


def test_evidence_by_hand() -> None:
    told = explain(SMALL, ExplainQuery(skill="python3", k=1))
    assert told.model_dump() == {
        "release": "small",
        "relation": "used_with",
        "resolved": {"query": "python3", "skill": "python", "step": "alias"},
        "explained": [
            {
                "skill": "django",
                "rank": 1,
                "score": 0.8,
                "relatedness": None,
                "corpus": {
                    "lists": 100,
                    "floor": 4,
                    "named": 50,
                    "other_named": 20,
                    "together": 20,
                    "expected": 10.0,
                    "pmi": 1.0,
                },
            }
        ],
    }


def test_one_other_skill_from_either_row() -> None:
    (told,) = explain(SMALL, ExplainQuery(skill="docker", other="python")).explained
    assert (told.skill, told.rank, told.score) == ("python", None, None)
    assert told.corpus is not None
    assert (told.corpus.together, told.corpus.expected, told.corpus.pmi) == (8, 8.0, 0.0)
    (similar,) = explain(SMALL, ExplainQuery(skill="python", other="flask", relation="similar")).explained
    assert (similar.rank, similar.score, similar.relatedness) == (2, 0.9, 0.9)
    (apart,) = explain(SMALL, ExplainQuery(skill="payroll", other="docker")).explained
    assert apart.corpus is None


def test_a_release_without_counts_has_none() -> None:
    (told,) = explain(small_release(counted=False), ExplainQuery(skill="python", other="django")).explained
    assert (told.rank, told.corpus) == (1, None)


def test_what_is_below_the_floor_is_never_written(tmp_path: Path) -> None:
    assert SMALL.evidence is not None
    SMALL.evidence.save(tmp_path)
    opened = Evidence.open(tmp_path, SMALL.relations)
    assert [opened.named(row) for row in range(8)] == [50, 20, 10, 8, 16, 12, 4, None]
    assert opened.together(SMALL.relations, 0, 2) == (True, 4)
    assert opened.together(SMALL.relations, 3, 4) == (True, None)
    assert opened.together(SMALL.relations, 6, 7) == (False, None)
    assert {int(each) for name in SMALL.relations for each in np.load(tmp_path / f"{name}.npy").flat} == {
        0,
        4,
        8,
        20,
    }


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("evidence.json", b"{}"),
        ("evidence.json", orjson.dumps({"lists": 1, "floor": 0})),
        ("named.npy", b""),
        ("similar.npy", b"\x93NUMPY"),
        ("used_with.npy", None),
    ],
)
def test_damaged_counts_are_refused(tmp_path: Path, file: str, content: bytes | None) -> None:
    assert SMALL.evidence is not None
    SMALL.evidence.save(tmp_path)
    (tmp_path / file).unlink() if content is None else (tmp_path / file).write_bytes(content)
    with pytest.raises(ReleaseCorruptError, match="evidence"):
        Evidence.open(tmp_path, SMALL.relations)


def test_counts_of_other_tables_are_refused(tmp_path: Path) -> None:
    assert SMALL.evidence is not None
    SMALL.evidence.save(tmp_path)
    np.save(tmp_path / "similar.npy", np.zeros((8, 2), np.int32))
    with pytest.raises(ReleaseCorruptError, match="this release's tables"):
        Evidence.open(tmp_path, SMALL.relations)


def test_trained_counts_are_those_of_the_lists(sample: Sample, release: Release) -> None:
    (folder,) = (each for each in sample.folder.glob("**/corpus-*") if (each / "lists.txt").is_file())
    lists = [set(line.split()) for line in (folder / "lists.txt").read_text().splitlines()]
    skill = release.lexicon[3]
    told = explain(release, ExplainQuery(skill=skill.name, k=20))
    assert len(told.explained) == 20
    for each in told.explained:
        found = release.lexicon.find(each.skill)
        assert found is not None
        token = release.lexicon[found.row].token
        one, other = (sum(name in line for line in lists) for name in (skill.token, token))
        both = sum({skill.token, token} <= line for line in lists)
        assert each.corpus is not None
        assert (each.corpus.lists, each.corpus.floor) == (len(lists), 3)
        told_of = each.corpus.named, each.corpus.other_named
        assert told_of == tuple(count if count >= 3 else None for count in (one, other))
        assert each.corpus.together == (both if both >= 3 else None)
        if both >= 3:
            assert each.corpus.pmi == pytest.approx(log2(both * len(lists) / (one * other)), abs=1e-3)


def test_no_count_of_a_trained_release_is_below_the_floor(sample: Sample) -> None:
    folder = Store(sample.store).path(sample.release) / layout.EVIDENCE
    counts = np.concatenate([np.load(path).ravel() for path in sorted(folder.glob("*.npy"))])
    kept = set(islice(sorted(set(counts.tolist())), 2))
    assert kept == {0, 3}


def test_unknown_relation_is_named() -> None:
    bare = small_release()
    del bare.relations["used_with"]
    with pytest.raises(UnknownNameError, match="used_with"):
        explain(bare, ExplainQuery(skill="python"))
