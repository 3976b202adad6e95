import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.lexicon.acronyms import explained, long_form
from training.lexicon.mining import Written, mine


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("We do Search Engine Optimisation (SEO) daily", [("SEO", "Search Engine Optimisation")]),
        ("SEO (Search Engine Optimization), PPC", [("SEO", "Search Engine Optimization")]),
        ("worked with the Model-View-Controller (MVC)", [("MVC", "Model-View-Controller")]),
        ("a bill of materials (BOM)", [("BOM", "bill of materials")]),
        ("database management systems (DBMS)", [("DBMS", "database management systems")]),
        ("research and development (R&D)", [("R&D", "research and development")]),
        ("<li>Unified&nbsp;Modeling <b>Language</b> (UML)</li>", [("UML", "Unified Modeling Language")]),
        ("Java, Python (ML)", []),
        ("Microsoft Office (Word, Excel)", []),
        ("managed projects (2014)", []),
        ("Extensible Markup Language (XML)", []),
        ("Database (DB)", []),
        ("our team. Search engine (SEO)", []),
        ("((((((((((", []),
        ("", []),
    ],
)
def test_what_a_text_explains(text: str, pairs: list[tuple[str, str]]) -> None:
    assert list(explained(text)) == pairs


def test_hostile_texts_take_linear_time() -> None:
    assert list(explained("(" * 500_000 + ")" * 500_000)) == []
    assert list(explained("a (B" * 300_000)) == []
    assert list(explained("(AB)" * 300_000)) == []


@given(st.text(alphabet="abAB c-&", max_size=30), st.text(alphabet="ABab", min_size=2, max_size=4))
def test_a_long_form_is_the_end_of_what_was_given(words: str, short: str) -> None:
    found = long_form(short, words.split())
    assert " ".join(words.split()).endswith(found)
    assert not found or found[0].lower() == short[0].lower()


def candidates(*groups: tuple[int, list[str], str]) -> list[Written]:
    return [Written(skills, text) for count, skills, text in groups for _ in range(count)]


def test_an_acronym_explained_in_text_joins_two_skills() -> None:
    mined = mine(
        candidates((9, ["seo"], ""), (4, ["search engine optimisation"], "search engine optimisation (SEO)")),
        min_candidates=4,
    )
    (skill,) = mined.lexicon
    assert (skill.name, skill.candidates) == ("seo", 13)
    assert [(a.surface, a.source, a.candidates) for a in mined.lexicon.aliases(0)] == [
        ("search engine optimisation", "acronym", 4)
    ]
    assert mined.report.aliases == {"acronym": 1}


def test_a_form_that_only_texts_hold_becomes_an_alias() -> None:
    lexicon = mine(
        candidates(
            (9, ["css"], "Cascading Style Sheets (CSS)"), (9, ["machine learning"], "machine learning (ML3)")
        ),
        min_candidates=5,
    ).lexicon
    found = lexicon.find("cascading style sheets")
    assert found is not None
    assert (lexicon[found.row].name, found.step) == ("css", "alias")
    assert lexicon.find("ml3") is None


@pytest.mark.parametrize(
    ("counts", "joined"),
    [((12, 3), "business analyst"), ((12, 4), None), ((3, 0), None), ((4, 0), "business analyst")],
)
def test_an_ambiguous_acronym_is_left_alone_unless_one_meaning_leads(
    counts: tuple[int, int], joined: str | None
) -> None:
    analysts, artists = counts
    lexicon = mine(
        candidates(
            (4, ["bba", "ba"], ""),
            (analysts, ["business analyst"], "business analyst (BA)"),
            (artists, ["bachelor of arts"], "Bachelor of Arts (BA)"),
            (5, ["business analyst", "bachelor of arts"], ""),
        ),
        min_candidates=3 if artists else 4,
    ).lexicon
    found = lexicon.find("ba")
    assert found is not None
    if joined is None:
        assert found.step == "exact"
    else:
        meant = lexicon.find(joined)
        assert meant is not None
        assert meant.row == found.row


def test_a_meaning_that_those_who_list_the_acronym_do_not_know_is_refused() -> None:
    explaining = "security assessment plan (SAP)"
    strangers = mine(
        candidates((200, ["sap", "abap"], ""), (20, ["audit"], explaining)), min_candidates=5
    ).lexicon
    assert strangers.find("security assessment plan") is None
    friends = mine(
        candidates((200, ["sap", "abap"], ""), (20, ["audit", "sap"], explaining)), min_candidates=5
    ).lexicon
    found = friends.find("security assessment plan")
    assert found is not None
    assert friends[found.row].name == "sap"


@pytest.mark.parametrize("short", ["IT", "AD"])
def test_what_no_skill_field_would_keep_is_no_alias(short: str) -> None:
    long = {"IT": "information technology", "AD": "active directory"}[short]
    lexicon = mine(candidates((20, [long], f"{long} ({short})")), min_candidates=3).lexicon
    assert lexicon.find(long) is not None
    assert lexicon.find(short) is None
