"""Mines the skill lexicon from the skill fields of the candidates.

1. Each entry is trimmed or dropped (`training.skill_forms`); a form counts once for each candidate.
2. Floor: a form that fewer than `min_candidates` distinct candidates wrote never enters, so that nothing
   that could point at a person gets into a release.
3. Fragments: a word that stands alone in less than 5 % of the candidates who use it at all ("management",
   "desk", "solving") is a piece of other skills, not a skill.
4. Forms with the same normal form are one skill. So are a phrase and its plural ("web service", "web
   services"), a rare misspelling of a common phrase ("project managment"), and a long form and its acronym
   that candidates wrote side by side ("search engine optimization (seo)"). Its name is the form most used.
5. The user's CSV has the last word: `alias,skill` merges, `alias,` takes a form out of its group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embedsvc.text import Alias, Lexicon, Skill
from embedsvc.text.skills import Source, token_of
from training.skill_forms import Form, forms_of
from training.skill_groups import SkillGroups, read_user_aliases

FRAGMENT_SHARE = 0.05
_FRAGMENT_EVIDENCE = 40  # candidates who use the word, before the share says anything
_TABLE_LIMIT = 2_000_000  # distinct forms held at once; about 400 MB


@dataclass(slots=True)
class MiningReport:
    """What was read, kept and dropped.

    Attributes:
        lists: Skill lists read, one for each candidate.
        entries: Entries in them.
        forms: Distinct surface forms that passed the rules.
        kept: Surface forms in the lexicon.
        skills: Skills in the lexicon.
        merged: Surface forms beside the names of their skills.
        dropped: By rule: entries for the rules of `skill_forms`, distinct forms for "rare" and "fragment".
        unused_aliases: The user's aliases whose skill nobody has.
        pruned: How often the table of rare forms was cut to stay in memory; counts may be short by as much.
    """

    lists: int = 0
    entries: int = 0
    forms: int = 0
    kept: int = 0
    skills: int = 0
    merged: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    unused_aliases: list[str] = field(default_factory=list)
    pruned: int = 0


@dataclass(frozen=True, slots=True)
class MinedLexicon:
    """A lexicon and how it came about."""

    lexicon: Lexicon
    report: MiningReport


class _Counts:
    """Distinct candidates of surface forms (case folded), normal forms, words and acronym pairs."""

    def __init__(self) -> None:
        self.surfaces: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        self._cased: dict[str, Counter[str]] = {}

    def add(self, forms: Mapping[str, Form]) -> None:
        """Count the forms of one candidate, given by folded surface."""
        self.surfaces.update(forms.keys())
        self.keys.update({form.key for form in forms.values()})
        self.words.update({word for surface in forms for word in surface.split()})
        self.pairs.update({(form.short, form.key) for form in forms.values() if form.short})
        for folded, form in forms.items():
            if folded != form.surface:
                self._cased.setdefault(folded, Counter())[form.surface] += 1

    def prune(self, floor: int) -> None:
        """Forget what was counted no more than `floor` times (lossy counting, Manku and Motwani 2002)."""
        for table in (self.surfaces, self.keys, self.words, self.pairs):
            for entry in [entry for entry, count in table.items() if count <= floor]:
                del table[entry]
        self._cased = {folded: cased for folded, cased in self._cased.items() if folded in self.surfaces}

    def display(self, folded: str) -> str:
        """Return a surface form in the case that most candidates gave it."""
        cased = self._cased.get(folded)
        if not cased:
            return folded
        best, count = min(cased.items(), key=lambda pair: (-pair[1], pair[0]))
        return best if count >= self.surfaces[folded] - cased.total() else folded


def mine(
    skill_lists: Iterable[Sequence[str]],
    *,
    min_candidates: int,
    max_words: int = 6,
    user_aliases: Path | None = None,
) -> MinedLexicon:
    """Mine a lexicon from the skill lists of distinct candidates, read once and never held.

    Args:
        skill_lists: One list of entries for each candidate.
        min_candidates: Distinct candidates that must have written a form.
        max_words: Words of the longest form that can be a skill.
        user_aliases: CSV in UTF-8, `alias,skill` in each line; lines that begin with "#" are comments.

    Raises:
        ValueError: `min_candidates` is less than 1.
        SourceNotFoundError: `user_aliases` is not there.
        CorpusError: A line of it has more than two columns or no alias.
    """
    if min_candidates < 1:
        raise ValueError("min_candidates must be at least 1")
    wishes = read_user_aliases(user_aliases) if user_aliases else {}
    report = MiningReport()
    counts = _counted(skill_lists, max_words, report)
    report.forms = len(counts.surfaces)
    kept = _above_floor(counts, min_candidates, report)
    groups = SkillGroups(kept, counts.keys, wishes)
    groups.merge_plurals()
    groups.merge_misspellings()
    groups.merge_acronyms(pair for pair in counts.pairs.most_common() if pair[1] >= min_candidates)
    report.unused_aliases = groups.apply_wishes()
    lexicon = _assembled(groups, kept, counts, report.lists)
    report.skills = len(lexicon)
    report.merged = sum(len(lexicon.aliases(skill.row)) for skill in lexicon)
    report.kept = report.skills + report.merged
    return MinedLexicon(lexicon, report)


def _counted(skill_lists: Iterable[Sequence[str]], max_words: int, report: MiningReport) -> _Counts:
    counts = _Counts()
    for entries in skill_lists:
        report.lists += 1
        report.entries += len(entries)
        forms: dict[str, Form] = {}
        for raw in entries:
            for form in forms_of(raw, max_words):
                if form.dropped_by:
                    report.dropped[form.dropped_by] += 1
                else:
                    forms.setdefault(form.surface.casefold(), form)
        counts.add(forms)
        if len(counts.surfaces) > _TABLE_LIMIT:
            report.pruned += 1
            counts.prune(report.pruned)
    return counts


def _above_floor(counts: _Counts, min_candidates: int, report: MiningReport) -> dict[str, int]:
    """Return candidates by folded surface form for the forms that are common enough and no fragments."""
    kept: dict[str, int] = {}
    for surface, candidates in counts.surfaces.items():
        users = counts.words[surface]  # 0 for a form of several words
        if candidates < min_candidates:
            report.dropped["rare"] += 1
        elif users >= _FRAGMENT_EVIDENCE and candidates < FRAGMENT_SHARE * users:
            report.dropped["fragment"] += 1
        else:
            kept[surface] = candidates
    return kept


def _assembled(groups: SkillGroups, kept: Mapping[str, int], counts: _Counts, lists: int) -> Lexicon:
    """Name each group, order the groups by use, and give the rows."""
    named: list[tuple[int, str, list[str]]] = []
    for surfaces in groups:
        own = [surface for surface in surfaces if not groups.is_wished(surface)] or surfaces
        name = min(own, key=lambda surface: (-kept.get(surface, 0), len(surface), surface))
        named.append((min(lists, groups.candidates(surfaces)), name, surfaces))
    named.sort(key=lambda group: (-group[0], group[1]))
    skills: list[Skill] = []
    aliases: list[Alias] = []
    taken: set[str] = set()
    for row, (candidates, name, surfaces) in enumerate(named):
        token, again = token_of(name), 1
        while token in taken:
            again += 1
            token = f"{token_of(name)}_{again}"
        taken.add(token)
        skills.append(Skill(row, counts.display(name), token, candidates))
        for surface in surfaces:
            if surface != name:
                source: Source = "user" if groups.is_wished(surface) else "mined"
                aliases.append(Alias(counts.display(surface), row, kept.get(surface, 0), source))
    return Lexicon(skills, aliases)
