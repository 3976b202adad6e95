import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.text import Tokenizer, clean_text
from embedsvc.text.sentences import one_a_line


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Built it. Led it! Why? Because", ["Built it.", "Led it!", "Why?", "Because"]),
        ("Sr. Developer at St. Mary. Led it", ["Sr. Developer at St. Mary.", "Led it"]),
        ("Tools, e.g. Java and i.e. SQL", ["Tools, e.g. Java and i.e. SQL"]),
        ("B.Tech. Computer Science. Ph.D. Physics", ["B.Tech. Computer Science.", "Ph.D. Physics"]),
        ("GPA 3.5 of 4. Passed", ["GPA 3.5 of 4.", "Passed"]),
        ("J. Smith and (J. Doe)", ["J. Smith and (J. Doe)"]),
        ("in C. Then in R. Then", ["in C.", "Then in R.", "Then"]),
        ("ASP.NET. Built .NET. Used Node.js. Led", ["ASP.NET.", "Built .NET.", "Used Node.js.", "Led"]),
        ("C++. Led C#. Won", ["C++.", "Led C#.", "Won"]),
        ("Java, SQL etc. Worked for Acme Inc. Led", ["Java, SQL etc.", "Worked for Acme Inc.", "Led"]),
        ('He said "go." (Then) left.', ['He said "go."', "(Then) left."]),
        ("end.Next v. good 1. 2", ["end.Next v. good 1. 2"]),
        ("Работал. Потом. École. Ärzte", ["Работал.", "Потом.", "École.", "Ärzte"]),
        (". A", [".", "A"]),
        ("", [""]),
    ],
)
def test_where_sentences_end(text: str, lines: list[str]) -> None:
    assert one_a_line(text).split("\n") == lines


def test_bullets_and_new_lines_end_them_too() -> None:
    text = clean_text("Duties: \u2022 Led <b>Sr. staff</b> \u2022 Won<br>Paid. Kept")
    assert Tokenizer().sentences(text) == ["duties", "led sr staff", "won", "paid", "kept"]


@given(st.text())
def test_only_spaces_become_new_lines(text: str) -> None:
    assert one_a_line(text).replace("\n", " ") == text.replace("\n", " ")


@pytest.mark.parametrize("unit", [". ", ". A", "Sr. A", "a. ", "!", '." ('])
def test_a_million_of_one_thing_ends(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    assert len(one_a_line(text)) == len(text)
