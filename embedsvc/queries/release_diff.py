"""What changes from one release to another: scores, skills, aliases, neighbours, files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from embedsvc.releases.manifest import Manifest
from embedsvc.releases.opening import Release
from embedsvc.text import Lexicon

NEIGHBOURS = 10  # of each skill that are compared
_MOVERS = 20

Verdict = Literal["better", "worse", "no clear change", "only before", "only after"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Interval(_Model):
    """A score with its 95 % interval, the direction of its metric, and whether it stands for its task."""

    value: float
    low: float
    high: float
    higher_is_better: bool = True
    primary: bool = False

    def clearly_better(self, other: Interval) -> bool:
        """Whether the whole interval lies on the better side of the other's."""
        return self.low > other.high if self.higher_is_better else self.high < other.low

    def misses(self, bound: float) -> bool:
        """Whether the whole interval lies on the worse side of a number."""
        return self.high < bound if self.higher_is_better else self.low > bound


class ScoreChange(_Model):
    """One score, before and after; clear where the 95 % intervals do not touch."""

    task: str
    metric: str
    before: Interval | None
    after: Interval | None
    verdict: Verdict


class Listing(_Model):
    """How many there are, and the first of them, those of most candidates first."""

    count: int
    first: list[str]


class Mover(_Model):
    """A skill whose neighbours changed, and the share of them that stayed, in [0, 1]."""

    skill: str
    kept: float
    gained: list[str]
    lost: list[str]


class RelationChange(_Model):
    """The nearest NEIGHBOURS of the most used skills of both releases.

    Attributes:
        relation: Of the neighbours.
        skills: How many skills were compared.
        kept: Mean share of a skill's neighbours that are still among them, in [0, 1].
        movers: Skills of whom most changed, those of most candidates first where equal.
    """

    relation: str
    skills: int
    kept: float | None
    movers: list[Mover]


class AlignmentFacts(_Model):
    """A space of `after` that was rotated as a whole onto that of an earlier release.

    Attributes:
        space: Its place in the release.
        release: The release it was rotated onto.
        shared: Keys by which the rotation was found; with too few nothing was rotated.
        residual: Root mean square distance of their unit vectors to the old ones, in [0, 2].
        residual_before: The same as they were trained.
        neighbours_changed: Of the nearest neighbours of the most used keys, those that the rotation alone
            changed.
    """

    space: str
    release: str
    shared: int
    residual: float | None
    residual_before: float | None
    neighbours_changed: int


class FileChange(_Model):
    """Bytes of a file; None where the release has it not."""

    path: str
    before: int | None
    after: int | None
    same: bool


class ReleaseDiff(_Model):
    """What `release_diff` found."""

    before: str
    after: str
    scores: list[ScoreChange]
    skills_added: Listing
    skills_gone: Listing
    aliases_added: Listing
    aliases_gone: Listing
    relations: list[RelationChange]
    alignments: list[AlignmentFacts] = []
    files: list[FileChange]


class Side(NamedTuple):
    """One of the two releases."""

    release: Release
    manifest: Manifest


def release_diff(before: Side, after: Side, *, skills: int = 500, listed: int = 20) -> ReleaseDiff:
    """Compare two releases.

    Args:
        before: The one that is replaced.
        after: The one that takes its place.
        skills: Neighbours are compared for so many skills, those of most candidates in `after`.
        listed: Names shown of what came and went.
    """
    old, new = before.release.lexicon, after.release.lexicon
    old_aliases, new_aliases = _aliases(old), _aliases(new)
    old_names, new_names = _names(old), _names(new)
    return ReleaseDiff(
        before=before.manifest.name,
        after=after.manifest.name,
        scores=_scores(before.manifest, after.manifest),
        skills_added=_missing(new_names, old_names, listed),
        skills_gone=_missing(old_names, new_names, listed),
        aliases_added=_missing(new_aliases, old_aliases, listed),
        aliases_gone=_missing(old_aliases, new_aliases, listed),
        relations=[
            _relation(relation, before.release, after.release, skills)
            for relation in after.release.relations
            if relation in before.release.relations
        ],
        alignments=alignments(after.release),
        files=_files(before.manifest, after.manifest),
    )


def alignments(release: Release) -> list[AlignmentFacts]:
    """How the spaces of a release were rotated onto those of another; none where they were not."""
    return [AlignmentFacts(space=place, **facts) for place, facts in release.alignments.items()]


def _scores(before: Manifest, after: Manifest) -> list[ScoreChange]:
    old, new = measured(before), measured(after)
    return [
        ScoreChange(
            task=task,
            metric=metric,
            before=old.get((task, metric)),
            after=new.get((task, metric)),
            verdict=_verdict(old.get((task, metric)), new.get((task, metric))),
        )
        for task, metric in dict.fromkeys([*new, *old])
    ]


def measured(manifest: Manifest) -> dict[tuple[str, str], Interval]:
    """Scores of a release by task and metric."""
    scores = manifest.metrics.get("scores")
    found = [score for score in scores if isinstance(score, dict)] if isinstance(scores, list) else []
    return {(str(score["task"]), str(score["metric"])): Interval.model_validate(score) for score in found}


def _verdict(before: Interval | None, after: Interval | None) -> Verdict:
    if before is None:
        return "only after"
    if after is None:
        return "only before"
    if after.clearly_better(before):
        return "better"
    return "worse" if before.clearly_better(after) else "no clear change"


def _names(lexicon: Lexicon) -> dict[str, str]:
    return {skill.name.casefold(): skill.name for skill in lexicon}


def _aliases(lexicon: Lexicon) -> dict[str, str]:
    """Aliases as "form = skill", by what makes them the same in another release."""
    pairs = [(alias.surface, skill.name) for skill in lexicon for alias in lexicon.aliases(skill.row)]
    return {f"{surface} = {name}".casefold(): f"{surface} = {name}" for surface, name in pairs}


def _missing(here: Mapping[str, str], there: Mapping[str, str], listed: int) -> Listing:
    found = [shown for key, shown in here.items() if key not in there]
    return Listing(count=len(found), first=found[:listed])


def _relation(relation: str, before: Release, after: Release, skills: int) -> RelationChange:
    compared: list[Mover] = []
    for skill in after.lexicon:
        match = before.lexicon.find(skill.name)
        if match is None or len(compared) == skills:
            continue
        old = _neighbours(before, relation, match.row, after.lexicon, skill.name)
        new = _neighbours(after, relation, skill.row, after.lexicon, skill.name)
        if old or new:
            gained = [name for name in new if name not in old]
            lost = [name for name in old if name not in new]
            kept = 1 - max(len(gained), len(lost)) / max(len(new), len(old))
            compared.append(Mover(skill=skill.name, kept=kept, gained=gained, lost=lost))
    moved = sorted((mover for mover in compared if mover.kept < 1), key=lambda mover: mover.kept)
    mean = sum(mover.kept for mover in compared) / len(compared) if compared else None
    return RelationChange(relation=relation, skills=len(compared), kept=mean, movers=moved[:_MOVERS])


def _neighbours(release: Release, relation: str, row: int, lexicon: Lexicon, itself: str) -> list[str]:
    """Names of a skill's neighbours, as `lexicon` calls them where it knows them."""
    ids, _ = release.relation(relation).row(row)
    names = [release.lexicon[other].name for other in ids[:NEIGHBOURS].tolist()]
    called = dict.fromkeys(
        lexicon[match.row].name if (match := lexicon.find(name)) else name for name in names
    )
    # Of two skills that became one, one was a neighbour of the other.
    called.pop(itself, None)
    return list(called)


def _files(before: Manifest, after: Manifest) -> list[FileChange]:
    old, new = before.files, after.files
    return [
        FileChange(
            path=path,
            before=old[path].bytes if path in old else None,
            after=new[path].bytes if path in new else None,
            same=path in old and path in new and old[path].sha256 == new[path].sha256,
        )
        for path in sorted(old.keys() | new.keys())
    ]
