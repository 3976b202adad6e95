"""The skills that texts name, and where."""

from __future__ import annotations

from embedsvc.queries.batches import refusal
from embedsvc.queries.stages import stage
from embedsvc.releases.opening import Release
from embedsvc.schemas import ExtractedSkill, ExtractRequest, ExtractResponse, ExtractResult, Refused


def extract(release: Release, request: ExtractRequest) -> ExtractResponse:
    """The skills of each text, by longest match; a text that is too long fails alone."""
    results = [_result(release, index, text) for index, text in enumerate(request.texts)]
    return ExtractResponse(release=release.name, results=results)


def _result(release: Release, index: int, text: str | Refused) -> ExtractResult:
    if isinstance(text, Refused):
        return ExtractResult(index=index, error=refusal(text))
    with stage("resolve", "extractor"):
        mentions = list(release.extractor.extract(text))
    skills = [
        ExtractedSkill(
            skill=release.lexicon[found.row].name,
            surface=text[found.start : found.end],
            start=found.start,
            end=found.end,
            step=found.step,
        )
        for found in mentions
    ]
    return ExtractResult(index=index, skills=skills)
