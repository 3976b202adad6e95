"""The sections of a CV or a job advertisement that comes as one text, found by their headings.

A heading is one of the phrases below, and stands

* on a line of its own, in any case, with or without a number, bullet or colon: "2. Work History:";
* at the start of a line before a colon, a bullet or, in capitals, before its content: "Technical Skills:
  Java", "SUMMARY Ten years of";
* inside flattened text, in capitals or as a phrase of several capitalised words: "... in retail. EDUCATION
  B.Sc.", "deep learning.Education Details May 2013";
* in a heading or bold tag of HTML: "<h2>Profile</h2>", "<b>Key Skills</b> SQL".

Words of prose stay prose: "experience in Java", "good communication skills".
"""

from __future__ import annotations

import re
from typing import Literal, get_args

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from embedsvc.text.cleaning import clean_text

SectionKind = Literal["summary", "skills", "experience", "education", "projects", "other"]
KINDS: tuple[SectionKind, ...] = get_args(SectionKind)

_HEADINGS: dict[SectionKind, str] = {
    "summary": """
        summary, professional summary, career summary, executive summary, profile summary, summary of
        qualifications, qualifications summary, profile, professional profile, career profile, personal
        profile, about me, about, objective, career objective, professional objective, job objective,
        overview, career overview, professional overview, synopsis, professional synopsis, career
        synopsis, introduction, career highlights
    """,
    "skills": """
        skills, highlights, key skills, technical skills, skill set, skillset, skill sets, it skills,
        computer skills, core skills, professional skills, skills summary, summary of skills, skill
        details, skill highlights, skills and abilities, skills & abilities, technical expertise, areas
        of expertise, area of expertise, core competencies, competencies, technical competencies, key
        competencies, technical proficiency, technical proficiencies, proficiencies,
        technical summary, technical profile, expertise, software skills, tools
        & technologies, additional skills, programming skills, software proficiency, strengths, core
        strengths, personal skills, soft skills, other skills, personal strengths, technical knowledge,
        technical strengths, core qualifications
    """,
    "experience": """
        experience, work experience, professional experience, work history, employment history,
        employment, professional background, career history, job history, relevant experience, industry
        experience, employment details, employment record, working experience, experience details,
        experience summary, company details, professional history, organizational experience,
        internships, internship, internship experience, career progression, employment experience, job
        experience, related experience, other experience, organisational experience
    """,
    "education": """
        education, education details, educational qualification, educational qualifications, educational
        details, academic qualification, academic qualifications, academic background, educational
        background, education and training, education & training, academics, academic details, academic
        profile, academic record, qualifications, educational profile, academic credentials,
        scholastics, education qualification, academia, educational history, education and
        certifications
    """,
    "projects": """
        projects, project details, project experience, key projects, academic projects, personal
        projects, projects undertaken, projects handled, major projects, project profile, projects
        summary, project work, selected projects, professional projects, project summary, notable
        projects, projects details
    """,
    "other": """
        certifications, certification, certificates, licenses, awards, achievements, accomplishments,
        honors, honours, awards and honors, awards & honors, publications, languages, languages known,
        interests, hobbies, hobbies and interests, personal details, personal information, personal
        data, personal dossier, references, reference, declaration, training, trainings, volunteer
        experience, volunteering, extracurricular activities, extra curricular activities, affiliations,
        memberships, professional affiliations, contact, contact details, contact information,
        additional information, activities, courses, co-curricular activities, personal profile details,
        professional development, activities and honors, military experience,
        job type, job types, employment type, salary, supplementary pay, supplemental pay, supplementary
        pay types, supplemental pay types, job location, work location, application question, application
        questions, expected start date, what we offer, about us, how to apply
    """,
}
_KIND_OF = {
    " ".join(phrase.split()): kind for kind, listed in _HEADINGS.items() for phrase in listed.split(",")
}
_PHRASES = list(_KIND_OF)
_SEARCH = BytesAhoCorasick(
    [phrase.encode() for phrase in _PHRASES],
    matchkind=MatchKind.LeftmostLongest,
    implementation=Implementation.DFA,
)

_MARKED = re.compile(
    r"<(h[1-6]|b|strong|u)(?:\s[^<>]{0,200})?>\s{0,9}([^<>]{3,40}?)[\s:]{0,9}</\1>", re.IGNORECASE
)
# What may stand on a line in front of a heading, and around one on a line of its own.
_LEAD, _FRAME = "-*#>=_~|.:;)(0123456789 \t", "-*#>=_~|.: \t"
_CONTENT = ("*", "-", "|", ">")
# What a section leaves behind in front of the next heading: "2." or "*" on a line of its own.
_NUMBERING = re.compile(rb"\n[-*#>=_~|.:;)( \d]{0,20}\Z")
_LONGEST_LINE = 200  # characters in front of or behind a heading that are looked at


def sections(raw: str) -> list[tuple[SectionKind, str]]:
    """Return (kind, cleaned text) of each section in the order written, none of them empty.

    What stands in front of the first heading is "summary"; a text without headings is all of it.

    Args:
        raw: A whole CV, as HTML or plain text.
    """
    if "<" in raw:
        raw = _MARKED.sub(_on_its_own_line, raw)
    flat = clean_text(raw).encode()
    found: list[tuple[SectionKind, str]] = []
    kind: SectionKind = "summary"
    begin = 0
    for phrase, start, end in _SEARCH.find_matches_as_indexes(flat.lower()):
        if start >= begin and _is_heading(flat, start, end) and not _is_of_a_job(kind, flat[start : end + 3]):
            _add(found, kind, _NUMBERING.sub(b"", flat[begin:start]))
            kind, begin = _KIND_OF[_PHRASES[phrase]], end
    _add(found, kind, flat[begin:])
    return found


def _add(found: list[tuple[SectionKind, str]], kind: SectionKind, flat: bytes) -> None:
    text = flat.decode().lstrip(_FRAME + "\n").rstrip()
    if text.strip(_LEAD + "\n"):
        found.append((kind, text))


def _on_its_own_line(marked: re.Match[str]) -> str:
    is_heading = " ".join(marked[2].lower().split()) in _KIND_OF
    return f"\n{marked[2]}:\n" if is_heading else marked[0]


def _is_of_a_job(kind: SectionKind, start: bytes) -> bool:
    """Say whether "Highlights" or "Skills: Java" is a line of the description of a job."""
    if kind not in ("experience", "projects"):
        return False
    heading = start.lower()
    return heading.startswith(b"highlights") or (heading.startswith(b"skills:") and start[-1:] != b"\n")


def _is_heading(flat: bytes, start: int, end: int) -> bool:
    phrase = flat[start:end].decode()
    before = flat[max(0, start - _LONGEST_LINE) : start].decode("utf-8", "ignore").rpartition("\n")[2]
    after = flat[end : end + _LONGEST_LINE].decode("utf-8", "ignore").partition("\n")[0]
    if after[:1].isalnum() or after[:1] in ("'", "-", "/", "_"):
        return False
    if not before.strip(_LEAD):
        return _opens_line(phrase, after)
    return _opens_inline(phrase, before, after)


def _opens_line(phrase: str, after: str) -> bool:
    rest = after.strip(_FRAME)
    if not rest or after.lstrip().startswith(":"):
        return phrase[0].isupper() or phrase.islower()
    follows = after.lstrip()
    if follows.startswith(_CONTENT) and phrase[0].isupper():
        return True
    return phrase.isupper() and not _word(follows).isupper()


def _opens_inline(phrase: str, before: str, after: str) -> bool:
    follows = after.lstrip()
    glued = before[-1].islower() or before[-1].isdigit()
    if glued and not phrase[0].isupper():
        return False
    if not glued and before[-1].isalnum():
        return False
    if phrase.isupper():
        if len(phrase) < 6 and not follows.startswith(":"):
            return False
        last = before.split()[-1]
        # Four letters may be an acronym that ends the section before.
        shouting = len(last) > 4 and last.isupper() and last[-1].isalpha()
        return not shouting and (follows.startswith(":") or not _word(follows).isupper())
    words = phrase.replace("&", "and").split()
    if not all(word[0].isupper() or word in ("and", "of") for word in words):
        return False
    ended = glued or before.rstrip()[-1] in ".;:!?)|*"
    if len(words) == 1:
        return ended and not glued and follows.startswith(":")
    return ended and (not follows or follows[0] in ":*-|" or follows[0].isupper() or follows[0].isdigit())


def _word(text: str) -> str:
    """Return the first word of two letters or more, "" where there is none."""
    return next((word for word in text.split()[:2] if len(word.strip(".,:;()-")) > 1), "")
