"""How one person writes: spelling of skills, bullets, headings, sentences about their work."""

from __future__ import annotations

from collections.abc import Sequence

from training.corpus.generator import noise
from training.corpus.generator.catalogue import Catalogue, Duty, Stack
from training.corpus.generator.dice import Dice, running_sums
from training.corpus.generator.people import Job, Person

_ALIAS_SHARE, _TYPO_SHARE = 0.3, 0.004
_CORE_SHARE, _GENERAL_SHARE, _ANYWHERE_SHARE = 0.4, 0.1, 0.05
_NAMED_IN_PHRASE, _LISTED = 3, 8
_CASINGS = ("as it is", "lower", "upper")
_CASINGS_CUMULATIVE = running_sums([0.8, 0.17, 0.03])
_SEPARATORS = (", ", ", ", ", ", " | ", "; ", " / ", " • ")


class Hand:
    """The writing habits of one person, kept through the whole CV.

    Args:
        dice: Where all choices come from.
        catalogue: For aliases and phrases.
        person: Who writes.
    """

    __slots__ = ("_alias_share", "_casing", "_catalogue", "_said", "bullet", "dice", "person")

    def __init__(self, dice: Dice, catalogue: Catalogue, person: Person) -> None:
        self.dice = dice
        self.person = person
        self.bullet = dice.pick(catalogue.phrases["bullets"])
        self._catalogue = catalogue
        self._alias_share = _ALIAS_SHARE * 2 * dice.random()
        self._casing = dice.weighted(_CASINGS, _CASINGS_CUMULATIVE)
        self._said: set[str] = set()

    def skill(self, name: str) -> str:
        """A skill as this person spells it, this time."""
        dice = self.dice
        forms = self._catalogue.aliases.get(name)
        if forms and dice.random() < self._alias_share:
            name = forms[int(dice.random() * len(forms))]
        if self._casing == "lower":
            name = name.lower()
        elif self._casing == "upper":
            name = name.upper()
        return noise.typo(dice, name) if dice.random() < _TYPO_SHARE else name

    def inventory(self) -> str:
        """The main skills in one line."""
        names = self.person.groups[0][1][:_LISTED]
        return self.dice.pick(_SEPARATORS).join([self.skill(name) for name in names])

    def heading(self, kind: str) -> str:
        """One of the headings of this kind, among the phrases."""
        text = self.dice.pick(self._catalogue.phrases[kind])
        return text.upper() if self.bullet == "*" else text

    def phrases(self, kind: str, count: int = 1) -> list[str]:
        """Up to `count` different phrases of this kind, filled with the person's title and skills."""
        known = self._catalogue.phrases[kind]
        return [
            self._phrase(template)
            for template in dict.fromkeys([self.dice.pick(known) for _ in range(count)])
        ]

    def duties(self, job: Job) -> list[str]:
        """Two to five sentences on a job, mostly of the stacks it used; none is said twice in a CV."""
        dice, groups, said = self.dice, self.person.groups, self._said
        lines: list[str] = []
        wanted = dice.between(2, 5)
        # Some draws do not fit what the person knows, or were said of another job.
        for _ in range(2 * wanted):
            # The core of the occupation comes first, whatever else a job used.
            stack, known = groups[0 if dice.random() < _CORE_SHARE else dice.pick(job.groups)]
            duty = dice.pick(self._choices(stack))
            if duty.template not in said and (line := self.sentence(duty, known)):
                said.add(duty.template)
                lines.append(line)
                if len(lines) == wanted:
                    break
        return lines or [f"Worked with {self.inventory()}"]

    def sentence(self, duty: Duty, known: Sequence[str]) -> str:
        """A duty with skills of `known` in its slots; empty where too few of them fit."""
        dice, slots = self.dice, duty.slots
        fitting = [name for name in known if name not in duty.named] if duty.named else known
        if duty.doing:
            activities = self._catalogue.activities
            fitting = [name for name in fitting if name in activities]
        if slots > len(fitting):
            return ""
        words: dict[str, str | int] = {
            "n": dice.between(2, 30),
            "m": dice.between(4, 160) * 25,
            "p": dice.between(1, 12) * 5,
        }
        if slots:
            words |= zip("abc", self._some(fitting, slots), strict=False)
        return duty.template.format_map(words)

    def _phrase(self, template: str) -> str:
        dice, person = self.dice, self.person
        known = dice.pick(person.groups)[1] if dice.random() < 0.25 else ()
        if len(known) < _NAMED_IN_PHRASE:
            known = person.groups[0][1]
        a, b, c = self._some(known, _NAMED_IN_PHRASE)
        return template.format(
            title=person.title, years=person.years, focus=dice.pick(person.area.focus), a=a, b=b, c=c
        )

    def _choices(self, stack: Stack) -> Sequence[Duty]:
        kind = self.dice.random()
        if kind < _GENERAL_SHARE:
            return self.person.area.duties
        return stack.duties if kind < 1 - _ANYWHERE_SHARE else self._catalogue.duties

    def _some(self, known: Sequence[str], count: int) -> list[str]:
        # Neighbours in the person's own list, so that one line does not name a skill twice.
        start = int(self.dice.random() * len(known))
        return [self.skill(known[(start + at) % len(known)]) for at in range(count)]
