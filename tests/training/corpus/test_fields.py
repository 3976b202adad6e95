"""The field mapping."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from training.corpus import Candidate, FieldMapping
from training.corpus.fields import CandidateBuilder

OURS = {
    "id": "c1",
    "title": "Cook",
    "summary": "I cook.",
    "skills": ["baking", "sauces"],
    "experience": [{"title": "Cook", "company": "Inn"}, "Waiter"],
    "education": ["School"],
    "projects": "A menu",
    "labels": ["KITCHEN", "CHEF"],
    "location": {"city": "Oslo", "country": "NO"},
    "updated_at": "2026-01-02",
}


def build(record: dict[str, Any], **fields: Any) -> Candidate:
    return CandidateBuilder(FieldMapping.model_validate(fields)).build(record, "fallback")


def test_our_own_schema_is_the_default():
    assert build(OURS) == Candidate(
        id="c1",
        title="Cook",
        summary="I cook.",
        skills=("baking", "sauces"),
        experience="Cook\nInn\nWaiter",
        education="School",
        projects="A menu",
        label="KITCHEN",
        other_labels=("CHEF",),
        location="Oslo, NO",
        updated_at="2026-01-02",
    )


def test_an_empty_record_gives_an_empty_candidate_with_the_fallback_id():
    assert build({}) == Candidate(id="fallback")
    assert build({"id": "  ", "title": None, "label": ""}) == Candidate(id="fallback")


def test_a_number_is_an_id():
    assert build({"id": 0}).id == "0"


def test_label_comes_before_labels():
    assert build({"label": "HR", "labels": ["IT"]}).label == "HR"
    assert build({"label": " ", "labels": ["IT"]}).label == "IT"


def test_paths_are_tried_in_turn():
    fields = {"skills": ["key_skills", "skills"], "title": ["headline", "title"]}
    assert build({"key_skills": "", "skills": "a,b", "title": "T"}, **fields).skills == ("a", "b")
    assert build({"key_skills": "c", "skills": "a,b", "headline": "H", "title": "T"}, **fields) == Candidate(
        id="fallback", title="H", skills=("c",)
    )


def test_paths_of_experience_and_projects_are_joined():
    record = {"text": "We need a cook.", "other": " ", "description": ["Full time"]}
    built = build(record, experience=["text", "other", "description"], projects=["description", "text"])
    assert built.experience == "We need a cook.\nFull time"
    assert built.projects == "Full time\nWe need a cook."


def test_dots_lead_into_objects_and_through_lists():
    record = {
        "basics": {"name": "N", "label": "Cook"},
        "work": [{"summary": "one"}, {"position": "x"}, "odd", {"summary": "two"}],
        "skills": {"items": [{"name": "baking"}]},
        "odd.name": "dotted",
    }
    built = build(
        record,
        title="basics.label",
        experience="work.summary",
        skills="skills.items",
        summary="odd.name",
        education="basics.label.deeper",
        location="nowhere.at.all",
    )
    assert built == Candidate(
        id="fallback", title="Cook", experience="one\ntwo", skills=("baking",), summary="dotted"
    )


def test_an_empty_list_switches_a_field_off():
    assert build(OURS, label=[]).label is None


@pytest.mark.parametrize("fields", [{"skill": "skills"}, {"title": "a..b"}, {"title": ""}, {"title": 3}])
def test_a_wrong_mapping_is_refused(fields: dict[str, Any]):
    with pytest.raises(ValidationError):
        FieldMapping.model_validate(fields)
