"""A Boolean OR string for a skill, for search engines that know no vectors.

Surface forms come from candidates and may hold anything, so no operator can come out of one: each term
stands in double quotes, and a form with any character but letters, digits, spaces and a few marks is left
out. A form that mostly means something else is guarded: it counts only beside a skill that is used with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from embedsvc.queries.related import neighbours
from embedsvc.queries.resolve import resolve
from embedsvc.releases.opening import Release
from embedsvc.schemas import (
    OmittedTerm,
    Reason,
    Resolution,
    SearchStringQuery,
    SearchStringResponse,
    SearchTerm,
)
from embedsvc.text.extraction import ACCEPTED_PHRASE, ACCEPTED_WORD

GUARDS: Final = 4
SHORT: Final = 2  # characters: initials and particles everywhere
# \w is letters, digits and "_"; the marks are those of "c++", ".net", "ci/cd", "r&d", "bachelor's".
_SAFE = re.compile(r"[\w.+#/&'-]+(?: [\w.+#/&'-]+)*")
_SEPARATORS = re.compile(r"[\s_/.&'-]+")
_JOIN = " OR "


@dataclass(frozen=True, slots=True)
class _Form:
    """A surface form, why it is an alternative, and whether it needs a guard."""

    term: str
    reason: Reason
    row: int
    candidates: int
    share: float
    source: str | None = None
    relatedness: float | None = None

    @property
    def ambiguous(self) -> bool:
        accepted = ACCEPTED_PHRASE if " " in self.term else ACCEPTED_WORD
        return len(self.term) <= SHORT or self.share < accepted


def search_string(release: Release, query: SearchStringQuery) -> SearchStringResponse:
    """The skill's name, its other surface forms, and similar skills, as far as they fit.

    The name comes first, then forms and skills by how many write them and how related they are. What does
    not fit is left out, and so is what follows it if that does not fit either; `omitted` lists it.

    Raises:
        UnknownSkillError: The query ladder ended without a skill.
    """
    row, step = resolve(release, query.skill)
    terms: list[SearchTerm] = []
    omitted: list[OmittedTerm] = []
    seen: set[str] = set()
    length = len("()")
    for form in _forms(release, row, query):
        key = _SEPARATORS.sub(" ", form.term.casefold()).strip()
        if not _SAFE.fullmatch(form.term) or not key:
            omitted.append(OmittedTerm(term=form.term, reason=form.reason, why="unsafe"))
            continue
        if key in seen:
            omitted.append(OmittedTerm(term=form.term, reason=form.reason, why="same"))
            continue
        seen.add(key)
        term = _term(release, form)
        if form.ambiguous and not term.guarded_by and form.reason != "skill":
            omitted.append(OmittedTerm(term=form.term, reason=form.reason, why="ambiguous"))
            continue
        more = len(term.written) + (len(_JOIN) if terms else 0)
        if length + more > query.max_length:
            omitted.append(OmittedTerm(term=form.term, reason=form.reason, why="length"))
            continue
        length += more
        terms.append(term)
    return SearchStringResponse(
        release=release.name,
        resolved=Resolution(query=query.skill, skill=release.lexicon[row].name, step=step),
        query=f"({_JOIN.join(term.written for term in terms)})" if terms else "",
        terms=terms,
        omitted=omitted,
    )


def _forms(release: Release, row: int, query: SearchStringQuery) -> Iterator[_Form]:
    yield _name(release, row, "skill")
    for alias in sorted(release.lexicon.aliases(row), key=lambda alias: (-alias.candidates, alias.surface)):
        yield _Form(alias.surface, "alias", row, alias.candidates, alias.as_word, source=alias.source)
    if query.similar == 0:
        return
    scores = release.score_json["similar"]
    for other, score in neighbours(release, row, query.similar, "similar", None):
        relatedness = scores.relatedness(score)
        if (score if relatedness is None else relatedness) >= query.least:
            yield _name(release, other, "similar", relatedness=relatedness)


def _name(release: Release, row: int, reason: Reason, **more: Any) -> _Form:
    skill = release.lexicon[row]
    return _Form(skill.name, reason, row, skill.candidates, skill.as_word, **more)


def _term(release: Release, form: _Form) -> SearchTerm:
    guards = _guards(release, form.row) if form.ambiguous else []
    written = _quoted(form.term)
    if guards:
        written = f"({written} AND ({_JOIN.join(map(_quoted, guards))}))"
    return SearchTerm(
        term=form.term,
        written=written,
        reason=form.reason,
        skill=release.lexicon[form.row].name,
        source=form.source,
        candidates=form.candidates,
        relatedness=form.relatedness,
        guarded_by=guards,
    )


def _guards(release: Release, row: int) -> list[str]:
    """Skills used with this one whose own names mean nothing else; none where the release knows none."""
    if "used_with" not in release.relations:
        return []
    found = []
    for other, _ in neighbours(release, row, 5 * GUARDS, "used_with", None):
        form = _name(release, other, "similar")
        if not form.ambiguous and _SAFE.fullmatch(form.term):
            found.append(form.term)
    return found[:GUARDS]


def _quoted(term: str) -> str:
    return f'"{term}"'
