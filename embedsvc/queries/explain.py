"""Why skills are related: ranks, scores, and what the corpus counts, never below the privacy floor."""

from __future__ import annotations

from math import log2

from embedsvc.queries.related import neighbours
from embedsvc.queries.resolve import resolve
from embedsvc.releases.opening import Release
from embedsvc.schemas import (
    MAX_K,
    Corpus,
    ExplainedSkill,
    ExplainQuery,
    ExplainResponse,
    Relation,
    Resolution,
)


def explain(release: Release, query: ExplainQuery) -> ExplainResponse:
    """The evidence for a skill's relation to another one, or to its nearest k.

    PMI is log2(n(a, b) N / (n(a) n(b))), n counting lists (Church and Hanks 1990).

    Raises:
        UnknownSkillError: The query ladder ended without one of the skills.
        UnknownNameError: The release has no such relation.
    """
    row, step = resolve(release, query.skill)
    found = neighbours(release, row, MAX_K, query.relation, None)
    ranked = {other: (rank, score) for rank, (other, score) in enumerate(found, start=1)}
    others = list(ranked)[: query.k] if query.other is None else [resolve(release, query.other)[0]]
    return ExplainResponse(
        release=release.name,
        relation=query.relation,
        resolved=Resolution(query=query.skill, skill=release.lexicon[row].name, step=step),
        explained=[
            _explained(release, query.relation, row, other, *ranked.get(other, (None, None)))
            for other in others
        ],
    )


def _explained(
    release: Release, relation: Relation, row: int, other: int, rank: int | None, score: float | None
) -> ExplainedSkill:
    return ExplainedSkill(
        skill=release.lexicon[other].name,
        rank=rank,
        score=score,
        relatedness=None if score is None else release.score_json[relation].relatedness(score),
        corpus=_corpus(release, row, other),
    )


def _corpus(release: Release, row: int, other: int) -> Corpus | None:
    evidence = release.evidence
    if evidence is None:
        return None
    counted, together = evidence.together(release.relations, row, other)
    if not counted:
        return None
    named, other_named = evidence.named(row), evidence.named(other)
    expected = named * other_named / evidence.lists if named and other_named else None
    pmi = round(log2(together / expected), 3) if together and expected else None
    return Corpus(
        lists=evidence.lists,
        floor=evidence.floor,
        named=named,
        other_named=other_named,
        together=together,
        expected=None if expected is None else round(expected, 3),
        pmi=pmi,
    )
