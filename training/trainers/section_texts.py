"""Texts labelled by the section of a CV they come from: its field, or a heading inside of it.

Sources keep what has no field of its own in a mixed one ("Additional Information"), and under its headings
stand skills in prose ("excellent communication skills"), which lists of skills seldom hold. Without those a
classifier takes every skill in prose for a summary.

The label names are those of the notebooks that this classifier comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from embedsvc.text import Tokenizer
from embedsvc.text.candidate import Candidate
from embedsvc.text.sections import SectionKind, sections

SECTIONS: Final = {
    "summary": "summary",
    "experience": "work-exp",
    "education": "education",
    "projects": "project",
}
SKILLS: Final = "key-skills"
# What is under a heading of any other kind is no section we know.
_HEADED: Final[dict[SectionKind, str]] = {
    "summary": "summary",
    "skills": SKILLS,
    "experience": "work-exp",
    "education": "education",
    "projects": "project",
}
_MIXED: Final = ("summary", "projects")
_TOLD_BY = 40  # characters that tell whether a part is what a text begins with


def section_texts(
    candidate: Candidate, tokenizer: Tokenizer, *, headings: bool = True
) -> Iterator[tuple[str, list[str]]]:
    """Yield (label, tokens) of each section that says something.

    Args:
        candidate: With clean text.
        tokenizer: Of the release.
        headings: Whether headings inside the summary and the projects part them; without, a field is one
            section.
    """
    for field, label in SECTIONS.items():
        text = getattr(candidate, field)
        parts = _parted(text, label) if headings and field in _MIXED and text else [(label, text)]
        for found, part in parts:
            yield from _said(found, part, tokenizer)
    yield from _said(SKILLS, ", ".join(candidate.skills), tokenizer)


def _parted(text: str, label: str) -> Iterator[tuple[str, str]]:
    """The parts of a field: what stands in front of the first heading is the field's own."""
    for number, (kind, part) in enumerate(sections(text)):
        if number == 0 and text.lstrip().startswith(part[:_TOLD_BY]):
            yield label, part
        elif kind in _HEADED:
            yield _HEADED[kind], part


def _said(label: str, text: str, tokenizer: Tokenizer) -> Iterator[tuple[str, list[str]]]:
    tokens = tokenizer.tokens(text) if text else []
    if tokens:
        yield label, tokens
