"""The styles of CVs: how a summary opens, and how a job is described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from training.corpus.generator.dice import Dice, running_sums
from training.corpus.generator.hand import Hand

Lines = list[str]


@dataclass(frozen=True, slots=True)
class Style:
    """A way of writing a whole CV.

    Attributes:
        name: For people who read this file.
        weight: Share of the candidates, not normalised.
        summary: Writes the lines of the opening text.
        description: Turns sentences on a job into the lines of its description.
    """

    name: str
    weight: float
    summary: Callable[[Hand], Lines]
    description: Callable[[Hand, Lines], Lines]


def draw_style(dice: Dice) -> Style:
    """One of the styles, by weight."""
    return dice.weighted(_STYLES, _CUMULATIVE)


def _plain_summary(hand: Hand) -> Lines:
    closers = hand.phrases("summary_closers") if hand.dice.chance(0.5) else []
    return [" ".join(hand.phrases("summaries") + closers)]


def _terse_summary(hand: Hand) -> Lines:
    return [f"{hand.person.title}, {hand.person.years} yrs. {hand.inventory()}"]


def _buzzing_summary(hand: Hand) -> Lines:
    return [" ".join(hand.phrases("buzzwords", 3))]


def _bulleted_summary(hand: Hand) -> Lines:
    return _bulleted(hand, hand.phrases("summaries", 2) + hand.phrases("summary_closers"))


def _sectioned_summary(hand: Hand) -> Lines:
    latest = hand.person.jobs[0]
    return [
        hand.heading("summary_headings"),
        *_plain_summary(hand),
        hand.heading("skill_headings"),
        hand.inventory(),
        hand.heading("work_headings"),
        f"{latest.title} at {latest.employer}",
    ]


def _bulleted(hand: Hand, lines: Lines) -> Lines:
    return [f"{hand.bullet} {line}" for line in lines]


def _prose(hand: Hand, lines: Lines) -> Lines:
    rest = [f"I also {_lowered(line)}" if hand.dice.chance(0.2) else line for line in lines[1:]]
    return [". ".join([lines[0], *rest]) + "."]


def _terse(hand: Hand, lines: Lines) -> Lines:
    return ["; ".join([*(_lowered(line) for line in lines[:2]), hand.inventory()])]


def _environment(hand: Hand, lines: Lines) -> Lines:
    return [
        hand.heading("duty_headings"),
        *_bulleted(hand, [f"{line}." for line in lines]),
        f"{hand.heading('environment_headings')}: {hand.inventory()}",
    ]


def _form(_hand: Hand, lines: Lines) -> Lines:
    return lines


def _lowered(line: str) -> str:
    return line[:1].lower() + line[1:]


_STYLES = (
    Style("bullets", 26, _plain_summary, _bulleted),
    Style("prose", 21, _plain_summary, _prose),
    Style("terse", 11, _terse_summary, _terse),
    Style("buzzwords", 10, _buzzing_summary, _prose),
    Style("sections in one text", 11, _sectioned_summary, _bulleted),
    Style("environment lines", 13, _bulleted_summary, _environment),
    Style("lines of a web form", 8, _plain_summary, _form),
)
_CUMULATIVE = running_sums([style.weight for style in _STYLES])
