"""Relations of skills against gold pairs: measures worked out by hand, spellings, baselines."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from embedsvc.text import Alias, Lexicon, Skill
from training.evaluation.gold import JudgedPair, skill_pairs
from training.evaluation.related import average_precision, known_pairs, ndcg, related_skills

LEXICON = Lexicon(
    [Skill(row, name, name, 9 - row) for row, name in enumerate(["java", "sql", "php", "css", "html"])],
    [Alias("structured query language", 1, 3, "mined")],
)


def test_pairs_count_both_ways_and_where_both_skills_are_known() -> None:
    pairs = [
        JudgedPair("Java", "Structured Query Language", 2.0),
        JudgedPair("SQL", "java", 5.0),
        JudgedPair("java", "cobol", 1.0),
        JudgedPair("sql", "SQL", 1.0),
        JudgedPair("css", "html", 1.0),
    ]

    gains, known = known_pairs(LEXICON, pairs)

    assert gains == {0: {1: 5.0}, 1: {0: 5.0}, 3: {4: 1.0}, 4: {3: 1.0}}
    assert known.tolist() == [1, 1, 0, 0, 1]


def test_ndcg_by_hand() -> None:
    # 3 at rank 2 and 1 at rank 4, the best order being 3, 1 and then 2 that is not found.
    gains = {7: 3.0, 8: 1.0, 9: 2.0}
    ideal = 3 + 2 / math.log2(3) + 1 / 2
    assert ndcg([5, 7, 6, 8], gains) == pytest.approx((3 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert ndcg([7, 9, 8], gains) == pytest.approx(1.0)
    assert ndcg([], gains) == 0.0
    assert ndcg([*range(20, 30), 7], gains) == 0.0  # the eleventh does not count


def test_average_precision_by_hand() -> None:
    # Found at ranks 1 and 4 of three that are wanted.
    assert average_precision([7, 5, 6, 8], {7: 1, 8: 1, 9: 1}) == pytest.approx((1 / 1 + 2 / 4) / 3)
    assert average_precision([1, 2], {7: 1}) == 0.0
    assert average_precision([7], {7: 1}) == 1.0


def test_a_relation_stands_beside_rankings_cut_to_as_many() -> None:
    gains = {0: {1: 1.0}, 1: {0: 1.0}}
    table = {0: [1, 2], 1: [2, 0]}

    scores = related_skills(
        "pairs",
        {"similar": (lambda row: table[row], 2)},
        {"popularity": lambda _row: range(5), "backwards": lambda _row: range(4, -1, -1)},
        gains,
    )

    gain, precision = scores
    assert (gain.task, gain.metric, gain.items) == ("pairs, similar", "nDCG@10", 2)
    assert gain.value == pytest.approx((1 + 1 / math.log2(3)) / 2, abs=1e-4)
    assert (precision.metric, precision.value) == ("MAP", 0.75)
    # Of 0 the most popular other skill is 1, and of 1 it is 0; backwards 0 and 1 come after the cut.
    assert gain.baselines == {"popularity": 1.0, "backwards": 0.0}
    assert precision.baselines == {"popularity": 1.0, "backwards": 0.0}


def test_weights_are_read_and_are_1_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"a": "x", "b": "y", "weight": 2}) + "\n" + json.dumps({"a": "x", "b": "z"}))

    assert list(skill_pairs(path)) == [("x", "y", 2.0), ("x", "z", 1.0)]
    assert np.isfinite([pair.score for pair in skill_pairs(path)]).all()
