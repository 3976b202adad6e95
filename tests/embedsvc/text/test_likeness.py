from __future__ import annotations

import pytest

from embedsvc.text.likeness import Likeness

NAMES = [
    "manage staff",
    "project management",
    "staff project",
    "weld metal",
    "php",
    "supervise welding of metal",
]
LIKENESS = Likeness(NAMES)


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("staff managing", 0),
        ("the management of projects", 1),
        ("manages the staff", 0),
        ("projects of staff", 2),
        ("welding metals", 3),
        ("php", None),  # one word is what the normal form is for
        ("manage", None),
        ("manage staff project", None),
        ("of the", None),
        ("", None),
    ],
)
def test_the_same_words_in_any_order(query: str, row: int | None) -> None:
    assert LIKENESS.same_words(query) == row


def test_two_skills_of_the_same_words_are_neither() -> None:
    assert Likeness(["design test", "test design"]).same_words("design of tests") is None


def test_the_name_itself_scores_one_and_comes_first() -> None:
    for row, name in enumerate(NAMES):
        (found,) = LIKENESS.nearest(name, 1)
        assert found == (row, pytest.approx(1.0, abs=1e-5))


def test_misspelt_words_count() -> None:
    rows = [row for row, _ in LIKENESS.nearest("projct managment", 2)]
    assert rows[0] == 1


def test_aliases_teach_which_words_stand_for_each_other() -> None:
    names = [
        "manage teams",
        "manage budgets",
        "manage stores",
        "teach children",
        "manage farms",
        "hire farms",
    ]
    aliases = [("oversee teams", 0), ("oversee budgets", 1), ("oversee stores", 2), ("instruct children", 3)]
    (plain,) = [score for row, score in Likeness(names).nearest("oversee farms", 9) if row == 4]
    (taught,) = [score for row, score in Likeness(names, aliases).nearest("oversee farms", 9) if row == 4]
    assert taught > plain + 0.05
    assert Likeness(names, aliases).nearest("oversee farms", 1)[0][0] == 4


@pytest.mark.parametrize("query", ["", "of", "\x00", "日本", "q" * 1_000_000, "(" * 500_000])
def test_what_has_nothing_in_common_finds_nothing(query: str) -> None:
    assert LIKENESS.nearest(query, 5) == []


def test_no_more_than_asked_and_best_first() -> None:
    found = LIKENESS.nearest("manage project staff welding", 3)
    assert len(found) == 3
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert LIKENESS.nearest("staff", 0) == []
    assert Likeness([]).nearest("staff", 3) == []
