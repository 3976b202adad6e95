"""Extraction from texts, on the trained sample release."""

from __future__ import annotations

from embedsvc.queries import extract
from embedsvc.releases.opening import Release
from embedsvc.schemas import MAX_TEXT_LENGTH, ExtractRequest

TEXT = "Java developer; <b>Machine&nbsp;Learning</b> and payroll"


def test_each_text_gets_its_own_skills(release: Release) -> None:
    answer = extract(release, ExtractRequest(texts=[TEXT, "", "nothing here"]))
    assert answer.release == release.name
    assert [result.index for result in answer.results] == [0, 1, 2]
    found = answer.results[0].skills or []
    assert [(each.skill.lower(), each.surface, each.step) for each in found] == [
        ("java", "Java", "exact"),
        ("machine learning", "Machine&nbsp;Learning", "exact"),
        ("payroll", "payroll", "exact"),
    ]
    assert [TEXT[each.start : each.end] for each in found] == [each.surface for each in found]
    assert [result.skills for result in answer.results[1:]] == [[], []]


def test_a_text_that_is_too_long_fails_alone(release: Release) -> None:
    longest = "java " * (MAX_TEXT_LENGTH // 5)
    answer = extract(release, ExtractRequest(texts=[longest + "x", longest]))
    refused, read = answer.results
    assert refused.skills is None
    assert refused.error is not None
    assert refused.error.code == "invalid_request"
    assert "at most 100000 characters" in refused.error.message
    assert len(read.skills or []) == MAX_TEXT_LENGTH // 5
