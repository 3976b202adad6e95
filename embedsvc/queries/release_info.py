"""What a release is: how good it was found to be, and, where it is served, what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import nlargest
from typing import Any

from pydantic import ValidationError

from embedsvc.queries.skill_spaces import space_names
from embedsvc.releases import layout
from embedsvc.releases.candidates import CandidateTable
from embedsvc.releases.manifest import Manifest
from embedsvc.releases.opening import Release
from embedsvc.schemas import (
    CandidateFilter,
    CommonSkill,
    FilterValue,
    ReleaseResponse,
    ReleaseScore,
    ServedClassifier,
    ServedParts,
)

CARD_FILE = f"{layout.CARD}/card.html"
"""Where a release keeps its model card as one page."""

COMMONEST = 30
VALUES = 200
FLOOR = 5
"""A value that fewer candidates bear is not told: of a place with one candidate it would tell who."""

_OF_ONE_CANDIDATE = frozenset({"id", "title", "updated_at"})


def release_info(manifest: Manifest, active: bool, served: Release | None) -> ReleaseResponse:
    """Describe a release by its manifest, and by its parts where it is `served`."""
    return ReleaseResponse(
        name=manifest.name,
        created=manifest.created,
        active=active,
        bytes=manifest.bytes,
        parent=manifest.parent,
        kind=manifest.kind,
        card=CARD_FILE in manifest.files,
        scores=list(_primary(manifest.metrics.get("scores"))),
        served=None if served is None else _parts(served),
    )


def _primary(scores: Any) -> Iterator[ReleaseScore]:
    """The one score of each task; what a manifest of other makers calls scores is passed over."""
    for score in scores if isinstance(scores, list) else ():
        if isinstance(score, dict) and score.get("primary") is True:
            try:
                yield ReleaseScore.model_validate(score)
            except ValidationError:
                continue


def _parts(release: Release) -> ServedParts:
    candidates = release.candidates
    commonest = nlargest(COMMONEST, release.lexicon, key=lambda skill: skill.candidates)
    return ServedParts(
        skills=len(release.lexicon),
        words=len(release.words),
        candidates=0 if candidates is None else len(candidates),
        relations=sorted(release.relations),
        spaces=space_names(release),
        commonest=[CommonSkill(skill=each.name, candidates=each.candidates) for each in commonest],
        classifiers=[
            ServedClassifier(name=name, labels=list(classifier.labels), multi_label=classifier.multi_label)
            for name, classifier in sorted(release.classifiers.items())
        ],
        filters=[] if candidates is None else list(_filters(candidates.table)),
    )


def _filters(table: CandidateTable) -> Iterable[CandidateFilter]:
    """The columns to filter by; of those that hold texts the commonest values."""
    for name, kind in table.kinds.items():
        if name in _OF_ONE_CANDIDATE:
            continue
        counts = table.value_counts(name) if kind == "text" else {}
        common = nlargest(
            VALUES, ((many, value) for value, many in counts.items() if value and many >= FLOOR)
        )
        values = [FilterValue(value=value, candidates=many) for many, value in common]
        yield CandidateFilter(field=name, kind=kind, values=values)
