"""Texts by section: labels, and a classifier of sections in the sample release."""

from __future__ import annotations

import pytest

from embedsvc.queries import classify
from embedsvc.releases.opening import Release
from embedsvc.schemas import ClassifyRequest
from embedsvc.text import Tokenizer
from embedsvc.text.candidate import Candidate
from training.trainers.section_texts import section_texts

SOMEBODY = Candidate(
    "1",
    title="Cook",
    summary=" ".join(f"s{number}" for number in range(100)),
    skills=("Pastry", "Food Safety"),
    education="B.Sc.",
    projects="99",
)


def test_each_section_that_says_something() -> None:
    found = list(section_texts(SOMEBODY, Tokenizer()))

    assert [label for label, _ in found] == ["summary", "education", "key-skills"]
    assert len(found[0][1]) == 100
    assert found[2][1] == ["pastry", "food", "safety"]


def test_headings_inside_mixed_fields_part_them() -> None:
    mixed = Candidate(
        "2",
        summary="Ten years of cooking.\nTechnical Skills: Pastry, Menus",
        experience="Cook, Taj Hotels\nEducation\nof trainees",
        projects="Opened a bakery.\nSKILLS: works well under pressure\nCERTIFICATIONS: Food Safety\n"
        "EDUCATION: Diploma",
    )

    assert list(section_texts(mixed, Tokenizer())) == [
        ("summary", ["ten", "years", "of", "cooking"]),
        ("key-skills", ["pastry", "menus"]),
        ("work-exp", ["cook", "taj", "hotels", "education", "of", "trainees"]),
        ("project", ["opened", "a", "bakery"]),
        ("key-skills", ["works", "well", "under", "pressure"]),
        ("education", ["diploma"]),
    ]


def test_what_a_mixed_field_begins_with_may_stand_under_a_heading_too() -> None:
    headed = Candidate("3", projects="Additional Information\nSKILLS: patient, punctual")

    assert list(section_texts(headed, Tokenizer())) == [("key-skills", ["patient", "punctual"])]


def test_without_headings_a_field_is_one_section() -> None:
    whole = Candidate("4", summary="Ten years.\nTechnical Skills: Pastry")

    assert list(section_texts(whole, Tokenizer(), headings=False)) == [
        ("summary", ["ten", "years", "technical", "skills", "pastry"])
    ]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Bachelor of Science, University of Delhi", "education"),
        ("Python, SQL, Docker, Kubernetes, Git", "key-skills"),
    ],
)
def test_the_sample_tells_sections(release: Release, text: str, label: str) -> None:
    (result,) = classify(release, ClassifyRequest(texts=[text], classifier="section", top_k=1)).results

    assert result.labels is not None
    assert result.labels[0].label == label
