"""The company a surface form keeps: spelling variants are confirmed by what else their writers list.

"optimisation" and "optimization" are written by different people who list the same other skills; "sprint" and
"spring" are not. Two forms are looked at where they differ in one word, by one edit (insertion, deletion,
replacement, or a swap of neighbours) that changes neither its first letter nor a digit, "+" or "#", or where
one is the initials of the other (`initials`). What they must have in common then depends on what makes them a
pair (`KINDS`): a habit of British or American spelling or a plural, a slip in a long word, or a slip in a
short one, which is mostly another word ("scala", "scale"), or initials.

Common is the cosine of the co-occurrence profiles (log counts, weighted by inverse list frequency). Of two
spellings people write one: a pair that many list together is a pair of skills. An acronym and what it stands
for are listed together by some who want to be found by either.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import OSA

from training.lexicon.counts import Pair as Explained
from training.lexicon.initials import initial_pairs, leading

_EXACT_PART = re.compile(r"[0-9+#]")
_SHORTEST_WORD = 4
# British and American, each side as it is spelt around the edit.
_HABITS = (
    ("is", "iz"),
    ("ys", "yz"),
    ("our", "or"),
    ("ell", "el"),
    ("tre", "ter"),
    ("mme", "m"),
    ("ae", "e"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a pair must show to be one skill.

    Attributes:
        alike: Least cosine of the profiles.
        rarer: How many times more common the usual form must be.
        both: Greatest share of the writers of the rarer form who list both.
        joint: Fewest who list both.
    """

    alike: float
    rarer: float
    both: float
    joint: int = 0


KINDS = {
    "habit": Kind(alike=0.1, rarer=1, both=0.3),
    "long word": Kind(alike=0.3, rarer=4, both=0.1),
    "short word": Kind(alike=0.4, rarer=20, both=0.05),
    "initials": Kind(alike=0.5, rarer=1, both=1.0, joint=2),
}
_LONG = 7  # letters


@dataclass(frozen=True, slots=True)
class Pair:
    """Two surface forms that could be one skill; of initials, `one` is the acronym."""

    one: str
    other: str
    kind: str


class Confirmed(NamedTuple):
    """Two surface forms that are one skill."""

    rare: str
    usual: str
    kind: str


def possible_pairs(surfaces: Collection[str], explained: Iterable[Explained] = ()) -> Iterator[Pair]:
    """Yield what could be one skill among folded surface forms: by an edit, or by initials."""
    yield from near_pairs(surfaces)
    for short, long in initial_pairs(surfaces, explained):
        yield Pair(short, long, "initials")


def near_pairs(surfaces: Iterable[str]) -> Iterator[Pair]:
    """Yield the pairs of folded surface forms that differ by one edit in one word, in linear time."""
    alike: defaultdict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for surface in sorted(surfaces):
        words = surface.split()
        for at, word in enumerate(words):
            if len(word) < _SHORTEST_WORD:
                continue
            frame = (*words[:at], "", *words[at + 1 :])
            found: dict[str, str] = {}
            for shape in _shapes(word):
                key = (shape, *frame)
                found.update(alike[key])
                alike[key].append((surface, word))
            for other, other_word in found.items():
                if other != surface and (kind := _kind(word, other_word)):
                    yield Pair(other, surface, kind)


def _shapes(word: str) -> set[str]:
    """Return the word and what is left of it without one letter: one edit apart share one of them."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(1, len(word)))}


def _kind(one: str, other: str) -> str:
    if (
        _EXACT_PART.findall(one) != _EXACT_PART.findall(other)
        or OSA.distance(one, other, score_cutoff=1) != 1
    ):
        return ""
    short, long = sorted((one, other), key=len)
    if long == short + "s" or any(
        long.replace(british, american) == short.replace(british, american) for british, american in _HABITS
    ):
        return "habit"
    return "long word" if len(short) >= _LONG else "short word"


class Company:
    """Co-occurrence profiles of the forms of some pairs.

    Args:
        pairs: Of folded surface forms.
    """

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._pairs = list(pairs)
        self._profiles: dict[str, Counter[str]] = {}
        self._partners: defaultdict[str, set[str]] = defaultdict(set)
        for pair in self._pairs:
            for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
                self._profiles[one] = Counter()
                self._partners[one].add(other)
        self._both: Counter[tuple[str, str]] = Counter()
        self._lists: Counter[str] = Counter()
        self._total = 0

    def add(self, surfaces: set[str]) -> None:
        """Count one candidate's list, as folded surface forms."""
        self._total += 1
        self._lists.update(surfaces)
        for surface in surfaces & self._profiles.keys():
            # A spelling is no company of the other one.
            self._profiles[surface].update(surfaces - self._partners[surface] - {surface})
            self._both.update((surface, partner) for partner in self._partners[surface] & surfaces)

    def confirmed(self) -> Iterator[Confirmed]:
        """Yield the pairs that are one skill, best confirmed first."""
        weights = {surface: math.log(1 + self._total / count) for surface, count in self._lists.items()}
        vectors = {surface: _unit(profile, weights) for surface, profile in self._profiles.items()}
        alike = {pair: _dot(vectors[pair.one], vectors[pair.other]) for pair in self._pairs}
        clear = _clear(alike)
        found = []
        for pair, likeness in alike.items():
            rare, usual = sorted((pair.one, pair.other), key=lambda form: (self._lists[form], form))
            if self._is_one(pair.kind, likeness, rare, usual) and (pair.kind != "initials" or pair in clear):
                found.append((-likeness, Confirmed(rare, usual, pair.kind)))
        for _, confirmed in sorted(found):
            yield confirmed

    def _is_one(self, kind: str, likeness: float, rare: str, usual: str) -> bool:
        needed, both = KINDS[kind], self._both[rare, usual]
        return (
            likeness >= needed.alike
            and self._lists[usual] >= needed.rarer * self._lists[rare]
            and needed.joint <= both <= needed.both * self._lists[rare]
        )


def _clear(alike: Mapping[Pair, float]) -> set[Pair]:
    """Return the pairs of acronyms with what they stand for where no other meaning comes near."""
    meanings: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in alike:
        if pair.kind == "initials":
            meanings[pair.one].append(pair)
    clear: set[Pair] = set()
    for pairs in meanings.values():
        spellings = leading([(alike[pair], pair.other) for pair in pairs])
        clear.update(pair for pair in pairs if pair.other in spellings)
    return clear


def _unit(profile: Mapping[str, int], weights: Mapping[str, float]) -> dict[str, float]:
    vector = {key: math.log1p(count) * weights[key] for key, count in profile.items()}
    norm = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {key: value / norm for key, value in vector.items()}


def _dot(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    if len(one) > len(other):
        one, other = other, one
    return sum(value * other.get(key, 0.0) for key, value in one.items())
