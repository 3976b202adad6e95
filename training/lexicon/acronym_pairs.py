"""Which acronyms and long forms are one skill, by what candidates explain in brackets.

An acronym with two meanings is left alone ("BA": business analyst, bachelor of arts), unless one has
CLEAR_LEAD times the candidates of the next; long forms that are spelt nearly alike count as one meaning. And
a meaning that nobody lists as a skill must be that of those who list the acronym: of those who write
"security assessment plan (SAP)" hardly anybody lists SAP. A share of LISTED is asked for.

What is no skill in a skill field ("IT") is none here either, and two letters that nobody lists ("AD") are too
few to be found in a text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from embedsvc.text import normal_form
from training.lexicon.counts import Pair, SkillCounts
from training.lexicon.forms import forms_of
from training.lexicon.initials import same_meaning

CLEAR_LEAD = 4
LISTED = 0.05
_ENOUGH_ASKED = 10  # candidates, before a share says anything
_WELL_KNOWN = 10  # times more candidates list an acronym than explain it: the few may mean something else
_MOST_SPELLINGS = 3
_LEAST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Acronym:
    """A short form and the spellings of the one meaning it has, most used first, with their candidates."""

    short: str
    longs: tuple[tuple[str, int], ...]
    candidates: int


def acronyms(counts: SkillCounts, floor: int, max_words: int) -> Iterator[Acronym]:
    """Yield the acronyms whose meaning is clear, most used first.

    Args:
        counts: Of all candidates.
        floor: Candidates who must explain a pair in the same words.
        max_words: Words of the longest form that can be a skill.
    """
    found: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair, count in counts.pairs.most_common():
        if count >= floor and all(_is_form(part, max_words) for part in pair):
            found[pair.short].append(pair)
    for short, pairs in found.items():
        meant = _clear(pairs, counts.pairs.__getitem__)
        unlisted = counts.keys[normal_form(short)] < floor
        if meant and _fits(short, meant, counts, floor) and not (unlisted and len(short) < _LEAST_LETTERS):
            longs = tuple((pair.long, counts.pairs[pair]) for pair in meant[:_MOST_SPELLINGS])
            yield Acronym(short, longs, sum(count for _, count in longs))


def _clear(pairs: list[Pair], count: Callable[[Pair], int]) -> list[Pair]:
    """Return the pairs of the leading meaning, or none where another one is too near."""
    alike = [pair for pair in pairs if same_meaning(pairs[0].long, pair.long)]
    others = [count(pair) for pair in pairs if pair not in alike]
    return alike if sum(map(count, alike)) >= CLEAR_LEAD * max(others, default=0) else []


def _fits(short: str, meant: list[Pair], counts: SkillCounts, floor: int) -> bool:
    """Say whether the meaning is that of those who list the acronym."""
    if any(counts.keys[normal_form(pair.long)] >= floor for pair in meant):
        return True
    explaining = [counts.evidence(pair) for pair in meant]
    asked = sum(each.candidates for each in explaining)
    listed = sum(each.listing for each in explaining) >= LISTED * asked
    if asked < _ENOUGH_ASKED:
        return counts.keys[normal_form(short)] < _WELL_KNOWN * sum(counts.pairs[pair] for pair in meant)
    return listed


def _is_form(surface: str, max_words: int) -> bool:
    """Say whether the rules for skill fields leave a surface form as it is."""
    return [form.surface for form in forms_of(surface, max_words)] == [surface]
