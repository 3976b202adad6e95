import pytest

from training.lexicon.company import near_pairs
from training.lexicon.mining import Written, mine, mine_lists

WEB = ["html", "css", "javascript", "php", "mysql"]
BACK = ["spring", "hibernate", "maven", "oracle", "jsp"]
OFFICE = ["excel", "payroll", "tally", "gst", "audit"]


def lists(skill: str, company: list[str], count: int) -> list[list[str]]:
    return [[skill, *company[number % 3 :]] for number in range(count)]


def names(source: list[list[str]], one: str, other: str) -> tuple[str, str, list[str]]:
    lexicon = mine_lists(source, min_candidates=3).lexicon
    first, second = lexicon.find(one), lexicon.find(other)
    assert first is not None
    assert second is not None
    return (
        lexicon[first.row].name,
        lexicon[second.row].name,
        [a.source for a in lexicon.aliases(second.row)],
    )


@pytest.mark.parametrize(
    ("usual", "rare", "count"),
    [
        ("optimization", "optimisation", 10),
        ("colour matching", "color matching", 9),
        ("frameworks", "framework", 9),
        ("development", "devlopment", 5),
        ("java", "jaba", 5),
        ("telecalling", "telecaling", 5),
    ],
)
def test_variants_in_the_same_company_are_one_skill(usual: str, rare: str, count: int) -> None:
    source = lists(usual, BACK, 120) + lists(rare, BACK, count)
    assert names(source, usual, rare) == (usual, usual, ["context"])


@pytest.mark.parametrize(
    ("usual", "rare"),
    [
        ("html4", "html5"),
        ("c++", "c"),
        ("sas", "sap"),
        ("windows 7", "windows 8"),
        ("oracle 11g", "oracle 10g"),
        ("java", "lava"),
    ],
)
def test_other_things_in_the_same_company_are_not(usual: str, rare: str) -> None:
    source = lists(usual, BACK, 120) + lists(rare, BACK, 5)
    assert names(source, usual, rare)[:2] == (usual, rare)


@pytest.mark.parametrize(
    ("usual", "rare"), [("optimization", "optimisation"), ("telecalling", "telecaling"), ("spring", "sprint")]
)
def test_variants_in_other_company_are_not(usual: str, rare: str) -> None:
    source = lists(usual, WEB, 120) + lists(rare, OFFICE, 5)
    assert names(source, usual, rare)[:2] == (usual, rare)


def test_what_the_same_people_list_side_by_side_is_not() -> None:
    source = lists("postgresql", BACK, 120) + [["postgresql", "postgresq2", *BACK]] * 5
    source += [["telecalling", "telecaling", *BACK]] * 5 + lists("telecalling", BACK, 100)
    assert names(source, "telecalling", "telecaling")[:2] == ("telecalling", "telecaling")


def test_the_user_undoes_a_merge(tmp_path) -> None:
    wishes = tmp_path / "aliases.csv"
    wishes.write_text("optimisation,\n")
    source = [
        Written(entries) for entries in lists("optimization", BACK, 50) + lists("optimisation", BACK, 9)
    ]
    lexicon = mine(source, min_candidates=3, user_aliases=wishes).lexicon
    rows = [lexicon.find(form) for form in ("optimization", "optimisation")]
    assert [match and (lexicon[match.row].name, match.step) for match in rows] == [
        ("optimization", "exact"),
        ("optimisation", "exact"),
    ]


def test_pairs_are_found_whatever_the_edit_is() -> None:
    forms = ["analyse", "analyze", "centre", "center", "modelling", "modeling", "data modle", "data model"]
    found = {frozenset((pair.one, pair.other)) for pair in near_pairs(forms)}
    assert found == {
        frozenset(pair)
        for pair in [
            ("analyse", "analyze"),
            ("centre", "center"),
            ("modelling", "modeling"),
            ("data modle", "data model"),
        ]
    }
