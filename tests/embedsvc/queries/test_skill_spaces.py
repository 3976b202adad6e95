"""Skills in one space alone: who is near by hand, in every kind of space, and what a space cannot tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embedsvc.errors import InputError, UnknownNameError, UnsupportedError
from embedsvc.queries import skill_spaces
from embedsvc.queries.skill_spaces import nearest, skill_space, space_names
from embedsvc.releases.opening import Release
from embedsvc.spaces import SifEncoder, Space
from embedsvc.text import Lexicon, Skill
from indexes import NeighbourTable

NAMES = ["php", "java", "salt", "rare"]
WORDS = {"php": (2.0, 0.0), "java": (3.0, 4.0), "rare": (1.0, 0.0), "unlisted": (1.0, 1.0)}
GLOVE = {"php": (0.0, 1.0), "salt": (1.0, 1.0), "java": (0.0, -2.0)}


def space(kind: str, vectors: dict[str, tuple[float, float]]) -> Space:
    rows = np.array(list(vectors.values()), np.float32)
    return Space(kind, list(vectors), np.ones(len(vectors), np.int64), rows)


class Slow(SifEncoder):
    """An encoder that is said to be a transformer."""

    kind = "transformer"


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """`rare` has neighbours and is nobody's."""
    return made(tmp_path, SifEncoder)


def made(folder: Path, encoder: type[SifEncoder]) -> Release:
    words = space("word2vec", WORDS)
    space("glove", GLOVE).save(folder / "glove")
    ids = np.array([[1, 2], [0, 2], [0, 1], [0, 1]], np.int32)
    table = NeighbourTable.from_rows(ids, np.tile(np.array([0.9, 0.8], np.float32), (4, 1)))
    sentences = encoder(words, np.ones(len(words), np.float32), np.zeros((0, 2), np.float32), 1.0)
    skills = [Skill(row, name, name, 10) for row, name in enumerate(NAMES)]
    spaces = {"glove": folder / "glove"}
    return Release(
        "small", {}, Lexicon(skills, []), words, sentences, {"similar": table}, None, {}, spaces=spaces
    )


def test_cosines_by_hand(release: Release) -> None:
    assert space_names(release) == ["word2vec", "glove", "sentences"]
    assert nearest(release, 0, "word2vec") == [(1, pytest.approx(0.6))]
    assert nearest(release, 3, "word2vec") == [(0, 1.0), (1, pytest.approx(0.6))]
    assert nearest(release, 0, "glove") == [(2, pytest.approx(0.5**0.5)), (1, -1.0)]
    assert nearest(release, 1, "sentences") == [(0, pytest.approx(0.6))]


def test_vectors_are_made_once_for_all_skills(release: Release) -> None:
    there = skill_space(release, "glove")
    assert there.vectors.shape == (4, 2)
    assert there.vectors.dtype == np.float32
    assert there.findable.tolist() == [True, True, True, False]
    assert skill_space(release, "glove") is there


@pytest.mark.parametrize(("row", "name"), [(2, "word2vec"), (3, "glove"), (2, "sentences")])
def test_a_skill_that_the_space_lacks_is_said(release: Release, row: int, name: str) -> None:
    with pytest.raises(InputError, match=f"no vector of '{NAMES[row]}' in the space '{name}'"):
        nearest(release, row, name)


def test_a_space_that_the_release_lacks_lists_those_it_has(release: Release) -> None:
    with pytest.raises(UnknownNameError, match="it has: word2vec, glove, sentences") as refused:
        nearest(release, 0, "fasttext")
    assert refused.value.details == {"known": ["word2vec", "glove", "sentences"]}


def test_a_transformer_is_asked_about_few_skills_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nearest(made(tmp_path, Slow), 1, "sentences") == [(0, pytest.approx(0.6))]
    monkeypatch.setattr(skill_spaces, "MOST_FOR_A_TRANSFORMER", 3)
    with pytest.raises(UnsupportedError, match="minutes for 4 skills; ask one of: word2vec, glove"):
        nearest(made(tmp_path, Slow), 1, "sentences")
