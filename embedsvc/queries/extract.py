"""The skills that texts name, and where."""

from __future__ import annotations

from embedsvc.errors import InputError
from embedsvc.queries.batches import item_error
from embedsvc.releases.opening import Release
from embedsvc.schemas import MAX_TEXT_LENGTH, ExtractedSkill, ExtractRequest, ExtractResponse, ExtractResult


def extract(release: Release, request: ExtractRequest) -> ExtractResponse:
    """The skills of each text, by longest match; a text that is too long fails alone."""
    results = [_result(release, index, text) for index, text in enumerate(request.texts)]
    return ExtractResponse(release=release.name, results=results)


def _result(release: Release, index: int, text: str) -> ExtractResult:
    if len(text) > MAX_TEXT_LENGTH:
        problem = InputError(
            f"The text has {len(text):,} characters; at most {MAX_TEXT_LENGTH:,} are read. "
            "Split it between two lines."
        )
        return ExtractResult(index=index, error=item_error(problem))
    skills = [
        ExtractedSkill(
            skill=release.lexicon[found.row].name,
            surface=text[found.start : found.end],
            start=found.start,
            end=found.end,
            step=found.step,
        )
        for found in release.extractor.extract(text)
    ]
    return ExtractResult(index=index, skills=skills)
