"""The query ladder: how a query for a skill is understood, step by step, and which step it was.

exact (the canonical name), alias (another surface form, or the same words in another order and inflection),
spelling (edit distance), subwords (an unseen form, see `guess`; where the release has a fastText space), else
refused with suggestions: what is spelled nearly so, then what says nearly so. Description comes after
subwords in a later version.
"""

from __future__ import annotations

from embedsvc.errors import InputError, UnknownSkillError
from embedsvc.queries.guess import guess
from embedsvc.queries.stages import stage
from embedsvc.releases.opening import Release
from embedsvc.schemas import MAX_SKILL_LENGTH, Step
from embedsvc.text import Lexicon

SUGGESTIONS = 5
_LEAST_ALIKE = 0.4


def resolve(release: Release, query: str) -> tuple[int, Step]:
    """The row of the skill that `query` means, and the step of the ladder that found it.

    Raises:
        InputError: The query is blank or longer than MAX_SKILL_LENGTH.
        UnknownSkillError: No step found a skill; `details["suggestions"]` lists near names.
    """
    with stage("resolve", "lexicon"):
        return climb(release, query)


def climb(release: Release, query: str) -> tuple[int, Step]:
    """`resolve`, which nobody times."""
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
    reordered = release.lexicon.likeness.same_words(query)
    if reordered is not None:
        return reordered, "alias"
    corrected = release.lexicon.correction(query)
    if corrected is not None:
        return corrected, "spelling"
    if release.skill_vectors is not None:
        guessed = guess(release.lexicon, release.skill_vectors, query)
        if guessed is not None:
            return guessed, "subwords"
    names = [release.lexicon[row].name for row in _near(release.lexicon, query)]
    hint = f" Did you mean: {', '.join(names)}?" if names else ""
    raise UnknownSkillError(
        f"No skill '{query}' in release {release.name}.{hint}", details={"suggestions": names}
    )


def _near(lexicon: Lexicon, query: str) -> list[int]:
    """Up to SUGGESTIONS rows of skills spelled nearly like the query, or saying nearly the same."""
    spelled = [row for row, _ in lexicon.spelling(query, SUGGESTIONS)]
    alike = [row for row, score in lexicon.likeness.nearest(query, SUGGESTIONS) if score >= _LEAST_ALIKE]
    return list(dict.fromkeys([*spelled, *alike]))[:SUGGESTIONS]
