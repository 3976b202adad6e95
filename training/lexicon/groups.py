"""Which surface forms are one skill, and why: each way of merging is a method, and names itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from embedsvc.text import normal_form
from embedsvc.text.skills import Source
from training.lexicon.acronym_pairs import Acronym
from training.lexicon.company import Confirmed
from training.taxonomies import Concept

# Words that end in "s" and are no plural, or mean something else without it.
_NO_PLURAL = re.compile(r"(?:ss|us|is|os|as|ics|ops|js|ws)$")


@dataclass(frozen=True, slots=True)
class Member:
    """A surface form in a group.

    Attributes:
        surface: As written; folded where it came from candidates.
        source: Why it is in the group.
        candidates: Distinct candidates who wrote it; 0 where nobody did, or too few.
        label: Whether it is the label of a taxonomy's skill.
    """

    surface: str
    source: Source
    candidates: int
    label: bool = False


class SkillGroups:
    """Groups of surface forms; iterating gives each group as a list, most used form first.

    A group begins as all the forms of one normal form. A form that the user's CSV names leaves its group
    first and is then put where the user wants it, so one line undoes a merge.

    Args:
        kept: Candidates by folded surface form.
        keys: Candidates by normal form.
        wishes: Skill by folded alias, from `read_user_aliases`; "" for a form that shall stand alone.
    """

    def __init__(self, kept: Mapping[str, int], keys: Mapping[str, int], wishes: Mapping[str, str]) -> None:
        self._kept = kept
        self._keys = keys
        self._wishes = wishes
        self._parents = {self._node(surface): self._node(surface) for surface in kept}
        self._written = frozenset(self._parents)
        self._why: dict[str, Source] = {}
        self._why_into: dict[str, Source] = {}
        self._added: dict[str, tuple[str, Member]] = {}

    def _node(self, surface: str) -> str:
        folded = " ".join(surface.casefold().split())
        # No surface form holds a NUL, so this is nobody's normal form.
        return f"\0{folded}" if folded in self._wishes else normal_form(folded)

    def _root(self, node: str) -> str:
        while (parent := self._parents[node]) != node:
            self._parents[node] = node = self._parents[parent]
        return node

    def _merge(self, node: str, into: str, why: Source) -> None:
        root, target = self._root(node), self._root(into)
        if root != target:
            self._parents[root] = target
            self._why.setdefault(node, why)
            self._why_into.setdefault(into, why)

    def _add(self, member: Member, node: str, into: str) -> None:
        """Put a form that no candidate field holds into the group of `into`."""
        self._parents.setdefault(node, node)
        if node != into:
            self._parents[self._root(node)] = self._root(into)
        self._added.setdefault(" ".join(member.surface.casefold().split()), (node, member))

    def __iter__(self) -> Iterator[list[Member]]:
        groups: dict[str, list[str]] = {}
        for surface in sorted(self._kept, key=lambda form: (-self._kept[form], form)):
            groups.setdefault(self._root(self._node(surface)), []).append(surface)
        added: dict[str, list[Member]] = {}
        for surface, (node, member) in self._added.items():
            if surface not in self._kept:
                added.setdefault(self._root(node), []).append(member)
        for root in dict.fromkeys([*groups, *added]):
            yield [*self._members(groups.get(root, ())), *added.get(root, ())]

    def _members(self, surfaces: Sequence[str]) -> Iterator[Member]:
        if not surfaces:
            return
        home = self._node(surfaces[0])
        for surface in surfaces:
            node = self._node(surface)
            why: Source = "mined"
            if self._wishes.get(surface):
                why = "user"
            elif node != home:
                why = self._why.get(node) or self._why.get(home) or self._why_into.get(node, "mined")
            yield Member(surface, why, self._kept[surface])

    def candidates(self, members: Iterable[Member]) -> int:
        """Return the candidates of a group.

        Exact for one normal form; over several, one who wrote two of them is counted for each.
        """
        total = 0
        for node in {self._node(member.surface) for member in members} & self._written:
            if node.startswith("\0"):
                total += self._kept.get(node[1:], 0)
            else:
                left = sum(self._kept.get(form, 0) for form in self._wishes if normal_form(form) == node)
                total += max(1, self._keys[node] - left)
        return total

    def merge_plurals(self) -> None:
        """Merge phrases that differ by the plural of their last word."""
        for surface in self._kept:
            first, _, last = surface.rpartition(" ")
            node = self._node(surface)
            if first and node in self._parents:
                for singular in singulars(last):
                    other = normal_form(f"{first} {singular}")
                    if other != node and other in self._parents:
                        self._merge(node, other, "plural")

    def merge_misspellings(self) -> None:
        """Merge a phrase into one at least 20 times as common that differs by one edit in one word.

        The word has 6 letters or more and the same first letter in both ("project managment"). Single words
        are left alone: "jython" is no error for "python".
        """
        alike: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for surface in sorted(self._kept, key=lambda form: (-self._kept[form], form)):
            words = surface.split()
            for at, word in enumerate(words):
                if len(words) == 1 or len(word) < 6 or self._node(surface) not in self._parents:
                    continue
                frame = (*words[:at], f"{word[0]}_", *words[at + 1 :])
                for usual, usual_word in alike.get(frame, ()):
                    common = self._kept[usual] >= 20 * self._kept[surface]
                    if common and OSA.distance(word, usual_word, score_cutoff=1) == 1:
                        self._merge(self._node(surface), self._node(usual), "spelling")
                        break
                alike.setdefault(frame, []).append((surface, word))

    def merge_company(self, pairs: Iterable[Confirmed]) -> None:
        """Merge pairs of folded surface forms that company confirmed; those the user speaks of are left."""
        for rare, usual, kind in pairs:
            if rare not in self._wishes and usual not in self._wishes:
                why: Source = "acronym" if kind == "initials" else "context"
                self._merge(self._node(rare), self._node(usual), why)

    def merge_acronyms(self, acronyms: Iterable[Acronym]) -> None:
        """Merge short forms with their long ones; what nobody lists joins what somebody does."""
        for acronym in acronyms:
            if acronym.short in self._wishes:
                continue
            listed = [long for long, _ in acronym.longs if self._node(long) in self._written]
            short = self._node(acronym.short)
            if short in self._written:
                home = short
            elif listed:
                home = self._node(listed[0])
                self._add(Member(acronym.short.upper(), "acronym", acronym.candidates), short, home)
            else:
                continue
            for long, count in acronym.longs:
                node = self._node(long)
                if long in self._wishes:
                    continue
                if node in self._written:
                    self._merge(home, node, "acronym")
                elif node not in self._parents:
                    self._add(Member(long, "acronym", count), node, home)

    def add_concepts(self, concepts: Iterable[Concept]) -> None:
        """Add the skills of taxonomies, and their other labels to those.

        A label that candidates write, or an earlier concept has, names that skill and no new one. Another
        label that two concepts share says nothing, and neither does one that is a skill of its own.
        """
        homes: list[tuple[Concept, str]] = []
        for concept in concepts:
            nodes = [self._node(name) for name in concept.names]
            home = next((node for node in nodes if node in self._parents), nodes[0])
            homes.append((concept, home))
            if nodes[0] not in self._parents:
                self._add(Member(concept.label, concept.source, 0, label=True), nodes[0], home)
        shared = Counter(
            node for concept, _ in homes for node in {self._node(other) for other in self._others(concept)}
        )
        for concept, home in homes:
            for other in self._others(concept):
                node = self._node(other)
                if shared[node] == 1 and node not in self._parents:
                    self._add(Member(other, concept.source, 0), node, home)

    def _others(self, concept: Concept) -> list[str]:
        spoken_for = [*concept.names[1:], *concept.others]
        return [other for other in spoken_for if not self._node(other).startswith("\0")]

    def apply_wishes(self) -> list[str]:
        """Put the user's aliases where the user wants them; return those whose skill nobody has."""
        unused: list[str] = []
        for alias, skill in self._wishes.items():
            if not skill:
                continue
            target = self._node(skill)
            if target not in self._parents:
                unused.append(alias)
                continue
            node = self._node(alias)
            self._add(Member(alias, "user", 0), node, target)
        return unused


def singulars(word: str) -> list[str]:
    """Return what `word` may be the plural of: "queries" gives "query", "services" gives "service"."""
    if len(word) < 4 or not word.endswith("s") or _NO_PLURAL.search(word):
        return []
    if word.endswith("ies"):
        return [word[:-3] + "y"]
    if re.search(r"(?:sh|ch|x|ss)es$", word):
        return [word[:-2]]
    return [word[:-1]]
