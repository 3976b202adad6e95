from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from embedsvc.text import Alias, Lexicon, Skill, clean_text, normal_form
from embedsvc.text.extraction import Extractor, Mention, is_name

SKILLS = [
    Skill(0, "java", "java", 900, as_word=0.6, as_name=0.5),
    Skill(1, "python", "python", 800, as_word=0.6, as_name=0.5),
    Skill(2, "go", "go", 50, as_word=0.0, as_name=0.02),
    Skill(3, "r", "r", 60, as_word=0.0, as_name=0.05),
    Skill(4, "c", "c", 300, as_word=0.0, as_name=0.06),
    Skill(5, "c++", "c++", 290, as_word=0.3, as_name=0.3),
    Skill(6, "C#", "c#", 280, as_word=0.3, as_name=0.3),
    Skill(7, "excel", "excel", 200, as_word=0.04, as_name=0.24),
    Skill(8, "access", "access", 100, as_word=0.01, as_name=0.06),
    Skill(9, "react.js", "react.js", 90),
    Skill(10, "machine learning", "machine_learning", 80),
    Skill(11, "learning", "learning", 70, as_word=0.0, as_name=0.0),
    Skill(12, "machine learning engineer", "machine_learning_engineer", 9),
    Skill(13, "asp.net", "asp.net", 70),
    Skill(14, "R&D", "r&d", 40),
    Skill(15, "ci/cd", "ci/cd", 40),
    Skill(16, "customers", "customers", 40, as_word=0.001, as_name=0.003),
    Skill(17, "payroll", "payroll", 40, as_word=0.35, as_name=0.3),
    Skill(18, "résumé writing", "résumé_writing", 5),
    Skill(19, "日本語", "日本語", 5),
    Skill(20, "javascript", "javascript", 700, as_word=0.6, as_name=0.6),
]
LEXICON = Lexicon(
    SKILLS, [Alias("js", 20, 9, "user", as_word=0.3), Alias("ml", 10, 9, "acronym", as_word=0.2)]
)
EXTRACTOR = Extractor(LEXICON)
PLAIN = Extractor(LEXICON, judge=False)


def named(text: str, extractor: Extractor = EXTRACTOR) -> list[tuple[str, str]]:
    return [(LEXICON[m.row].name, text[m.start : m.end]) for m in extractor.extract(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Java, python", [("java", "Java"), ("python", "python")]),
        ("java python java", [("java", "java"), ("python", "python"), ("java", "java")]),
        ("javalike scripts, unjava", []),
        ("JavaScript/JS", [("javascript", "JavaScript"), ("javascript", "JS")]),
        ("C, C++ and C#.", [("c", "C"), ("c++", "C++"), ("C#", "C#")]),
        (
            "React JS, ReactJS, react-js, React.js",
            [("react.js", form) for form in ("React JS", "ReactJS", "react-js", "React.js")],
        ),
        ("asp.net ASP .NET asp dot net", [("asp.net", f) for f in ("asp.net", "ASP .NET", "asp dot net")]),
        ("R&D, R & D, R and D; R, D", [("R&D", "R&D"), ("R&D", "R & D"), ("R&D", "R and D"), ("r", "R")]),
        (
            "machine learning engineers; machine  learning\tengineer",
            [
                ("machine learning", "machine learning"),
                ("machine learning engineer", "machine  learning\tengineer"),
            ],
        ),
        ("machine, learning", []),
        ("machine\nlearning", []),
        ("CI/CD", [("ci/cd", "CI/CD")]),
        (
            "machine\u00a0learning \u2013 machine\u2011learning",
            [("machine learning", "machine\u00a0learning"), ("machine learning", "machine\u2011learning")],
        ),
        ("\u2022Java\u2022Python", [("java", "Java"), ("python", "Python")]),
        (
            "<p>Java</p><b>machine</b> learning<br>r&amp;d R&amp;D",
            [
                ("java", "Java"),
                ("machine learning", "machine</b> learning"),
                ("R&D", "r&amp;d"),
                ("R&D", "R&amp;D"),
            ],
        ),
        ("<!-- java --> <script>python</script>java<style>java", [("java", "java"), ("java", "java")]),
        (
            "R\u00e9sum\u00e9 writing \u65e5\u672c\u8a9e java",
            [
                ("r\u00e9sum\u00e9 writing", "R\u00e9sum\u00e9 writing"),
                ("\u65e5\u672c\u8a9e", "\u65e5\u672c\u8a9e"),
                ("java", "java"),
            ],
        ),
        ("\u0130\u0130 java \u00df python", [("java", "java"), ("python", "python")]),
        ("\uff2a\uff41\uff56\uff41", [("java", "\uff2a\uff41\uff56\uff41")]),
        ("\ud800java\udfff", [("java", "java")]),
        ("", []),
        (" \x00\n", []),
    ],
)
def test_what_is_found_and_where(text: str, found: list[tuple[str, str]]) -> None:
    assert named(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("we go to work and have access to excel at", []),
        ("Access to all. Go now. We excel at Excel", ["Excel"]),
        ("used Access daily", ["Access"]),
        ("ACCESS CONTROL LISTS", []),
        ("Python, Go and java", ["Python", "Go", "java"]),
        ("Go is fun; Python", ["Python"]),
        ("languages: python / Go", ["python", "Go"]),
        ("let Go of python", ["python"]),
        ("customers, python", ["python"]),
        ("Customers, python and Customers", ["python"]),
        ("payroll", ["payroll"]),
        ("vitamin c, python", ["python"]),
        ("knows R, python", ["R", "python"]),
        ("r, python", ["python"]),
    ],
)
def test_a_word_is_not_always_a_skill(text: str, found: list[str]) -> None:
    assert [form for _, form in named(text)] == found


def test_without_judgement_every_form_is_found() -> None:
    assert [form for _, form in named("we go to customers and learn r", PLAIN)] == ["go", "customers", "r"]


def test_the_step_says_how_a_form_names_the_skill() -> None:
    assert EXTRACTOR.extract("Machine Learning or ML") == [
        Mention(10, 0, 16, "exact"),
        Mention(10, 20, 22, "alias"),
    ]


@pytest.mark.parametrize(
    ("text", "form", "name"),
    [
        ("we go", "go", False),
        ("we Go", "Go", True),
        ("Go home", "Go", False),
        ("done. Go", "Go", False),
        ("- Go", "Go", False),
        ("knows R", "R", True),
        ("R", "R", False),
        ("the iOS", "iOS", True),
        ("NodeJS", "NodeJS", True),
        ("SEO work", "SEO", True),
        ("SEO EXPERT", "SEO", False),
    ],
)
def test_is_name(text: str, form: str, name: bool) -> None:
    start = text.index(form)
    assert is_name(text, start, start + len(form)) is name


def test_long_and_hostile_texts() -> None:
    assert EXTRACTOR.extract("x" * 1_000_000) == []
    assert EXTRACTOR.extract("<" * 300_000 + "<a " * 100_000 + "<!--" * 100_000) == []
    assert EXTRACTOR.extract("&" * 300_000 + "&amp" * 100_000 + "c+" * 200_000) == []
    text = "java " * 1_000_000
    found = EXTRACTOR.extract(text)
    assert len(found) == 1_000_000
    assert found[-1] == Mention(0, 4_999_995, 4_999_999, "exact")


def test_an_empty_lexicon_finds_nothing() -> None:
    assert Extractor(Lexicon([])).extract("java") == []


def test_a_skill_of_signs_or_of_ten_thousand_characters_does_no_harm() -> None:
    lexicon = Lexicon([Skill(0, "***", "***", 1), Skill(1, "x" * 10_000, "x", 1), Skill(2, ", ,", ",", 1)])
    assert Extractor(lexicon).extract("*** , , xx") == []
    assert Extractor(lexicon).extract("x" * 10_000) == [Mention(1, 0, 10_000, "exact")]


PIECES = st.sampled_from(
    [
        "Java",
        "java",
        "Go",
        "go",
        "R",
        "c",
        "C++",
        "c#",
        "react",
        ".js",
        "JS",
        "machine",
        "learning",
        "Machine",
        "engineer",
        "R&D",
        "r",
        "d",
        "and",
        "asp",
        ".net",
        "dot net",
        "ASP.NET",
        "ci",
        "/",
        "cd",
        "\u00e9",
        "\u0130",
        "\u00df",
        "\u65e5\u672c\u8a9e",
        "r\u00e9sum\u00e9",
        "writing",
        ",",
        ".",
        "\n",
        "&",
        "&amp;",
        "<b>",
        "</b>",
        "<p>",
        "\u2019",
        "\u2022",
        "\u00a0",
        "-",
        "+",
        "#",
        "'",
        "\u2122",
        "<!--",
        "-->",
        "&#101;",
        "\uff21",
        "x",
    ]
)
TEXTS = st.lists(PIECES | st.sampled_from([" ", " ", "  "]) | st.characters(), max_size=25).map("".join)


@given(TEXTS)
@example("asp&#46;net")
@example("R&amp;D<b>java</b>")
@example("machine\u2122 learning")
@example("html+css r+d")
def test_offsets_are_in_order_and_hold_a_form_of_the_skill(text: str) -> None:
    done = 0
    for mention in PLAIN.extract(text):
        assert done <= mention.start < mention.end <= len(text)
        done = mention.end
        skill = LEXICON[mention.row]
        forms = {normal_form(skill.name)} | {normal_form(a.surface) for a in LEXICON.aliases(mention.row)}
        assert normal_form(clean_text(text[mention.start : mention.end])) in forms
