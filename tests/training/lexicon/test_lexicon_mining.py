from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import CorpusError, SourceNotFoundError
from embedsvc.text import Alias, Lexicon, Skill
from training.lexicon.mining import Written
from training.lexicon.mining import mine as mine_candidates
from training.lexicon.mining import mine_lists as mine


def lists(**candidates: int) -> list[list[str]]:
    """One list of one entry for each candidate; "_" is read as a space."""
    return [[entry] for entry, count in candidates.items() for _ in range(count)]


def names(lexicon: Lexicon) -> dict[str, int]:
    return {skill.name: skill.candidates for skill in lexicon}


def test_spellings_are_grouped_under_the_most_used() -> None:
    source = [["react.js"]] * 5 + [["ReactJS"]] * 3 + [["React JS"]] * 2 + [["java"]] * 4
    lexicon = mine(source, min_candidates=2).lexicon
    assert list(lexicon) == [Skill(0, "react.js", "react.js", 10), Skill(1, "java", "java", 4)]
    assert lexicon.aliases(0) == [Alias("ReactJS", 0, 3, "mined"), Alias("React JS", 0, 2, "mined")]


def test_a_candidate_counts_once() -> None:
    source = [["java", "Java", "JAVA", "java"], ["java"], ["react js", "react.js"]]
    lexicon = mine(source, min_candidates=1).lexicon
    assert names(lexicon) == {"java": 2, "react js": 1}


def test_the_floor_counts_distinct_candidates_of_each_form() -> None:
    source = [["secret project x"] * 50] + [["react.js"]] * 5 + [["ReactJS"]] * 4
    mined = mine(source, min_candidates=5)
    assert names(mined.lexicon) == {"react.js": 9}
    assert mined.lexicon.aliases(0) == []
    assert mined.report.dropped["rare"] == 2


def test_the_name_has_the_case_that_most_gave_it() -> None:
    source = [["JavaScript"]] * 3 + [["javascript"]] * 2 + [["linux"]] * 3 + [["Linux"]] * 2
    assert names(mine(source, min_candidates=1).lexicon) == {"JavaScript": 5, "linux": 5}


def test_rows_are_by_use_and_tokens_are_unique() -> None:
    source = lists(machine_learning=9, sql=8, php=8)
    assert [(s.row, s.name, s.token) for s in mine(source, min_candidates=1).lexicon] == [
        (0, "machine learning", "machine_learning"),
        (1, "php", "php"),
        (2, "sql", "sql"),
    ]


def test_a_word_that_stands_alone_too_seldom_is_a_fragment() -> None:
    source = lists(help_desk=60, service_desk=40, desk=4, java_developer=50, java=20)
    mined = mine(source, min_candidates=2)
    assert set(names(mined.lexicon)) == {"help desk", "service desk", "java developer", "java"}
    assert mined.report.dropped == Counter(fragment=1)


@pytest.mark.parametrize(
    ("common", "other", "merged"),
    [
        ("web services", "web service", True),
        ("sales strategy", "sales strategies", True),
        ("windows", "window", False),
        ("project management", "project managment", True),
        ("machine learning", "machine learing", True),
        ("ms sql server", "mz sql server", False),
        ("data mining", "data lining", False),
        ("python", "jython", False),
        ("c++", "c", False),
        ("windows 7", "windows 8", False),
    ],
)
def test_plurals_and_misspelled_phrases_merge(common: str, other: str, merged: bool) -> None:
    lexicon = mine([[common]] * 100 + [[other]] * 3, min_candidates=2).lexicon
    found = lexicon.find(other)
    assert found is not None
    assert (lexicon[found.row].name == common) is merged
    assert found.step == ("alias" if merged else "exact")


def test_an_acronym_written_beside_its_long_form_merges() -> None:
    source = [["Search Engine Optimization (SEO)"]] * 5 + [["SEO"]] * 50 + [["seo copywriting"]] * 5
    lexicon = mine(source, min_candidates=5).lexicon
    assert names(lexicon) == {"SEO": 60, "seo copywriting": 5}
    assert [alias.surface for alias in lexicon.aliases(0)] == ["Search Engine Optimization"]


def test_an_acronym_of_two_long_forms_stays_alone() -> None:
    source = [["computer science (cs)"]] * 5 + [["customer support (cs)"]] * 4
    lexicon = mine(source, min_candidates=4).lexicon
    assert {skill.name for skill in lexicon} == {"cs", "computer science", "customer support"}


def test_the_users_aliases_have_the_last_word(tmp_path: Path) -> None:
    wishes = tmp_path / "aliases.csv"
    wishes.write_text(
        "\ufeff# ours\njs, JavaScript\nk8s,kubernetes\nReact JS,\ncobol,fortran\n", encoding="utf-8"
    )
    source = lists(javascript=10, js=20, kubernetes=5) + [["react.js"]] * 4 + [["react js"]] * 3
    mined = mine(source, min_candidates=2, user_aliases=wishes)
    assert names(mined.lexicon) == {"javascript": 30, "kubernetes": 5, "react.js": 4, "react js": 3}
    assert mined.lexicon.aliases(0) == [Alias("js", 0, 20, "user", as_word=0.0)]
    assert mined.lexicon.aliases(1) == [Alias("k8s", 1, 0, "user")]
    assert mined.report.unused_aliases == ["cobol"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a,b\nc,d,e\n", "Line 2"), (b",java\n", "Line 1"), (b"java\n", "Line 1"), (b"\xff\xfe,x\n", "UTF-8")],
)
def test_a_broken_alias_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "aliases.csv"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=message):
        mine([["java"]], min_candidates=1, user_aliases=path)


def test_a_missing_alias_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match=r"none\.csv"):
        mine([], min_candidates=1, user_aliases=tmp_path / "none.csv")


def test_the_report_adds_up() -> None:
    source = [
        ["java", "2008", "etc", "x" * 3000],
        ["Java", "React.js"],
        ["java", "reactjs", "rare thing"],
        [],
    ]
    report = mine(source, min_candidates=1).report
    assert (report.lists, report.entries) == (4, 9)
    assert report.dropped == {"no letter": 1, "filler words only": 1, "too long": 1}
    assert (report.forms, report.kept, report.skills, report.merged) == (4, 4, 3, 1)


def test_nothing_in_gives_an_empty_lexicon() -> None:
    assert len(mine([], min_candidates=5).lexicon) == 0
    with pytest.raises(ValueError, match="min_candidates"):
        mine([], min_candidates=0)


def test_a_full_table_forgets_only_rare_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.lexicon.mining.TABLE_LIMIT", 50)
    letters = "abcdefghijklmnopqrstuvwxyz"
    source = [[f"tool {a}{b}", "java"] for a in letters for b in letters]
    mined = mine(source, min_candidates=3)
    assert names(mined.lexicon) == {"java": 676}
    assert mined.report.pruned > 0


entries = st.sampled_from(
    ["java", "Java", "react js", "ReactJS", "etc", "c++", "c", "web service", "web services"]
)


@given(st.lists(st.lists(entries, max_size=5), max_size=20), st.integers(1, 4))
def test_no_rare_form_enters(source: list[list[str]], floor: int) -> None:
    writers = Counter(form for skills in source for form in {entry.casefold() for entry in skills})
    lexicon = mine(source, min_candidates=floor).lexicon
    shown = [skill.name for skill in lexicon] + [a.surface for s in lexicon for a in lexicon.aliases(s.row)]
    assert {form.casefold() for form in shown} == {f for f, n in writers.items() if n >= floor and f != "etc"}
    for skill in lexicon:
        found = lexicon.find(skill.name)
        assert found is not None
        assert (found.row, found.step) == (skill.row, "exact")


words = st.sampled_from(["seo", "search engine optimization", "search engine optimisation", "java", "jaba"])
texts = st.sampled_from(
    ["", "Search Engine Optimization (SEO)", "Search Engine Optimisation (SEO)", "java (JDK)"]
)


@given(st.lists(st.tuples(st.lists(words, max_size=4), texts), max_size=30), st.integers(1, 5))
def test_nothing_below_the_floor_enters_by_any_road(source: list[tuple[list[str], str]], floor: int) -> None:
    writers = Counter(
        form
        for skills, text in source
        for form in {*skills, *(part.strip("() ") for part in text.casefold().split("(") if part)}
    )
    lexicon = mine_candidates([Written(*written) for written in source], min_candidates=floor).lexicon
    forms = [(skill.name, skill.candidates) for skill in lexicon]
    forms += [(alias.surface, alias.candidates) for s in lexicon for alias in lexicon.aliases(s.row)]
    for form, candidates in forms:
        assert writers[form.casefold()] >= floor
        assert candidates >= floor


def test_candidates_must_be_readable_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        mine_candidates(iter([Written(["java"])]), min_candidates=1)


def test_how_often_a_form_is_the_skill_is_counted_by_its_case() -> None:
    listing = [Written(["Go", "sql"], "uses Go and SQL")] * 5
    others = [Written(["sql"], "we go there, sql")] * 15 + [Written(["sql"], "did Go home")] * 5
    lexicon = mine_candidates([*listing, *others], min_candidates=3).lexicon
    found = lexicon.find("go")
    assert found is not None
    skill = lexicon[found.row]
    # Nobody of 15 who write "go" lists it, 5 of 10 do who write "Go"; 5 more count for what is usual.
    assert (skill.as_word, skill.as_name) == (0.0, round((5 + 0.5) / (10 + 5), 4))
    assert lexicon[0].as_word == round((15 + 0.5) / (15 + 5), 4)


def test_a_skill_nobody_wrote_about_is_unmeasured() -> None:
    lexicon = mine([["java"], ["go"]], min_candidates=1).lexicon
    assert {skill.name: (skill.as_word, skill.as_name) for skill in lexicon} == {
        "java": (0.1, 0.1),
        "go": (0.0, 0.1),
    }
