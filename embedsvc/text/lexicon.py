"""The lexicon: all skills of a release, found by any of their surface forms."""

from __future__ import annotations

from collections.abc import Iterator, KeysView, Sequence
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from embedsvc.text import lexicon_file
from embedsvc.text.likeness import Likeness
from embedsvc.text.normal import normal_form
from embedsvc.text.skills import Alias, Match, Skill
from embedsvc.text.spelling import Speller
from embedsvc.text.typeahead import Typeahead

_LONGEST_QUERY = 400  # characters; no surface form is nearly as long


class Lexicon(Sequence[Skill]):
    """Skills by row, and the ways to find one.

    Args:
        skills: In order of their rows, 0, 1, 2, ...; most used first.
        aliases: Other surface forms, in any order.

    Raises:
        ValueError: Rows are not 0, 1, 2, ..., a token is not unique, or an alias has no skill.
    """

    def __init__(self, skills: Sequence[Skill], aliases: Sequence[Alias] = ()) -> None:
        self._skills = list(skills)
        self._rows_of_tokens = {skill.token: skill.row for skill in self._skills}
        if [skill.row for skill in self._skills] != list(range(len(self._skills))):
            raise ValueError("the rows of the skills must be 0, 1, 2, ... in order")
        if len(self._rows_of_tokens) != len(self._skills):
            raise ValueError("two skills share a token; make the tokens unique")
        self._aliases: dict[int, list[Alias]] = {}
        for alias in sorted(aliases, key=lambda a: (-a.candidates, a.surface)):
            if not 0 <= alias.row < len(self._skills):
                raise ValueError(
                    f"alias {alias.surface!r} names row {alias.row}, which is not in the lexicon"
                )
            self._aliases.setdefault(alias.row, []).append(alias)
        self._index()

    def _index(self) -> None:
        forms = [(skill.name, skill.row) for skill in self._skills]
        forms += [(alias.surface, alias.row) for aliases in self._aliases.values() for alias in aliases]
        self._rows_of_surfaces: dict[str, int] = {}
        self._rows_of_keys: dict[str, int] = {}
        for surface, row in forms:
            self._rows_of_surfaces.setdefault(_folded(surface), row)
            self._rows_of_keys.setdefault(normal_form(surface), row)
        self._typeahead = Typeahead(forms)
        self._speller = Speller(self._rows_of_keys, [skill.candidates for skill in self._skills])

    def __len__(self) -> int:
        return len(self._skills)

    def __iter__(self) -> Iterator[Skill]:
        return iter(self._skills)

    def __getitem__(self, row: int) -> Skill:  # type: ignore[override]  # rows only: a slice has no meaning
        return self._skills[row]

    def find(self, surface: str) -> Match | None:
        """Return the skill that `surface` names, or None.

        First the surface forms themselves (in any case and spacing) are looked up, then the normal forms.
        The two differ only where a user has taken a form out of its group. The step is "exact" where
        `surface` and the skill's name have the same normal form, else "alias".
        """
        surface = surface.strip()
        if len(surface) > _LONGEST_QUERY:
            return None
        key = normal_form(surface)
        row = self._rows_of_surfaces.get(_folded(surface))
        if row is None:
            row = self._rows_of_keys.get(key)
        if row is None:
            return None
        return Match(row, "exact" if key == normal_form(self._skills[row].name) else "alias")

    def row_of_token(self, token: str) -> int | None:
        """Return the row of the skill that `token` stands for in tokenised text, or None."""
        return self._rows_of_tokens.get(token)

    @property
    def tokens(self) -> KeysView[str]:
        """The tokens that stand for a skill."""
        return self._rows_of_tokens.keys()

    def aliases(self, row: int) -> list[Alias]:
        """Return the other surface forms of a skill, most used first."""
        return list(self._aliases.get(row, ()))

    def prefix(self, prefix: str, limit: int) -> list[tuple[int, str]]:
        """Return up to `limit` (row, surface form that starts with `prefix`), most used skills first.

        Case and runs of spaces do not matter; a skill comes once, under its name where that starts with
        `prefix`. An empty prefix gives the most used skills.
        """
        return self._typeahead.find(_folded(prefix), limit)

    def spelling(self, query: str, limit: int) -> list[tuple[int, float]]:
        """Return up to `limit` (row, score in [0, 1]) of skills spelled nearly like `query`, best first."""
        return self._speller.near(normal_form(query[:_LONGEST_QUERY]), limit)

    def closeness(self, query: str) -> npt.NDArray[np.float32]:
        """(skills,) how nearly each skill is spelled like `query` in the nearest of its forms, in [0, 1]."""
        return self._speller.closeness(normal_form(query[:_LONGEST_QUERY]))

    def correction(self, query: str) -> int | None:
        """Return the row of the one skill that `query` surely means with a typing error, or None.

        See `embedsvc.text.spelling` for the rule.
        """
        return self._speller.correction(normal_form(query[:_LONGEST_QUERY]))

    @cached_property
    def likeness(self) -> Likeness:
        """Finds skills by what their names say; built when first asked for, about 0.5 s for 10,000 skills."""
        aliases = ((alias.surface, row) for row, found in self._aliases.items() for alias in found)
        return Likeness([skill.name for skill in self._skills], aliases)

    def save(self, folder: Path) -> None:
        """Write `skills.arrow` and `aliases.arrow` into `folder`, which is made where it is not there."""
        lexicon_file.write(
            folder, self._skills, [a for row in sorted(self._aliases) for a in self._aliases[row]]
        )

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ReleaseCorruptError: A file is missing, cut short, or not a lexicon.
        """
        return cls(*lexicon_file.read(folder))


def _folded(surface: str) -> str:
    return " ".join(surface.casefold().split())
