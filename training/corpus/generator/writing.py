"""The texts of one candidate: a person's hand, in a style, with what the web did to it."""

from __future__ import annotations

from training.corpus.generator import noise
from training.corpus.generator.catalogue import Catalogue
from training.corpus.generator.dice import Dice
from training.corpus.generator.hand import Hand
from training.corpus.generator.people import Job, Person
from training.corpus.generator.styles import draw_style

_MARKUP_SHARE, _TYPO_SHARE, _ODDITY_SHARE = 0.12, 0.06, 0.08
_SHUFFLED_SHARE, _JUNK_SHARE, _NO_PROJECT_SHARE = 0.35, 0.1, 0.6


class Writer:
    """Writes one person's CV, field by field.

    Args:
        dice: Where all choices come from.
        catalogue: For aliases and phrases.
        person: Whose CV it is.
    """

    __slots__ = ("_hand", "_junk", "_markup", "_style")

    def __init__(self, dice: Dice, catalogue: Catalogue, person: Person) -> None:
        self._hand = Hand(dice, catalogue, person)
        self._style = draw_style(dice)
        self._markup = noise.markup_mode(dice) if dice.random() < _MARKUP_SHARE else ""
        self._junk = catalogue.phrases["junk_skills"]

    def summary(self) -> str:
        """The opening text."""
        return self._text(self._style.summary(self._hand))

    def skills(self) -> list[str]:
        """The list of skills, now and then with junk in it; no spelling comes twice."""
        dice, person = self._hand.dice, self._hand.person
        names = [name for _, skills in person.groups for name in skills]
        names += person.extras
        if dice.random() < _SHUFFLED_SHARE:
            names = dice.shuffled(names)
        written = list(dict.fromkeys([self._hand.skill(name) for name in names]))
        if dice.random() < _JUNK_SHARE:
            for _ in range(dice.between(1, 2)):
                written.insert(dice.between(0, len(written)), dice.pick(self._junk))
        return list(dict.fromkeys(written))

    def description(self, job: Job) -> str:
        """What the person did in a job."""
        return self._text(self._style.description(self._hand, self._hand.duties(job)))

    def projects(self) -> list[dict[str, str]]:
        """Up to two projects; most people have none."""
        hand = self._hand
        known = hand.person.area.projects
        if not known or hand.dice.random() < _NO_PROJECT_SHARE:
            return []
        skills = hand.person.groups[0][1]
        drawn = dict.fromkeys([hand.dice.pick(known) for _ in range(hand.dice.between(1, 2))])
        return [{"name": name, "description": hand.sentence(duty, skills)} for name, duty in drawn]

    def _text(self, lines: list[str]) -> str:
        dice = self._hand.dice
        text = noise.markup(self._markup, lines) if self._markup else "\n".join(lines)
        if dice.random() < _TYPO_SHARE:
            text = noise.typo(dice, text)
        return noise.oddity(dice, text) if dice.random() < _ODDITY_SHARE else text
