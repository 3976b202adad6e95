"""Acronyms by their initials: "sem" and "search engine marketing" where the same people list them.

Brackets explain some acronyms (`acronym_pairs`); many more stand in the same skill field as what they stand
for, or in the fields of people who list the same other skills. A long form of three words or more whose
initials are the acronym is a possible meaning. Company decides (`company`): how much the two have in common,
that some write both, and that no other meaning comes near. An acronym that texts explain in another way is
left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import fuzz

from embedsvc.text import normal_form
from training.lexicon.counts import Pair as Explained

_SHORTEST, _LONGEST = 3, 6  # letters
_ALIKE = 85  # per cent of letters in common, of two spellings of one meaning
_LEAD = 0.6  # greatest likeness of another meaning, as a share of the first one's


def initial_pairs(surfaces: Iterable[str], explained: Iterable[Explained] = ()) -> Iterator[tuple[str, str]]:
    """Yield (acronym, long form) of folded surface forms that initials allow, in linear time.

    Args:
        surfaces: Folded surface forms.
        explained: What texts say acronyms mean.
    """
    meanings: defaultdict[str, list[str]] = defaultdict(list)
    for pair in explained:
        meanings[pair.short.casefold()].append(pair.long)
    longs: defaultdict[str, list[str]] = defaultdict(list)
    ordered = sorted(surfaces)
    for surface in ordered:
        words = surface.replace("-", " ").split()
        if len(words) >= _SHORTEST:
            longs["".join(word[0] for word in words)].append(surface)
    for short in ordered:
        if _SHORTEST <= len(short) <= _LONGEST and short.isalpha():
            for long in longs.get(short, ()):
                if all(same_meaning(long, other) for other in meanings[short]):
                    yield short, long


def leading(meanings: Sequence[tuple[float, str]]) -> list[str]:
    """Return the spellings of the one meaning that leads, or none where another comes near.

    Args:
        meanings: Likeness to the acronym and long form of each.
    """
    first, best = max(meanings, key=lambda meaning: (meaning[0], meaning[1]))
    spellings = [long for _, long in meanings if same_meaning(best, long)]
    others = [alike for alike, long in meanings if long not in spellings]
    return spellings if max(others, default=0.0) <= _LEAD * first else []


def same_meaning(one: str, other: str) -> bool:
    """Say whether two long forms are spelt so nearly alike that they mean the same."""
    return fuzz.ratio(normal_form(one), normal_form(other)) >= _ALIKE
