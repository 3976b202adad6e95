"""What a lexicon is made of: skills, their other surface forms, and the answer to a lookup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["mined", "plural", "spelling", "acronym", "context", "esco", "onet", "user"]

UNMEASURED = 0.1
"""`as_word` and `as_name` of a form that no text was seen to hold."""


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill, known by its row in the lexicon.

    Attributes:
        row: Position in the lexicon, 0 is the most used skill; the row of its vector in every space.
        name: The surface form that most candidates wrote, in the case they most often wrote it.
        token: The one token that stands for the skill in tokenised text: the name in lower case with
            "_" for spaces. Unique in the lexicon.
        candidates: Distinct candidates that name the skill; 0 for one that a public taxonomy alone names.
        as_word: Of those whose text holds the name in lower case ("go"), the share who list the skill.
        as_name: The same for the name with a capital that no sentence asked for ("Go").
    """

    row: int
    name: str
    token: str
    candidates: int
    as_word: float = UNMEASURED
    as_name: float = UNMEASURED


@dataclass(frozen=True, slots=True)
class Alias:
    """Another surface form of a skill (never the name itself).

    Attributes:
        surface: As written by those who use it.
        row: The skill.
        candidates: Distinct candidates that wrote it; 0 for an alias of the user or a taxonomy that nobody
            wrote.
        source: Why it is an alias: same normal form ("mined"), "plural", misspelt ("spelling"), "acronym",
            other spelling in the same company ("context"), by a taxonomy ("esco", "onet") or the "user".
        as_word: As in `Skill`, for this form.
        as_name: As in `Skill`, for this form.
    """

    surface: str
    row: int
    candidates: int
    source: Source
    as_word: float = UNMEASURED
    as_name: float = UNMEASURED


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
