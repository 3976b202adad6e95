import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.text.sections import sections

LINES = [
    ("summary", "Ten years."),
    ("skills", "Java, SQL"),
    ("experience", "Built it."),
    ("education", "B.Sc."),
]


@pytest.mark.parametrize(
    "text",
    [
        "Summary\nTen years.\nKey Skills\nJava, SQL\nWork History\nBuilt it.\nEducation\nB.Sc.",
        "PROFILE\nTen years.\nTechnical Skills:\nJava, SQL\nProfessional Experience\nBuilt it.\n"
        "ACADEMICS\nB.Sc.",
        "Objective: Ten years.\nSkills: Java, SQL\nEmployment History: Built it.\nEducation: B.Sc.",
        "About me\n====\nTen years.\n* Skill Set *\nJava, SQL\n1. Work Experience\nBuilt it.\n"
        "2) Qualifications -\nB.Sc.",
        "SUMMARY Ten years. SKILLS Java, SQL EXPERIENCE Built it. EDUCATION B.Sc.",
        "Ten years.Skill Details\nJava, SQL\nCompany Details\nBuilt it.Education Details\nB.Sc.",
        "<h2>Career Summary</h2><p>Ten years.</p><h3>Skills</h3>Java, SQL<h2>Experience</h2>Built it."
        "<h2>Education</h2>B.Sc.",
        "<b>Summary:</b> Ten years.<br><strong>Core Competencies</strong> Java, SQL<p>"
        "<b> Employment </b>Built it.<u>Academic Details</u>B.Sc.",
        "Ten years.\n\nskills\nJava, SQL\n\nexperience\nBuilt it.\n\neducation\nB.Sc.",
    ],
)
def test_headings_of_all_kinds(text: str) -> None:
    assert sections(text) == LINES


@pytest.mark.parametrize(
    "text",
    [
        "I have experience in Java and education of children.",
        "Good communication skills. Projects delivered on time; work history clean.",
        "Experience in Java\nSkills are many\nEducation matters to me",
        "Responsible for SKILLS MATRIX and EDUCATION BUDGET REPORTS",
        "self-employment, re-education and skills/experience",
        "Project Manager, Education Officer",
        "Led education. employment law",
    ],
)
def test_prose_is_no_heading(text: str) -> None:
    assert [kind for kind, _ in sections(text)] == ["summary"]


def test_what_stands_before_the_first_heading_is_the_summary() -> None:
    assert sections("Nurse, Pune\nEducation\nB.Sc.") == [("summary", "Nurse, Pune"), ("education", "B.Sc.")]


def test_sections_may_come_twice_and_empty_ones_are_left_out() -> None:
    assert sections("Skills\nJava\nProjects\n\nSkills\nSQL\nReferences\n") == [
        ("skills", "Java"),
        ("skills", "SQL"),
    ]


def test_skills_of_a_job_stay_with_the_job() -> None:
    text = "Highlights\nGit\nExperience\nBuilt it.\nHighlights:\nFast.\nSkills: Java\nSkills\nSQL"
    job = "Built it.\nHighlights:\nFast.\nSkills: Java"
    assert sections(text) == [("skills", "Git"), ("experience", job), ("skills", "SQL")]


def test_the_terms_of_a_job_advertisement_are_no_skills() -> None:
    text = "Skills:\nJava, SQL\nJob Types: Full-time, Permanent\nSalary: 20 per hour\nBenefits\n"
    text += "Supplementary Pay:\nBonus"
    assert sections(text) == [
        ("skills", "Java, SQL"),
        ("other", "Full-time, Permanent"),
        ("other", "20 per hour\nBenefits"),
        ("other", "Bonus"),
    ]


def test_nothing_is_in_nothing() -> None:
    assert sections("") == []
    assert sections("<p> </p>") == []


@given(st.text())
def test_all_words_but_headings_are_kept(text: str) -> None:
    from embedsvc.text import clean_text

    if len(found := sections(text)) == 1 and found[0][0] == "summary":
        assert found[0][1].strip(" -*#>=_~|.:\n") in clean_text(text)


@pytest.mark.parametrize(
    "unit", ["Skills ", "SKILLS: ", "<b>", "<b>Skills</b>", "skills\n", "a", "Education Details", " "]
)
def test_a_million_of_one_thing_ends(unit: str) -> None:
    assert len(sections(unit * (1_000_000 // len(unit)) + " end of all")) >= 1
