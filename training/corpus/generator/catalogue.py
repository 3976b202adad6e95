"""What the sample corpus knows of the world of work: areas, occupations, stacks of skills, aliases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

LEVELS = 4
"""Rungs of a career: beginner, established, senior, leading."""

_ACTIVITY = re.compile(
    r"(?<!spr)(?:ing|ment|tion|sion|ysis|ance|ery|therapy|care|control|audits?|support)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Duty:
    """A line of work; `{a}`, `{b}`, `{c}` stand for skills, `{n}`, `{m}`, `{p}` for numbers.

    Attributes:
        template: Text for `str.format`.
        slots: How many different skills it mentions, 0 to 3.
        named: Skills that the template itself names, which must not fill its slots too.
        doing: The template says that somebody "did" a skill, so only an activity makes sense there.
    """

    template: str
    slots: int
    named: frozenset[str] = frozenset()
    doing: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """Skills that one person tends to have together, the best known first.

    Attributes:
        name: Unique in the catalogue.
        skills: Canonical names.
        cumulative: Running sums of their weights, which fall with the rank (Zipf).
        duties: What people do with them.
    """

    name: str
    skills: tuple[str, ...]
    cumulative: tuple[float, ...]
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Occupation:
    """A kind of work.

    Attributes:
        name: Unique in the catalogue; the first title.
        label: The functional area, the label of its candidates.
        titles: How people call it.
        core: The stack that everybody in it knows.
        stacks: Further stacks, each with the probability that somebody knows it.
        ladder: For each of the `LEVELS`, patterns of a title with `{}` for the plain one.
        weight: Share among all candidates, not normalised.
    """

    name: str
    label: str
    titles: tuple[str, ...]
    core: Stack
    stacks: tuple[tuple[Stack, float], ...]
    ladder: tuple[tuple[str, ...], ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Area:
    """A functional area and what its candidates have in common.

    Attributes:
        label: For example `information-technology`.
        common: Skills that anybody in the area may list.
        duties: Duties that fit any of its skills.
        focus: What they say they care for, for summaries.
        employers: Last words of employers' names.
        degrees: Degrees and certificates of education.
        projects: Pairs of name and description template.
    """

    label: str
    common: Stack
    duties: tuple[Duty, ...]
    focus: tuple[str, ...]
    employers: tuple[str, ...]
    degrees: tuple[str, ...]
    projects: tuple[tuple[str, Duty], ...]


@dataclass(frozen=True)
class Catalogue:
    """Everything, loaded and checked.

    Attributes:
        areas: By label.
        occupations: Of all areas.
        aliases: For a canonical skill, its other surface forms.
        phrases: Word lists of no area: cities, openers, headings, junk.
        duties: Duties that fit any skill of any area.
    """

    areas: Mapping[str, Area]
    occupations: tuple[Occupation, ...]
    aliases: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[str, ...]]
    duties: tuple[Duty, ...]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The functional areas, sorted."""
        return tuple(sorted(self.areas))

    @cached_property
    def skills(self) -> frozenset[str]:
        """The canonical names of all skills."""
        return frozenset(name for stack in self.stacks() for name in stack.skills)

    @cached_property
    def activities(self) -> frozenset[str]:
        """Skills that one does, such as welding; the others one has, knows or uses."""
        return frozenset(name for name in self.skills if _ACTIVITY.search(name))

    @cached_property
    def neighbours(self) -> Mapping[str, tuple[Occupation, ...]]:
        """For an occupation's name, others that share a stack with it; else others of its area."""
        found: dict[str, tuple[Occupation, ...]] = {}
        for one in self.occupations:
            mine = {one.core.name, *(stack.name for stack, _ in one.stacks)}
            others = [other for other in self.occupations if other is not one]
            close = [other for other in others if other.core.name in mine]
            found[one.name] = tuple(close or [other for other in others if other.label == one.label] or [one])
        return found

    def stacks(self) -> Iterator[Stack]:
        """Every stack once, the areas' common skills among them."""
        seen: set[str] = set()
        for stack in (
            *(area.common for area in self.areas.values()),
            *(one.core for one in self.occupations),
            *(stack for one in self.occupations for stack, _ in one.stacks),
        ):
            if stack.name not in seen:
                seen.add(stack.name)
                yield stack
