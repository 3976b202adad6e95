"""Mines the skill lexicon from what candidates list and write.

1. Each entry of a skill field is trimmed or dropped (`forms`); a form counts once for each
   candidate.
2. Floor: a form that fewer than `min_candidates` distinct candidates wrote never enters, so that nothing
   that could point at a person gets into a release. Labels of a public taxonomy are the one exception.
3. Fragments: a word that stands alone in less than 5 % of the candidates who use it at all ("management",
   "desk", "solving") is a piece of other skills, not a skill.
4. Forms with the same normal form are one skill. So are a phrase and its plural ("web service", "web
   services"), a rare misspelling of a common phrase ("project managment"), an acronym and what candidates
   explain it by, in skill fields or in text (`acronym_pairs`), and spelling variants or initials that keep
   the same company (`company`). The name is the form most used.
5. Taxonomies add skills and aliases (`training.taxonomies`).
6. The user's CSV has the last word: `alias,skill` merges, `alias,` takes a form out of its group.
7. How often each form means the skill when a text holds it is counted (`shares`).

The candidates are read twice: once to count, once to see in what company the forms are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from embedsvc.text import Alias, Lexicon, Skill
from embedsvc.text.skills import token_of
from training.lexicon.acronym_pairs import acronyms
from training.lexicon.company import Company, possible_pairs
from training.lexicon.counts import TABLE_LIMIT, SkillCounts
from training.lexicon.forms import Form, forms_of
from training.lexicon.groups import Member, SkillGroups
from training.lexicon.shares import SkillShares
from training.lexicon.user_aliases import read_user_aliases
from training.taxonomies import Concept

FRAGMENT_SHARE = 0.05
_FRAGMENT_EVIDENCE = 40  # candidates who use the word, before the share says anything
_TEXTS = 50_000  # enough to count shares in; evenly spread over the candidates


class Written(NamedTuple):
    """What one candidate wrote.

    Attributes:
        skills: Entries of the skill field.
        text: All other fields, as they are.
    """

    skills: Sequence[str]
    text: str = ""


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
        aliases: Surface forms beside the names, by their source.
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
    aliases: Counter[str] = field(default_factory=Counter)
    unused_aliases: list[str] = field(default_factory=list)
    pruned: int = 0


@dataclass(frozen=True, slots=True)
class MinedLexicon:
    """A lexicon and how it came about."""

    lexicon: Lexicon
    report: MiningReport


def mine(
    candidates: Iterable[Written],
    *,
    min_candidates: int,
    max_words: int = 6,
    user_aliases: Path | None = None,
    concepts: Iterable[Concept] = (),
) -> MinedLexicon:
    """Mine a lexicon from distinct candidates, read twice and never held.

    Args:
        candidates: Can be iterated over again: a list, or an object that reads anew.
        min_candidates: Distinct candidates that must have written a form.
        max_words: Words of the longest form that can be a skill.
        user_aliases: CSV in UTF-8, `alias,skill` in each line; lines that begin with "#" are comments.
        concepts: Of public taxonomies.

    Raises:
        ValueError: `min_candidates` is less than 1, or `candidates` can be read once only.
        SourceNotFoundError: `user_aliases` is not there.
        CorpusError: A line of it has more than two columns or no alias.
    """
    if min_candidates < 1:
        raise ValueError("min_candidates must be at least 1")
    if iter(candidates) is candidates:
        raise ValueError("candidates are read twice: give a list, or an object whose __iter__ reads anew")
    wishes = read_user_aliases(user_aliases) if user_aliases else {}
    report = MiningReport()
    counts = _counted(candidates, max_words, report)
    report.forms = len(counts.surfaces)
    kept = _above_floor(counts, min_candidates, report)
    groups = SkillGroups(kept, counts.keys, wishes)
    groups.merge_plurals()
    groups.merge_misspellings()
    groups.merge_acronyms(acronyms(counts, min_candidates, max_words))
    groups.add_concepts(concepts)
    report.unused_aliases = groups.apply_wishes()
    explained = (pair for pair, count in counts.pairs.items() if count >= min_candidates)
    company = Company(possible_pairs(kept, explained))
    shares = SkillShares(_assembled(groups, counts, report.lists), max_words)
    _seen_again(candidates, max_words, kept, company, shares, report.lists)
    groups.merge_company(company.confirmed())
    lexicon = _assembled(groups, counts, report.lists, shares)
    report.skills = len(lexicon)
    report.aliases.update(alias.source for skill in lexicon for alias in lexicon.aliases(skill.row))
    report.merged = report.aliases.total()
    report.kept = report.skills + report.merged
    return MinedLexicon(lexicon, report)


def mine_lists(
    skill_lists: Iterable[Sequence[str]],
    *,
    min_candidates: int,
    max_words: int = 6,
    user_aliases: Path | None = None,
    concepts: Iterable[Concept] = (),
) -> MinedLexicon:
    """Mine a lexicon from skill lists alone, which are held in memory; arguments are those of `mine`."""
    candidates = [Written(entries) for entries in skill_lists]
    return mine(
        candidates,
        min_candidates=min_candidates,
        max_words=max_words,
        user_aliases=user_aliases,
        concepts=concepts,
    )


def _forms(entries: Iterable[str], max_words: int, dropped: Counter[str]) -> dict[str, Form]:
    """Return the forms of a skill field by folded surface, and count what the rules drop."""
    forms: dict[str, Form] = {}
    for raw in entries:
        for form in forms_of(raw, max_words):
            if form.dropped_by:
                dropped[form.dropped_by] += 1
            else:
                forms.setdefault(form.surface.casefold(), form)
    return forms


def _counted(candidates: Iterable[Written], max_words: int, report: MiningReport) -> SkillCounts:
    counts = SkillCounts()
    for written in candidates:
        report.lists += 1
        report.entries += len(written.skills)
        counts.add(_forms(written.skills, max_words, report.dropped), written.text)
        if counts.size > TABLE_LIMIT:
            report.pruned += 1
            counts.prune(report.pruned)
    return counts


def _above_floor(counts: SkillCounts, min_candidates: int, report: MiningReport) -> dict[str, int]:
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


def _seen_again(
    candidates: Iterable[Written],
    max_words: int,
    kept: Mapping[str, int],
    company: Company,
    shares: SkillShares,
    lists: int,
) -> None:
    every = -(-lists // _TEXTS)
    for number, written in enumerate(candidates):
        company.add(_forms(written.skills, max_words, Counter()).keys() & kept.keys())
        if number % every == 0:
            shares.add(written.skills, written.text)


def _assembled(
    groups: SkillGroups, counts: SkillCounts, lists: int, shares: SkillShares | None = None
) -> Lexicon:
    """Name each group, order the groups by use, and give the rows."""
    named = [(min(lists, groups.candidates(members)), _name(members), members) for members in groups]
    named.sort(key=lambda group: (-group[0], group[1]))
    skills: list[Skill] = []
    aliases: list[Alias] = []
    tokens = _Tokens()
    for row, (candidates, name, members) in enumerate(named):
        shown = counts.display(name)
        skills.append(Skill(row, shown, tokens.of(name), candidates, *_measured(shares, shown)))
        for member in members:
            if member.surface != name:
                shown = counts.display(member.surface)
                measured = _measured(shares, shown)
                aliases.append(Alias(shown, row, member.candidates, member.source, *measured))
    return Lexicon(skills, aliases)


def _name(members: Sequence[Member]) -> str:
    """Return the name of a group: the form most used, the label where nobody uses one; never a wish."""
    own = [member for member in members if member.source != "user"] or members
    return min(own, key=lambda m: (-m.candidates, not m.label, len(m.surface), m.surface)).surface


def _measured(shares: SkillShares | None, surface: str) -> tuple[float, ...]:
    return shares.of(surface) if shares is not None else ()


class _Tokens:
    """Gives each skill a token that no other one has."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        token, again = token_of(name), 1
        while token in self._taken:
            again += 1
            token = f"{token_of(name)}_{again}"
        self._taken.add(token)
        return token
