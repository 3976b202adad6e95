"""The stage that measures noise floors: which pairs are drawn, and what they score."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embedsvc.releases import Store, layout
from embedsvc.releases.opening import open_release
from embedsvc.spaces import SifEncoder, Space
from embedsvc.spaces.noise_floor import open_noise, pair_scores
from embedsvc.text import Lexicon, Skill
from tests.training import toy
from training.building.noise import sentence_vectors, skill_vectors
from training.preparation.prepared_corpus import PreparationReport, PreparedCorpus

WORDS = Space("word2vec", ["a", "b", "c", "d"], np.ones(4, np.int64), np.eye(4, dtype=np.float32))


def test_only_skills_that_can_be_neighbours_are_drawn() -> None:
    """`b` is too rare, `unknown` has no vector, and `d` is no skill."""
    skills = [
        Skill(0, "a", "a", 9),
        Skill(1, "c", "c", 5),
        Skill(2, "unknown", "e", 5),
        Skill(3, "b", "b", 4),
    ]

    drawn = skill_vectors(Lexicon(skills), WORDS, 5, seed=1)

    assert drawn.tolist() == [[1, 0, 0, 0], [0, 0, 1, 0]]


@pytest.fixture
def corpus(tmp_path: Path) -> PreparedCorpus:
    """A heading that every third line repeats, and 400 sentences of which no two are alike."""
    lines = [f"a{number}" if number % 3 else "a b" for number in range(600)]
    found = PreparedCorpus(tmp_path)
    found.text.write_text("".join(f"{line}\n" for line in lines))
    counts = dict.fromkeys(PreparationReport.__dataclass_fields__, 0)
    documents = {"train": 0, "dev": 0, "test": 0}
    found.write_report(PreparationReport(**{**counts, "sentences": 600, "documents": documents}))  # type: ignore[arg-type]
    return found


def test_sentences_are_drawn_from_all_of_the_text_and_none_twice(
    corpus: PreparedCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.building.noise._DRAWN", 40)
    keys = ["a", "b", *(f"a{number}" for number in range(600) if number % 3)]
    space = Space("word2vec", keys, np.ones(len(keys), np.int64), np.eye(len(keys), dtype=np.float32))

    drawn = sentence_vectors(corpus, SifEncoder.fit(space, [], components=0), seed=1)

    assert len(drawn) == 40
    rows = [int(row.argmax()) for row in drawn]
    assert len(set(rows)) == 40
    numbers = [int(keys[row][1:]) for row in rows if row > 1]
    assert min(numbers) < 100
    assert max(numbers) > 500
    assert set(pair_scores(drawn).tolist()) == {0.0}


def test_a_trained_release_holds_the_floors_of_its_spaces(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    located = toy.recipe(tmp_path)
    result, _ = toy.train(located)
    release = open_release(Store(located.store), result.release)

    floors = open_noise(Store(located.store).path(result.release) / layout.CALIBRATION)

    assert release.noise == floors
    assert sorted(floors) == ["sentences", "similar"]
    skills = len(release.lexicon)
    assert floors["similar"].pairs == skills * (skills - 1) // 2
    rows = [release.words.row(skill.token) for skill in release.lexicon]
    vectors = np.array([release.words.vectors[row] for row in rows if row is not None])
    assert floors["similar"].mean == pytest.approx(float(pair_scores(vectors).mean()), abs=1e-5)
