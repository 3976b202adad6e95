"""Which surface forms are one skill: by normal form, by plural, by acronym, and as the user wishes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rapidfuzz.distance import OSA

from embedsvc.errors import CorpusError, SourceNotFoundError
from embedsvc.text import normal_form

# Words that end in "s" and are no plural, or mean something else without it.
_NO_PLURAL = re.compile(r"(?:ss|us|is|os|as|ics|ops|js|ws)$")


class SkillGroups:
    """Groups of folded surface forms; iterating gives each group as a list, most used form first.

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
        self._added: dict[str, str] = {}

    def _node(self, surface: str) -> str:
        # No surface form holds a NUL, so this is nobody's normal form.
        return f"\0{surface}" if surface in self._wishes else normal_form(surface)

    def _root(self, node: str) -> str:
        while (parent := self._parents[node]) != node:
            node = parent
        return node

    def _merge(self, node: str, into: str) -> None:
        self._parents[self._root(node)] = self._root(into)

    def __iter__(self) -> Iterator[list[str]]:
        groups: dict[str, list[str]] = {}
        for surface in sorted(self._kept, key=lambda form: (-self._kept[form], form)):
            groups.setdefault(self._root(self._node(surface)), []).append(surface)
        for surface, node in self._added.items():
            groups[self._root(node)].append(surface)
        return iter(groups.values())

    def is_wished(self, surface: str) -> bool:
        """Say whether the user's CSV gives `surface` to a skill."""
        return bool(self._wishes.get(surface))

    def candidates(self, surfaces: Iterable[str]) -> int:
        """Return the candidates of a group.

        Exact for one normal form; over several, one who wrote two of them is counted for each.
        """
        total = 0
        for node in {self._node(surface) for surface in surfaces}:
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
                        self._merge(node, other)

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
                        self._merge(self._node(surface), self._node(usual))
                        break
                alike.setdefault(frame, []).append((surface, word))

    def merge_acronyms(self, pairs: Iterable[tuple[tuple[str, str], int]]) -> None:
        """Merge ((short, long), candidates) pairs of normal forms, most used first.

        A short form with two long ones is left alone unless the first has at least 4 times the candidates.
        """
        longs: dict[str, list[tuple[str, int]]] = {}
        for (short, long), count in pairs:
            longs.setdefault(short, []).append((long, count))
        for short, found in longs.items():
            clear = len(found) == 1 or found[0][1] >= 4 * found[1][1]
            if clear and short in self._parents and found[0][0] in self._parents:
                self._merge(short, found[0][0])

    def apply_wishes(self) -> list[str]:
        """Put the user's aliases where the user wants them; return those whose skill nobody has."""
        unused: list[str] = []
        for alias, skill in self._wishes.items():
            target = self._node(" ".join(skill.casefold().split())) if skill else ""
            if not skill:
                continue
            if target not in self._parents:
                unused.append(alias)
                continue
            node = self._node(alias)
            if node not in self._parents:
                self._parents[node] = node
                self._added[alias] = node
            self._merge(node, target)
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


def read_user_aliases(path: Path) -> dict[str, str]:
    """Read `alias,skill` lines: skill by folded alias, "" where the alias shall stand alone.

    Raises:
        SourceNotFoundError: The file is not there.
        CorpusError: It is not UTF-8, or a line has no alias or more than two columns.
    """
    wishes: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.reader(lines), start=1):
                cells = [" ".join(cell.split()) for cell in row]
                if not any(cells) or cells[0].startswith("#"):
                    continue
                if len(cells) != 2 or not cells[0]:
                    raise CorpusError(
                        f"Line {number} of the alias file is not `alias,skill`: mend it, or begin it with #.",
                        details={"line": number},
                    )
                wishes[cells[0].casefold()] = cells[1]
    except FileNotFoundError as fault:
        raise SourceNotFoundError(f"The alias file {path.name} is not there: check the path.") from fault
    except (UnicodeDecodeError, csv.Error) as fault:
        raise CorpusError(f"The alias file {path.name} is not CSV in UTF-8: save it as such.") from fault
    return wishes
