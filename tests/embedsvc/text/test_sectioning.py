"""Candidates whose CV is one text."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from embedsvc.text import clean_text
from embedsvc.text.sectioning import listed, sectioned
from training.corpus import Candidate
from training.corpus.generator.candidates import Candidates
from training.corpus.generator.loading import load_catalogue

CV = "Asha, nurse\nKey Skills: Triage, ICU care; CPR\n" + (
    "Experience\nWard 7.\nEducation\nB.Sc.\nAwards\nNurse of 2020"
)


@pytest.mark.parametrize("field", ["summary", "experience", "projects", "education"])
def test_one_text_becomes_fields(field: str) -> None:
    found: Counter[str] = Counter()

    got = sectioned(Candidate("1", **{field: CV}), found)

    assert got == Candidate(
        "1",
        summary="Asha, nurse\nTriage, ICU care; CPR",
        skills=("Triage", "ICU care", "CPR"),
        experience="Ward 7.",
        education="B.Sc.",
        projects="Nurse of 2020",
    )
    assert found == {"summary": 1, "skills": 1, "experience": 1, "education": 1, "other": 1}


def test_a_candidate_with_fields_of_its_own_stays() -> None:
    both = Candidate("1", summary=CV, experience="Ward 7.")
    plain = Candidate("2", summary="No headings here.")
    assert sectioned(both, Counter()) is both
    assert sectioned(plain, Counter()) is plain
    assert sectioned(Candidate("3"), Counter()) == Candidate("3")


def test_skills_of_the_source_win() -> None:
    assert sectioned(Candidate("1", summary=CV, skills=("Java",)), Counter()).skills == ("Java",)


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("Languages: Java, C++ | Tools: Git; Jira", ["Java", "C++", "Git", "Jira"]),
        ("Python (pandas, numpy)\n- SQL\n* ASP.NET", ["Python", "pandas", "numpy", "SQL", "ASP.NET"]),
        ("JAVA- Exprience - 24 months\nAWS - Experience - Less than 1 year", ["JAVA", "AWS"]),
        ("Tally 5 years, Excel: 3+ yrs", ["Tally", "Excel"]),
        ("x" * 61 + ", SAP R/3", ["SAP R/3"]),
        ("All are welcome here whatever race they are of, religion, age.\nSQL, R", ["SQL", "R"]),
        ("", []),
    ],
)
def test_what_a_skills_section_lists(text: str, entries: list[str]) -> None:
    assert listed(text) == entries


def test_generated_candidates_in_one_text_are_taken_apart() -> None:
    source = Candidates(load_catalogue(), 3)
    names = ("summary", "skills", "experience", "education")
    right = total = 0
    for row in map(source.row, range(200)):
        texts = {
            "summary": "Ready to start. " + row["location"],
            "skills": ", ".join(row["skills"]) or "none",
            "experience": "\n".join(job["description"] for job in row["experience"]) or "none",
            "education": "\n".join(study["degree"] for study in row["education"]) or "none",
        }
        flat = "\n".join(f"{name.title()}\n{texts[name]}" for name in names)
        got = sectioned(Candidate(row["id"], summary=flat), Counter())
        for name in ("experience", "education"):
            wanted = Counter(re.findall(r"\w+", clean_text(texts[name])))
            right += (wanted & Counter(re.findall(r"\w+", getattr(got, name)))).total()
            total += wanted.total()
    assert right / total > 0.95
