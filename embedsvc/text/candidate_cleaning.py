"""A candidate without markup and personal data: the same rules for all, trained on or put in later."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache

from embedsvc.text.candidate import Candidate
from embedsvc.text.cleaning import clean_text
from embedsvc.text.names import without_skills
from embedsvc.text.privacy import Kind, scrub

TEXTS = ("title", "summary", "experience", "education", "projects")
MAX_VALUE = 200
"""Characters kept of a location, or of a text that a column holds."""


def scrubbed(candidate: Candidate, private: Counter[Kind]) -> Candidate:
    """`candidate` with plain texts and without personal data; its `name` is used for that and dropped.

    Args:
        candidate: As read, with its sections in fields of their own (`sectioned`).
        private: Receives how much of each kind was taken out.
    """
    name = without_skills(candidate.name, candidate.skills) if candidate.name else ""

    def plain(text: str) -> str:
        return scrub(clean_text(text), name=name, counts=private) if text else ""

    skills: dict[str, None] = {}
    for raw in candidate.skills:
        skill, kinds = _skill(raw, name)
        private.update(kinds)
        if skill:
            skills[skill] = None
    label = candidate.label
    return Candidate(
        id=sound(candidate.id),
        title=plain(candidate.title).replace("\n", " ").strip(),
        summary=plain(candidate.summary),
        skills=tuple(skills),
        experience=plain(candidate.experience),
        education=plain(candidate.education),
        projects=plain(candidate.projects),
        label=None if label is None else sound(label),
        location=_value(plain(candidate.location)),
        updated_at=sound(candidate.updated_at),
        other_labels=tuple(map(sound, candidate.other_labels)),
        metadata=tuple(
            (column, _value(plain(value)) if isinstance(value, str) else value)
            for column, value in candidate.metadata
        ),
    )


def says_nothing(candidate: Candidate) -> bool:
    """Whether there is neither a text nor a skill."""
    return not candidate.skills and not any(getattr(candidate, field).strip() for field in TEXTS)


def without(candidate: Candidate, columns: frozenset[str]) -> Candidate:
    """`candidate` without the metadata that is not in `columns`."""
    return replace(candidate, metadata=tuple(pair for pair in candidate.metadata if pair[0] in columns))


def sound(text: str) -> str:
    """`text` without halves of characters, which no file can hold."""
    return text if text.isascii() else text.encode("utf-8", "ignore").decode()


def _value(text: str) -> str:
    """One line, and no marks around it that what was taken out has left behind."""
    return " ".join(text.split()).strip(" ,;|/-")[:MAX_VALUE].rstrip()


@lru_cache(maxsize=65_536)
def _skill(raw: str, name: str) -> tuple[str, tuple[Kind, ...]]:
    private: Counter[Kind] = Counter()
    return scrub(sound(raw), name=name, counts=private).strip(), tuple(private.elements())
