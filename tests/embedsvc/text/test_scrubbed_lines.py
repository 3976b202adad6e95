"""Scrubbing on a list of invented lines: every planted secret goes, every innocent line stays as it is."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.text import clean_text, scrub
from tests.embedsvc.text.planted_lines import INNOCENT, PLANTED

PAIRS = [(kind, line, secret) for kind, lines in PLANTED.items() for line, secret in lines]
SKILLS = [
    "C++",
    "C#",
    "ASP.NET",
    "Node.js",
    "PL/SQL",
    "ISO 9001:2008",
    "Oracle 11.2.0.3",
    "R&D",
    "3D Max",
    "SAP R/3",
]


def test_the_list_is_long_enough() -> None:
    assert len(PAIRS) >= 80
    assert len(INNOCENT) >= 70


@pytest.mark.parametrize(("kind", "line", "secret"), PAIRS, ids=[line for _, line, _ in PAIRS])
def test_a_planted_secret_goes_wherever_it_stands(kind: str, line: str, secret: str) -> None:
    counts: Counter[str] = Counter()
    assert secret not in scrub(clean_text(line), counts=counts)
    assert counts.total() >= 1
    assert secret not in scrub(clean_text(f"Java developer\n{line}\nfive years of SQL"))


def test_what_is_taken_out_is_counted_by_kind() -> None:
    for kind, lines in PLANTED.items():
        counts: Counter[str] = Counter()
        for line, _ in lines:
            scrub(clean_text(line), counts=counts)
        assert counts.most_common(1)[0][0] == kind


@pytest.mark.parametrize("line", INNOCENT)
def test_an_innocent_line_stays(line: str) -> None:
    assert scrub(clean_text(line)) == clean_text(line)


def test_text_around_a_secret_stays() -> None:
    long = "Built services in Java. " * 40
    assert scrub(f"{long}mail jane@example.org now. {long}") == f"{long}mail   now. {long}"
    assert scrub("Größe – écrit 7 Elm Street, Zürich. Straße") == "Größe – écrit  , Zürich. Straße"


@given(
    st.lists(
        st.sampled_from([*SKILLS, "2004-2008", "salary 850000", "version 2.6.32", "and", "in"]), max_size=30
    )
)
def test_skills_years_versions_and_salaries_stay_in_any_order(words: list[str]) -> None:
    text = ", ".join(words)
    assert scrub(text) == text


@given(st.text(max_size=400), st.sampled_from(PAIRS))
def test_no_text_around_it_saves_an_address(around: str, pair: tuple[str, str, str]) -> None:
    text = clean_text(f"{around}\nmail to jane.doe@example.org\n{around}")
    assert "jane.doe@" not in scrub(text)


@pytest.mark.parametrize(
    ("text", "name", "left"),
    [
        ("Asha Verma is a nurse. Asha led", "Asha Verma", ["is", "a", "nurse.", "led"]),
        ("CV OF ASHA VERMA", "asha verma", ["CV", "OF"]),
        ("Verma, Asha - nurse", "Asha Verma", ["-", "nurse"]),
        ("Will Grant will be here", "Will Grant", ["will", "be", "here"]),
        ("Will managed Grant money", "Will Grant", ["Will", "managed", "Grant", "money"]),
        ("Li wrote Ng applications", "Li Ng", ["Li", "wrote", "Ng", "applications"]),
        ("Ashanti and vermas stay", "Asha Verma", ["Ashanti", "and", "vermas", "stay"]),
        ("Dr. Asha's team, the Mr team", "Dr. Asha Mr", ["Dr.", "team,", "the", "Mr", "team"]),
        ("José Núñez-Gil built it", "José Núñez-Gil", ["built", "it"]),
        ("nobody here", "Asha Verma", ["nobody", "here"]),
    ],
)
def test_the_own_name_goes_whole_words_only(text: str, name: str, left: list[str]) -> None:
    assert scrub(text, name=name).split() == left


@pytest.mark.parametrize(
    "unit",
    ["1 Elm ", "address: ", "passport ", "H.No. 1", "call 1", "dot ", " at gmail", "AB12 ", "12 A ", "St "],
)
def test_a_million_of_one_thing_ends_here_too(unit: str) -> None:
    # A quadratic pattern would take minutes here.
    assert scrub("Java\n" + unit * (1_000_000 // len(unit)), name="Elm St").startswith("Java")
