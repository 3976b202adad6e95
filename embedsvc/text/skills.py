"""What a lexicon is made of: skills, their other surface forms, and the answer to a lookup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["mined", "user"]


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill, known by its row in the lexicon.

    Attributes:
        row: Position in the lexicon, 0 is the most used skill; the row of its vector in every space.
        name: The surface form that most candidates wrote, in the case they most often wrote it.
        token: The one token that stands for the skill in tokenised text: the name in lower case with
            "_" for spaces. Unique in the lexicon.
        candidates: Distinct candidates that name the skill.
    """

    row: int
    name: str
    token: str
    candidates: int


@dataclass(frozen=True, slots=True)
class Alias:
    """Another surface form of a skill (never the name itself).

    Attributes:
        surface: As written by those who use it.
        row: The skill.
        candidates: Distinct candidates that wrote it; 0 for a user's alias that nobody wrote.
        source: "mined" from the candidates or given by the "user".
    """

    surface: str
    row: int
    candidates: int
    source: Source


@dataclass(frozen=True, slots=True)
class Match:
    """A skill found for a surface form, and how.

    Attributes:
        row: The skill.
        step: "exact" where the form has the normal form of the skill's name ("React JS" for "react.js"),
            "alias" where it is another surface form of the skill ("k8s" for "kubernetes").
    """

    row: int
    step: Literal["exact", "alias"]


def token_of(name: str) -> str:
    """Return the token of a skill called `name`: "Machine Learning" gives "machine_learning"."""
    return "_".join(name.lower().split())
