import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.text import normal_form
from training.lexicon.forms import RULES, TRIMS, forms_of, is_acronym, trimmed


@pytest.mark.parametrize(
    ("trim", "raw", "surface"),
    [
        ("broken bullet", "\u00e2\u20ac\u00a2 Java", "Java"),
        ("underscores", "oracle_application_server", "oracle application server"),
        ("spaced sign", "e - learning", "e-learning"),
        ("spaced sign", "pl / sql", "pl/sql"),
        ("spaced sign", "C #", "C#"),
        ("duration", "Java (4 years)", "Java"),
        ("duration", "SQL (Less than 1 year)", "SQL"),
        ("duration", "python 3+ yrs experience", "python"),
        ("heading", "Programming Languages: Python", "Python"),
        ("bracket left open", "microsoft office (word", "microsoft office"),
        ("bracket never opened", "powerpoint)", "powerpoint"),
        ("signs in front", "- * Java", "Java"),
        ("signs in front", ".NET", ".NET"),
        ("signs behind", "Java.;", "Java"),
        ("signs behind", "C++", "C++"),
        ("signs behind", "C#", "C#"),
        ("conjunction in front", "and redhat", "redhat"),
        ("conjunction behind", "radio and", "radio"),
        ("conjunction behind", "photoshop etc.", "photoshop"),
        ("familiarity", "Good working knowledge of MS Excel", "MS Excel"),
        ("familiarity", "experience in payroll", "payroll"),
        ("familiarity", "proficient in microsoft office", "microsoft office"),
        ("familiarity", "knowledge management", "knowledge management"),
        ("praise", "excellent communication skills", "communication skills"),
        ("praise", "good clinical practice", "good clinical practice"),
    ],
)
def test_trims(trim: str, raw: str, surface: str) -> None:
    assert trim in {each.name for each in TRIMS}
    assert trimmed(raw) == surface


@pytest.mark.parametrize(
    ("rule", "raw"),
    [
        ("no letter", "2008"),
        ("no letter", "&*"),
        ("too long", "x" * 61),
        ("broken text", "java \u00e2\u20ac\u201c sql"),
        ("personal data", "jane@example.com"),
        ("personal data", "java +91 98765 43210"),
        ("one letter", "d"),
        ("one letter", "\u00e2"),
        ("date", "May 2015"),
        ("date", "oct"),
        ("date", "2010 to present"),
        ("duration", "5 years in java development"),
        ("job advertisement", "bba fresher"),
        ("job advertisement", "medical coding openings in chennai"),
        ("terms of work", "Full-time"),
        ("terms of work", "000.00 per month"),
        ("terms of work", "Performance bonus"),
        ("protected characteristic", "Religion"),
        ("protected characteristic", "gender identity or expression"),
        ("protected characteristic", "protected veteran status"),
        ("sentence", "I am a team player"),
        ("sentence", "systems that are widely distributed"),
        ("sentence", "must have portfolio"),
        ("sentence", "Worked hard. Played hard"),
        ("place", "Bangalore"),
        ("filler words only", "various skills"),
        ("filler words only", "etc"),
        ("filler words only", "knowledge"),
        ("general word", "tools"),
        ("general word", "it"),
        ("filler words only", "good knowledge"),
        ("filler words only", "the"),
        ("too many words", "one two three four five six seven"),
    ],
)
def test_rules(rule: str, raw: str) -> None:
    assert [form.dropped_by for form in forms_of(raw, 6)] == [rule]
    assert rule in {each.name for each in RULES} | {"too many words"}
    assert [form.surface for form in forms_of(raw, 6)] == [""]


@pytest.mark.parametrize(
    "skill",
    [
        "C", "C++", "C#", "R", "Go", ".NET", "Node.js", "F#", "PL/SQL", "3D Max", "Ms-Excel",
        "R&D", "A+", "3G", "ISO 9001:2008", "SQL Server 2008", "job scheduling", "user experience",
        "my sql", "was admin", "sr. engineer", "account opening", "Great Plains", "Solid Works",
        "sound design", "marketing", "JUnit", "decoration", "SAP FI/CO", "US payroll", "HTML5",
        "日本語", "communication skills", "Oracle 11g", "working capital", "UK recruitment",
        "24x7 support", "Act!",
    ],
)  # fmt: skip
def test_skills_are_left_as_they_are(skill: str) -> None:
    assert [form.surface for form in forms_of(skill, 6)] == [skill]


@pytest.mark.parametrize(
    ("raw", "surfaces"),
    [
        ("Java, SQL; PHP | Perl", ["Java", "SQL", "PHP", "Perl"]),
        ("<b>Java</b> &amp; SQL", ["Java & SQL"]),
        ("\u2022 Java \u2022 SQL", ["Java", "SQL"]),
        ("", []),
        (" \x00 ", []),
    ],
)
def test_one_entry_may_be_a_list(raw: str, surfaces: list[str]) -> None:
    assert [form.surface for form in forms_of(raw, 6)] == surfaces


@pytest.mark.parametrize("raw", ["Search Engine Optimisation (SEO)", "SEO (Search Engine Optimisation)"])
def test_an_acronym_in_brackets_is_a_form_of_its_own(raw: str) -> None:
    long, short = forms_of(raw, 6)
    assert (long.surface, long.short) == ("Search Engine Optimisation", "seo")
    assert (short.surface, short.short) == ("SEO", "")


@pytest.mark.parametrize(
    ("short", "long", "spells"),
    [
        ("SEO", "search engine optimisation", True),
        ("BOM", "bill of materials", True),
        ("BM", "bill of materials", True),
        ("OOP", "object-oriented programming", True),
        ("word", "microsoft office", False),
        ("S", "sql", False),
        ("mvc", "spring framework", False),
    ],
)
def test_is_acronym(short: str, long: str, spells: bool) -> None:
    assert is_acronym(short, long) is spells


def test_an_entry_as_long_as_a_page_is_dropped_unread() -> None:
    assert [form.dropped_by for form in forms_of("java " * 2_000_000, 6)] == ["too long"]


@given(st.text(max_size=80))
def test_every_form_is_named_or_dropped(raw: str) -> None:
    for form in forms_of(raw, 6):
        assert bool(form.surface) != bool(form.dropped_by)
        assert form.key == (normal_form(form.surface) if form.surface else "")


@given(st.text(alphabet="ab()_-:/ .,&+#", max_size=40))
def test_trimming_ends_and_leaves_single_spaces(raw: str) -> None:
    assert trimmed(raw) == " ".join(trimmed(raw).split())
