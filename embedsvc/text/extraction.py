"""Extraction: which skills a text names, and where.

1. The longest surface form wins, from left to right, whole words only, never across a comma, a full stop or a
   line (`embedsvc.text.views` says what a word is). A form is also found in its other spellings: "react.js"
   in "React JS" and "reactjs", "web-services" in "web services".
2. Each surface form carries how often it means the skill, written as a word ("go") and as a name ("Go"):
   `Skill.as_word` and `as_name`, shares in [0, 1] that were measured when the lexicon was mined. A capital
   counts where it says something: not at the start of a sentence or line, not among other words in capitals.
   From ACCEPTED on (for forms of several words from ACCEPTED_PHRASE on) the form is a skill.
3. Below that, a form with a capital is a skill in an enumeration only ("Python, Go and R"): beside a skill,
   with nothing between but commas, slashes, "and" or the like, and from IN_LIST on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from embedsvc.text.lexicon import Lexicon
from embedsvc.text.views import Positions, TextView, laid_out

ACCEPTED_WORD = 0.05
ACCEPTED_NAME = 0.03
ACCEPTED_PHRASE = 0.001
IN_LIST = 0.015

# "pl/sql" is also "plsql", but "b.e" must not catch every "be".
_SHORTEST_JOINED = 5
_SEPARATOR = re.compile(r"[\s\-_/.*']+")
_DOTNET = re.compile(r" ?\.net\b|(?<!\w)dot[ -]?net\b", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[,;/|&+\u2022\u00b7\n-]|and\b|or\b|\s)+\s*", re.IGNORECASE)
_LONGEST_GAP = 12  # characters between two items of an enumeration
_STARTS_SENTENCE = ".!?:\n\r\u2022\u00b7*-"


class Mention(NamedTuple):
    """A skill named in a text.

    Attributes:
        row: The skill.
        start: Where in the text, in characters.
        end: Where it ends; `text[start:end]` is the form as written.
        step: How the form names the skill, as in `embedsvc.text.skills.Match`.
    """

    row: int
    start: int
    end: int
    step: Literal["exact", "alias"]


# tuple.__new__ itself: to make a tuple of what is a tuple already takes a third of the time.
_MENTION = partial(tuple.__new__, Mention)


_NO, _IN_LIST, _YES = range(3)  # plain numbers: they are compared for every other match


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A surface form to search for, and what it is as a word and as a name."""

    surface: str
    row: int
    step: Literal["exact", "alias"]
    as_word: int
    as_name: int


class Extractor:
    """Finds the skills of a lexicon in texts; immutable, safe to share between threads.

    Args:
        lexicon: The skills.
        judge: False finds every mention of a surface form, which is what a plain dictionary does.
    """

    def __init__(self, lexicon: Lexicon, *, judge: bool = True) -> None:
        patterns = _patterns(lexicon)
        if judge:
            patterns = {key: facts for key, facts in patterns.items() if facts.as_word or facts.as_name}
        self._facts = list(patterns.values())
        sure = [facts.as_word == facts.as_name == _YES for facts in self._facts]
        self._sure = np.array(sure, bool) if judge else np.ones(len(sure), bool)
        self._rows = np.array([facts.row for facts in self._facts], np.int64)
        self._as_word = np.array([facts.as_word == _YES for facts in self._facts], bool)
        self._steps = [facts.step for facts in self._facts]
        self._search = BytesAhoCorasick(
            list(patterns), matchkind=MatchKind.LeftmostLongest, implementation=Implementation.ContiguousNFA
        )

    def extract(self, text: str) -> list[Mention]:
        """Return the mentions in `text`, in order; no two overlap. Linear in the length of the text."""
        patterns, starts, ends = self._found(text)
        kept = self._judged(text, patterns, starts, ends)
        patterns = patterns[kept]
        steps = map(self._steps.__getitem__, patterns.tolist())
        rows = self._rows[patterns].tolist()
        return list(map(_MENTION, zip(rows, starts[kept].tolist(), ends[kept].tolist(), steps, strict=True)))

    def surfaces(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Yield (surface form of the lexicon, start, end) of all that could be a mention, unjudged."""
        for pattern, start, end in zip(*(column.tolist() for column in self._found(text)), strict=True):
            yield self._facts[pattern].surface, start, end

    def _found(self, text: str) -> tuple[Positions, Positions, Positions]:
        """Return the pattern, the start and the end of each match."""
        view = TextView(text)
        found = self._search.find_matches_as_indexes(view.laid_out)
        matches = np.fromiter(chain.from_iterable(found), np.int64, 3 * len(found)).reshape(-1, 3)
        return matches[:, 0], *view.spans(matches[:, 1], matches[:, 2])

    def _judged(
        self, text: str, patterns: Positions, starts: Positions, ends: Positions
    ) -> npt.NDArray[np.bool_]:
        """Return which of the matches are mentions."""
        kept = self._sure[patterns]
        unsure = np.flatnonzero(~kept)
        # Most mentions are plainly in lower case: those are done at once, the others one by one.
        letters = np.frombuffer((text + " ").encode("utf-32-le", "surrogatepass"), "<u4")
        plain = _is_plain(letters[starts[unsure]]) & _is_plain(letters[starts[unsure] + 1])
        kept[unsure[plain]] = self._as_word[patterns[unsure[plain]]]
        left = unsure[~plain]
        columns = zip(
            left.tolist(), patterns[left].tolist(), starts[left].tolist(), ends[left].tolist(), strict=True
        )
        for at, pattern, start, end in columns:
            facts = self._facts[pattern]
            if text[start:end].islower():
                kept[at] = facts.as_word == _YES
                continue
            verdict = facts.as_name if is_name(text, start, end) else facts.as_word
            in_list = verdict != _YES and facts.as_name != _NO
            kept[at] = verdict == _YES or (in_list and self._beside_a_skill(text, at, patterns, starts, ends))
        return kept

    def _beside_a_skill(
        self, text: str, at: int, patterns: Positions, starts: Positions, ends: Positions
    ) -> bool:
        for before, after in ((at - 1, at), (at, at + 1)):
            other = before if before != at else after
            if 0 <= other < len(patterns) and self._sure[patterns[other]]:
                gap = (
                    text[ends[before] : starts[after]] if starts[after] - ends[before] <= _LONGEST_GAP else ""
                )
                if gap.strip() and _BETWEEN.fullmatch(gap):
                    return True
        return False


def _is_plain(letters: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Say which characters are of ASCII and no capitals; about all others more must be asked."""
    return (letters < 128) & ((letters < ord("A")) | (letters > ord("Z")))


def is_name(text: str, start: int, end: int) -> bool:
    """Say whether `text[start:end]` has a capital that a sentence or a heading did not ask for."""
    form = text[start:end]
    if form.islower():
        return False
    rest = form[1:]
    if form.isupper() and rest:
        return not (_shouted(text[max(0, start - 30) : start], -1) or _shouted(text[end : end + 30], 0))
    if rest and not rest.islower():
        return rest != rest.lower()
    before = text[max(0, start - 10) : start].rstrip(" \t\u00a0")
    return bool(before) and before[-1] not in _STARTS_SENTENCE


def _shouted(context: str, nearest: int) -> bool:
    """Say whether the word of `context` nearest to the form is in capitals and long enough to be a word."""
    words = context.split()
    return bool(words) and len(words[nearest]) > 4 and words[nearest].isupper()


def _patterns(lexicon: Lexicon) -> dict[bytes, _Pattern]:
    """Map each laid-out surface form to its skill: forms as written first, names before aliases."""
    forms: list[tuple[str, int, float, float]] = [
        (skill.name, skill.row, skill.as_word, skill.as_name) for skill in lexicon
    ]
    forms += [(a.surface, a.row, a.as_word, a.as_name) for s in lexicon for a in lexicon.aliases(s.row)]
    patterns: dict[bytes, _Pattern] = {}
    for spellings in (_as_written, _otherwise_written):
        for surface, row, as_word, as_name in forms:
            match = lexicon.find(surface)
            itself = surface == lexicon[row].name
            step = match.step if match is not None and match.row == row else "exact" if itself else "alias"
            for spelling in spellings(surface):
                key = laid_out(spelling)
                if key.strip() and b"\x02" not in key and key not in patterns:
                    verdicts = _verdicts(as_word, as_name, phrase=b"  " in key)
                    patterns[key] = _Pattern(surface, row, step, *verdicts)
    return patterns


def _verdicts(as_word: float, as_name: float, *, phrase: bool) -> tuple[int, int]:
    """Judge a form once for all its mentions; the case of a phrase says too little to look at."""
    if phrase:
        verdict = _YES if max(as_word, as_name) >= ACCEPTED_PHRASE else _NO
        return verdict, verdict
    name = _YES if as_name >= ACCEPTED_NAME else _IN_LIST if as_name >= IN_LIST else _NO
    return _YES if as_word >= ACCEPTED_WORD else _NO, name


def _as_written(surface: str) -> Iterator[str]:
    yield surface


def _otherwise_written(surface: str) -> Iterator[str]:
    """Yield other spellings of the same normal form: "react.js" is also "react js" and "reactjs"."""
    if _DOTNET.search(surface):
        for spelling in (".net", " .net", " dot net", "dotnet"):
            yield _DOTNET.sub(spelling, surface)
    if "&" in surface:
        yield surface.replace("&", " and ")
    pieces = [piece for piece in _SEPARATOR.split(surface) if piece]
    yield " ".join(pieces)
    if 2 <= len(pieces) <= 3 and not any(piece.startswith(("+", "#")) for piece in pieces):
        if pieces[-1].lower() in ("js", "io"):
            yield ".".join(pieces)
        joined = "".join(pieces)
        if len(joined) >= _SHORTEST_JOINED:
            yield joined
