"""One candidate of the sample corpus by its index: a row of our own schema."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from training.corpus.generator import noise
from training.corpus.generator.catalogue import Catalogue
from training.corpus.generator.dice import Dice
from training.corpus.generator.people import Job, Population
from training.corpus.generator.writing import Writer

Row = dict[str, Any]

REPOST_SHARE = 0.04
"""Candidates who are an earlier one again, slightly edited."""
LABEL_NOISE = 0.03
"""Candidates filed under a wrong functional area."""

_REPOST_REACH = 2_000
_CONTACT_SHARE = 0.03
_MISSING = (("summary", 0.05), ("skills", 0.06), ("education", 0.08), ("location", 0.06))
_FIRST_DAY, _DAYS, _REPOST_DAYS = date(2023, 1, 1), 800, 200
_REPOST_LINES = ("Open to offers.", "Updated CV.", "References on request.")
_BASE, _REPOST, _EDIT = 0, 1, 2
"""Streams of draws: the candidate, whether it is a repost, the edits."""


class Candidates:
    """The endless row of candidates of one seed.

    Args:
        catalogue: What people do and know.
        seed: Zero or more.
    """

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        self._catalogue = catalogue
        self._seed = seed
        self._population = Population(catalogue)

    def row(self, index: int) -> Row:
        """The candidate at `index`; it depends on nothing but seed and index."""
        source = self.reposted(index)
        if source is None:
            return self._written(index)
        return self._edited(self._written(source), index)

    def reposted(self, index: int) -> int | None:
        """The index of the candidate whom this one repeats, None for almost everybody."""
        dice = Dice(self._seed, index, _REPOST)
        if not self._repeats(dice, index):
            return None
        source = max(0, index - dice.between(1, _REPOST_REACH))
        # An original, not somebody who is a repost too: that one's own text was never written.
        while self._repeats(Dice(self._seed, source, _REPOST), source):
            source -= 1
        return source

    def _repeats(self, dice: Dice, index: int) -> bool:
        # The first candidate has nobody to repeat, which also ends the search for an original.
        return index > 0 and dice.random() < REPOST_SHARE

    def _written(self, index: int) -> Row:
        dice = Dice(self._seed, index, _BASE)
        person = self._population.draw(dice)
        writer = Writer(dice, self._catalogue, person)
        dashes = self._catalogue.phrases["dashes"]
        row: Row = {
            "id": _id(index),
            "title": _cased(dice, person.title),
            "summary": writer.summary(),
            "skills": writer.skills(),
            "experience": [_experience(writer, job) for job in person.jobs],
            "education": [
                {"degree": degree, "institution": institution, "year": year}
                for degree, institution, year in person.studies
            ],
            "projects": writer.projects(),
            "label": person.area.label,
            "location": person.city,
            "updated_at": _day(dice),
        }
        if dice.random() < _CONTACT_SHARE:
            row["summary"] += _contact(dice, index, dice.pick(dashes))
        if dice.random() < LABEL_NOISE:
            row["label"] = dice.pick(self._catalogue.labels)
        for field, share in _MISSING:
            if dice.random() < share:
                row[field] = type(row[field])()
        return row

    def _edited(self, row: Row, index: int) -> Row:
        """The same person, posted again some time later with another id."""
        dice = Dice(self._seed, index, _EDIT)
        row["id"] = _id(index)
        posted = date.fromisoformat(row["updated_at"])
        row["updated_at"] = (posted + timedelta(days=dice.between(1, _REPOST_DAYS))).isoformat()
        skills: list[str] = row["skills"]
        if len(skills) > 3 and dice.chance(0.5):
            del skills[dice.between(0, len(skills) - 1)]
        if dice.chance(0.4):
            row["summary"] = f"{row['summary']} {dice.pick(_REPOST_LINES)}".strip()
        if dice.chance(0.2):
            row["title"] = row["title"].lower()
        if dice.chance(0.2):
            row["location"] = ""
        if dice.chance(0.3):
            job = dice.pick(row["experience"])
            job["description"] = noise.oddity(dice, noise.typo(dice, job["description"]))
        return row


def _id(index: int) -> str:
    return f"cand-{index:08d}"


def _experience(writer: Writer, job: Job) -> Row:
    return {
        "title": job.title,
        "employer": job.employer,
        "start": _month(job.start),
        "end": "present" if job.end is None else _month(job.end),
        "description": writer.description(job),
    }


def _month(months: int) -> str:
    return f"{months // 12}-{months % 12 + 1:02d}"


def _day(dice: Dice) -> str:
    return (_FIRST_DAY + timedelta(days=dice.between(0, _DAYS))).isoformat()


def _cased(dice: Dice, title: str) -> str:
    chance = dice.random()
    return title.upper() if chance < 0.04 else title.lower() if chance < 0.1 else title


def _contact(dice: Dice, index: int, dash: str) -> str:
    # example.com and 555-01xx are set aside for invented addresses and numbers.
    number = f"(555) 555{'-' if dash == 'to' else dash}01{dice.between(0, 99):02d}"
    return f" Contact: candidate{index}@example.com, {number}" if dice.chance(0.7) else f" Tel. {number}"
