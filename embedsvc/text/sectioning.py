"""Candidates whose CV is one text: its sections into the fields they belong to."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

from embedsvc.text.candidate import Candidate
from embedsvc.text.sections import SectionKind, sections

_TEXTS = ("summary", "experience", "education", "projects")
_FIELD: dict[SectionKind, str] = {
    "summary": "summary",
    "skills": "summary",  # as text; its entries go into `skills` too
    "experience": "experience",
    "education": "education",
    "projects": "projects",
    "other": "projects",
}
_LONGEST_SKILL, _MOST_SKILLS = 60, 200  # characters; entries
_SENTENCE = re.compile(r"\n|\. (?=[A-Z])")
_PARTING = re.compile(r"[,;|()\[\]*\t]| - (?=[A-Z])")
_LONGEST_ENTRY = (
    8  # words; a line with a longer one is prose: "All are welcome whatever their race, age, ..."
)
# "Programming languages: Java" names Java; "Java- Exprience - 24 months" and "Java (5 years)" too.
_LABEL = re.compile(r"^[^:]{1,40}:\s*")
_HOW_LONG = re.compile(
    r"[ :-]{0,4}(?:\bex(?:pe|p)?rience\b|\b\d{1,3}\+? ?(?:years?|yrs?|months?)\b)[^,;|\n]{0,60}",
    re.IGNORECASE,
)
_TRIMMED = " .:-_>\u2022\u00b7'\""


def sectioned(candidate: Candidate, found: Counter[str]) -> Candidate:
    """`candidate` with the sections of its one text in fields of their own.

    Others, and a text without headings, come back as they are. What the skills sections list becomes
    `skills` where the candidate has none.

    Args:
        candidate: As read.
        found: Receives how many sections of each kind there were.
    """
    filled = [name for name in _TEXTS if getattr(candidate, name)]
    if len(filled) != 1:
        return candidate
    parts = sections(getattr(candidate, filled[0]))
    if len(parts) < 2 and (not parts or parts[0][0] == "summary"):
        return candidate
    texts: dict[str, list[str]] = {name: [] for name in _TEXTS}
    skills: dict[str, None] = {}
    for kind, text in parts:
        found[kind] += 1
        texts[_FIELD[kind]].append(text)
        if kind == "skills":
            skills |= dict.fromkeys(listed(text))
    written: dict[str, Any] = {name: "\n".join(lines) for name, lines in texts.items()}
    return replace(candidate, skills=candidate.skills or tuple(skills)[:_MOST_SKILLS], **written)


def listed(text: str) -> list[str]:
    """The entries that a skills section lists, as written; sentences are left out."""
    lines = (_PARTING.split(line) for line in _SENTENCE.split(_HOW_LONG.sub("", text)))
    lists = (parts for parts in lines if all(len(part.split()) <= _LONGEST_ENTRY for part in parts))
    trimmed = (_LABEL.sub("", part.strip()).strip(_TRIMMED) for parts in lists for part in parts)
    return [entry for entry in trimmed if 0 < len(entry) <= _LONGEST_SKILL]
