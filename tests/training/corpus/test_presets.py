"""The ready mappings, each on a document of its shape."""

from __future__ import annotations

from typing import Any

import pytest

from training.corpus import Candidate, FieldMapping
from training.corpus.fields import CandidateBuilder
from training.corpus.presets import PRESETS, PresetName

NAUKRI = {
    "_id": {"$oid": "5f0c"},
    "uname": "Asha Example",
    "summary": "I build shops.",
    "key_skills": "PHP, Laravel,  MySQL|jQuery",
    "education": [{"degree": "B.Tech", "institute": "Example College", "year": 2015}],
    "workExperiance": [
        {"designation": "Developer", "company": "Shop", "description": "<p>Built <b>carts</b></p>"},
        {"designation": "Trainee", "description": "<ul><li>Tests</li></ul>"},
    ],
    "projects": [{"title": "Cart", "details": "<p>PHP</p>"}],
    "extra_data": {"functional_area": "IT Software", "views": 7},
    "updated_at": {"$date": "2026-01-02T00:00:00Z"},
}
INDEED = {
    "id": "i1",
    "headline": "Cook",
    "summary": "I cook.",
    "skills": [{"skill": "Baking", "monthsOfExperience": 12}, {"skill": "Sauces"}],
    "workExperience": [{"title": "Cook", "company": "Inn", "description": "Cooked"}],
    "education": [{"degree": "Diploma"}],
    "additionalInfo": "Likes bread",
    "location": "Austin, TX",
    "firstName": "Ann",
    "lastName": "Example",
}
JSON_RESUME = {
    "basics": {
        "name": "Ann Example",
        "label": "Programmer",
        "email": "ann@example.com",
        "summary": "I program.",
        "location": {"address": "1 Main Street", "city": "Oslo", "countryCode": "NO"},
    },
    "work": [{"name": "Inn", "position": "Cook", "summary": "Cooked.", "highlights": ["Bread", "Soup"]}],
    "volunteer": [{"organization": "Shelter", "summary": "Served."}],
    "education": [{"institution": "School", "area": "Maths", "courses": ["Sets"]}],
    "skills": [
        {"name": "Web Development", "level": "Master", "keywords": ["HTML", "CSS"]},
        {"name": "Compression"},
    ],
    "projects": [{"name": "Cart", "highlights": ["Fast"], "keywords": ["PHP"]}],
    "meta": {"lastModified": "2026-01-02"},
}
FLAT = {"id": 7, "text": "All of it", "category": "HR"}


@pytest.mark.parametrize(
    ("preset", "record", "candidate"),
    [
        (
            "naukri",
            NAUKRI,
            Candidate(
                id="5f0c",
                summary="I build shops.",
                skills=("PHP", "Laravel", "MySQL", "jQuery"),
                experience="Developer\nShop\n<p>Built <b>carts</b></p>\nTrainee\n<ul><li>Tests</li></ul>",
                education="B.Tech\nExample College\n2015",
                projects="Cart\n<p>PHP</p>",
                label="IT Software",
                updated_at="2026-01-02T00:00:00Z",
                name="Asha Example",
            ),
        ),
        (
            "indeed",
            INDEED,
            Candidate(
                id="i1",
                title="Cook",
                summary="I cook.",
                skills=("Baking", "Sauces"),
                experience="Cook\nInn\nCooked",
                education="Diploma",
                projects="Likes bread",
                location="Austin, TX",
                name="Ann Example",
            ),
        ),
        (
            "jsonresume",
            JSON_RESUME,
            Candidate(
                id="r-1",
                title="Programmer",
                summary="I program.",
                skills=("Web Development", "HTML", "CSS", "Compression"),
                experience="Inn\nCook\nCooked.\nBread\nSoup\nShelter\nServed.",
                education="School\nMaths\nSets",
                projects="Cart\nFast\nPHP",
                location="Oslo",
                updated_at="2026-01-02",
                name="Ann Example",
            ),
        ),
        ("flat", FLAT, Candidate(id="7", experience="All of it", label="HR")),
    ],
)
def test_a_preset_maps_its_shape(preset: PresetName, record: dict[str, Any], candidate: Candidate):
    assert CandidateBuilder(FieldMapping(**PRESETS[preset])).build(record, "r-1") == candidate


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_fields_of_the_wrong_type_never_break_a_mapping(preset: PresetName):
    shapes: list[Any] = [None, True, 7, 0.5, "text", [], ["a"], [["a"]], {}, {"name": ["x"]}, [{"name": {}}]]
    builder = CandidateBuilder(FieldMapping(**PRESETS[preset]))
    for shape in shapes:
        record = dict.fromkeys(
            [path.split(".")[0] for path in FieldMapping(**PRESETS[preset]).roots()], shape
        )
        built = builder.build(record, "r-1")
        assert all(isinstance(skill, str) and skill.strip() for skill in built.skills)
        assert built.id


def test_every_preset_names_every_field():
    others = {name: fields for name, fields in PRESETS.items() if name != "ours"}
    assert set(others) == {"naukri", "indeed", "jsonresume", "flat"}
    assert all(set(fields) == set(FieldMapping.model_fields) for fields in others.values())
