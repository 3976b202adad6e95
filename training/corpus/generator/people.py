"""Who a candidate is: occupation, seniority, skills, career. Nothing of how it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.corpus.generator.catalogue import Area, Catalogue, Occupation, Stack
from training.corpus.generator.dice import Dice, running_sums

THIS_YEAR = 2025
"""The corpus is set in this year, whenever it is generated."""

_YEARS_CUMULATIVE = running_sums(
    [6, 9, 10, 10, 9, 8, 7, 6, 5, 5, 4, 3, 3, 2, 2, 2, 1.5, 1.5, 1, 1, 1, 1, 0.5, 0.5, 0.5]
)
_YEARS = range(1, 26)
_LEVEL_STARTS = (0, 2, 6, 11)
_KNOWS_HEAD = 0.8
_FEWEST = 3
"""Skills of the core stack that everybody has: a summary names three."""
_SKILLS_COMMON, _SKILLS_SIDE, _SKILLS_FOREIGN = (0, 3), (2, 5), (1, 3)
_FOREIGN_SHARE, _OTHER_CAREER_SHARE, _SOFT_SHARE = 0.12, 0.1, 0.2


@dataclass(frozen=True, slots=True)
class Job:
    """One employment.

    Attributes:
        title: As on the contract.
        employer: Invented.
        start: Months since year 0.
        end: The same, None while it lasts.
        groups: Indexes into the person's groups that this job used.
    """

    title: str
    employer: str
    start: int
    end: int | None
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """An invented candidate.

    Attributes:
        title: Of the latest job.
        groups: Stacks with the skills of each that the person has; the core stack first.
        extras: Common and soft skills.
        jobs: Latest first.
        studies: Triples of degree, institution, year.
    """

    occupation: Occupation
    area: Area
    title: str
    years: int
    groups: tuple[tuple[Stack, tuple[str, ...]], ...]
    extras: tuple[str, ...]
    jobs: tuple[Job, ...]
    studies: tuple[tuple[str, str, int], ...]
    city: str


class Population:
    """Draws people from a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._areas: Mapping[str, Area] = catalogue.areas
        self._occupations = catalogue.occupations
        self._cumulative = running_sums([one.weight for one in catalogue.occupations])
        self._neighbours = catalogue.neighbours
        self._phrases = catalogue.phrases

    def draw(self, dice: Dice) -> Person:
        """A person; all that is random comes from `dice`."""
        occupation = dice.weighted(self._occupations, self._cumulative)
        area = self._areas[occupation.label]
        years = dice.weighted(_YEARS, _YEARS_CUMULATIVE)
        groups = self._groups(dice, occupation)
        jobs = self._career(dice, occupation, area, years, len(groups))
        return Person(
            occupation=occupation,
            area=area,
            title=jobs[0].title,
            years=years,
            groups=groups,
            extras=self._extras(dice, area, groups),
            jobs=jobs,
            studies=self._studies(dice, area, years),
            city=dice.pick(self._phrases["cities"]),
        )

    def _groups(self, dice: Dice, occupation: Occupation) -> tuple[tuple[Stack, tuple[str, ...]], ...]:
        core = occupation.core
        known = dict.fromkeys(core.skills[:1]) if dice.chance(_KNOWS_HEAD) else {}
        known |= dict.fromkeys(dice.several(core.skills, dice.between(4, 12), core.cumulative))
        if len(known) < _FEWEST:
            known |= dict.fromkeys(core.skills[:_FEWEST])
        groups = [(core, tuple(dice.shuffled(tuple(known)) if dice.chance(0.5) else known))]
        seen = set(known)
        for stack, share in occupation.stacks:
            if dice.random() < share:
                groups.append(_side(dice, stack, _SKILLS_SIDE, seen))
        if dice.random() < _FOREIGN_SHARE:
            groups.append(
                _side(dice, dice.pick(self._neighbours[occupation.name]).core, _SKILLS_FOREIGN, seen)
            )
        return tuple(group for group in groups if group[1])

    def _extras(
        self, dice: Dice, area: Area, groups: Sequence[tuple[Stack, tuple[str, ...]]]
    ) -> tuple[str, ...]:
        common = area.common
        drawn = dice.several(common.skills, dice.between(*_SKILLS_COMMON), common.cumulative)
        if dice.random() < _SOFT_SHARE:
            drawn.append(dice.pick(self._phrases["soft_skills"]))
        taken = {skill for _, skills in groups for skill in skills}
        return tuple(skill for skill in drawn if skill not in taken)

    def _career(
        self, dice: Dice, occupation: Occupation, area: Area, years: int, groups: int
    ) -> tuple[Job, ...]:
        count = min(5, 1 + int(dice.random() * (1 + years / 3)))
        now = THIS_YEAR * 12 + dice.between(0, 9)
        length = max(8, years * 12 // count)
        end: int | None = None if dice.chance(0.7) else now - dice.between(0, 8)
        jobs: list[Job] = []
        title = dice.pick(occupation.titles)
        for number in range(count):
            start = (end or now) - length - dice.between(-length // 3, length // 3)
            left = max(0, years - number * years // count)
            held = occupation
            if number and dice.chance(_OTHER_CAREER_SHARE):
                held = dice.pick(self._neighbours[occupation.name])
                title = dice.pick(held.titles)
            elif number and dice.chance(0.4):
                title = dice.pick(occupation.titles)
            used = [group for group in range(groups) if group == 0 or dice.random() < 0.5]
            jobs.append(
                Job(_titled(dice, held, title, left), self._employer(dice, area), start, end, tuple(used))
            )
            end = start - dice.between(0, 4)
        return tuple(jobs)

    def _employer(self, dice: Dice, area: Area) -> str:
        return f"{dice.pick(self._phrases['employer_heads'])} {dice.pick(area.employers)}"

    def _studies(self, dice: Dice, area: Area, years: int) -> tuple[tuple[str, str, int], ...]:
        count = 1 if dice.chance(0.7) else 2
        year = THIS_YEAR - years - dice.between(0, 3)
        return tuple(
            (dice.pick(area.degrees), dice.pick(self._phrases["institutions"]), year - 3 * number)
            for number in range(count)
        )


def _side(dice: Dice, stack: Stack, counts: tuple[int, int], seen: set[str]) -> tuple[Stack, tuple[str, ...]]:
    drawn = dice.several(stack.skills, dice.between(*counts), stack.cumulative)
    fresh = tuple(skill for skill in drawn if skill not in seen)
    seen.update(fresh)
    return stack, fresh


def _titled(dice: Dice, occupation: Occupation, title: str, years: int) -> str:
    level = sum(years >= start for start in _LEVEL_STARTS) - 1
    return dice.pick(occupation.ladder[level]).replace("{}", title)
