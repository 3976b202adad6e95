"""Texts labelled by the section of a CV they come from: whole sections, and a piece of each.

The label names are those of the notebooks that this classifier comes from.
"""

from __future__ import annotations

import random
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
_PIECE = (8, 40)  # tokens: what people ask about is shorter than a section


def section_texts(
    candidate: Candidate, tokenizer: Tokenizer, generator: random.Random
) -> Iterator[tuple[str, list[str]]]:
    """Yield (label, tokens) of each section that says something, and of a random piece of it.

    Args:
        candidate: With clean text.
        tokenizer: Of the release.
        generator: Chooses the pieces.
    """
    texts = {label: getattr(candidate, field) for field, label in SECTIONS.items()}
    texts[SKILLS] = ", ".join(candidate.skills)
    for label, text in texts.items():
        tokens = tokenizer.tokens(text) if text else []
        if tokens:
            length = min(len(tokens), generator.randint(*_PIECE))
            start = generator.randint(0, len(tokens) - length)
            yield label, tokens
            yield label, tokens[start : start + length]
