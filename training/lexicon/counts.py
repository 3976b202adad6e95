"""Distinct candidates of what skill fields and texts hold, counted in one pass with bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from embedsvc.text import normal_form
from training.lexicon.acronyms import explained
from training.lexicon.forms import Form

TABLE_LIMIT = 2_000_000  # distinct forms held at once; about 400 MB


class Pair(NamedTuple):
    """An acronym and what it stands for, as folded surface forms."""

    short: str
    long: str


class Evidence(NamedTuple):
    """Candidates with a skill list who explain an acronym, and those of them who list it or its long form."""

    candidates: int
    listing: int


class SkillCounts:
    """Distinct candidates of surface forms (case folded), normal forms, words and acronym pairs."""

    def __init__(self) -> None:
        self.surfaces: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.pairs: Counter[Pair] = Counter()
        self._asked: Counter[Pair] = Counter()
        self._listing: Counter[Pair] = Counter()
        self._cased: dict[str, Counter[str]] = {}

    def add(self, forms: Mapping[str, Form], text: str = "") -> None:
        """Count a candidate: the forms of the skill field by folded surface, and the acronyms of the text."""
        self.surfaces.update(forms.keys())
        keys = {form.key for form in forms.values()}
        self.keys.update(keys)
        self.words.update({word for surface in forms for word in surface.split()})
        for folded, form in forms.items():
            if folded != form.surface:
                self._cased.setdefault(folded, Counter())[form.surface] += 1
        pairs = {Pair(form.short.casefold(), folded) for folded, form in forms.items() if form.short}
        pairs |= {Pair(short.casefold(), long.casefold()) for short, long in explained(text)}
        self.pairs.update(pairs)
        if keys:
            self._asked.update(pairs)
            self._listing.update(pair for pair in pairs if not keys.isdisjoint(map(normal_form, pair)))

    def evidence(self, pair: Pair) -> Evidence:
        """Return who explains a pair."""
        return Evidence(self._asked[pair], self._listing[pair])

    def prune(self, floor: int) -> None:
        """Forget what was counted no more than `floor` times (lossy counting, Manku and Motwani 2002)."""
        for table in (self.surfaces, self.keys, self.words, self.pairs):
            for entry in [entry for entry, count in table.items() if count <= floor]:
                del table[entry]
        self._cased = {folded: cased for folded, cased in self._cased.items() if folded in self.surfaces}
        for evidence in (self._asked, self._listing):
            for pair in [pair for pair in evidence if pair not in self.pairs]:
                del evidence[pair]

    @property
    def size(self) -> int:
        """Entries of the largest table."""
        return max(len(self.surfaces), len(self.pairs))

    def display(self, folded: str) -> str:
        """Return a surface form in the case that most candidates gave it."""
        cased = self._cased.get(folded)
        if not cased:
            return folded
        best, count = min(cased.items(), key=lambda pair: (-pair[1], pair[0]))
        return best if count >= self.surfaces[folded] - cased.total() else folded
