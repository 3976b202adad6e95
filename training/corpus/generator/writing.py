"""How a person's CV is written: habits of spelling, and the styles of summaries and job descriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from training.corpus.generator import noise
from training.corpus.generator.catalogue import Catalogue, Duty
from training.corpus.generator.dice import Dice, running_sums
from training.corpus.generator.people import Job, Person

_ALIAS_SHARE, _TYPO_SHARE, _MARKUP_SHARE, _GENERAL_SHARE = 0.3, 0.004, 0.12, 0.12
_CASING = ("as it is", "lower", "upper")
_CASING_CUMULATIVE = running_sums([0.8, 0.17, 0.03])
_SEPARATORS = (", ", ", ", ", ", " | ", "; ", " / ", " • ")


class Writer:
    """Writes one person's CV in one hand.

    Args:
        dice: Where all its choices come from.
        catalogue: For aliases and phrases.
        person: Whose CV it is.
    """

    __slots__ = (
        "_alias_share",
        "_aliases",
        "_bullet",
        "_casing",
        "_markup",
        "_phrases",
        "_said",
        "_style",
        "dice",
        "person",
    )

    def __init__(self, dice: Dice, catalogue: Catalogue, person: Person) -> None:
        self.dice = dice
        self.person = person
        self._aliases = catalogue.aliases
        self._phrases = catalogue.phrases
        self._alias_share = _ALIAS_SHARE * 2 * dice.random()
        self._casing = dice.weighted(_CASING, _CASING_CUMULATIVE)
        self._bullet = dice.pick(self._phrases["bullets"])
        self._markup = noise.markup_mode(dice) if dice.random() < _MARKUP_SHARE else ""
        self._style = dice.weighted(_STYLES, _STYLES_CUMULATIVE)
        self._said: set[str] = set()

    def skill(self, name: str) -> str:
        """A skill as this person spells it, this time."""
        dice = self.dice
        forms = self._aliases.get(name)
        if forms and dice.random() < self._alias_share:
            name = forms[int(dice.random() * len(forms))]
        if self._casing == "lower":
            name = name.lower()
        elif self._casing == "upper":
            name = name.upper()
        return noise.typo(dice, name) if dice.random() < _TYPO_SHARE else name

    def skills(self) -> list[str]:
        """The list of skills, now and then with junk in it."""
        person = self.person
        names = [name for _, skills in person.groups for name in skills]
        names += person.extras
        if self.dice.chance(0.35):
            names = self.dice.shuffled(names)
        written = list(dict.fromkeys(self.skill(name) for name in names))
        if self.dice.chance(0.1):
            for _ in range(self.dice.between(1, 2)):
                written.insert(
                    self.dice.between(0, len(written)), self.dice.pick(self._phrases["junk_skills"])
                )
        return written

    def summary(self) -> str:
        """The opening text, in the person's style."""
        return self._joined(_STYLE_SUMMARIES[self._style](self))

    def description(self, job: Job) -> str:
        """What the person did in a job, in the person's style."""
        return self._joined(_STYLE_DESCRIPTIONS[self._style](self, self._duties(job)))

    def projects(self) -> list[dict[str, str]]:
        """Up to two projects."""
        known = self.person.area.projects
        if not known or self.dice.chance(0.6):
            return []
        drawn = dict.fromkeys(self.dice.pick(known) for _ in range(self.dice.between(1, 2)))
        return [
            {"name": name, "description": self._filled(duty, self._top(0)) or name} for name, duty in drawn
        ]

    def phrase(self, kind: str) -> str:
        """One of the phrases of this kind, filled in."""
        return self._phrased(self.dice.pick(self._phrases[kind]))

    def heading(self, kind: str) -> str:
        """One of the headings of this kind; one person always uses the same case."""
        text = self.dice.pick(self._phrases[kind])
        return text.upper() if self._bullet == "*" else text

    def inventory(self) -> str:
        """The skills in one line."""
        names = self._top(0)[:8]
        return self.dice.pick(_SEPARATORS).join(self.skill(name) for name in names)

    def bulleted(self, lines: Sequence[str]) -> list[str]:
        """Lines with the person's bullet, unless HTML will mark them."""
        return list(lines) if self._markup else [f"{self._bullet} {line}" for line in lines]

    def _joined(self, lines: list[str]) -> str:
        text = noise.markup(self._markup, lines) if self._markup else "\n".join(lines)
        if self.dice.random() < 0.06:
            text = noise.typo(self.dice, text)
        return noise.oddity(self.dice, text) if self.dice.random() < 0.08 else text

    def _top(self, group: int) -> tuple[str, ...]:
        return self.person.groups[group][1]

    def _duties(self, job: Job) -> list[str]:
        dice, groups, said = self.dice, self.person.groups, self._said
        lines: list[str] = []
        for _ in range(dice.between(2, 5)):
            # The core of the occupation fills about half of the lines.
            group = 0 if dice.random() < 0.4 else dice.pick(job.groups)
            stack, known = groups[group]
            choices = stack.duties
            if not choices or dice.random() < _GENERAL_SHARE:
                choices = self.person.area.duties
            duty = dice.pick(choices)
            if duty.template in said:
                duty = dice.pick(choices)
            if duty.template not in said and (line := self._filled(duty, known)):
                said.add(duty.template)
                lines.append(line)
        return lines or [f"Worked with {self.inventory()}"]

    def _filled(self, duty: Duty, known: Sequence[str]) -> str:
        dice, slots = self.dice, duty.slots
        if slots > len(known):
            return ""
        numbers = {"n": dice.between(2, 30), "m": dice.between(4, 160) * 25, "p": dice.between(1, 12) * 5}
        if not slots:
            return duty.template.format_map(numbers)
        start = int(dice.random() * len(known))
        # Neighbours in the person's own list, so that one line does not name a skill twice.
        chosen = {
            letter: self.skill(known[(start + at) % len(known)]) for at, letter in enumerate("abc"[:slots])
        }
        return duty.template.format_map(numbers | chosen)

    def _phrased(self, template: str) -> str:
        dice, person = self.dice, self.person
        known = person.groups[0][1] if dice.random() < 0.75 else dice.pick(person.groups)[1]
        start = int(dice.random() * len(known))
        a, b, c = (known[(start + at) % len(known)] for at in range(3))
        return template.format(
            title=person.title,
            years=person.years,
            focus=dice.pick(person.area.focus),
            a=self.skill(a),
            b=self.skill(b),
            c=self.skill(c),
        )


def _plain_summary(writer: Writer) -> list[str]:
    first = writer.phrase("summaries")
    return [f"{first} {writer.phrase('summary_closers')}" if writer.dice.chance(0.5) else first]


def _terse_summary(writer: Writer) -> list[str]:
    return [f"{writer.person.title}, {writer.person.years} yrs. {writer.inventory()}"]


def _buzzing_summary(writer: Writer) -> list[str]:
    return [" ".join(writer.phrase("buzzwords") for _ in range(writer.dice.between(2, 3)))]


def _bulleted_summary(writer: Writer) -> list[str]:
    lines = [writer.phrase("summaries"), writer.phrase("summary_closers"), writer.phrase("summaries")]
    return writer.bulleted(list(dict.fromkeys(lines)))


def _sectioned_summary(writer: Writer) -> list[str]:
    lines = [writer.heading("summary_headings"), *_plain_summary(writer)]
    lines += [writer.heading("skill_headings"), writer.inventory()]
    latest = writer.person.jobs[0]
    return [*lines, writer.heading("work_headings"), f"{latest.title} at {latest.employer}"]


def _bullets(writer: Writer, duties: list[str]) -> list[str]:
    return writer.bulleted(duties)


def _prose(writer: Writer, duties: list[str]) -> list[str]:
    first, *rest = duties
    return [
        ". ".join(
            (first, *(f"I also {_lowered(line)}" if writer.dice.chance(0.2) else line for line in rest))
        )
        + "."
    ]


def _terse(writer: Writer, duties: list[str]) -> list[str]:
    return ["; ".join([*(_lowered(line) for line in duties[:2]), writer.inventory()])]


def _environment(writer: Writer, duties: list[str]) -> list[str]:
    return [
        writer.heading("duty_headings"),
        *writer.bulleted([f"{line}." for line in duties]),
        f"{writer.heading('environment_headings')}: {writer.inventory()}",
    ]


def _lowered(line: str) -> str:
    return line[:1].lower() + line[1:]


_STYLE_SUMMARIES: Mapping[str, Callable[[Writer], list[str]]] = {
    "bullets": _plain_summary,
    "prose": _plain_summary,
    "terse": _terse_summary,
    "buzzwords": _buzzing_summary,
    "sections": _sectioned_summary,
    "environment": _bulleted_summary,
}
_STYLE_DESCRIPTIONS: Mapping[str, Callable[[Writer, list[str]], list[str]]] = {
    "bullets": _bullets,
    "prose": _prose,
    "terse": _terse,
    "buzzwords": _prose,
    "sections": _bullets,
    "environment": _environment,
}
_STYLES = tuple(_STYLE_SUMMARIES)
_STYLES_CUMULATIVE = running_sums([30, 22, 12, 10, 12, 14])
