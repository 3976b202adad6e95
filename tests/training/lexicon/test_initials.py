"""Acronyms that stand beside what they stand for."""

from __future__ import annotations

import pytest

from training.lexicon.counts import Pair
from training.lexicon.initials import initial_pairs, leading
from training.lexicon.mining import mine_lists

WEB = ["google analytics", "adwords", "keyword research", "blogging", "html"]
TRADE = ["negotiation", "purchase", "vendor", "logistics", "customs"]


def test_pairs_are_those_that_initials_allow() -> None:
    surfaces = [
        "sem", "search engine marketing", "scanning-electron microscopy", "ppc", "pay per click",
        "sql", "search engine", "c++", "a1b", "alpha 1 beta", "marketing",
    ]  # fmt: skip
    assert list(initial_pairs(surfaces)) == [
        ("ppc", "pay per click"),
        ("sem", "scanning-electron microscopy"),
        ("sem", "search engine marketing"),
    ]


def test_what_texts_explain_otherwise_is_left_alone() -> None:
    surfaces = ["csv", "computer system validation", "computer systems validation"]
    assert list(initial_pairs(surfaces, [Pair("CSV", "comma separated values")])) == []
    explained = [Pair("csv", "computerised system validation")]
    assert list(initial_pairs(surfaces, explained)) == [
        ("csv", "computer system validation"),
        ("csv", "computer systems validation"),
    ]


@pytest.mark.parametrize(
    ("meanings", "lead"),
    [
        ([(0.8, "good clinical practice")], ["good clinical practice"]),
        (
            [(0.7, "good clinical practice"), (0.8, "good clinical practices"), (0.4, "green card process")],
            ["good clinical practice", "good clinical practices"],
        ),
        ([(0.63, "customer service executive"), (0.5, "computer science engineer")], []),
        ([(0.0, "pay per click")], ["pay per click"]),
    ],
)
def test_one_meaning_must_lead(meanings: list[tuple[float, str]], lead: list[str]) -> None:
    assert leading(meanings) == lead


def written(forms: list[str], company: list[str], count: int) -> list[list[str]]:
    return [[*forms, *company[number % 3 :]] for number in range(count)]


def test_an_acronym_in_the_company_of_its_long_form_is_the_same_skill() -> None:
    lists = written(["sem"], WEB, 30) + written(["search engine marketing"], WEB, 10)
    lists += written(["sem", "search engine marketing"], WEB, 4) + written(["export"], TRADE, 40)
    lexicon = mine_lists(lists, min_candidates=3).lexicon
    found = lexicon.find("Search Engine Marketing")
    assert found is not None
    assert (lexicon[found.row].name, found.step) == ("sem", "alias")
    assert [(alias.surface, alias.source) for alias in lexicon.aliases(found.row)] == [
        ("search engine marketing", "acronym")
    ]


@pytest.mark.parametrize(
    ("long_form_in", "both"),
    [(TRADE, 4), (WEB, 1)],
    ids=["other company", "one person alone lists both"],
)
def test_initials_alone_are_not_enough(long_form_in: list[str], both: int) -> None:
    lists = written(["sem"], WEB, 30) + written(["scanning electron microscopy"], long_form_in, 30)
    lists += written(["sem", "scanning electron microscopy"], long_form_in, both)
    lexicon = mine_lists(lists, min_candidates=3).lexicon
    names = {
        lexicon[match.row].name
        for name in ("sem", "scanning electron microscopy")
        if (match := lexicon.find(name))
    }
    assert names == {"sem", "scanning electron microscopy"}
