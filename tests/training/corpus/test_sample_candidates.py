"""The candidates of the sample corpus: their fields, and that stacks show in what they list together."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date
from difflib import SequenceMatcher
from itertools import combinations, islice, pairwise
from math import log
from typing import Any

import pytest

from embedsvc.errors import InputError
from training.corpus.fields import CandidateBuilder, FieldMapping
from training.corpus.generator import MAX_CANDIDATES, MIN_CANDIDATES, generate, load_catalogue
from training.corpus.generator.candidates import Candidates

Row = dict[str, Any]
COUNT = 6_000


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(generate(COUNT, seed=11))


@pytest.fixture(scope="module")
def canonical() -> dict[str, str]:
    catalogue = load_catalogue()
    return {
        form.casefold(): skill
        for skill in catalogue.skills
        for form in (skill, *catalogue.aliases.get(skill, ()))
    }


@pytest.fixture(scope="module")
def related(rows: list[Row], canonical: dict[str, str]) -> dict[str, list[str]]:
    """For each skill, the others by how much more often than by chance they are listed together."""
    seen: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    for row in rows:
        skills = sorted(
            {canonical[form.casefold()] for form in row["skills"] if form.casefold() in canonical}
        )
        seen.update(skills)
        together.update(combinations(skills, 2))
    scored: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (one, other), count in together.items():
        score = count * log(count * COUNT / (seen[one] * seen[other]))
        scored[one].append((score, other))
        scored[other].append((score, one))
    return {skill: [name for _, name in sorted(found, reverse=True)] for skill, found in scored.items()}


def test_same_seed_same_rows(rows):
    assert list(islice(generate(COUNT, seed=11), 300)) == rows[:300]


def test_another_seed_other_rows(rows):
    others = list(islice(generate(COUNT, seed=12), 300))
    assert sum(one["summary"] == other["summary"] for one, other in zip(rows, others, strict=False)) < 20


def test_a_larger_corpus_begins_with_the_smaller():
    assert list(islice(generate(2_000, seed=5), 1_000)) == list(generate(1_000, seed=5))


def test_a_row_depends_on_its_index_alone(rows):
    source = Candidates(load_catalogue(), seed=11)
    assert [source.row(index) for index in (5_999, 0, 3_210)] == [rows[5_999], rows[0], rows[3_210]]


def test_every_row_has_the_schema(rows):
    labels = set(load_catalogue().labels)
    for number, row in enumerate(rows):
        assert list(row) == [
            "id",
            "title",
            "summary",
            "skills",
            "experience",
            "education",
            "projects",
            "label",
            "location",
            "updated_at",
        ]
        assert row["id"] == f"cand-{number:08d}"
        assert row["label"] in labels
        assert row["title"].strip()
        assert isinstance(row["summary"], str)
        assert isinstance(row["location"], str)
        assert date(2023, 1, 1) <= date.fromisoformat(row["updated_at"]) < date(2026, 1, 1)
        assert all(isinstance(skill, str) and skill.strip() for skill in row["skills"])
        assert len(set(row["skills"])) == len(row["skills"])
        assert 1 <= len(row["experience"]) <= 5
        for job in row["experience"]:
            assert list(job) == ["title", "employer", "start", "end", "description"]
            assert all(job.values())
            assert re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", job["start"])
            assert job["end"] == "present" or job["start"] < job["end"]
        assert all(list(study) == ["degree", "institution", "year"] for study in row["education"])
        assert all(list(project) == ["name", "description"] for project in row["projects"])


def test_no_slot_is_left_open(rows):
    text = repr(rows)
    assert not re.search(r"\{(a|b|c|n|m|p|title|years|focus)\}", text)


def test_jobs_go_back_in_time(rows):
    for row in rows:
        jobs = row["experience"]
        for later, earlier in pairwise(jobs):
            assert earlier["end"] <= later["start"]


def test_the_reader_takes_every_field_by_default(rows):
    full = next(row for row in rows if all(row.values()))
    candidate = CandidateBuilder(FieldMapping()).build(full, "fallback")
    assert candidate.id == full["id"]
    assert candidate.label == full["label"]
    assert candidate.skills == tuple(full["skills"])
    assert full["experience"][0]["employer"] in candidate.experience
    assert full["education"][0]["institution"] in candidate.education
    assert candidate.updated_at == full["updated_at"]


def test_every_label_has_its_share(rows):
    shares = {label: count / COUNT for label, count in Counter(row["label"] for row in rows).items()}
    assert set(shares) == set(load_catalogue().labels)
    assert 0.09 < shares["information-technology"] < 0.17
    assert min(shares.values()) > 0.01


def test_some_fields_are_missing_and_few_contacts_are_given(rows):
    empty = {
        field: sum(not row[field] for row in rows) / COUNT for field in ("summary", "skills", "education")
    }
    assert all(0.03 < share < 0.12 for share in empty.values()), empty
    contacts = sum("555" in row["summary"] for row in rows) / COUNT
    assert 0.01 < contacts < 0.06
    addresses = set(re.findall(r"[\w.]+@([\w.]+)", " ".join(row["summary"] for row in rows)))
    assert addresses == {"example.com"}


def test_texts_carry_remnants_of_html_and_word_processors(rows):
    texts = [job["description"] for row in rows for job in row["experience"]]
    for mark in ("<br>", "<li>", "&amp;", "&nbsp;", "&bull;", "• ", "▪ ", "● ", "\u00a0", "\u200b"):
        assert any(mark in text for text in texts), mark
    assert 0.04 < sum("<" in text for text in texts) / len(texts) < 0.2


def test_skills_come_in_many_spellings(rows):
    spelt = {form for row in rows for form in row["skills"]}
    assert {"React.js", "ReactJS", "React JS"} <= spelt
    assert {"Microsoft Excel", "MS Excel", "Excel", "microsoft excel"} <= spelt
    known = {form.casefold() for form in spelt}
    catalogue = load_catalogue()
    assert sum(form.casefold() in known for forms in catalogue.aliases.values() for form in forms) >= 900
    assert sum(skill.casefold() in known for skill in catalogue.skills) >= 3_500


def test_skill_lists_carry_some_junk_and_few_typos(rows, canonical):
    junk = {entry.casefold() for entry in load_catalogue().phrases["junk_skills"]}
    forms = [form.casefold() for row in rows for form in row["skills"]]
    assert 0.003 < sum(form in junk for form in forms) / len(forms) < 0.03
    soft = {entry.casefold() for entry in load_catalogue().phrases["soft_skills"]}
    odd = sum(form not in canonical and form not in junk and form not in soft for form in forms) / len(forms)
    assert 0 < odd < 0.01


def test_near_duplicates_are_there_and_resemble_their_originals(rows):
    source = Candidates(load_catalogue(), seed=11)
    pairs = [(index, first) for index in range(COUNT) if (first := source.reposted(index)) is not None]
    assert 0.02 < len(pairs) / COUNT < 0.06
    for index, first in pairs[:60]:
        assert first < index
        assert source.reposted(first) is None
        copy, original = rows[index], rows[first]
        assert copy["id"] != original["id"]
        assert copy["updated_at"] > original["updated_at"]
        assert copy["label"] == original["label"]
        assert SequenceMatcher(None, story(copy), story(original), autojunk=False).ratio() > 0.9
        assert set(copy["skills"]) <= set(original["skills"])
    assert any(story(rows[index]) != story(rows[first]) for index, first in pairs)


def story(row: Row) -> str:
    return " ".join(job["description"] for job in row["experience"])


@pytest.mark.parametrize(
    ("skill", "expected"),
    [
        ("PHP", {"Laravel", "MySQL", "Symfony", "CodeIgniter", "WordPress"}),
        ("Payroll", {"ADP", "Garnishments", "Timekeeping", "Payroll Processing"}),
        ("Phlebotomy", {"Venipuncture", "Specimen Collection", "Laboratory Testing"}),
        ("SEO", {"Google Analytics", "Google Ads", "SEM", "Digital Marketing"}),
        ("C#", {"ASP.NET", ".NET", "SQL Server"}),
        ("Java", {"Spring Boot", "Hibernate", "Spring"}),
        ("React.js", {"JavaScript", "HTML5", "CSS3"}),
        ("Machine Learning", {"Python", "Scikit-learn", "Deep Learning"}),
        ("C++", {"C", "STL"}),
        ("Recruitment", {"Sourcing", "Screening"}),
    ],
)
def test_skills_of_a_stack_are_listed_together(related, skill, expected):
    assert expected <= set(related[skill][:15])


def test_unrelated_skills_stay_apart(related):
    far = {"Phlebotomy", "Welding", "Litigation", "Payroll", "Bartending"}
    assert not far & set(related["PHP"][:60])
    assert not {"PHP", "Java", "Welding", "SEO"} & set(related["Phlebotomy"][:60])


def test_jobs_speak_of_the_listed_skills(rows):
    told = [
        sum(skill.casefold() in str(row["experience"]).casefold() for skill in row["skills"]) for row in rows
    ]
    assert sum(count >= 2 for count in told) / COUNT > 0.7


@pytest.mark.parametrize("count", [0, -1, MIN_CANDIDATES - 1, MAX_CANDIDATES + 1])
def test_refuses_a_number_of_candidates_out_of_range(count):
    with pytest.raises(InputError, match=r"1,000 to 10,000,000 candidates"):
        generate(count, seed=1)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_refuses_a_seed_out_of_range(seed):
    with pytest.raises(InputError, match="whole number from 0 to"):
        generate(MIN_CANDIDATES, seed)


def test_reaches_the_largest_corpus_without_walking_there():
    row = Candidates(load_catalogue(), seed=2**63 - 1).row(MAX_CANDIDATES - 1)
    assert row["id"] == "cand-09999999"
    assert row["experience"]
