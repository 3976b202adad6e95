"""Word similarity and analogies in a space made by hand, and Spearman's correlation."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import spearmanr

from embedsvc.spaces import Space
from embedsvc.spaces.space import Matrix
from embedsvc.text import Lexicon, Skill, Tokenizer
from training.evaluation import words as word_scores
from training.evaluation.correlation import spearman
from training.evaluation.gold import JudgedPair
from training.evaluation.words import WordVectors, analogies, spaces, word_similarity

KEYS = ["man", "king", "woman", "queen", "tea"]
VECTORS = np.array([[1, 0, 0], [1, 1, 0], [-1, 0, 0.1], [-1, 1, 0.1], [0, 0, 5]], np.float32)


def test_spearman_is_that_of_scipy_with_ties_and_without() -> None:
    for seed, most in ((1, 1_000_000), (2, 6)):
        measures = np.random.default_rng(seed).integers(0, most, (200, 2)).astype(float)
        assert spearman(measures) == pytest.approx(spearmanr(measures[:, 0], measures[:, 1]).statistic)


def test_what_never_changes_agrees_with_nothing() -> None:
    assert spearman(np.array([[1.0, 2.0], [1.0, 3.0]])) == 0.0
    assert spearman(np.array([[1.0, 2.0]])) == 0.0


def test_cosines_of_known_pairs_beside_what_people_say() -> None:
    pairs = [JudgedPair("Man", "king", 7.0), JudgedPair("man", "tea", 0.5), JudgedPair("man", "coffee", 4.0)]

    measures, known = word_similarity(WordVectors(KEYS, VECTORS), pairs)

    assert known.tolist() == [True, True, False]
    assert measures == pytest.approx(np.array([[np.sqrt(0.5), 7.0], [0.0, 0.5]]), abs=1e-6)


def test_a_space_that_composes_words_knows_more_of_them() -> None:
    def compose(unseen: Sequence[str]) -> Matrix:
        assert list(unseen) == ["coffee", "xyz"]
        return np.array([[0, 0, 3], [0, 0, 0]], np.float32)

    words = WordVectors(KEYS, VECTORS, compose)

    found = words.vectors(["tea", "Coffee", "xyz"])

    assert found == pytest.approx(np.array([[0, 0, 1], [0, 0, 1], [0, 0, 0]]))
    assert words.row("coffee") is None


def test_the_vectors_given_are_left_as_they_are() -> None:
    given = VECTORS.copy()
    WordVectors(KEYS, given)
    assert (given == VECTORS).all()


QUESTIONS = [
    ("man", "king", "woman", "queen"),
    ("man", "king", "woman", "tea"),
    ("king", "man", "queen", "woman"),
    ("man", "king", "boy", "prince"),
]


def test_analogies_are_answered_by_the_nearest_word_that_was_not_given() -> None:
    right, known = analogies(WordVectors(KEYS, VECTORS), QUESTIONS)

    assert right.tolist() == [1, 0, 1]
    assert known.tolist() == [True, True, True, False]


def test_without_the_first_word_the_nearest_to_the_others_is_found() -> None:
    right, _ = analogies(WordVectors(KEYS, VECTORS), QUESTIONS, without_first=True)

    # king + woman and man + queen: what is nearest to their sum, of the words not given.
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    for (a, b, c, d), answer in zip(QUESTIONS, right, strict=False):
        scores = unit @ (unit[KEYS.index(b)] + unit[KEYS.index(c)])
        scores[[KEYS.index(word) for word in (a, b, c)]] = -9
        assert answer == (KEYS[int(scores.argmax())] == d)


def test_rare_words_neither_ask_nor_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_scores, "FREQUENT", 3)

    right, known = analogies(WordVectors(KEYS, VECTORS), QUESTIONS)

    assert len(right) == 0
    assert not known.any()


def test_batches_change_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = analogies(WordVectors(KEYS, VECTORS), QUESTIONS * 5)[0]
    monkeypatch.setattr(word_scores, "_BATCH", 4)

    assert (analogies(WordVectors(KEYS, VECTORS), QUESTIONS * 5)[0] == whole).all()


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [("cats", "cats", 1.0), ("Cats", "cats", 1.0), ("cats", "dog", 0.0), ("cat", "cats", 2 / 5)],
)
def test_letters_shared_are_trigrams_of_marked_words(one: str, other: str, shared: float) -> None:
    # <ca cat at> and <ca cat ats ts>: two of five.
    assert word_scores._shared_grams(one, other) == pytest.approx(shared)


def test_every_space_of_a_release_is_judged_and_skills_go_by_their_tokens() -> None:
    def compose(words: Sequence[str]) -> Matrix:
        return np.tile(np.array([0, 0, 2], np.float32), (len(words), 1))

    words = Space("word2vec", ["sql_server", "tea"], np.array([2, 1]), np.eye(2, 3, dtype=np.float32))
    glove = Space("glove", ["tea"], np.array([1]), np.array([[0, 3, 0]], np.float32))
    subwords = SimpleNamespace(keys=["tea"], vectors=lambda keys: np.eye(len(keys), 3), composed=compose)
    tokenizer = Tokenizer(Lexicon([Skill(0, "sql server", "sql_server", 9)]))
    release = SimpleNamespace(words=words, skill_vectors=SimpleNamespace(space=subwords), tokenizer=tokenizer)

    found = dict(spaces(SimpleNamespace(release=release, glove=glove)))  # type: ignore[arg-type]

    assert list(found) == ["word2vec", "glove", "fasttext"]
    assert found["word2vec"].vectors(["SQL Server", "Tea", "milk"]).tolist() == [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 0],
    ]
    assert found["glove"].vectors(["tea"]).tolist() == [[0, 1, 0]]
    assert found["fasttext"].vectors(["tea", "milk"]).tolist() == [[1, 0, 0], [0, 0, 1]]
    bare = SimpleNamespace(words=words, skill_vectors=None, tokenizer=tokenizer)
    assert [kind for kind, _ in spaces(SimpleNamespace(release=bare, glove=None))] == ["word2vec"]  # type: ignore[arg-type]
