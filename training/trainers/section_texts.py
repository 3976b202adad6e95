"""Texts labelled by the section of a CV they come from.

The label names are those of the notebooks that this classifier comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from embedsvc.text import Tokenizer
from training.corpus.candidate import Candidate

SECTIONS: Final = {
    "summary": "summary",
    "experience": "work-exp",
    "education": "education",
    "projects": "project",
}
SKILLS: Final = "key-skills"


def section_texts(candidate: Candidate, tokenizer: Tokenizer) -> Iterator[tuple[str, list[str]]]:
    """Yield (label, tokens) of each section that says something.

    Args:
        candidate: With clean text.
        tokenizer: Of the release.
    """
    texts = {label: getattr(candidate, field) for field, label in SECTIONS.items()}
    texts[SKILLS] = ", ".join(candidate.skills)
    for label, text in texts.items():
        tokens = tokenizer.tokens(text) if text else []
        if tokens:
            yield label, tokens
