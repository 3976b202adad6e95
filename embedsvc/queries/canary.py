"""The canary: one question whose answer was written down when the release was made.

A service is ready when its live release still gives that answer.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from embedsvc.errors import EmbedsvcError, EmptyCorpusError, NotReadyError
from embedsvc.queries.related import related
from embedsvc.releases.opening import Release
from embedsvc.schemas import RelatedQuery

_K = 5


def make_canary(release: Release) -> dict[str, Any]:
    """A question and its answer on `release`, for the manifest: the most used skill that has neighbours.

    Raises:
        EmptyCorpusError: No skill has any.
    """
    for skill in sorted(release.lexicon, key=lambda skill: -skill.candidates):
        answer = related(release, RelatedQuery(skill=skill.name, k=_K))
        if answer.related:
            return {"skill": skill.name, "related": [other.skill for other in answer.related]}
    raise EmptyCorpusError(
        "No skill has a neighbour, so no question has an answer; train on more candidates, or lower "
        "relations.min_candidates and word2vec.min_count."
    )


def check_canary(release: Release) -> str:
    """Ask the canary question and return the skill asked.

    Raises:
        NotReadyError: The manifest holds no canary, or the answer differs from the one written down.
    """
    canary = release.canary
    try:
        skill, expected = str(canary["skill"]), list(canary["related"])
    except (KeyError, TypeError):
        raise NotReadyError(f"Release {release.name} holds no canary query; publish it again.") from None
    try:
        answer = related(release, RelatedQuery(skill=skill, k=_K))
    except (EmbedsvcError, ValidationError) as error:
        raise NotReadyError(f"The canary query of release {release.name} failed: {error}") from error
    found = [other.skill for other in answer.related]
    if found != expected:
        raise NotReadyError(
            f"The canary query '{skill}' of release {release.name} no longer gives its known answer.",
            details={"expected": expected, "found": found},
        )
    return skill
