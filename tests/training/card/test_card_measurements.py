"""What is measured for a card: planted facts are found, and nothing is found where there is nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from embedsvc.releases.opening import Release
from embedsvc.spaces import SifEncoder, Space
from training.card.association import FEMALE, GROUPS, MALE, bias
from training.card.curve import curve
from training.card.leakage import leakage
from training.card.similarity import histograms
from training.card.skill_map import skill_map
from training.preparation.prepared_corpus import Document

LEADING, ASSISTING = GROUPS["leading"].split(), GROUPS["assisting"].split()


def space(words: Sequence[str], vectors: np.ndarray) -> Space:
    return Space("test", words, np.full(len(words), 9), vectors.astype(np.float32))


def leaning(lean: float) -> Space:
    """Gendered words apart along the first axis; who leads leans that way, who assists the other."""
    generator = np.random.default_rng(2)
    others = [f"word{number}" for number in range(400)]
    words = [*others, *MALE, *FEMALE, *LEADING, *ASSISTING]
    vectors = generator.normal(size=(len(words), 20))
    begin = len(others)
    for group, way in ((MALE, 6.0), (FEMALE, -6.0), (LEADING, lean), (ASSISTING, -lean)):
        vectors[begin : begin + len(group), 0] += way
        begin += len(group)
    return space(words, vectors)


def test_a_planted_association_is_found() -> None:
    found = bias(leaning(6.0), seed=1)

    assert found is not None
    (test,) = found.tests
    assert (test.first, test.second) == ("leading", "assisting")
    assert test.effect > 1.8
    assert test.p == 0.0001  # 1 in 10,000: not one split of 9,999 differs as much
    assert found.occupations["boss"] > found.high
    assert found.occupations["typist"] < found.low
    assert sum(found.occupations.values()) == pytest.approx(0, abs=0.01)


def test_without_a_lean_there_is_no_association() -> None:
    found = bias(leaning(0.0), seed=1)

    assert found is not None
    assert abs(found.tests[0].effect) < 0.6
    assert found.tests[0].p > 0.2


def test_too_few_words_give_no_check() -> None:
    assert bias(space(["he", "she", *LEADING], np.eye(len(LEADING) + 2)), seed=1) is None


WORDS = [f"word{number}" for number in range(60)]


def texts(count: int, *, leak: bool) -> list[Document]:
    """Half of them of women; in each a trade that goes with the gender, or with none, and noise."""
    generator, found = np.random.default_rng(6), []
    for number in range(count):
        trade = f"trade{number % 2 if leak else generator.integers(2)}"
        body = " ".join([("she", "he")[number % 2], trade, *generator.choice(WORDS, 12)])
        found.append(Document(str(number), "", None, "", "train", True, True, "", body))
    return found


@pytest.fixture(scope="module")
def encoder() -> SifEncoder:
    words = ["he", "she", "trade0", "trade1", *WORDS]
    vectors = np.random.default_rng(5).normal(size=(len(words), 16))
    return SifEncoder(
        space(words, vectors), np.ones(len(words), np.float32), np.zeros((0, 16), np.float32), 1.0
    )


def test_a_planted_leak_is_found_although_the_gendered_words_are_taken_out(encoder: SifEncoder) -> None:
    found = leakage(texts(200, leak=True), encoder, seed=1)

    assert (found.female, found.male) == (100, 100)
    assert found.low is not None
    assert found.low > 0.75


def test_without_a_leak_the_probe_guesses(encoder: SifEncoder) -> None:
    found = leakage(texts(400, leak=False), encoder, seed=1)

    assert found.auc is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.5 < found.high


def test_few_texts_give_counts_alone(encoder: SifEncoder) -> None:
    found = leakage(texts(60, leak=True), encoder, seed=1)

    assert found.model_dump() == {"female": 30, "male": 30, "auc": None, "low": None, "high": None}


def test_neighbours_are_nearer_than_random_pairs(release: Release) -> None:
    skills, candidates = histograms(release, seed=1)

    assert (skills.space, candidates.space) == ("skills", "candidates")
    for found in (skills, candidates):
        assert sum(found.random) == pytest.approx(1, abs=0.001)
        assert sum(found.near) == pytest.approx(1, abs=0.001)
        assert found.above > 0.6
        assert found.floor < found.median


def test_the_map_keeps_neighbours_and_repeats_itself(release: Release) -> None:
    found = skill_map(release, seed=1)

    assert found is not None
    assert found == skill_map(release, seed=1)
    assert (
        found.skills
        == [skill.name for skill in release.lexicon if release.words.row(skill.token) is not None][
            : len(found.skills)
        ]
    )
    assert (min(found.x), max(found.x), min(found.y), max(found.y)) == (0, 1, 0, 1)
    assert found.kept > 0.4  # by chance about 0.01
    assert found.clusters[0][0] == found.skills[0]
    assert sorted(set(found.cluster)) == list(range(len(found.clusters)))


def test_more_effort_finds_no_less(release: Release) -> None:
    found = curve(release, seed=1)

    assert found is not None
    assert found.size == len(release.candidates.table) if release.candidates else 0
    recalls = [point.recall for point in found.efforts]
    assert [point.effort for point in found.efforts][:3] == [10, 16, 24]
    assert recalls[-1] >= recalls[0]
    assert recalls[-1] > 0.99
    assert found.usual.recall > 0.95
    assert found.usual.effort == 128
    assert min(found.exact, *(point.queries_a_second for point in found.efforts)) > 0
