import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.text import Alias, Lexicon, Skill, Tokenizer, clean_text

LEXICON = Lexicon(
    [
        Skill(0, "Machine Learning", "machine_learning", 90),
        Skill(1, "React.js", "react.js", 80),
        Skill(2, ".NET", ".net", 70),
        Skill(3, "C++", "c++", 60),
        Skill(4, "SQL Server", "sql_server", 50),
        Skill(5, "SQL Server 2008", "sql_server_2008", 40),
        Skill(6, "PL/SQL", "pl/sql", 30),
        Skill(7, "B.E", "b.e", 20),
        Skill(8, "हिन्दी भाषा", "हिन्दी_भाषा", 10),
        Skill(9, "Learning Management", "learning_management", 5),
    ],
    [
        Alias("ReactJS", 1, 20, "mined"),
        Alias("ML", 0, 10, "user"),
        Alias("Microsoft .NET Framework", 2, 5, "mined"),
    ],
)
PLAIN, MERGING = Tokenizer(), Tokenizer(LEXICON)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("C++, C# and F#.", ["c++", "c#", "and", "f#"]),
        ("Node.js, ASP.NET/C#.NET; .NET 4.5", ["node.js", "asp.net", "c#", ".net", ".net"]),
        ("c++11 html+css 5+ years", ["c++11", "html", "css", "years"]),
        ("end.Next sentence. (really)!", ["end", "next", "sentence", "really"]),
        ("CI/CD, TCP/IP, R&D, e-commerce", ["ci/cd", "tcp/ip", "r&d", "e-commerce"]),
        (
            "self-taught bachelor's and/or snake_case",
            ["self", "taught", "bachelors", "and", "or", "snake", "case"],
        ),
        ("2008 10g 3d 24x7 $1,200 #1 42%", ["10g", "3d", "24x7"]),
        ("--- *** ... / & + # '", []),
        ("Größe café हिन्दी Москва", ["größe", "café", "हिन्दी", "москва"]),
        ("data.json and app.jsp", ["data", "json", "and", "app", "jsp"]),
        ("a" * 64 + " " + "b" * 65, ["a" * 64]),
        ("lone \ud800surrogate", ["lone", "surrogate"]),
    ],
)
def test_words(text: str, tokens: list[str]) -> None:
    assert PLAIN.tokens(text) == tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Machine-Learning and machine   learning", ["machine_learning", "and", "machine_learning"]),
        ("ReactJS react js React.js React-JS", ["react.js"] * 4),
        ("ML ML ML", ["machine_learning"] * 3),
        ("dot net, DotNet, .Net, microsoft .net framework", [".net"] * 4),
        ("SQL Server 2008, SQL Server 2012", ["sql_server_2008", "sql_server"]),
        ("PL SQL plsql pl/sql", ["pl/sql"] * 3),
        ("machine, learning", ["machine", "learning"]),
        ("machine. learning", ["machine", "learning"]),
        ("machine\nlearning", ["machine", "learning"]),
        ("machine learnings", ["machine", "learnings"]),
        ("machine learning management", ["machine_learning", "management"]),
        ("to be a B.E graduate", ["to", "be", "a", "b.e", "graduate"]),
        ("हिन्दी भाषा", ["हिन्दी_भाषा"]),
        ("Cobol", ["cobol"]),
    ],
)
def test_skills_become_one_token(text: str, tokens: list[str]) -> None:
    assert MERGING.tokens(text) == tokens


def test_lines_end_at_new_lines_and_sentences() -> None:
    text = clean_text("Knows machine. Learning fast v. good • Java\n\n• ML, 2008\n42")
    assert list(MERGING.lines(text)) == [
        ["knows", "machine"],
        ["learning", "fast", "v", "good"],
        ["java"],
        ["machine_learning"],
    ]


@pytest.mark.parametrize("unit", ["a", ". ", "c+", "#", "machine ", "1 ", "+#", ".net"])
def test_a_million_of_one_thing_ends(unit: str) -> None:
    tokens = MERGING.tokens(unit * (1_000_000 // len(unit)) + " end")
    assert tokens[-1] == "end"


@given(
    st.lists(st.sampled_from(["machine learning", "react.js", "c++", "sql server", "pl/sql", "java", "and"]))
)
def test_neighbours_do_not_hide_each_other(mentions: list[str]) -> None:
    expected = [mention.replace(" ", "_") for mention in mentions]
    assert MERGING.tokens(" ".join(mentions)) == expected
    assert MERGING.tokens(", ".join(mentions)) == expected


@given(st.text())
def test_tokens_are_lower_case_and_hold_no_space(raw: str) -> None:
    for token in PLAIN.tokens(clean_text(raw)):
        assert token == token.lower()
        assert token.split() == [token]
        assert any(char.isalnum() or not char.isascii() for char in token)


@given(st.text())
def test_lines_hold_the_same_words_as_tokens(raw: str) -> None:
    text = clean_text(raw)
    assert [token for line in PLAIN.lines(text) for token in line] == PLAIN.tokens(text)
