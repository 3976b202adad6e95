"""Sentence similarity and the search for somebody's other text, by encoders made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from embedsvc.spaces import Space
from embedsvc.spaces.space import Matrix
from embedsvc.text import Tokenizer
from training.corpus.split import Part
from training.evaluation.gold import JudgedPair
from training.evaluation.same_person import ANSWERS, same_person
from training.evaluation.sentences import sentence_similarity
from training.evaluation.simple_texts import row_cosines, tfidf_rows, word_means
from training.preparation.candidate_pairs import TextPair

WORDS = Space("test", ["cat", "dog", "car"], np.array([3, 2, 1]), np.eye(3, dtype=np.float32))


class Sums:
    """A text is the sum of its words, of which `told` tells the vector."""

    def __init__(self, told: dict[str, list[float]]) -> None:
        self.told = told

    def encode(self, texts: Sequence[Sequence[str]]) -> Matrix:
        sums = np.array([np.sum([self.told[word] for word in text], axis=0) for text in texts], np.float32)
        return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True))


def test_tfidf_by_hand() -> None:
    rows = tfidf_rows([["cat", "dog"], ["cat"], []])

    # idf = ln((1 + 3) / (1 + texts)) + 1: of cat ln(4/3) + 1, of dog ln(4/2) + 1.
    cat, dog = np.log(4 / 3) + 1, np.log(4 / 2) + 1
    assert (rows @ rows.T).toarray()[0] == pytest.approx([1, cat / np.hypot(cat, dog), 0])
    assert row_cosines(rows[:2], rows[1:]) == pytest.approx([cat / np.hypot(cat, dog), 0])
    assert tfidf_rows([[], []]).shape == (2, 1)


def test_the_mean_of_words_leaves_out_what_is_not_known() -> None:
    assert word_means(WORDS, [["cat", "dog", "xyz"], ["xyz"]]) == pytest.approx(
        np.array([[np.sqrt(0.5), np.sqrt(0.5), 0], [0, 0, 0]])
    )


def test_sentences_are_judged_beside_simple_ways() -> None:
    """To the encoder cats and dogs are alike, as they are to people; the simple ways see other words."""
    encoder = Sums({"cat": [1, 0.2], "dog": [1, 0], "car": [0, 1]})
    release = SimpleNamespace(tokenizer=Tokenizer(), sentences=encoder, words=WORDS)
    pairs = [
        JudgedPair("Cat!", "dog", 4.0),
        JudgedPair("cat", "car", 1.0),
        JudgedPair("dog", "Car", 0.5),
        JudgedPair("dog car", "cat car", 4.5),
    ]

    (found,) = sentence_similarity(release, "sts", pairs)  # type: ignore[arg-type]

    assert (found.task, found.metric, found.value, found.items) == ("sts", "Spearman", 1.0, 4)
    # Three pairs share no word and one half: ranks 2, 2, 2, 4 against 3, 2, 1, 4.
    assert found.baselines == {"mean of words": 0.7746, "TF-IDF": 0.7746}
    assert sentence_similarity(release, "sts", []) == []  # type: ignore[arg-type]


def pair(person: str, area: str, first: str, second: str, kind: str = "earlier/later") -> TextPair:
    return TextPair(kind, person, area, first, second)


LETTERS = "abcdefgh"


def people(part: Part = "test") -> list[tuple[Part, TextPair]]:
    """Eight of an area who say the same in other words, and two of another."""
    found = [pair(f"p{letter}", "cooks", f"{letter}1", f"{letter}2") for letter in LETTERS]
    return [
        (part, each) for each in [*found, pair("x", "smiths", "a1", "b2"), pair("y", "smiths", "b1", "a2")]
    ]


def told(agrees: bool) -> dict[str, list[float]]:
    """The vectors of both words of a letter; the second one's is the next letter's unless it agrees."""
    eye = np.eye(len(LETTERS)).tolist()
    first = {f"{letter}1": eye[row] for row, letter in enumerate(LETTERS)}
    return first | {f"{letter}2": eye[row if agrees else row - 1] for row, letter in enumerate(LETTERS)}


def test_who_knows_finds_everybody_and_words_alone_find_nobody() -> None:
    reciprocal, recall = same_person(Sums(told(agrees=True)), people(), seed=1)  # type: ignore[arg-type]

    # a and b stand beside a smith who says the same, so that they are first or second: rank 1.5.
    assert (reciprocal.metric, reciprocal.items) == ("MRR", 8)
    assert reciprocal.value == pytest.approx((6 + 2 / 1.5) / 8, abs=1e-4)
    assert recall.value == 1.0
    # No word is in both texts: all ten score 0, and the right one stands in their middle.
    assert reciprocal.baselines["TF-IDF"] == pytest.approx(1 / 5.5, abs=1e-4)
    assert reciprocal.baselines["random"] == pytest.approx(np.mean(1 / np.arange(1, 11)), abs=1e-4)
    assert recall.baselines == {"random": 1.0, "TF-IDF": 1.0}


def test_who_takes_another_for_the_right_one_is_behind_them() -> None:
    reciprocal, _ = same_person(Sums(told(agrees=False)), people(), seed=1)  # type: ignore[arg-type]

    # Another scores 1 (of some two do), and the right one 0 like all others.
    assert 1 / 6.5 < reciprocal.value < 1 / 5.5


def test_those_of_the_dev_part_and_of_small_areas_are_answers_alone() -> None:
    encoder = Sums(told(agrees=True))

    assert same_person(encoder, people("dev"), seed=1) == []  # type: ignore[arg-type]
    assert same_person(encoder, people()[:5], seed=1) == []  # type: ignore[arg-type]
    one_asks = [("test", each) if number == 3 else ("dev", each) for number, (_, each) in enumerate(people())]
    reciprocal, _ = same_person(encoder, one_asks, seed=1)  # type: ignore[arg-type]
    assert (reciprocal.value, reciprocal.items) == (1.0, 1)


def test_others_are_drawn_where_an_area_is_small_and_no_more_than_need_be() -> None:
    many = [("dev", pair(f"s{number}", "smiths", "a1", "a2")) for number in range(200)]
    asks = [(part, each) for part, each in people()[:8]]

    _, recall = same_person(Sums(told(agrees=True)), [*asks, *many], seed=1)  # type: ignore[arg-type, list-item]

    assert recall.baselines["random"] == pytest.approx(10 / ANSWERS)
    # 42 smiths say what a says: it stands in the middle of 43.
    assert recall.value == 7 / 8
    crowded = [("dev", pair(f"c{number}", "cooks", "h1", "h2")) for number in range(92)]
    _, recall = same_person(Sums(told(agrees=True)), [*asks, *crowded], seed=1)  # type: ignore[arg-type, list-item]
    assert recall.baselines["random"] == pytest.approx(10 / 100)


def test_other_kinds_of_pairs_are_not_asked() -> None:
    titles = [
        ("test", pair(letter, "cooks", f"{letter}1", f"{letter}2", "title/skills")) for letter in LETTERS
    ]

    assert same_person(Sums(told(agrees=True)), titles, seed=1) == []  # type: ignore[arg-type, list-item]
