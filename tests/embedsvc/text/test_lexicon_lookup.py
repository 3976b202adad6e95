from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import ReleaseCorruptError
from embedsvc.text import Alias, Lexicon, Match, Skill
from embedsvc.text.skills import token_of

SKILLS = [
    Skill(0, "JavaScript", "javascript", 900),
    Skill(1, "Java", "java", 800),
    Skill(2, "C", "c", 300),
    Skill(3, "C++", "c++", 290),
    Skill(4, "React.js", "react.js", 200),
    Skill(5, "kubernetes", "kubernetes", 100),
    Skill(6, "machine learning", "machine_learning", 90),
    Skill(7, "oracle 10g", "oracle_10g", 60),
    Skill(8, "oracle 11g", "oracle_11g", 50),
    Skill(9, "react native", "react_native", 40),
    Skill(10, "accounting", "accounting", 30),
    Skill(11, "accountant", "accountant", 29),
]
ALIASES = [
    Alias("js", 0, 100, "user"),
    Alias("java script", 0, 150, "mined"),
    Alias("ReactJS", 4, 80, "mined"),
    Alias("k8s", 5, 0, "user"),
]
LEXICON = Lexicon(SKILLS, ALIASES)


@pytest.mark.parametrize(
    ("surface", "match"),
    [
        ("JavaScript", Match(0, "exact")),
        ("  JAVA   SCRIPT ", Match(0, "exact")),
        ("js", Match(0, "alias")),
        ("React JS", Match(4, "exact")),
        ("reactjs", Match(4, "exact")),
        ("K8S", Match(5, "alias")),
        ("c", Match(2, "exact")),
        ("C ++", Match(3, "exact")),
        ("c#", None),
        ("", None),
        ("java " * 1_000_000, None),
    ],
)
def test_find(surface: str, match: Match | None) -> None:
    assert LEXICON.find(surface) == match


def test_a_form_taken_out_of_its_group_is_found_as_itself() -> None:
    lexicon = Lexicon(
        [Skill(0, "react.js", "react.js", 9), Skill(1, "react js", "react_js", 2)],
        [Alias("reactjs", 0, 3, "mined")],
    )
    assert lexicon.find("React JS") == Match(1, "exact")
    assert lexicon.find("react-js") == Match(0, "exact")


def test_rows_tokens_and_aliases() -> None:
    assert len(LEXICON) == 12
    assert list(LEXICON) == SKILLS
    assert LEXICON[4] == SKILLS[4]
    assert LEXICON.row_of_token("machine_learning") == 6
    assert LEXICON.row_of_token("learning") is None
    assert [alias.surface for alias in LEXICON.aliases(0)] == ["java script", "js"]
    assert LEXICON.aliases(1) == []


@pytest.mark.parametrize(
    ("prefix", "limit", "found"),
    [
        ("jav", 5, [(0, "JavaScript"), (1, "Java")]),
        ("JAVA S", 5, [(0, "java script")]),
        ("react", 5, [(4, "React.js"), (9, "react native")]),
        ("k8", 5, [(5, "k8s")]),
        ("", 3, [(0, "JavaScript"), (1, "Java"), (2, "C")]),
        ("c", 1, [(2, "C")]),
        ("zz", 5, []),
        ("j", 0, []),
        ("oracle", 10**9, [(7, "oracle 10g"), (8, "oracle 11g")]),
    ],
)
def test_prefix(prefix: str, limit: int, found: list[tuple[int, str]]) -> None:
    assert LEXICON.prefix(prefix, limit) == found


words = st.text(alphabet="abc ", min_size=1, max_size=6).filter(str.strip)


@given(
    st.lists(words, min_size=1, unique=True),
    st.text(alphabet="abc", max_size=3),
    st.integers(1, 5),
    st.data(),
)
def test_prefix_is_the_plain_scan(names: list[str], prefix: str, limit: int, data: st.DataObject) -> None:
    names = sorted({" ".join(name.split()) for name in names})
    skills = [Skill(row, name, token_of(name), 1) for row, name in enumerate(names)]
    rows = st.integers(0, len(names) - 1)
    forms = data.draw(st.lists(st.tuples(words.map(lambda w: " ".join(w.split())), rows)))
    lexicon = Lexicon(skills, [Alias(surface, row, 1, "mined") for surface, row in forms])
    expected = [
        row
        for row, name in enumerate(names)
        if name.startswith(prefix) or any(s.startswith(prefix) and r == row for s, r in forms)
    ]
    assert [row for row, _ in lexicon.prefix(prefix, limit)] == expected[:limit]
    assert all(surface.startswith(prefix) for _, surface in lexicon.prefix(prefix, limit))


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("javscript", 0),
        ("Javasript", 0),
        ("kubernets", 5),
        ("kuberentes", 5),
        ("machin lerning", 6),
        ("jaba", 1),
        ("kava", None),  # another first letter
        ("jva", None),  # too short
        ("oracle 12g", None),  # digits are never an error
        ("java+", None),  # signs are never an error
        ("accountang", None),  # as near to accounting as to accountant
        ("nonsense", None),
        ("", None),
    ],
)
def test_correction(query: str, row: int | None) -> None:
    assert LEXICON.correction(query) == row


def test_spelling_scores() -> None:
    assert LEXICON.spelling("javascrip", 2) == [(0, pytest.approx(0.9))]
    assert LEXICON.spelling("oracle 12g", 2) == [(7, pytest.approx(8 / 9)), (8, pytest.approx(8 / 9))]
    assert LEXICON.spelling("oracle 12g", 0) == []
    assert LEXICON.spelling("x" * 5_000_000, 3) == []


def test_saved_and_opened_again(tmp_path: Path) -> None:
    LEXICON.save(tmp_path / "lexicon")
    again = Lexicon.open(tmp_path / "lexicon")
    assert list(again) == SKILLS
    assert [again.aliases(row) for row in range(12)] == [LEXICON.aliases(row) for row in range(12)]


def test_files_of_the_format_before_are_read(tmp_path: Path) -> None:
    for name, columns in (
        ("skills", {"row": [0], "name": ["go"], "token": ["go"], "candidates": [9]}),
        ("aliases", {"surface": ["golang"], "row": [0], "candidates": [4], "source": ["user"]}),
    ):
        types = {"row": pa.int32(), "candidates": pa.int64()}
        schema = pa.schema(
            [(key, types.get(key, pa.utf8())) for key in columns], metadata={"embedsvc": "lexicon/1"}
        )
        with pa.OSFile(str(tmp_path / f"{name}.arrow"), "wb") as sink, pa.ipc.new_file(sink, schema) as out:
            out.write_table(pa.table(columns, schema=schema))
    lexicon = Lexicon.open(tmp_path)
    assert list(lexicon) == [Skill(0, "go", "go", 9)]
    assert lexicon.aliases(0) == [Alias("golang", 0, 4, "user")]
    lexicon.save(tmp_path / "new")
    assert list(Lexicon.open(tmp_path / "new")) == list(lexicon)


def test_an_empty_lexicon(tmp_path: Path) -> None:
    Lexicon([]).save(tmp_path)
    empty = Lexicon.open(tmp_path)
    assert len(empty) == 0
    assert empty.find("java") is None
    assert empty.prefix("", 5) == []
    assert empty.spelling("java", 5) == []
    assert empty.correction("java") is None


@pytest.mark.parametrize("name", ["skills.arrow", "aliases.arrow"])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "other file", "other columns"])
def test_a_damaged_file_is_corrupt(tmp_path: Path, name: str, damage: str) -> None:
    LEXICON.save(tmp_path)
    path = tmp_path / name
    whole = path.read_bytes()
    path.unlink()
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "other file":
        path.write_bytes(b"not arrow at all" * 100)
    elif damage == "other columns":
        table = pa.table({"row": [1]})
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    with pytest.raises(ReleaseCorruptError, match=name):
        Lexicon.open(tmp_path)


def test_files_of_two_lexicons_do_not_fit(tmp_path: Path) -> None:
    LEXICON.save(tmp_path / "large")
    Lexicon(SKILLS[:3]).save(tmp_path / "small")
    (tmp_path / "large" / "aliases.arrow").replace(tmp_path / "small" / "aliases.arrow")
    with pytest.raises(ReleaseCorruptError, match="do not fit"):
        Lexicon.open(tmp_path / "small")


@pytest.mark.parametrize(
    ("skills", "aliases", "message"),
    [
        ([Skill(1, "a", "a", 1)], [], "rows"),
        ([Skill(0, "a", "a", 1), Skill(1, "A", "a", 1)], [], "token"),
        ([Skill(0, "a", "a", 1)], [Alias("b", 1, 1, "mined")], "row 1"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    skills: list[Skill], aliases: list[Alias], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Lexicon(skills, aliases)
