"""What the lexicon knows: one skill, or the skills that start with a prefix."""

from __future__ import annotations

from embedsvc.errors import InputError
from embedsvc.queries.resolve import resolve
from embedsvc.releases.opening import Release
from embedsvc.schemas import MAX_K, Resolution, SkillAlias, SkillListResponse, SkillResponse, SkillSuggestion


def skill_info(release: Release, skill: str) -> SkillResponse:
    """The canonical name, surface forms and candidate count of the skill that `skill` means.

    Raises:
        UnknownSkillError: The query ladder ended without a skill.
    """
    row, step = resolve(release, skill)
    known = release.lexicon[row]
    return SkillResponse(
        release=release.name,
        skill=known.name,
        candidates=known.candidates,
        aliases=[
            SkillAlias(surface=alias.surface, candidates=alias.candidates, source=alias.source)
            for alias in release.lexicon.aliases(row)
        ],
        resolved=Resolution(query=skill, skill=known.name, step=step),
    )


def suggest(release: Release, prefix: str, limit: int) -> SkillListResponse:
    """Skills with a surface form that starts with `prefix`, the most used first.

    Raises:
        InputError: `limit` is not between 1 and MAX_K.
    """
    if not 1 <= limit <= MAX_K:
        raise InputError(f"limit is {limit}; it must be between 1 and {MAX_K}.")
    found = release.lexicon.prefix(prefix, limit)
    return SkillListResponse(
        release=release.name,
        prefix=prefix,
        skills=[
            SkillSuggestion(
                skill=release.lexicon[row].name, candidates=release.lexicon[row].candidates, surface=surface
            )
            for row, surface in found
        ],
    )
