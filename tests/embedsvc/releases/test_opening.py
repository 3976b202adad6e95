"""Opening a release: by memory map, whole or not at all, each fault named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from embedsvc.errors import ReleaseCorruptError, UnknownNameError, UnknownReleaseError
from embedsvc.releases import Store, layout
from embedsvc.releases.candidates import FILE, CandidateCard, CandidateTable, CandidateTableWriter
from embedsvc.releases.opening import Release, open_folder, open_release
from embedsvc.spaces import StaticEncoder
from indexes import NeighbourTable
from tests.conftest import Sample

ROWS = [
    ("1", "Développeur PHP", "IT", "2026-01-01"),
    ("2", "", None, ""),
    ("3", '日本語 "x"', "IT", "2026-01-02"),
    ("4", "Nurse", "Health & Care", "x"),
]


@pytest.fixture
def copy(sample: Sample, tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    shutil.copytree(Store(sample.store).path(sample.release), folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def test_everything_is_open_and_mapped(release: Release) -> None:
    assert isinstance(release.words.vectors, np.memmap)
    assert isinstance(release.sentences, StaticEncoder)
    assert isinstance(release.sentences.tokens.vectors, np.memmap)
    assert sorted(release.relations) == ["similar", "used_with"]
    assert all(
        isinstance(table.ids.base, np.memmap) or isinstance(table.ids, np.memmap)
        for table in release.relations.values()
    )
    assert list(release.classifiers) == ["label", "section"]
    assert release.candidates is not None
    assert release.candidates.index.size == len(release.candidates.table)


def test_an_unknown_release_is_said(sample: Sample) -> None:
    with pytest.raises(UnknownReleaseError):
        open_release(Store(sample.store), "20200101-000000-nobody")


@pytest.mark.parametrize("relation", ["similar", "used_with"])
def test_every_row_of_a_table_is_a_skill(release: Release, relation: str) -> None:
    table = release.relation(relation)

    assert table.size == len(release.lexicon)
    assert int(table.ids.max()) < len(release.lexicon)


def test_unknown_names_list_the_known(release: Release) -> None:
    with pytest.raises(UnknownNameError, match=r"no relation 'synonyms'; it has: similar, used_with\."):
        release.relation("synonyms")
    with pytest.raises(UnknownNameError, match=r"no classifier 'area'; it has: label, section\."):
        release.classifier("area")


def _removed(place: str) -> Callable[[Path], None]:
    return lambda folder: (folder / place).unlink()


def _cut(place: str) -> Callable[[Path], None]:
    def cut(folder: Path) -> None:
        data = (folder / place).read_bytes()
        (folder / place).write_bytes(data[: len(data) // 2])

    return cut


def _emptied(place: str) -> Callable[[Path], None]:
    return lambda folder: (folder / place).write_bytes(b"")


def _smaller_table(folder: Path) -> None:
    table = NeighbourTable.from_rows(np.array([[1], [0]]), np.ones((2, 1)), metric="cosine")
    table.save(folder / layout.RELATIONS["similar"])


def _fewer_candidates(folder: Path) -> None:
    with CandidateTableWriter(folder / layout.CANDIDATES) as table:
        table.write(ROWS)


def _stray_file(folder: Path) -> None:
    (folder / layout.CLASSIFIERS / "notes.txt").write_text("not a classifier")


_FILES = [
    "lexicon/skills.arrow",
    "lexicon/aliases.arrow",
    "spaces/words/space.json",
    "spaces/words/keys.arrow",
    "spaces/words/vectors.npy",
    "spaces/sentences/encoder.json",
    "spaces/sentences/tokens/space.json",
    "spaces/sentences/tokens/keys.arrow",
    "spaces/sentences/tokens/vectors.npy",
    "indexes/similar/index.json",
    "indexes/similar/ids.npy",
    "indexes/used_with/scores.npy",
    "indexes/candidates/index.json",
    "indexes/candidates/hnsw.faiss",
    f"indexes/candidates/{FILE}",
    "classifiers/label/classifier.json",
    "classifiers/label/weights.npy",
    "classifiers/section/features.npy",
]


@pytest.mark.parametrize("place", _FILES)
@pytest.mark.parametrize("damage", [_removed, _emptied])
def test_a_missing_or_empty_file_is_corrupt(
    copy: Path, place: str, damage: Callable[[str], Callable[[Path], None]]
) -> None:
    damage(place)(copy)

    with pytest.raises(ReleaseCorruptError):
        open_folder(copy, "copy", {})


@pytest.mark.parametrize("place", _FILES)
def test_a_file_cut_short_is_corrupt(copy: Path, place: str) -> None:
    _cut(place)(copy)

    with pytest.raises(ReleaseCorruptError):
        open_folder(copy, "copy", {})


@pytest.mark.parametrize("damage", [_smaller_table, _fewer_candidates, _stray_file])
def test_parts_that_disagree_are_corrupt(copy: Path, damage: Callable[[Path], None]) -> None:
    damage(copy)

    with pytest.raises(ReleaseCorruptError):
        open_folder(copy, "copy", {})


def test_a_release_without_candidates_and_classifiers_opens(copy: Path) -> None:
    shutil.rmtree(copy / layout.CANDIDATES)
    shutil.rmtree(copy / layout.CLASSIFIERS)

    opened = open_folder(copy, "copy", {"skill": "php"})

    assert opened.candidates is None
    assert opened.classifiers == {}
    assert opened.canary == {"skill": "php"}


def test_cards_come_back_as_written(tmp_path: Path) -> None:
    with CandidateTableWriter(tmp_path / "new") as writer:
        writer.write(ROWS[:3])
        writer.write([])
        writer.write(ROWS[3:])

    table = CandidateTable.open(tmp_path / "new")

    assert len(table) == 4
    assert [table.card(row) for row in range(4)] == [CandidateCard(*row[:3]) for row in ROWS]
    assert table.label_counts() == {"IT": 2, "Health & Care": 1}


def test_a_table_of_nobody_opens(tmp_path: Path) -> None:
    with CandidateTableWriter(tmp_path):
        pass

    table = CandidateTable.open(tmp_path)
    assert len(table) == 0
    assert table.label_counts() == {}


def test_a_table_with_other_columns_is_corrupt(tmp_path: Path) -> None:
    other = pa.table({"id": ["1"], "name": ["x"]})
    with pa.OSFile(str(tmp_path / FILE), "wb") as sink, pa.ipc.new_file(sink, other.schema) as writer:
        writer.write_table(other)

    with pytest.raises(ReleaseCorruptError, match="other columns"):
        CandidateTable.open(tmp_path)
