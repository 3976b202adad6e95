"""The catalogue of the sample corpus: what it holds, and what it refuses."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from embedsvc.errors import InputError
from training.corpus.generator import load_catalogue
from training.corpus.generator.loading import FOLDER

AREA = """
label = "gardening"
weight = 2
common = "Weeding, Watering"
focus = "healthy soil"
employers = "Gardens"
degrees = "Diploma in Horticulture"
duties = "Worked on {a}"

[stacks.beds]
skills = "Weeding, Pruning, Grafting, Composting"
duties = "Did {a} and pruning with {n} people"

[[occupations]]
titles = "Gardener, Groundskeeper"
core = "beds"

[aliases]
"Pruning" = "Tree Pruning"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gardening.toml").write_text(AREA)
    shutil.copy(FOLDER / "phrases.toml", tmp_path)
    return tmp_path


def change(folder: Path, old: str, new: str) -> None:
    assert old in AREA
    (folder / "gardening.toml").write_text(AREA.replace(old, new))


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:  # a failure is not cached
        load_catalogue(folder)
    return caught.value.message


def test_holds_the_breadth_that_was_asked_for():
    catalogue = load_catalogue()
    assert len(catalogue.labels) == 21
    assert len(catalogue.occupations) >= 100
    assert len({one.name for one in catalogue.occupations}) == len(catalogue.occupations)
    assert len(catalogue.skills) >= 4_000
    assert sum(len(forms) for forms in catalogue.aliases.values()) >= 1_000


def test_has_the_labels_of_all_areas():
    assert set(load_catalogue().labels) == {
        "administration",
        "banking-and-insurance",
        "construction",
        "customer-service",
        "data-and-analytics",
        "design-and-media",
        "education",
        "engineering",
        "finance",
        "healthcare",
        "hospitality",
        "human-resources",
        "information-technology",
        "it-infrastructure",
        "legal",
        "manufacturing",
        "marketing",
        "pharma-and-research",
        "public-and-social",
        "sales",
        "supply-chain",
    }


def test_knows_the_skills_that_people_ask_for_first():
    asked = {"PHP", "Laravel", "SEO", "Google Analytics", "Machine Learning", "Payroll", "Python", "SQL"}
    asked |= {"C#", "ASP.NET", ".NET", "Java", "Spring Boot", "React.js", "Node.js", "C++", "C", "R", "Go"}
    asked |= {"Microsoft Excel", "Recruitment", "Nursing", "Phlebotomy", "Welding", "Litigation"}
    assert asked <= load_catalogue().skills


def test_knows_the_spellings_in_the_wild():
    aliases = load_catalogue().aliases
    assert {"ReactJS", "React JS", "React"} <= set(aliases["React.js"])
    assert {"NodeJS", "Node JS"} <= set(aliases["Node.js"])
    assert {"MS Excel", "Excel"} <= set(aliases["Microsoft Excel"])
    assert "Search Engine Optimization" in aliases["SEO"]


def test_no_surface_form_stands_for_two_skills():
    catalogue = load_catalogue()
    owners: dict[str, str] = {}
    for skill in catalogue.skills:
        for form in {skill.casefold(), *(form.casefold() for form in catalogue.aliases.get(skill, ()))}:
            assert owners.setdefault(form, skill) == skill
    assert owners["react"] == "React.js"


def test_every_skill_is_a_tidy_name():
    untidy = {
        skill for skill in load_catalogue().skills if not re.fullmatch(r"[\w.(][\w .+#&/'():-]*", skill)
    }
    assert untidy == set()


def test_every_occupation_has_enough_to_draw_from():
    for one in load_catalogue().occupations:
        assert len(one.core.skills) >= 20, one.name
        assert len(one.core.duties) >= 4, one.name
        assert one.titles
        assert all(0 < share < 1 for _, share in one.stacks)


def test_weights_of_areas_do_not_depend_on_how_many_occupations_they_have():
    catalogue = load_catalogue()
    of_area = dict.fromkeys(catalogue.labels, 0.0)
    for one in catalogue.occupations:
        of_area[one.label] += one.weight
    assert of_area["information-technology"] == pytest.approx(17)
    assert of_area["legal"] == pytest.approx(3)


def test_tells_activities_from_things():
    activities = load_catalogue().activities
    assert {"Welding", "Welding Procedures"} & activities == {"Welding"}
    assert {"Wound Care", "Contract Management", "Botany", "Spring", "Docker"} & activities == {
        "Wound Care",
        "Contract Management",
    }


def test_loads_a_small_folder(folder):
    catalogue = load_catalogue(folder)
    (gardener,) = catalogue.occupations
    (duty,) = gardener.core.duties
    assert gardener.titles == ("Gardener", "Groundskeeper")
    assert gardener.core.skills == ("Weeding", "Pruning", "Grafting", "Composting")
    assert catalogue.skills == {"Weeding", "Watering", "Pruning", "Grafting", "Composting"}
    assert catalogue.neighbours["Gardener"] == (gardener,)
    assert (duty.slots, duty.doing, duty.named) == (1, False, {"Pruning"})


def test_a_duty_may_name_a_skill_by_an_alias(folder):
    change(folder, "and pruning", "and tree pruning")
    (gardener,) = load_catalogue(folder).occupations
    assert gardener.core.duties[0].named == {"Pruning"}
    change(folder, "and pruning", "and uprooting")
    load_catalogue.cache_clear()
    (gardener,) = load_catalogue(folder).occupations
    assert gardener.core.duties[0].named == frozenset()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("weight = 2", "weight = ", "gardening.toml"),
        ('focus = "healthy soil"', "", "'focus' is missing"),
        ("weight = 2", 'colour = "green"', "'colour' is no key of an area"),
        ('core = "beds"', 'core = "ponds"', "'ponds' is missing or not known"),
        ("Did {a}", "Did {b}", "may use {a}, {b}, {c} in this order"),
        ("Did {a}", "Did {x}", "may use {a}, {b}, {c} in this order"),
        ("Pruning, Grafting", "Pruning, Pruning", "lists 'Pruning' twice"),
        ('"Tree Pruning"', '"weeding"', "is written for both"),
        ('"Pruning" =', '"Mowing" =', "'Mowing', which no stack lists"),
        ('core = "beds"', 'core = "beds"\nladder = ["{}", "Senior {}"]', "a ladder has 4 rungs"),
        ("[stacks.beds]", '[stacks.beds]\ncolour = "green"', "'colour' is no key of a stack"),
    ],
)
def test_refuses_a_wrong_file_and_says_why(folder, old, new, told):
    change(folder, old, new)
    assert told in refusal(folder)


def test_refuses_a_label_a_stack_or_aliases_in_two_files(folder):
    parks = folder / "parks.toml"
    parks.write_text(AREA)
    assert "aliases of 'Pruning' are in another file too" in refusal(folder)
    bare = AREA.partition("[aliases]")[0]
    parks.write_text(bare)
    assert "another stack 'beds'" in refusal(folder)
    parks.write_text(bare.replace("beds", "lawns"))
    assert "'gardening' is in another file too" in refusal(folder)


def test_refuses_phrases_that_lack_a_list(folder):
    (folder / "phrases.toml").write_text('cities = "Oslo"')
    assert "phrases.toml: 'employer_heads' is missing" in refusal(folder)


def test_refuses_an_empty_folder(tmp_path):
    assert "holds no catalogue file" in refusal(tmp_path)
