"""The query ladder: how a query for a skill is understood, step by step, and which step it was.

exact (the canonical name), alias (another surface form), spelling (edit distance), else refused with
suggestions. Subwords and description come after spelling in later versions.
"""

from __future__ import annotations

from embedsvc.errors import InputError, UnknownSkillError
from embedsvc.releases.opening import Release
from embedsvc.schemas import MAX_SKILL_LENGTH, Step

SUGGESTIONS = 5


def resolve(release: Release, query: str) -> tuple[int, Step]:
    """The row of the skill that `query` means, and the step of the ladder that found it.

    Raises:
        InputError: The query is blank or longer than MAX_SKILL_LENGTH.
        UnknownSkillError: No step found a skill; `details["suggestions"]` lists near names.
    """
    found = release.lexicon.find(query)
    if found is not None:
        return found.row, found.step
    if not query.strip():
        raise InputError("The skill is blank; ask for a skill by its name, 'php' say.")
    if len(query) > MAX_SKILL_LENGTH:
        raise InputError(
            f"The skill has {len(query):,} characters; at most {MAX_SKILL_LENGTH} are read. "
            "Search takes long texts."
        )
    corrected = release.lexicon.correction(query)
    if corrected is not None:
        return corrected, "spelling"
    names = [release.lexicon[row].name for row, _ in release.lexicon.spelling(query, SUGGESTIONS)]
    hint = f" Did you mean: {', '.join(names)}?" if names else ""
    raise UnknownSkillError(
        f"No skill '{query}' in release {release.name}.{hint}", details={"suggestions": names}
    )
