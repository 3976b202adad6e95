"""Questions about skills, awaited."""

from __future__ import annotations

from collections.abc import Sequence

from embedsvc.client import skill_plans as plans
from embedsvc.client.calls import Progress
from embedsvc.client.transport import AsyncTransport
from embedsvc.schemas import (
    ExplainResponse,
    ExtractResponse,
    GapResponse,
    RelatedBatchResponse,
    RelatedQuery,
    RelatedResponse,
    RelatedResult,
    Relation,
    SearchStringResponse,
    SkillListResponse,
    SkillResponse,
    SpaceName,
)


class AsyncSkills:
    """Questions about skills; `client.skills`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def related(
        self,
        skill: str,
        k: int = 10,
        relation: Relation = "similar",
        min_score: float | None = None,
        *,
        space: SpaceName = "skills",
    ) -> RelatedResponse:
        """Skills related to one skill, best first.

        Args:
            skill: In any of its spellings.
            k: How many at most.
            relation: `similar` (could stand in for it) or `used_with` (asked for together with it).
            min_score: Leave out what scores less; scores are in [-1, 1].
            space: Ask one space of the release alone: scores are cosines there.

        Raises:
            UnknownSkillError: No such skill; `details["suggestions"]` holds near ones.
            UnknownNameError: The release has no such space; `details["known"]` lists those it has.
        """
        return await self._transport.run(plans.related(skill, k, relation, min_score, space))

    async def related_many(
        self,
        queries: Sequence[str | RelatedQuery],
        k: int = 10,
        relation: Relation = "similar",
        min_score: float | None = None,
        *,
        space: SpaceName = "skills",
        progress: Progress | None = None,
    ) -> RelatedBatchResponse:
        """Skills related to each of many; an unknown skill fails its own item only.

        Args:
            queries: Skills, which take the other arguments, or queries with their own; any number.
            k: How many at most for each skill.
            relation: `similar` or `used_with`.
            min_score: Leave out what scores less.
            space: Ask one space of the release alone.
            progress: Called with the queries answered and all queries, after each part of a long batch.
        """
        plan = plans.related_many(queries, k, relation, min_score, space)
        return await self._transport.run(plan, progress)

    async def analogy(
        self,
        positive: Sequence[str],
        negative: Sequence[str],
        k: int = 10,
        *,
        min_score: float | None = None,
    ) -> RelatedResult:
        """What is to some skills as others are to those against: `(["django", "java"], ["python"])`.

        Args:
            positive: Skills that count for, one at least.
            negative: Skills that count against, one at least.
            k: How many at most.
            min_score: Leave out what scores less: cosines to the sum of the one less the other.

        Raises:
            UnknownSkillError: One of them is no skill.
            InputError: One has no vector, or they cancel each other out.
        """
        return await self._transport.run(plans.analogy(positive, negative, k, min_score))

    async def get(self, skill: str) -> SkillResponse:
        """What the lexicon knows of a skill: its canonical name, surface forms and counts.

        Raises:
            UnknownSkillError: No such skill; `details["suggestions"]` holds near ones.
        """
        return await self._transport.run(plans.skill_info(skill))

    async def gap(
        self, cv: str | Sequence[str], job: str | Sequence[str], *, least: float = 0.6
    ) -> GapResponse:
        """What a job asks for and a CV has: covered, covered by a related skill, missing.

        Args:
            cv: A text, or a list of skills in any spelling.
            job: The same.
            least: How related a skill of the CV must be to stand in for one of the job, in [0, 1].
        """
        return await self._transport.run(plans.gap(cv, job, least))

    async def search_string(
        self, skill: str, *, similar: int = 5, least: float = 0.8, max_length: int = 1_000
    ) -> SearchStringResponse:
        """A Boolean OR of quoted terms, for search engines that know no vectors, and why each is there.

        Args:
            skill: In any of its spellings.
            similar: How many similar skills at most.
            least: How related they must be, in [0, 1].
            max_length: Characters of the string at most.

        Raises:
            UnknownSkillError: No such skill; `details["suggestions"]` holds near ones.
        """
        options = {"similar": similar, "least": least, "max_length": max_length}
        return await self._transport.run(plans.search_string(skill, **options))

    async def explain(
        self, skill: str, other: str | None = None, *, relation: Relation = "used_with", k: int = 10
    ) -> ExplainResponse:
        """What the corpus counts of a skill and another, or its nearest k; nothing below the privacy floor.

        Args:
            skill: In any of its spellings.
            other: Another skill; the nearest k by the relation where left out.
            relation: `similar` or `used_with`.
            k: How many at most.

        Raises:
            UnknownSkillError: No such skill; `details["suggestions"]` holds near ones.
        """
        return await self._transport.run(plans.explain(skill, other=other, relation=relation, k=k))

    async def extract(self, texts: Sequence[str], *, progress: Progress | None = None) -> ExtractResponse:
        """The skills that each text names, with offsets into it; long batches are split and joined."""
        return await self._transport.run(plans.extract(texts), progress)

    async def suggest(self, prefix: str, limit: int = 10) -> SkillListResponse:
        """Skills with a surface form that starts with the prefix, the most used first."""
        return await self._transport.run(plans.suggest(prefix, limit))
