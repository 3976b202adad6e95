"""What a job asks for and a CV has: covered, covered by a related skill, missing."""

from __future__ import annotations

from embedsvc.errors import InputError
from embedsvc.queries.batches import item_error
from embedsvc.queries.resolve import resolve
from embedsvc.queries.stages import stage
from embedsvc.releases.opening import Release
from embedsvc.schemas import (
    GapRequest,
    GapResponse,
    RelatedCover,
    Side,
    UnknownItem,
    WantedSkill,
)

_RELATION = "similar"


def skill_gap(release: Release, request: GapRequest) -> GapResponse:
    """Each skill of the job: in the CV, near one of the CV's (which), or missing.

    How near two skills are is what either's row of `similar` says; those in neither row are far apart.

    Raises:
        UnknownNameError: The release has no relation `similar`.
    """
    unknown: list[UnknownItem] = []
    has = _skills(release, request.cv, "cv", unknown)
    asked = _skills(release, request.job, "job", unknown)
    covered: list[WantedSkill] = []
    related: list[RelatedCover] = []
    missing: list[WantedSkill] = []
    for row, surface in asked.items():
        wanted = _wanted(release, row, surface)
        if row in has:
            covered.append(wanted)
            continue
        cover = _nearest(release, row, list(has), wanted)
        if cover is not None and _worth(cover) >= request.least:
            related.append(cover)
        else:
            missing.append(wanted)
    worth = len(covered) + sum(map(_worth, related))
    return GapResponse(
        release=release.name,
        covered=covered,
        related=related,
        missing=missing,
        extra=[release.lexicon[row].name for row in has if row not in asked],
        coverage=round(worth / len(asked), 4) if asked else None,
        unknown=unknown,
    )


def _skills(
    release: Release, given: str | list[str], side: Side, unknown: list[UnknownItem]
) -> dict[int, str]:
    """Rows of the skills, each with how it was first written."""
    rows: dict[int, str] = {}
    if isinstance(given, str):
        with stage("resolve", "extractor"):
            for mention in release.extractor.extract(given):
                rows.setdefault(mention.row, given[mention.start : mention.end])
        return rows
    for index, name in enumerate(given):
        try:
            row, _ = resolve(release, name)
        except InputError as error:
            unknown.append(UnknownItem(side=side, index=index, error=item_error(error)))
        else:
            rows.setdefault(row, name)
    return rows


def _wanted(release: Release, row: int, surface: str) -> WantedSkill:
    skill = release.lexicon[row]
    return WantedSkill(skill=skill.name, asked=surface, candidates=skill.candidates)


def _nearest(release: Release, row: int, has: list[int], wanted: WantedSkill) -> RelatedCover | None:
    """The CV's skill with the best score to `row`, the first of equals; None where no row knows the other."""
    score, best = max(
        ((_score(release, row, other), -place) for place, other in enumerate(has)), default=(None, 0)
    )
    if score is None or score == -1.0:
        return None
    return RelatedCover(
        **wanted.model_dump(),
        by=release.lexicon[has[-best]].name,
        score=score,
        relatedness=release.score_json[_RELATION].relatedness(score),
    )


def _score(release: Release, one: int, other: int) -> float:
    """The better of the two scores; -1, the least a cosine can be, where neither row has the other."""
    table = release.relation(_RELATION)
    found = [-1.0]
    for row, wanted in ((one, other), (other, one)):
        ids, scores = table.row(row)
        found += scores[ids == wanted].tolist()
    return round(max(found), 4) + 0.0


def _worth(cover: RelatedCover) -> float:
    return cover.score if cover.relatedness is None else cover.relatedness
