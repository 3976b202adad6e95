"""From JSON values to text, skills and labels."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.corpus.values import cell_of, first_of, labels_of, skills_of, text_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
# A skill as it may stand between delimiters: none inside, something visible, no space around.
SKILL = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters=",|;\r\n"), min_size=1, max_size=20
).filter(lambda skill: skill == skill.strip())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  as it is\n", "  as it is\n"),
        (None, ""),
        (True, ""),
        (2015, "2015"),
        (3.8, "3.8"),
        (["Cook", None, " ", "Waiter"], "Cook\nWaiter"),
        ([{"title": "Cook", "from": 2015, "now": False}, {"title": "Waiter"}], "Cook\n2015\nWaiter"),
        ({"a": {"b": ["x", ["y"]]}}, "x\ny"),
        ([], ""),
        (("Cook", dt.date(2020, 1, 2)), "Cook\n2020-01-02"),
        ([dt.datetime(2020, 1, 2, 3, 4, tzinfo=dt.UTC), Decimal("1.50")], "2020-01-02T03:04:00+00:00\n1.50"),
        ([float("nan"), b"\xff", UUID(int=7)], "00000000-0000-0000-0000-000000000007"),
    ],
)
def test_text_of_flattens_in_order(value: Any, text: str):
    assert text_of(value) == text


def test_text_nested_absurdly_deep_is_left_out_not_an_error():
    deep = ["seen"]
    for _ in range(5000):
        deep = [deep]
    assert text_of(["top", deep]) == "top"


@given(JSON)
def test_text_of_takes_any_json(value: Any):
    assert isinstance(text_of(value), str)
    assert isinstance(first_of(value), str)


@pytest.mark.parametrize(
    ("value", "skills"),
    [
        ("php, MySQL|Node.js;C++\nC#\r\nR", ("php", "MySQL", "Node.js", "C++", "C#", "R")),
        ("technical writing", ("technical writing",)),
        (" , ;; ", ()),
        (["php", " php ", "PHP", ""], ("php", "PHP")),
        (["wine, beer"], ("wine, beer",)),
        ([{"name": "SEO", "level": 3}, {"level": 2}, None, "SEM", {"name": None}], ("SEO", "SEM")),
        ({"name": "SEO"}, ()),
        (("php", "sql"), ("php", "sql")),
        ([{"skill": "SEO"}, {"title": "SEM"}, {"name": "", "label": "Ads"}], ("SEO", "SEM", "Ads")),
        (
            [{"name": "Web", "keywords": ["HTML", {"name": "CSS"}, None]}, {"keywords": ["Go"]}],
            ("Web", "HTML", "CSS", "Go"),
        ),
        ([["php", ["sql"]], "html"], ("php", "sql", "html")),
        ("x" * 10_000, ("x" * 10_000,)),
        (None, ()),
        (7, ()),
    ],
)
def test_skills_of(value: Any, skills: tuple[str, ...]):
    assert skills_of(value) == skills


@given(
    st.lists(SKILL, unique=True), st.lists(st.sampled_from([",", " | ", ";", "\n", ",,", "\r\n"]), min_size=1)
)
def test_a_delimited_string_gives_back_the_skills_it_was_made_of(skills: list[str], delimiters: list[str]):
    text = "".join(f"{skill}{delimiters[i % len(delimiters)]}" for i, skill in enumerate(skills))
    assert skills_of(text) == tuple(skills)


@given(st.lists(SKILL, unique=True))
def test_a_list_of_strings_and_a_list_of_objects_mean_the_same(skills: list[str]):
    assert skills_of(skills) == skills_of([{"name": skill} for skill in skills]) == tuple(skills)


@given(JSON)
def test_skills_are_stripped_distinct_and_never_empty(value: Any):
    skills = skills_of(value)
    assert all(skill and skill == skill.strip() for skill in skills)
    assert len(set(skills)) == len(skills)


@pytest.mark.parametrize(
    ("value", "first"),
    [
        (" IT ", "IT"),
        (["", "IT", "HR"], "IT"),
        ([{"name": "IT"}], "IT"),
        ({"name": "IT"}, "IT"),
        (12, "12"),
        ({"$oid": "5f0c"}, "5f0c"),
        ({"$date": {"$numberLong": "7"}}, ""),
        (dt.date(2020, 1, 2), "2020-01-02"),
        (True, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_first_of(value: Any, first: str):
    assert first_of(value) == first


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('["php", "sql"]', ["php", "sql"]),
        ('{"name": "php"}', {"name": "php"}),
        ("['php', 'sql']", ["php", "sql"]),
        ("['a, b', \"o'clock\",]", ["a, b", "o'clock"]),
        ("[]", []),
        (r"['\x41\u00e9\U0001f600\n\'\d', '\ud83d', '\Uffffffff']", ["Aé😀\n'd", r"\ud83d", r"\Uffffffff"]),
        ("[draft]", "[draft]"),
        ("[1, 'a']", "[1, 'a']"),
        ("{php}", "{php}"),
        ("[a] and [b]", "[a] and [b]"),
        ("php, sql", "php, sql"),
        ("", ""),
        (None, None),
        (["php"], ["php"]),
    ],
)
def test_cell_of(cell: Any, value: Any):
    assert cell_of(cell) == value


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_a_list_that_python_wrote_is_read_back(strings: list[str]):
    assert cell_of(repr(strings)) == strings


@pytest.mark.parametrize("text", ["['" * 500_000 + "]", "['" + "\\\\" * 500_000 + "]", "[" * 1_000_000 + "]"])
def test_hostile_cells_stay_text_in_linear_time(text: str):
    assert cell_of(text) == text


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        (["IT", " HR ", "", "IT", None, 7], ("IT", "HR", "7")),
        ([{"name": "IT"}, {"label": "HR"}], ("IT", "HR")),
        ("IT; HR", ("IT; HR",)),
        ({"name": "IT"}, ("IT",)),
        ([["IT"]], ()),
        ([], ()),
        (None, ()),
        (float("nan"), ()),
    ],
)
def test_labels_of(value: Any, labels: tuple[str, ...]):
    assert labels_of(value) == labels
